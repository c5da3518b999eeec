"""More of `keras.ops`: where backends are known to part, by what is fed rather than by what is called.

Kinks and ties (whose gradient is a choice), casts that do not fit, whole numbers that overflow, NaN in a
window, indices out of range, segments that stay empty, resizing with every kernel, padding that is uneven.
https://keras.io/api/ops/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy import special

from harness.specs.backend_operations import operation
from harness.specs.declaration import OMIT, Array, Parameter, Spec
from harness.specs.oracles import backend as oracles

MATRIX = Array((3, 4))
KINKS = Array((2, 13), values="kinks")
SPECIAL = Array((2, 5), values="special")
WHOLE = Array((3, 4), dtype="int32", values="integers")
SQUARE = Array(literal=[[4.0, 1.0, 0.5], [1.0, 3.0, 0.25], [0.5, 0.25, 2.0]])
IMAGE = Array((2, 5, 4, 3))
PICTURE = Array((1, 6, 5, 3), values="uniform")
FIRST = Array((2, 3, 6, 5), values="uniform")


def given(*values: Any) -> dict[str, Any]:
    """Positional arguments."""
    return {"$arguments": list(values)}


def literal(values: Any, dtype: str = "float32") -> Array:
    """An array written out."""
    return Array(literal=values, dtype=dtype)


CURVES: Mapping[str, Any] = {
    "kinks": KINKS,
    "special": SPECIAL,
    "large": Array((2, 4), values="large"),
    "integers": WHOLE,
    "half": Array((2, 13), dtype="float16", values="kinks"),
}
AXIS = Parameter("axis", (OMIT, 0, -1))

POINTWISE: tuple[tuple[str, tuple[Parameter, ...]], ...] = (
    *((name, ()) for name in (
        "relu", "relu6", "sigmoid", "silu", "softplus", "softsign", "selu", "hard_sigmoid", "hard_silu",
        "hard_tanh", "tanh_shrink", "log_sigmoid", "sparse_plus", "sparse_sigmoid", "rsqrt", "cbrt",
        "sinc", "i0", "fabs", "rad2deg", "isposinf", "isneginf", "isreal", "copy", "stop_gradient", "angle",
        "conjugate", "erf", "erfc", "erfinv", "ndim", "shape", "dtype",
    )),
    ("elu", (Parameter("alpha", (OMIT, 0.5)),)),
    ("celu", (Parameter("alpha", (OMIT, 0.5)),)),
    ("gelu", (Parameter("approximate", (OMIT, True, False)),)),
    ("leaky_relu", (Parameter("negative_slope", (OMIT, 0.5)),)),
    ("hard_shrink", (Parameter("threshold", (OMIT, 1.0)),)),
    ("soft_shrink", (Parameter("threshold", (OMIT, 1.0)),)),
    ("squareplus", (Parameter("b", (OMIT, 0)),)),
    ("threshold", (Parameter("threshold", (0.5,), why_few="required"), Parameter("default_value", (0, 2.0)))),
    ("sparsemax", (AXIS,)),
    ("softmax", (AXIS,)),
    ("log_softmax", (AXIS,)),
    ("logsumexp", (AXIS,)),
    ("nan_to_num", (Parameter("nan", (OMIT, 1.5)), Parameter("posinf", (OMIT, 9.0)))),
)  # fmt: skip

NAN_REDUCING = (
    "nanargmax", "nanargmin", "nancumprod", "nancumsum", "nanmax", "nanmean", "nanmedian", "nanmin",
    "nanprod", "nanstd", "nansum", "nanvar", "ptp",
)  # fmt: skip

KNOWN: Mapping[str, Any] = {
    "erf": special.erf,
    "erfc": special.erfc,
    "erfinv": special.erfinv,
    "sigmoid": special.expit,
    "softmax": oracles.softmax,
    "logsumexp": oracles.logsumexp,
    "stop_gradient": lambda x: x,
}
"""Oracles that NumPy does not have under the operation's name."""

DTYPES = ("float16", "bfloat16", "int32", "int8", "uint8", "uint32", "int64", "float64", "bool")
CASTS: Mapping[str, Any] = {
    "between": given(literal([-2.7, -1.0, -0.4, 0.0, 0.5, 1.5, 2.5, 3.99])),
    "does not fit": given(literal([-300.0, -129.0, 128.0, 255.5, 256.0, 3e9, -3e9, 7e4])),
    "special": given(literal([float("nan"), float("inf"), float("-inf"), -0.0])),
    "whole": given(literal([-1, 0, 200, 256, 70000, -70000], "int32")),
}

WHOLE_PAIRS: Mapping[str, Any] = {
    "overflow": given(literal([2**31 - 1, -(2**31), 65536], "int32"), literal([1, -1, 65536], "int32")),
    "bytes": given(literal([200, 255, 0], "uint8"), literal([100, 1, 1], "uint8")),
    "negative": given(literal([-7, 7, -7, 7], "int32"), literal([2, -2, -2, 3], "int32")),
    "zero": given(literal([-7, 0, 7], "int32"), literal([0, 0, 0], "int32")),
    "kinks": given(Array((13,), values="kinks"), literal([-1.0] * 6 + [0.0] * 7)),
}
"""Pairs at which whole numbers leave their type, remainders change sign and divisions have no result."""

BITS: Mapping[str, Any] = {
    "plain": given(literal([5, 12, -3], "int32"), literal([1, 2, 3], "int32")),
    "wide": given(literal([1, 1, -1], "int32"), literal([31, 32, 33], "int32")),
    "bytes": given(literal([200, 15], "uint8"), literal([1, 4], "uint8")),
}

SEGMENTS: Mapping[str, Any] = {
    "sorted": given(Array((5, 2)), literal([0, 0, 1, 3, 3], "int32")),
    "in any order": given(Array((5, 2)), literal([3, 0, 1, 0, 3], "int32")),
    "negative": given(Array((3,)), literal([0, -1, 1], "int32")),
    "whole": given(literal([5, -3, 2], "int32"), literal([0, 2, 2], "int32")),
}

POOLED: Mapping[str, Any] = {
    "image": IMAGE,
    "below zero": Array((1, 5, 4, 2), values="uniform", shift=-2.0),
    "special": Array((1, 4, 4, 1), values="special"),
    "ties": Array((1, 4, 4, 1), values="ones"),
    "none": Array((0, 4, 4, 1)),
    "line": Array((2, 5, 3)),
}
POOLING = (
    Parameter("pool_size", (2, 3)),
    Parameter("strides", (OMIT, 1, 2)),
    Parameter("padding", ("valid", "same"), invalid=("nope",)),
)
KERNEL = Array((3, 2, 3, 4))
CONVOLVING = (
    Parameter("strides", (1, 2)),
    Parameter("padding", ("valid", "same"), invalid=("nope",)),
)

INDICES = {
    "inside": literal([0, 2, 1], "int32"),
    "from the end": literal([-1, -3, 0], "int32"),
    "outside": literal([0, 3, 7], "int32"),
}


def _more(name: str, feeds: Mapping[str, Any], *parameters: Parameter, plain: bool = False) -> Spec:
    return operation(name, feeds, *parameters, plain=plain, oracle=KNOWN.get(name))


def _linear() -> tuple[Spec, ...]:
    matrices = {"one": SQUARE, "several": literal([SQUARE.literal, np.eye(3).tolist()])}
    singular = {
        "singular": literal([[1.0, 2.0], [2.0, 4.0]]),
        "not definite": literal([[0.0, 1.0], [1.0, 0.0]]),
    }
    return (
        *(
            _more(n, matrices | singular)
            for n in ("cholesky", "det", "inv", "slogdet", "logdet", "matrix_rank", "pinv")
        ),
        _more("solve", {"columns": given(SQUARE, Array((3, 2)))}),
        _more(
            "solve_triangular",
            {"columns": given(SQUARE, Array((3, 2)))},
            Parameter("lower", (OMIT, True)),
        ),
        _more(
            "norm",
            {"matrix": MATRIX, "zeros": Array((2, 3), values="zeros")},
            AXIS,
            Parameter("ord", (OMIT, 1, 2), invalid=(-7,)),
            Parameter("keepdims", (OMIT, True)),
        ),
    )


def _indexing() -> tuple[Spec, ...]:
    return (
        _more("take", {k: given(MATRIX, i) for k, i in INDICES.items()}, Parameter("axis", (OMIT, 0))),
        _more(
            "take_along_axis",
            {
                "inside": given(MATRIX, literal([[0, 2, 1, 1]], "int32")),
                "from the end": given(MATRIX, literal([[-1, -3, 0, 0]], "int32")),
            },
            Parameter("axis", (0,), why_few="other axes are other shapes of indices"),
        ),
        _more(
            "one_hot",
            {k: given(i) for k, i in INDICES.items()},
            Parameter("num_classes", (3, 4)),
            Parameter("axis", (OMIT, 0)),
            Parameter("dtype", (OMIT, "bool", "float16")),
        ),
        _more(
            "multi_hot",
            {k: given(i) for k, i in INDICES.items()},
            Parameter("num_classes", (3, 4)),
        ),
        _more(
            "scatter",
            {
                "twice": given(literal([[0], [1], [0]], "int32"), literal([1.0, 2.0, 4.0])),
                "outside": given(literal([[0], [9]], "int32"), literal([1.0, 2.0])),
            },
            Parameter("shape", ((4,),), why_few="the shape goes with the indices"),
        ),
        _more(
            "scatter_update",
            {
                "once": given(Array((4,)), literal([[0], [2]], "int32"), literal([1.0, 2.0])),
                "twice": given(Array((4,)), literal([[0], [0]], "int32"), literal([1.0, 2.0])),
                "outside": given(Array((4,)), literal([[9]], "int32"), literal([1.0])),
            },
        ),
        _more(
            "searchsorted",
            {"ties": given(literal([1.0, 2.0, 2.0, 4.0]), literal([0.0, 2.0, 3.0, 9.0]))},
            Parameter("side", (OMIT, "right"), invalid=("nope",)),
        ),
        _more("digitize", {"ties": given(literal([0.0, 1.0, 2.0, 9.0]), literal([1.0, 2.0, 3.0]))}),
        _more(
            "bincount",
            {"plain": given(literal([1, 1, 4], "int32")), "none": given(literal([], "int32"))},
            Parameter("minlength", (OMIT, 7)),
        ),
        _more(
            "top_k",
            {"matrix": MATRIX, "ties": Array((2, 4), values="ones")},
            Parameter("k", (2, 1), invalid=(9,)),
        ),
        _more("unique", {"plain": literal([3, 1, 3, 2], "int32")}),
        _more("nonzero", {"kinks": KINKS}),
        _more(
            "in_top_k",
            {"ties": given(literal([0, 1], "int32"), literal([[1.0, 1.0, 1.0], [0.0, 2.0, 2.0]]))},
            Parameter("k", (1, 2)),
        ),
    )


def _windows() -> tuple[Spec, ...]:
    return (
        operation("max_pool", POOLED, *POOLING),
        operation("average_pool", POOLED, *POOLING),
        operation(
            "conv",
            {"image": given(IMAGE, KERNEL), "none": given(Array((0, 5, 4, 3)), KERNEL)},
            *CONVOLVING,
            Parameter("dilation_rate", (OMIT, 2)),
        ),
        operation(
            "conv_transpose",
            {"image": given(IMAGE, Array((3, 2, 4, 3)))},
            *CONVOLVING,
            Parameter("output_padding", (OMIT, 1)),
        ),
        operation("depthwise_conv", {"image": given(IMAGE, Array((3, 2, 3, 2)))}, *CONVOLVING),
        operation(
            "separable_conv",
            {"image": given(IMAGE, Array((3, 2, 3, 1)), Array((1, 1, 3, 4)))},
            *CONVOLVING,
        ),
    )


KERNELS = Parameter("interpolation", (OMIT, "nearest", "bicubic", "lanczos3", "lanczos5"), invalid=("nope",))


def _images() -> tuple[Spec, ...]:
    return (
        operation(
            "image.resize",
            {"photo": PICTURE, "bytes": Array((1, 4, 4, 3), dtype="uint8", values="integers", high=255)},
            Parameter("size", ((9, 7), (3, 2), (6, 5)), invalid=((0, 2), 3)),
            KERNELS,
            Parameter("antialias", (OMIT, True)),
            Parameter("crop_to_aspect_ratio", (OMIT, True)),
        ),
        operation("image.rgb_to_grayscale", {"photo": PICTURE, "first": FIRST}),
        operation("image.rgb_to_hsv", {"photo": PICTURE, "gray": Array((1, 2, 2, 3), values="ones")}),
        operation("image.hsv_to_rgb", {"photo": PICTURE}),
        operation(
            "image.affine_transform",
            {"shift and shear": given(PICTURE, literal([1.1, 0.2, -0.7, -0.1, 0.9, 1.3, 0.0, 0.0]))},
            Parameter("interpolation", (OMIT, "nearest"), invalid=("nope",)),
            Parameter("fill_mode", (OMIT, "reflect", "wrap", "mirror", "nearest"), invalid=("nope",)),
        ),
        operation(
            "image.map_coordinates",
            {
                "between": given(Array((4, 5)), literal([[0.2, 1.5, -0.7, 3.9], [0.5, 2.5, 1.0, 4.4]])),
            },
            Parameter("order", (1, 0), invalid=(3,)),
            Parameter("fill_mode", (OMIT, "reflect", "wrap", "mirror", "nearest"), invalid=("nope",)),
        ),
        operation(
            "image.extract_patches",
            {"photo": PICTURE},
            Parameter("size", (2, (3, 2))),
            Parameter("strides", (OMIT, 1)),
            Parameter("padding", (OMIT, "same")),
        ),
        operation("image.gaussian_blur", {"photo": PICTURE}, Parameter("kernel_size", (OMIT, (5, 3)))),
    )


def _statistics() -> tuple[Spec, ...]:
    scores, classes = Array((3, 4)), literal([0, 3, 1], "int32")
    sure = literal([[1.0, 0.0], [0.0, 1.0]]), literal([[0.0, 1.0], [0.0, 1.0]])
    logits = Parameter("from_logits", (OMIT, True))
    return (
        _more(
            "moments",
            {"matrix": MATRIX, "offset": Array((64,), values="offset")},
            Parameter("axes", ((0,), 0)),
        ),
        _more(
            "quantile",
            {"matrix": given(MATRIX, 0.3), "ends": given(MATRIX, literal([0.0, 1.0]))},
            Parameter("method", (OMIT, "lower", "higher", "nearest", "midpoint"), invalid=("nope",)),
            Parameter("axis", (OMIT, 0)),
        ),
        _more(
            "batch_normalization",
            {"matrix": given(MATRIX, Array((4,)), Array((4,), values="positive"))},
            Parameter("axis", (-1,), why_few="the other axis is another shape of statistics"),
            Parameter("epsilon", (OMIT, 0.1)),
        ),
        _more("layer_normalization", {"matrix": MATRIX, "constant": Array((2, 4), values="ones")}),
        _more("rms_normalization", {"matrix": MATRIX, "zeros": Array((2, 4), values="zeros")}),
        _more(
            "normalize",
            {"matrix": MATRIX, "zeros": Array((2, 4), values="zeros")},
            AXIS,
            Parameter("order", (OMIT, 1)),
        ),
        _more(
            "binary_crossentropy",
            {"sure and wrong": given(*sure), "inside": given(sure[0], literal([[0.3, 0.6]] * 2))},
            logits,
        ),
        _more(
            "categorical_crossentropy",
            {"sure and wrong": given(*sure), "scores": given(literal([[1.0, 0, 0, 0]] * 3), scores)},
            logits,
        ),
        _more(
            "sparse_categorical_crossentropy",
            {"scores": given(classes, scores), "outside": given(literal([0, 9, -1], "int32"), scores)},
            logits,
        ),
    )


SPECS: tuple[Spec, ...] = (
    *(_more(name, CURVES, *parameters) for name, parameters in POINTWISE),
    *(
        _more(n, {"special": SPECIAL, "all NaN": literal([[float("nan")] * 2] * 2)}, AXIS)
        for n in NAN_REDUCING
    ),
    *(_more(n, CASTS, Parameter("dtype", DTYPES, invalid=("nope",))) for n in ("cast", "saturate_cast")),
    *(
        _more(n, WHOLE_PAIRS)
        for n in ("fmax", "fmin", "fmod", "divide_no_nan", "gcd", "lcm", "heaviside", "hypot")
    ),
    *(_more(n, BITS) for n in ("bitwise_or", "bitwise_xor", "left_shift", "right_shift")),
    *(
        _more(
            f"segment_{how}", SEGMENTS, Parameter("num_segments", (OMIT, 5, 2)), Parameter("sorted", (OMIT,))
        )
        for how in ("sum", "max", "min", "prod")
    ),
    *_linear(),
    *_indexing(),
    *_windows(),
    *_images(),
    *_statistics(),
)
