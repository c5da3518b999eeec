"""Embedding layers: https://keras.io/api/layers/core_layers/."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec
from harness.specs.layer_arguments import LORA, every_layer, weight_arguments
from harness.specs.oracles import core

SOURCE = "https://keras.io/api/layers/core_layers/"


def _whole(*shape: int, dtype: str = "int32", high: int = 5) -> Array:
    return Array(shape, dtype=dtype, values="integers", high=high)


INDICES: tuple[Feed, ...] = (
    Feed("plain", _whole(2, 4)),
    Feed("one index", _whole(3, 1)),
    Feed("rank 3", _whole(2, 3, 2)),
    Feed("int64", _whole(2, 4, dtype="int64")),
    Feed("uint8", _whole(2, 4, dtype="uint8"), pairwise=False),
    Feed("floats", Array((2, 4), dtype="float32", values="integers")),
    Feed("fractions", Array(literal=[[0.0, 0.9, 1.5]]), pairwise=False),
    Feed("scalars", _whole(4), pairwise=False),
    Feed("batch of none", _whole(0, 4), pairwise=False),
    Feed("no steps", _whole(2, 0), pairwise=False),
    Feed("too high", Array(literal=[[0, 6, 5]], dtype="int32"), pairwise=False),
    Feed("below zero", Array(literal=[[0, -1, 2]], dtype="int32"), pairwise=False),
    Feed("bools", Array((2, 3), dtype="bool", values="bools"), pairwise=False),
)
TABLE = (
    Parameter("input_dim", (5, 6), invalid=(0, -1, "5", 5.0, None)),
    Parameter("output_dim", (3, 1), invalid=(0, -1, "3", 3.0, None)),
    *weight_arguments("embeddings"),
    Parameter("mask_zero", (OMIT, True, False), invalid=("yes", None)),
)

EMBEDDING = Spec(
    subject="layers.Embedding",
    family="layers",
    script="layer",
    parameters=TABLE,
    feeds=INDICES,
    extra=every_layer(
        (4,),
        *LORA,
        {"weights": [Array((5, 3))]},
        {"weights": Array((5, 3))},
        {"weights": [Array((4, 3))]},
        {"input_length": 4},
        {"input_length": 3},
        {"input_length": "4"},
        {"sparse": True},
        {"activity_regularizer": "l2"},
        {"dropout": 0.5},
        input_dim=5,
        output_dim=3,
    ),
    oracle=core.embedding,
    source=SOURCE + "embedding/",
)

REVERSE: Mapping[str, Any] = {"reverse": True}

REVERSIBLE_EMBEDDING = Spec(
    subject="layers.ReversibleEmbedding",
    family="layers",
    script="layer",
    parameters=(
        *TABLE,
        Parameter("tie_weights", (OMIT, False, True), invalid=("yes", None)),
        Parameter("logit_soft_cap", (OMIT, 2.0, None), invalid=(0, "2", -1.0)),
        Parameter("reverse_dtype", (OMIT, "float32", "float16"), invalid=("nope",)),
    ),
    feeds=(
        *INDICES,
        Feed("reverse", Array((2, 4, 3)), call=REVERSE, when=lambda p: p["output_dim"] == 3),
        Feed("reverse of one feature", Array((2, 1)), call=REVERSE, when=lambda p: p["output_dim"] == 1),
        Feed("large, reverse", Array((2, 3), values="large"), call=REVERSE, pairwise=False),
        Feed("half, reverse", Array((2, 3), dtype="float16"), call=REVERSE, pairwise=False),
    ),
    extra=every_layer((4,), *LORA, {"weights": [Array((5, 3))]}, input_dim=5, output_dim=3),
    oracle=core.reversible_embedding,
    source=SOURCE + "reversible_embedding/",
)


SPECS: tuple[Spec, ...] = (EMBEDDING, REVERSIBLE_EMBEDDING)
