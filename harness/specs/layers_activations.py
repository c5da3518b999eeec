"""Activation layers: https://keras.io/api/layers/activation_layers/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec
from harness.specs.layer_arguments import every_layer, plain_feeds, weight_arguments
from harness.specs.oracles import activations

SOURCE = "https://keras.io/api/layers/activation_layers/"
SHAPE = (2, 3, 5)

FEEDS: tuple[Feed, ...] = (
    *plain_feeds(SHAPE, "kinks", "large"),
    Feed("matrix", Array((4, 3))),
    Feed("scalars", Array((4,)), pairwise=False),
    Feed("zeros", Array(SHAPE, values="zeros"), pairwise=False),
    Feed("bools", Array((2, 3), dtype="bool", values="bools"), pairwise=False),
)
FEEDS = tuple(f for i, f in enumerate(FEEDS) if f.name not in {g.name for g in FEEDS[:i]})
"""One feed of a name: ``large`` belongs to the covering array here."""

RELU = Spec(
    subject="layers.ReLU",
    family="layers",
    script="layer",
    parameters=(
        Parameter("max_value", (OMIT, 1.0, 6, None, 0.0), invalid=(-1.0, "1")),
        Parameter("negative_slope", (OMIT, 0.1, 2.0, 0), invalid=(-0.1, None, "1")),
        Parameter("threshold", (OMIT, 0.5, 1), invalid=(-1.0, None, "1")),
    ),
    feeds=FEEDS,
    extra=every_layer(SHAPE[1:], {"alpha": 0.1}, {"max_value": 0.5, "threshold": 1.0}),
    oracle=activations.relu,
    source=SOURCE + "relu/",
)


def _one_slope(parameters: Mapping[str, Any]) -> bool:
    """`alpha` is the old name of `negative_slope`."""
    return not ("alpha" in parameters and "negative_slope" in parameters)


LEAKY_RELU = Spec(
    subject="layers.LeakyReLU",
    family="layers",
    script="layer",
    parameters=(
        Parameter("negative_slope", (OMIT, 0.1, 0.0, 1, 2.5), invalid=(-0.1, None, "0.1")),
        Parameter("alpha", (OMIT, 0.1, 0.0), invalid=(-0.1, None, "0.1")),
    ),
    feeds=FEEDS,
    valid=_one_slope,
    extra=every_layer(SHAPE[1:], {"alpha": 0.1, "negative_slope": 0.2}, {"alpha": 0.1, "name": "old"}),
    oracle=activations.leaky_relu,
    source=SOURCE + "leaky_relu/",
)


def _shares(parameters: Mapping[str, Any]) -> bool:
    """Matrices have one axis to share along."""
    return parameters.get("shared_axes") in (None, [1], 1)


PRELU = Spec(
    subject="layers.PReLU",
    family="layers",
    script="layer",
    parameters=(
        Parameter("shared_axes", (OMIT, [1], (1, 2), [2], 1, None), invalid=("1", [0], [5], [-1], 1.5)),
        *weight_arguments("alpha"),
    ),
    feeds=tuple(
        Feed(f.name, f.inputs, when=_shares, pairwise=f.pairwise) if f.name == "matrix" else f for f in FEEDS
    ),
    extra=every_layer(SHAPE[1:], {"alpha": 0.1}, {"weights": []}, {"init": "zero"}),
    oracle=activations.prelu,
    source=SOURCE + "prelu/",
)

ELU = Spec(
    subject="layers.ELU",
    family="layers",
    script="layer",
    parameters=(Parameter("alpha", (OMIT, 0.5, 2, 0.0), invalid=(-1.0, None, "1")),),
    feeds=FEEDS,
    extra=every_layer(SHAPE[1:], {"negative_slope": 0.1}),
    oracle=activations.elu,
    source=SOURCE + "elu/",
)


def _flat(parameters: Mapping[str, Any]) -> bool:
    """Matrices have two axes."""
    return parameters.get("axis", -1) in (-1, 1)


SOFTMAX = Spec(
    subject="layers.Softmax",
    family="layers",
    script="layer",
    parameters=(
        Parameter("axis", (OMIT, 1, -2, [1, 2], (-1,)), invalid=(5, "1", None, 1.0, [], [1, 5])),
        Parameter("robust_masking", (OMIT, True), invalid=("yes",)),
    ),
    feeds=(
        *(
            Feed(f.name, f.inputs, when=_flat, pairwise=f.pairwise) if f.name == "matrix" else f
            for f in FEEDS
        ),
        Feed("offset", Array(SHAPE, values="offset")),
        Feed("mask", Array((4, 5)), call={"mask": Array((4, 5), dtype="bool", values="lengths")}, when=_flat),
        Feed(
            "row masked altogether",
            Array((2, 3)),
            call={"mask": Array(literal=[[True, False, True], [False, False, False]], dtype="bool")},
            pairwise=False,
        ),
        Feed(
            "whole number mask",
            Array((2, 3)),
            call={"mask": Array(literal=[[1, 0, 1], [0, 1, 1]], dtype="int32")},
            pairwise=False,
        ),
        Feed(
            "mask that broadcasts",
            Array((2, 2, 3)),
            call={"mask": Array(literal=[[[True, False, True]]], dtype="bool")},
            pairwise=False,
        ),
        Feed("masked inputs", Array((2, 6, 3), values="padded"), call={"$masking": True}, pairwise=False),
    ),
    extra=every_layer(SHAPE[1:], {"axis": 0}, {"axis": [0, 1, 2]}),
    oracle=activations.softmax,
    source=SOURCE + "softmax/",
)

THRESHOLDED_RELU = Spec(
    subject="layers.ThresholdedReLU",
    family="layers",
    script="layer",
    parameters=(Parameter("theta", (OMIT, 0.5, 0.0, 2), invalid=(-1.0, None, "1")),),
    feeds=FEEDS,
    extra=every_layer(SHAPE[1:], {"threshold": 0.5}),
    oracle=activations.thresholded_relu,
    source="https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/layers/ThresholdedReLU",
)

SPECS: tuple[Spec, ...] = (RELU, LEAKY_RELU, PRELU, ELU, SOFTMAX, THRESHOLDED_RELU)
