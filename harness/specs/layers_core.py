"""Core layers.

https://keras.io/api/layers/core_layers/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec, attribute, tagged
from harness.specs.layer_arguments import (
    ACTIVATION,
    ACTIVITY,
    LORA,
    USE_BIAS,
    every_layer,
    plain_feeds,
    weight_arguments,
)
from harness.specs.layer_names import ALIASES, FUNCTIONS, NOT_CALLABLE
from harness.specs.layers_embedding import EMBEDDING, REVERSIBLE_EMBEDDING
from harness.specs.oracles import core
from harness.specs.oracles.activation_functions import ACTIVATIONS

__all__ = ["ALIASES", "FUNCTIONS", "NOT_CALLABLE", "SPECS"]

SOURCE = "https://keras.io/api/layers/core_layers/"

DENSE = Spec(
    subject="layers.Dense",
    family="layers",
    script="layer",
    parameters=(
        Parameter("units", (3, 1), invalid=(0, -1, "2", 2.0, 2.5, None, (2,), True)),
        ACTIVATION,
        USE_BIAS,
        *weight_arguments("kernel", "bias"),
        ACTIVITY,
    ),
    feeds=(
        *plain_feeds((4, 5), "offset"),
        Feed("sequences", Array((2, 3, 5))),
        Feed("rank 4", Array((2, 3, 2, 4))),
        Feed("one feature", Array((3, 1))),
        Feed("no features", Array((3, 0)), pairwise=False),
        Feed("scalars", Array((4,)), pairwise=False),
        Feed("masked inputs", Array((2, 6, 3), values="padded"), call={"$masking": True}, pairwise=False),
    ),
    extra=every_layer(
        (5,),
        *LORA,
        {"input_dim": 5},
        {"weights": [Array((5, 3)), Array((3,))]},
        {"init": "ones"},
        {"output_dim": 3},
        {"activation": tagged("layers.LeakyReLU")},
        {"activation": tagged("layers.ReLU", max_value=1.0)},
        *({"activation": name} for name in ("hard_sigmoid", "gelu", "swish", "elu", "selu", "exponential")),
        units=3,
    ),
    oracle=core.dense,
    source=SOURCE + "dense/",
)

EQUATIONS: tuple[tuple[str, Any, str], ...] = (
    ("abc,cde->abde", (None, 2, 3), "de"),
    ("abc,cd->abd", (None, 3), "d"),
    ("...x,xy->...y", 3, "y"),
    ("abc,bd->adc", (3, None), "d"),
    ("ab,bc->ac", 3, "c"),
)
"""Equation, output shape, bias axes. The last fits matrices, the others inputs of rank 3; the first has
a kernel of rank 3, whose initial spread depends on what counts as its fan."""


def _takes_matrices(parameters: Mapping[str, Any]) -> bool:
    return str(parameters["equation"]) in ("ab,bc->ac", "...x,xy->...y")


def _takes_sequences(parameters: Mapping[str, Any]) -> bool:
    return str(parameters["equation"]) != "ab,bc->ac"


def _matches(parameters: Mapping[str, Any]) -> bool:
    """Equation, output shape and bias axes belong together."""
    shape, bias = parameters["output_shape"], parameters.get("bias_axes")
    return any(
        parameters["equation"] == e and shape == s and type(shape) is type(s) and bias in (None, b)
        for e, s, b in EQUATIONS
    )


EINSUM_DENSE = Spec(
    subject="layers.EinsumDense",
    family="layers",
    script="layer",
    parameters=(
        Parameter(
            "equation",
            tuple(e for e, _, _ in EQUATIONS),
            invalid=("ab,bc", "nope", "ab,bc->ad", "ab->ab", "a,b,c->abc", "", None, 1),
        ),
        Parameter(
            "output_shape",
            ((None, 2, 3), (None, 3), 3, (3, None)),
            invalid=(None, "3", (3, 3), (), 0, 3.0),
        ),
        Parameter("bias_axes", (OMIT, "de", "d", "y", "c"), invalid=("z", 1, "ea", "dd")),
        ACTIVATION,
        *weight_arguments("kernel", "bias"),
        ACTIVITY,
    ),
    feeds=(
        Feed("plain", Array((2, 4, 5)), when=_takes_sequences),
        Feed("matrix", Array((4, 5)), when=_takes_matrices),
        Feed("offset", Array((2, 4, 5), values="offset", scale=0.01), when=_takes_sequences),
        Feed("axes of one", Array((1, 1, 1)), when=_takes_sequences),
        *plain_feeds((2, 4, 5))[1:],
    ),
    valid=_matches,
    extra=(
        *every_layer(
            (4, 5),
            *LORA,
            {"use_bias": False},
            {"input_dim": 5},
            equation="abc,cde->abde",
            output_shape=(None, 2, 3),
        ),
        {"equation": "abc,cd->abd", "output_shape": (None, 3), "bias_axes": "b"},
        {"equation": "abc,cd->abd", "output_shape": 3},
        {"equation": "ab,bc->ac", "output_shape": 3},
    ),
    oracle=core.einsum_dense,
    source=SOURCE + "einsum_dense/",
)


IDENTITY = Spec(
    subject="layers.Identity",
    family="layers",
    script="layer",
    feeds=(
        *plain_feeds((2, 3)),
        Feed("list", [Array((2, 3)), Array((4,))]),
        Feed("dict", {"a": Array((2, 3)), "b": Array((4, 1))}),
        Feed("bools", Array((2, 3), dtype="bool", values="bools")),
        Feed("strings", Array(literal=[["a"], ["b"]], dtype="string")),
        Feed("masked inputs", Array((2, 6, 3), values="padded"), call={"$masking": True}),
    ),
    extra=every_layer((3,)),
    oracle=core.unchanged,
    source=SOURCE + "identity/",
)

MASKING = Spec(
    subject="layers.Masking",
    family="layers",
    script="layer",
    parameters=(Parameter("mask_value", (OMIT, -1.0, 0, 1), invalid=("0", None, [0.0])),),
    feeds=(
        Feed("plain", Array((2, 6, 3), values="padded")),
        Feed("signs", Array((3, 4, 1), values="signs")),
        Feed("rank 4", Array((2, 6, 2, 2), values="padded")),
        Feed("matrix", Array((3, 4), values="padded")),
        Feed("nothing to mask", Array((2, 3, 2)), pairwise=False),
        Feed("masked values here and there", Array((2, 5, 4), values="kinks"), pairwise=False),
        Feed("all masked", Array((2, 3, 2), values="zeros"), pairwise=False),
        Feed("not a number", Array((2, 6, 3), values="special"), pairwise=False),
        Feed("whole numbers", Array((2, 6, 2), dtype="int32", values="integers", high=2), pairwise=False),
        Feed("double", Array((2, 6, 3), dtype="float64", values="padded"), pairwise=False),
        Feed("half", Array((2, 6, 3), dtype="float16", values="padded"), pairwise=False),
        Feed("batch of none", Array((0, 6, 3)), pairwise=False),
        Feed("scalars", Array((4,)), pairwise=False),
        Feed("masked inputs", Array((2, 6, 3), values="padded"), call={"$masking": True}, pairwise=False),
    ),
    extra=every_layer((6, 3)),
    oracle=core.masking,
    source=SOURCE + "masking/",
)

NAMED_ACTIVATIONS = tuple(name for name in sorted(ACTIVATIONS) if name != "threshold")

ACTIVATION_LAYER = Spec(
    subject="layers.Activation",
    family="layers",
    script="layer",
    parameters=(
        Parameter(
            "activation",
            (
                "relu",
                *(name for name in NAMED_ACTIVATIONS if name != "relu"),
                None,
                attribute("activations.softplus"),
                tagged("layers.LeakyReLU"),
                {"$function": "double"},
            ),
            invalid=("nope", "", 3, ["relu"], "threshold", "ReLU"),
        ),
    ),
    feeds=(
        Feed("plain", Array((2, 3, 4))),
        Feed("kinks", Array((4, 13, 2), values="kinks")),
        Feed("special", Array((2, 8), values="special")),
        *(f for f in plain_feeds((2, 3, 4)) if f.name not in ("plain", "special")),
    ),
    extra=every_layer((3, 4), {"activation": OMIT}, activation="relu"),
    oracle=core.activation_layer,
    source=SOURCE + "activation/",
)


def _takes_alpha(parameters: Mapping[str, Any]) -> bool:
    """Only elu takes the one argument tried."""
    return not parameters.get("arguments") or parameters["function"] == attribute("activations.elu")


def _keeps_shape(parameters: Mapping[str, Any]) -> bool:
    """The output shape stated is the one there is."""
    shape = parameters.get("output_shape")
    return shape is None or (shape == (2,)) == (parameters["function"] == {"$function": "first_two"})


LAMBDA = Spec(
    subject="layers.Lambda",
    family="layers",
    script="layer",
    parameters=(
        Parameter(
            "function",
            (
                {"$function": "double"},
                attribute("activations.elu"),
                {"$function": "first_two"},
                {"$function": "negate"},
            ),
            invalid=(None, "relu", 3),
        ),
        Parameter("output_shape", (OMIT, None, (4,), (2,)), invalid=("4", 4)),
        Parameter("arguments", (OMIT, None, {"alpha": 0.5}), invalid=({"nope": 1}, 3)),
        Parameter("mask", (OMIT, None), invalid=("nope",), why_few="a mask is a callable or a tensor"),
    ),
    feeds=(
        *(f for f in plain_feeds((3, 4))),
        Feed("one row", Array((1, 4))),
        Feed("rank 3", Array((2, 4, 3)), when=lambda p: p.get("output_shape") is None, pairwise=True),
        Feed("masked inputs", Array((2, 6, 3), values="padded"), call={"$masking": True}, pairwise=False),
    ),
    valid=lambda p: _takes_alpha(p) and _keeps_shape(p),
    extra=every_layer(
        (4,),
        {"output_shape": (9,)},
        {"mask": {"$function": "identity"}},
        {"function": attribute("activations.softmax")},
        {"function": attribute("backend.square")},
        {"function": attribute("ops.square")},
        function={"$function": "double"},
    ),
    oracle=core.function_layer,
    source=SOURCE + "lambda/",
)

RANDOM_FOURIER_FEATURES = Spec(
    subject="layers.experimental.RandomFourierFeatures",
    family="layers",
    script="layer",
    parameters=(
        Parameter("output_dim", (6, 1), invalid=(0, -1, "2", None)),
        Parameter(
            "kernel_initializer",
            (OMIT, "laplacian", "Gaussian", tagged("initializers.RandomNormal", seed=1)),
            invalid=("nope", None),
        ),
        Parameter("scale", (OMIT, 2.0, None), invalid=(0.0, -1.0, "1")),
        Parameter("trainable", (OMIT, True)),
    ),
    feeds=(
        *plain_feeds((4, 5)),
        Feed("one feature", Array((3, 1))),
        Feed("rank too high", Array((2, 3, 4)), pairwise=False),
        Feed("scalars", Array((4,)), pairwise=False),
    ),
    extra=every_layer((5,), output_dim=6),
    oracle=core.random_fourier_features,
    source="https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/experimental/RandomFourierFeatures",
)

SPECS: tuple[Spec, ...] = (
    DENSE,
    EINSUM_DENSE,
    EMBEDDING,
    REVERSIBLE_EMBEDDING,
    IDENTITY,
    MASKING,
    ACTIVATION_LAYER,
    LAMBDA,
    RANDOM_FOURIER_FEATURES,
)
