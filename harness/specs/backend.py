"""Functions of `keras.backend`, held against `keras.ops` where Keras 3 has them there.

https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/backend and https://keras.io/api/ops/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.specs.backend_operations import OPERATIONS
from harness.specs.declaration import OMIT, Array, Feed, Oracle, Parameter, Spec
from harness.specs.oracles import activation_functions as activations
from harness.specs.oracles import backend as oracles
from harness.specs.oracles.backend import positional

SOURCE = "https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/backend"

MATRIX = Array((3, 4))
KINKS = Array((2, 13), values="kinks")
BOOLS = Array((3, 4), dtype="bool", values="bools")


def arguments(*values: Any) -> dict[str, Any]:
    """Positional arguments."""
    return {"$arguments": list(values)}


def function(
    name: str,
    also: str | Mapping[str, Mapping[str, str]] = "",
    *parameters: Parameter,
    feeds: Mapping[str, Any],
    oracle: Oracle | None = None,
    no_oracle: str = "",
    gradients: bool = True,
    extra: tuple[Mapping[str, Any], ...] = (),
    random: bool = False,
    call: Mapping[str, Any] | None = None,
) -> Spec:
    """The spec of one backend function; `also` is its counterpart with renamed keywords."""
    others = {also: {}} if isinstance(also, str) and also else also
    options = dict(call or {}) | ({"$also": others} if others else {})
    options |= {"$gradients": True} if gradients else {}
    return Spec(
        subject=f"backend.{name}",
        family="backend",
        script="function",
        feeds=tuple(Feed(label, inputs, call=options) for label, inputs in feeds.items()),
        parameters=parameters,
        extra=extra,
        oracle=oracle,
        no_oracle=no_oracle,
        random=random,
        source=SOURCE,
        dear=(),
        limit=20.0,
    )


ELEMENTWISE_FEEDS: Mapping[str, Any] = {
    "normal": MATRIX,
    "kinks": KINKS,
    "special": Array((2, 5), values="special"),
    "large": Array((2, 4), values="large"),
    "integers": Array((3, 2), dtype="int32", values="integers"),
    "double": Array((2, 3), dtype="float64"),
    "empty": Array((0, 3)),
}

ELEMENTWISE: tuple[tuple[str, str, Any], ...] = (
    ("abs", "ops.absolute", np.abs),
    ("exp", "ops.exp", np.exp),
    ("log", "ops.log", np.log),
    ("sqrt", "ops.sqrt", oracles.square_root),
    ("square", "ops.square", np.square),
    ("sin", "ops.sin", np.sin),
    ("cos", "ops.cos", np.cos),
    ("round", "ops.round", np.round),
    ("sign", "ops.sign", np.sign),
    ("sigmoid", "ops.sigmoid", activations.sigmoid),
    ("tanh", "ops.tanh", np.tanh),
    ("softplus", "ops.softplus", oracles.softplus),
    ("softsign", "ops.softsign", lambda x: x / (1.0 + np.abs(x))),
    ("hard_sigmoid", "ops.hard_sigmoid", oracles.hard_sigmoid),
    ("flatten", "ops.ravel", np.ravel),
    ("transpose", "ops.transpose", np.transpose),
    ("ones_like", "ops.ones_like", np.ones_like),
    ("zeros_like", "ops.zeros_like", np.zeros_like),
    ("identity", "", lambda x: x),
    ("stop_gradient", "ops.stop_gradient", lambda x: x),
    ("cast_to_floatx", "", lambda x: x),
)

AXIS = Parameter("axis", (OMIT, 0, -1, [0, 1]), invalid=(5, "x"))
ONE_AXIS = Parameter("axis", (OMIT, 0, -1), invalid=(5,))
KEEP = Parameter("keepdims", (OMIT, True, False))

REDUCTION_FEEDS: Mapping[str, Any] = {
    "normal": MATRIX,
    "integers": Array((3, 2), dtype="int32", values="integers"),
    "special": Array((2, 5), values="special"),
    "bools": BOOLS,
    "rank 3": Array((2, 3, 2)),
}


def _reduced(reduce: Any) -> Oracle:
    """NumPy's reduction; a list of axes is a tuple there."""

    def reduction(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
        return reduce(x, axis=tuple(axis) if isinstance(axis, list) else axis, keepdims=keepdims)

    return positional(reduction)


def _along(reduce: Any, axis: int) -> Oracle:
    """A function along one axis, whose default is Keras's own."""
    return positional(oracles.without_nan(lambda x, **more: reduce(x, **{"axis": axis, **more})))


def _reductions() -> tuple[Spec, ...]:
    """Over all axes, some, one; and along one axis."""
    many = {"sum": np.sum, "prod": np.prod, "mean": np.mean, "max": np.max, "min": np.min, "var": np.var}
    many |= {"std": np.std, "any": np.any, "all": np.all, "logsumexp": oracles.logsumexp}
    over = [
        function(name, f"ops.{name}", AXIS, KEEP, feeds=REDUCTION_FEEDS, oracle=_reduced(reduce))
        for name, reduce in many.items()
    ]
    along = [
        function(name, f"ops.{name}", ONE_AXIS, feeds=REDUCTION_FEEDS, oracle=_along(reduce, axis))
        for name, reduce, axis in (
            ("argmax", np.argmax, -1),
            ("argmin", np.argmin, -1),
            ("cumsum", np.cumsum, 0),
            ("cumprod", np.cumprod, 0),
        )
    ]
    return (*over, *along)


TWO: Mapping[str, Any] = {
    "normal": arguments(MATRIX, MATRIX),
    "broadcast": arguments(MATRIX, Array((1, 4))),
    "integers": arguments(
        Array((4,), dtype="int32", values="integers"), Array((4,), dtype="int32", values="integers")
    ),
    "special": arguments(Array((2, 4), values="special"), Array((2, 4))),
    "mixed": arguments(Array((4,), dtype="int32", values="integers"), Array((4,))),
}


def _binary() -> tuple[Spec, ...]:
    """Element by element on two arrays."""
    table = {
        "equal": np.equal,
        "not_equal": np.not_equal,
        "greater": np.greater,
        "greater_equal": np.greater_equal,
        "less": np.less,
        "less_equal": np.less_equal,
        "maximum": np.maximum,
        "minimum": np.minimum,
    }
    return tuple(
        function(name, f"ops.{name}", feeds=TWO, oracle=positional(compute))
        for name, compute in table.items()
    )


SHAPES: tuple[Spec, ...] = (
    function(
        "reshape",
        {"ops.reshape": {"shape": "newshape"}},
        Parameter("shape", ((4, 3), (-1,), (2, -1)), invalid=((5, 5),)),
        feeds={"matrix": MATRIX},
        oracle=positional(np.reshape),
    ),
    function(
        "expand_dims",
        "ops.expand_dims",
        Parameter("axis", (-1, 0, 1), invalid=(5,)),
        feeds={"matrix": MATRIX},
        oracle=positional(np.expand_dims),
    ),
    function(
        "squeeze",
        "ops.squeeze",
        Parameter("axis", (1, -1), invalid=(0,)),
        feeds={"matrix": Array((3, 1, 1))},
        oracle=positional(np.squeeze),
    ),
    function(
        "permute_dimensions",
        {"ops.transpose": {"pattern": "axes"}},
        Parameter("pattern", ((1, 0, 2), (2, 1, 0)), invalid=((0, 0, 1),)),
        feeds={"rank 3": Array((2, 3, 4))},
        oracle=positional(np.transpose, pattern="axes"),
    ),
    function(
        "concatenate",
        "ops.concatenate",
        Parameter("axis", (OMIT, 0, 1), invalid=(3,)),
        feeds={"two": arguments([MATRIX, MATRIX])},
        oracle=positional(lambda tensors, axis=-1: np.concatenate(tensors, axis)),
    ),
    function(
        "stack",
        {"ops.stack": {"x": "x"}},
        Parameter("axis", (OMIT, 1, -1), invalid=(4,)),
        feeds={"two": arguments([MATRIX, MATRIX])},
        oracle=positional(np.stack),
    ),
    function(
        "tile",
        {"ops.tile": {"n": "repeats"}},
        Parameter("n", ([2, 3], [1, 1]), invalid=([2],)),
        feeds={"matrix": MATRIX},
        oracle=positional(np.tile, n="reps"),
    ),
    function(
        "repeat_elements",
        {"ops.repeat": {"rep": "repeats"}},
        Parameter("rep", (2, 1)),
        Parameter("axis", (1, 0), invalid=(5,)),
        feeds={"matrix": MATRIX},
        oracle=positional(np.repeat, rep="repeats"),
    ),
    function(
        "repeat",
        "",
        Parameter("n", (2, 1)),
        feeds={"matrix": MATRIX, "vector": Array((3,))},
        oracle=positional(oracles.repeated),
    ),
    function(
        "reverse",
        {"ops.flip": {"axes": "axis"}},
        Parameter("axes", (0, 1, [0, 1])),
        feeds={"matrix": MATRIX},
        oracle=positional(lambda x, axes: np.flip(x, tuple(axes) if isinstance(axes, list) else axes)),
    ),
    function(
        "batch_flatten",
        "",
        feeds={"rank 3": Array((2, 3, 4))},
        oracle=positional(lambda x: x.reshape(len(x), -1)),
    ),
    function(
        "gather",
        {"ops.take": {}},
        feeds={"rows": arguments(MATRIX, Array((2, 2), dtype="int32", values="integers", high=3))},
        oracle=positional(lambda x, i: x[i]),
    ),
    function(
        "one_hot",
        "ops.one_hot",
        Parameter("num_classes", (5, 3)),
        feeds={"indices": Array((4,), dtype="int32", values="integers", high=5)},
        oracle=positional(oracles.one_hot),
        gradients=False,
    ),
    function(
        "temporal_padding",
        "",
        Parameter("padding", (OMIT, (2, 0))),
        feeds={"rank 3": Array((2, 3, 4))},
        oracle=positional(oracles.temporal_padding),
    ),
    function(
        "spatial_2d_padding",
        "",
        Parameter("padding", (OMIT, ((1, 2), (0, 3)))),
        Parameter("data_format", (OMIT, "channels_last"), invalid=("nope",)),
        feeds={"image": Array((2, 3, 4, 1))},
        oracle=positional(oracles.spatial_padding, data_format=""),
    ),
    function(
        "resize_images",
        "",
        Parameter("height_factor", (2, 1)),
        Parameter("width_factor", (3, 1)),
        Parameter("data_format", ("channels_last",), invalid=("nope",), why_few="the other needs a GPU"),
        feeds={"image": Array((1, 2, 3, 2))},
        oracle=positional(oracles.enlarged, data_format=""),
    ),
)

PREDICTED = Array((3, 4), values="probabilities")
SURE = Array(literal=[[0.0, 1.0], [1.0, 0.0], [0.3, 0.7]])
LOGITS = Parameter("from_logits", (OMIT, True))

NUMERIC: tuple[Spec, ...] = (
    function(
        "clip",
        {"ops.clip": {"min_value": "x_min", "max_value": "x_max"}},
        Parameter("min_value", (-0.5, 0)),
        Parameter("max_value", (0.5, 2), invalid=(-1.0,)),
        feeds={"normal": MATRIX, "integers": Array((4,), dtype="int32", values="integers")},
        oracle=positional(oracles.clip),
    ),
    function(
        "pow",
        {"ops.power": {"a": "x2"}},
        Parameter("a", (2, 0.5, -1)),
        feeds={"positive": Array((3, 4), values="positive"), "normal": MATRIX},
        oracle=positional(lambda x, a: np.power(x, float(a))),
    ),
    function(
        "relu",
        {"activations.relu": {"alpha": "negative_slope"}},
        Parameter("alpha", (OMIT, 0.2)),
        Parameter("max_value", (OMIT, 2.0)),
        Parameter("threshold", (OMIT, 1.0)),
        feeds={"kinks": KINKS},
        oracle=positional(activations.relu, alpha="negative_slope"),
    ),
    function(
        "elu",
        "ops.elu",
        Parameter("alpha", (OMIT, 0.5)),
        feeds={"kinks": KINKS},
        oracle=positional(oracles.elu),
    ),
    function(
        "softmax",
        "ops.softmax",
        ONE_AXIS,
        feeds={"matrix": MATRIX, "large": Array((2, 4), values="large")},
        oracle=positional(oracles.softmax),
    ),
    function(
        "l2_normalize",
        {"ops.normalize": {}},
        ONE_AXIS,
        feeds={"matrix": MATRIX, "zeros": Array((2, 3), values="zeros")},
        oracle=positional(oracles.l2_normalize),
    ),
    function(
        "dot",
        "ops.dot",
        feeds={
            "matrices": arguments(MATRIX, Array((4, 2))),
            "rank 3": arguments(Array((2, 3, 4)), Array((4, 2))),
            "rank 3 twice": arguments(Array((2, 3, 4)), Array((2, 4, 3))),
            "do not fit": arguments(MATRIX, MATRIX),
        },
        oracle=positional(oracles.dot),
    ),
    function(
        "batch_dot",
        "",
        Parameter("axes", (1, OMIT, (2, 1), [1, 2])),
        feeds={"rank 3": arguments(Array((2, 3, 3)), Array((2, 3, 3))), "vectors": arguments(MATRIX, MATRIX)},
        oracle=positional(oracles.batch_dot),
    ),
    function(
        "binary_crossentropy",
        {"ops.binary_crossentropy": {}},
        LOGITS,
        feeds={
            "inside": arguments(Array((3, 4), values="uniform"), Array((3, 4), values="uniform")),
            "saturated": arguments(SURE, Array(literal=[[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])),
            "sure and wrong": arguments(
                Array(literal=[[0.0, 1.0, 0.0]]), Array(literal=[[1.0, 0.0, 0.9999999]])
            ),
        },
        oracle=positional(oracles.binary_crossentropy),
    ),
    function(
        "categorical_crossentropy",
        {"ops.categorical_crossentropy": {}},
        LOGITS,
        feeds={
            "inside": arguments(Array((3, 4), values="one_hot"), PREDICTED),
            "not normalized": arguments(Array((3, 4), values="one_hot"), Array((3, 4), values="positive")),
            "saturated": arguments(SURE, Array(literal=[[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]])),
        },
        oracle=positional(oracles.categorical_crossentropy),
    ),
    function(
        "sparse_categorical_crossentropy",
        {"ops.sparse_categorical_crossentropy": {}},
        LOGITS,
        feeds={"inside": arguments(Array((3,), dtype="int32", values="integers", high=4), PREDICTED)},
        oracle=positional(oracles.sparse_categorical_crossentropy),
    ),
    function(
        "batch_normalization",
        "",
        Parameter("epsilon", (OMIT, 0.1)),
        feeds={
            "matrix": arguments(MATRIX, Array((4,)), Array((4,), values="positive"), Array((4,)), Array((4,)))
        },
        oracle=positional(oracles.batch_normalization),
    ),
    function(
        "in_top_k",
        "",
        Parameter("k", (1, 2)),
        feeds={"matrix": arguments(MATRIX, Array((3,), dtype="int32", values="integers", high=4))},
        oracle=positional(oracles.in_top_k),
        gradients=False,
    ),
    function(
        "bias_add",
        "",
        Parameter("data_format", (OMIT, "channels_last"), invalid=("nope",)),
        feeds={"image": arguments(Array((2, 3, 3, 4)), Array((4,)))},
        oracle=positional(lambda x, b: x + b, data_format=""),
    ),
)

DTYPES = ("float32", "float64", "int32", "float16", "bool")
DTYPE = Parameter("dtype", (OMIT, *DTYPES), invalid=("nope",))


def _made(name: str, feed: Any, oracle: Oracle, *parameters: Parameter) -> Spec:
    """A function that makes a tensor of a shape."""
    return function(
        name,
        f"ops.{name}",
        *parameters,
        DTYPE,
        feeds={"plain": feed},
        oracle=oracle,
        gradients=False,
        call={"$plain": True},
    )


MADE: tuple[Spec, ...] = (
    _made("zeros", arguments((2, 3)), positional(np.zeros, dtype="")),
    _made("ones", arguments((2, 3)), positional(np.ones, dtype="")),
    _made("eye", arguments(3), positional(np.eye, dtype="")),
    _made(
        "arange",
        arguments(5),
        positional(oracles.arange),
        Parameter("stop", (OMIT, 9)),
        Parameter("step", (OMIT, 2)),
    ),
)

ABOUT = "tells something of a tensor, computes nothing"

TELLING: tuple[Spec, ...] = tuple(
    function(name, also, feeds={"matrix": MATRIX}, no_oracle=ABOUT, gradients=False)
    for name, also in (
        ("ndim", "ops.ndim"),
        ("int_shape", "ops.shape"),
        ("shape", "ops.shape"),
        ("dtype", ""),
        ("is_sparse", ""),
        ("size", "ops.size"),
        ("count_params", ""),
        ("eval", ""),
        ("get_value", ""),
        ("is_keras_tensor", ""),
        ("print_tensor", ""),
        ("to_dense", ""),
    )
)

STATE: tuple[Spec, ...] = tuple(
    Spec(
        subject=f"backend.{name}",
        family="backend",
        script="function",
        feeds=(Feed("none", arguments(), call={"$plain": True, "$kind": "config"}),),
        parameters=parameters,
        no_oracle="reads or sets global state",
        source=SOURCE,
        dear=(),
    )
    for name, parameters in (
        ("learning_phase", ()),
        ("backend", ()),
        ("floatx", ()),
        ("epsilon", ()),
        ("image_data_format", ()),
        ("get_session", ()),
        ("get_uid", (Parameter("prefix", (OMIT, "x")),)),
        ("reset_uids", ()),
        ("set_learning_phase", (Parameter("value", (0, 1, True), invalid=(2,)),)),
        ("set_floatx", (Parameter("value", ("float64", "float16", "bfloat16"), invalid=("int32", "x")),)),
        ("set_epsilon", (Parameter("value", (1e-5, 1), invalid=("x",)),)),
        (
            "set_image_data_format",
            (Parameter("data_format", ("channels_first", "channels_last"), invalid=("x",)),),
        ),
    )
)

SPECS: tuple[Spec, ...] = (
    *(
        function(name, also, feeds=ELEMENTWISE_FEEDS, oracle=positional(compute))
        for name, also, compute in ELEMENTWISE
    ),
    *_reductions(),
    *_binary(),
    *SHAPES,
    *NUMERIC,
    *MADE,
    *TELLING,
    *STATE,
    *OPERATIONS,
)
