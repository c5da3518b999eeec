"""Attention layers.

https://keras.io/api/layers/attention_layers/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec, tagged
from harness.specs.layer_keywords import alone, keywords, one_sided
from harness.specs.oracles import attention

SOURCE = "https://keras.io/api/layers/attention_layers/"

DROPOUT = Parameter("dropout", (OMIT, 0.0), invalid=(-0.5, 1.5, "0.1", None))
SEED = one_sided("seed", "Keras 3")

QUERY, VALUE, KEY = Array((2, 4, 3)), Array((2, 5, 3)), Array((2, 5, 3))
QUERY_MASK = Array((2, 4), dtype="bool", values="lengths")
VALUE_MASK = Array((2, 5), dtype="bool", values="lengths")


def _mask(rows: int, columns: int, *, hidden_row: int | None = None) -> Array:
    """An attention mask (2, rows, columns) with holes; one query may see nothing."""
    literal = [[[(i + j + b) % 3 != 0 for j in range(columns)] for i in range(rows)] for b in range(2)]
    if hidden_row is not None:
        literal[0][hidden_row] = [False] * columns
    return Array(dtype="bool", literal=literal)


def _single_feeds() -> tuple[Feed, ...]:
    """Feeds of the layers that take a list of query, value and key."""
    pair = [QUERY, VALUE]
    none = Array(dtype="bool", literal=[[False] * 5] * 2)
    return (
        Feed("query and value", pair),
        Feed("query, value and key", [QUERY, VALUE, KEY]),
        Feed("scores", pair, call={"return_attention_scores": True}),
        Feed("causal", pair, call={"use_causal_mask": True}),
        Feed("masks", pair, call={"mask": [QUERY_MASK, VALUE_MASK]}),
        Feed("value mask", pair, call={"mask": [None, VALUE_MASK]}, pairwise=False),
        Feed(
            "nothing to attend to",
            pair,
            call={"mask": [None, none], "return_attention_scores": True},
            pairwise=False,
        ),
        Feed("one value", [Array((2, 4, 3)), Array((2, 1, 3))], pairwise=False),
        Feed("batch of none", [Array((0, 4, 3)), Array((0, 5, 3))], pairwise=False),
        Feed("no value", [Array((2, 4, 3)), Array((2, 0, 3))], pairwise=False),
        Feed(
            "double", [Array((2, 4, 3), dtype="float64"), Array((2, 5, 3), dtype="float64")], pairwise=False
        ),
        Feed("half", [Array((2, 4, 3), dtype="float16"), Array((2, 5, 3), dtype="float16")], pairwise=False),
        Feed(
            "half, masked",
            [Array((2, 4, 3), dtype="float16"), Array((2, 5, 3), dtype="float16")],
            call={"mask": [QUERY_MASK, VALUE_MASK]},
            pairwise=False,
        ),
        Feed("large", [Array((2, 4, 3), values="large"), Array((2, 5, 3), values="large")], pairwise=False),
        Feed("special", [Array((2, 4, 3), values="special"), VALUE], pairwise=False),
        Feed("single array", QUERY, pairwise=False),
        Feed("widths differ", [QUERY, Array((2, 5, 2))], pairwise=False),
        Feed("mask that is no list", pair, call={"mask": QUERY_MASK}, pairwise=False),
    )


ATTENTION = Spec(
    subject="layers.Attention",
    family="layers",
    script="layer",
    parameters=(
        Parameter("use_scale", (OMIT, True)),
        Parameter("score_mode", (OMIT, "dot", "concat"), invalid=("nope", None)),
        DROPOUT,
        SEED,
    ),
    feeds=_single_feeds(),
    extra=(*keywords(), *alone("seed", 1, "1", 1.5), {"dropout": 0.5}, {"causal": True}),
    oracle=attention.attention,
    source=f"{SOURCE}attention/",
)

ADDITIVE_ATTENTION = Spec(
    subject="layers.AdditiveAttention",
    family="layers",
    script="layer",
    parameters=(Parameter("use_scale", (OMIT, False)), DROPOUT),
    feeds=_single_feeds(),
    extra=(*keywords(), {"seed": 1}, {"dropout": 0.5}, {"causal": True}),
    oracle=attention.additive_attention,
    source=f"{SOURCE}additive_attention/",
)


def _both(*arrays: Array, **call: Any) -> dict[str, Any]:
    """Arguments of a feed: arrays in order of the call, then keywords."""
    return {"inputs": {"$arguments": list(arrays)}, "call": call}


def _several_feeds() -> tuple[Feed, ...]:
    """Feeds of the layers that take query, value and key as separate arguments."""
    large, half = Array((2, 4, 3), values="large"), Array((2, 4, 3), dtype="float16")
    hidden = _mask(4, 5, hidden_row=1)
    return (
        Feed("query and value", **_both(QUERY, VALUE), when=_rank(3)),
        Feed("query, value and key", **_both(QUERY, VALUE, KEY), when=_rank(3)),
        Feed("scores", **_both(QUERY, VALUE, return_attention_scores=True), when=_rank(3)),
        Feed("causal", **_both(QUERY, VALUE, use_causal_mask=True), when=_rank(3)),
        Feed("attention mask", **_both(QUERY, VALUE, attention_mask=_mask(4, 5)), when=_rank(3)),
        Feed(
            "nothing to attend to",
            **_both(QUERY, VALUE, attention_mask=hidden, return_attention_scores=True),
            pairwise=False,
        ),
        Feed(
            "nothing to attend to, no scores",
            **_both(QUERY, VALUE, attention_mask=hidden),
            pairwise=False,
        ),
        Feed(
            "mask for every batch",
            **_both(QUERY, VALUE, attention_mask=Array((1, 4, 5), dtype="bool", values="ones")),
            pairwise=False,
        ),
        Feed(
            "mask of numbers",
            **_both(QUERY, VALUE, attention_mask=Array((2, 4, 5), dtype="int32", values="integers", high=2)),
            pairwise=False,
        ),
        Feed(
            "causal and mask",
            **_both(QUERY, VALUE, attention_mask=_mask(4, 5), use_causal_mask=True),
            pairwise=False,
        ),
        Feed("value mask", **_both(QUERY, VALUE, value_mask=VALUE_MASK), pairwise=False),
        Feed("query mask", **_both(QUERY, VALUE, query_mask=QUERY_MASK), pairwise=False),
        Feed("self", **_both(QUERY, Array((2, 4, 3))), pairwise=False),
        Feed("value of another width", **_both(QUERY, Array((2, 5, 2))), pairwise=False),
        Feed("one position", **_both(Array((1, 1, 1)), Array((1, 1, 1))), pairwise=False),
        Feed("batch of none", **_both(Array((0, 4, 3)), Array((0, 5, 3))), pairwise=False),
        Feed("no value", **_both(Array((2, 4, 3)), Array((2, 0, 3))), pairwise=False),
        Feed(
            "double",
            **_both(Array((2, 4, 3), dtype="float64"), Array((2, 5, 3), dtype="float64")),
            pairwise=False,
        ),
        Feed("half", **_both(half, Array((2, 5, 3), dtype="float16")), pairwise=False),
        Feed("large", **_both(large, Array((2, 5, 3), values="large")), pairwise=False),
        Feed("special", **_both(Array((2, 4, 3), values="special"), VALUE), pairwise=False),
        Feed("query alone", **_both(QUERY), pairwise=False),
        Feed("list", [QUERY, VALUE], pairwise=False),
        Feed("wrong rank", **_both(Array((4, 3)), Array((5, 3))), pairwise=False),
    )


def _rank(rank: int) -> Any:
    """Whether inputs of this rank have every axis that `attention_axes` names."""

    def fits(parameters: Mapping[str, Any]) -> bool:
        axes = parameters.get("attention_axes")
        given = () if axes is None else (axes,) if isinstance(axes, int) else axes
        return all(0 < axis < rank - 1 for axis in given)

    return fits


KERNELS = (
    Parameter("kernel_initializer", (OMIT, "zeros", tagged("initializers.Ones")), invalid=("nope",)),
    Parameter("bias_initializer", (OMIT, "ones"), invalid=("nope",)),
    Parameter("kernel_regularizer", (OMIT, "l2"), invalid=("nope",)),
    Parameter("bias_regularizer", (OMIT, "l1"), invalid=("nope",)),
    Parameter("activity_regularizer", (OMIT, "l2"), invalid=("nope",)),
    Parameter("kernel_constraint", (OMIT, "non_neg"), invalid=("nope",)),
    Parameter("bias_constraint", (OMIT, "non_neg"), invalid=("nope",)),
)

ONLY_KERAS_3 = tuple(
    one_sided(name, "Keras 3") for name in ("sliding_window", "flash_attention", "use_gate", "seed")
)

GRID = Array((2, 3, 2, 3))

MULTI_HEAD = Spec(
    subject="layers.MultiHeadAttention",
    family="layers",
    script="layer",
    parameters=(
        Parameter("num_heads", (2, 1), invalid=(0, -1, "2", 2.0, None)),
        Parameter("key_dim", (3, 1), invalid=(0, -1, "2", 2.0, None)),
        Parameter("value_dim", (OMIT, 2, None), invalid=(0, -1, "2", 2.0)),
        DROPOUT,
        Parameter("use_bias", (OMIT, False)),
        Parameter("output_shape", (OMIT, 4, (4,), None, (2, 2)), invalid=(0, -1, "4", 4.0)),
        Parameter("attention_axes", (OMIT, 1, (1,), None, (1, 2)), invalid=(0, 5, "1", (1, 1))),
        *KERNELS,
        *ONLY_KERAS_3,
        one_sided("softmax_robust_masking", "Keras 2 (tf-keras)"),
    ),
    feeds=(
        *_several_feeds(),
        Feed("grid", **_both(GRID, GRID, return_attention_scores=True), when=_rank(4)),
    ),
    extra=(
        *keywords(num_heads=2, key_dim=3),
        *alone("sliding_window", 2, 1, 0, -1, "2", None, num_heads=2, key_dim=3),
        *alone("flash_attention", True, False, None, num_heads=2, key_dim=3),
        *alone("use_gate", True, num_heads=2, key_dim=3),
        *alone("seed", 1, "1", num_heads=2, key_dim=3),
        *alone("softmax_robust_masking", True, num_heads=2, key_dim=3),
        {"num_heads": 2, "key_dim": 3, "dropout": 0.5},
        {"num_heads": 2, "key_dim": 3, "attention_axes": (2,)},
        {"num_heads": 4, "key_dim": 1},
    ),
    oracle=attention.multi_head_attention,
    source=f"{SOURCE}multi_head_attention/",
)

GROUPED = Spec(
    subject="layers.GroupQueryAttention",
    family="layers",
    script="layer",
    parameters=(
        Parameter("head_dim", (3, 1), invalid=(0, -1, "2", 2.0, None)),
        Parameter("num_query_heads", (4, 2), invalid=(0, -1, "2", 3, None)),
        Parameter("num_key_value_heads", (2, 1), invalid=(0, -1, "2", 3, None)),
        DROPOUT,
        Parameter("use_bias", (OMIT, False)),
        Parameter("sliding_window", (OMIT, 2, None), invalid=(0, -1, "2")),
        Parameter("flash_attention", (OMIT, False, None)),
        Parameter("use_gate", (OMIT, True)),
        *KERNELS,
        Parameter("seed", (OMIT, 1), invalid=("1",)),
    ),
    feeds=_several_feeds(),
    extra=(
        *keywords(head_dim=3, num_query_heads=4, num_key_value_heads=2),
        {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 4},
        {"head_dim": 3, "num_query_heads": 2, "num_key_value_heads": 4},
        {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2, "flash_attention": True},
        {"head_dim": 3, "num_query_heads": 4, "num_key_value_heads": 2, "dropout": 0.5},
    ),
    oracle=attention.group_query_attention,
    source=f"{SOURCE}group_query_attention/",
)

SPECS: tuple[Spec, ...] = (ATTENTION, ADDITIVE_ATTENTION, MULTI_HEAD, GROUPED)
