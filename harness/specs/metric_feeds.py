"""What metrics are fed: several updates of targets and predictions, with weights of every shape."""

from __future__ import annotations

from typing import Any

from harness.specs.declaration import Array, Feed
from harness.specs.loss_feeds import samples

Update = tuple[Array, Array]


def updates(name: str, *pairs: Update, pairwise: bool = True, **call: Any) -> Feed:
    """A feed of one or more updates."""
    return Feed(name, [list(pair) for pair in pairs], call=call, pairwise=pairwise)


def twice(name: str, t: Array, p: Array, *, pairwise: bool = True, **call: Any) -> Feed:
    """Two updates of one kind; each array has numbers of its own."""
    return updates(name, (t, p), (t, p), pairwise=pairwise, **call)


def positive(*shape: int) -> Array:
    """Weights in [0.5, 1.5)."""
    return Array(shape, values="positive")


def weighted(t: Array, p: Array) -> tuple[Feed, ...]:
    """The weights most metrics take, for targets whose first axis has four."""
    return (
        twice("weight per sample", t, p, sample_weight=positive(4)),
        twice("weight column", t, p, sample_weight=positive(4, 1), pairwise=False),
        twice("weights of zero", t, p, sample_weight=Array((4,), values="zeros"), pairwise=False),
    )


def more_weights(t: Array, p: Array) -> tuple[Feed, ...]:
    """Weights of every other shape."""
    return (
        twice("weight number", t, p, sample_weight=Array(literal=2.5), pairwise=False),
        twice("plain number as weight", t, p, sample_weight=2, pairwise=False),
        twice("weights elementwise", t, p, sample_weight=positive(4, 3), pairwise=False),
        twice(
            "square: elementwise",
            samples(t, 3),
            samples(p, 3),
            sample_weight=positive(3, 3),
            pairwise=False,
        ),
        twice("weight row", t, p, sample_weight=positive(1, 3), pairwise=False),
        twice("too few weights", t, p, sample_weight=positive(2), pairwise=False),
        twice("negative weights", t, p, sample_weight=Array((4,)), pairwise=False),
        twice(
            "integer weights",
            t,
            p,
            sample_weight=Array((4,), dtype="int32", values="integers"),
            pairwise=False,
        ),
        twice("bool weights", t, p, sample_weight=Array((4,), dtype="bool", values="bools"), pairwise=False),
        twice("list as weight", t, p, sample_weight=[1.0, 0.5, 2.0, 0.0], pairwise=False),
    )


def forms(t: Array, p: Array) -> tuple[Feed, ...]:
    """The same as numpy arrays and as lists."""
    return (
        updates("numpy arrays", (t, p), pairwise=False, **{"$as": "numpy"}),
        updates("lists", (t, p), pairwise=False, **{"$as": "list"}),
    )


NUMBERS = Array((4, 3))
BITS = Array((4, 3), dtype="int32", values="integers", high=2)
CHANCE = Array((4, 3), values="uniform")
ONE_HOT = Array((4, 3), values="one_hot")
SHARES = Array((4, 3), values="probabilities")
LABELS = Array((4,), dtype="int32", values="integers", high=3)

REGRESSION = (
    twice("two updates", NUMBERS, NUMBERS),
    twice("float64", Array((4, 3), dtype="float64"), Array((4, 3), dtype="float64")),
    twice(
        "integers",
        Array((4, 3), dtype="int32", values="integers"),
        Array((4, 3), dtype="int32", values="integers"),
    ),
    twice("rank 3", Array((2, 3, 4)), Array((2, 3, 4))),
    *weighted(NUMBERS, NUMBERS),
    updates("vectors", (Array((4,)), Array((4,))), pairwise=False),
    updates("special predictions", (NUMBERS, Array((4, 3), values="special")), pairwise=False),
    updates("empty batch", (Array((0, 3)), Array((0, 3))), pairwise=False),
    updates("other width", (Array((4, 2)), NUMBERS), pairwise=False),
    updates("column for vector", (Array((4, 1)), Array((4,))), pairwise=False),
    *forms(NUMBERS, NUMBERS),
)

POSITIVE = (
    twice("two updates", Array((4, 3), values="positive"), Array((4, 3), values="positive")),
    twice("integers", Array((4, 3), dtype="int32", values="integers"), Array((4, 3), values="positive")),
    twice("shares", SHARES, SHARES),
    *weighted(Array((4, 3), values="positive"), Array((4, 3), values="positive")),
    updates(
        "zeros predicted", (Array((4, 3), values="integers"), Array((4, 3), values="zeros")), pairwise=False
    ),
)

BINARY = (
    twice("two updates", BITS, CHANCE),
    twice("float targets", Array((4, 3), values="integers", high=2), CHANCE),
    twice("vectors", Array((4,), dtype="int32", values="integers", high=2), Array((4,), values="uniform")),
    twice("float64", BITS, Array((4, 3), dtype="float64", values="uniform")),
    *weighted(BITS, CHANCE),
    updates("bool targets", (Array((4, 3), dtype="bool", values="bools"), CHANCE), pairwise=False),
    updates("saturated", (BITS, Array((4, 3), values="integers", high=2)), pairwise=False),
    updates("beyond probabilities", (BITS, NUMBERS), pairwise=False),
    updates("NaN predicted", (BITS, Array((4, 3), values="special")), pairwise=False),
    updates("on the threshold", (BITS, Array(literal=[[0.5] * 3] * 4)), pairwise=False),
    updates("soft targets", (CHANCE, CHANCE), pairwise=False),
    updates("targets beyond 1", (Array((4, 3), dtype="int32", values="integers"), CHANCE), pairwise=False),
    updates("nothing positive", (Array((4, 3), dtype="int32", values="zeros"), CHANCE), pairwise=False),
    updates("all positive", (Array((4, 3), dtype="int32", values="ones"), CHANCE), pairwise=False),
    updates("empty batch", (Array((0, 3)), Array((0, 3))), pairwise=False),
    updates(
        "column for vector",
        (Array((4, 1), values="integers", high=2), Array((4,), values="uniform")),
        pairwise=False,
    ),
    updates("other width", (Array((4, 2), values="integers", high=2), CHANCE), pairwise=False),
    *forms(BITS, CHANCE),
)

CATEGORICAL = (
    twice("two updates", ONE_HOT, SHARES),
    twice("rank 3", Array((2, 3, 3), values="one_hot"), Array((2, 3, 3), values="probabilities")),
    twice("integer targets", Array((4, 3), dtype="int32", values="one_hot"), SHARES),
    *weighted(ONE_HOT, SHARES),
    updates(
        "many classes",
        (Array((4, 8), values="one_hot"), Array((4, 8), values="probabilities")),
        pairwise=False,
    ),
    updates("ties", (ONE_HOT, Array((4, 3), values="ones")), pairwise=False),
    updates("one class", (Array((4, 1), values="ones"), Array((4, 1), values="uniform")), pairwise=False),
    updates("special predictions", (ONE_HOT, Array((4, 3), values="special")), pairwise=False),
    updates("empty batch", (Array((0, 3)), Array((0, 3))), pairwise=False),
    *forms(ONE_HOT, SHARES),
)

SPARSE = (
    twice("two updates", LABELS, SHARES),
    twice("column of labels", Array((4, 1), dtype="int32", values="integers", high=3), SHARES),
    twice("float labels", Array((4,), values="integers", high=3), SHARES),
    twice(
        "rank 3",
        Array((2, 3), dtype="int32", values="integers", high=3),
        Array((2, 3, 3), values="probabilities"),
    ),
    *weighted(LABELS, SHARES),
    updates(
        "many classes",
        (Array((4,), dtype="int32", values="integers", high=8), Array((4, 8), values="probabilities")),
        pairwise=False,
    ),
    updates("label beyond the classes", (Array(literal=[0, 1, 5, 2], dtype="int32"), SHARES), pairwise=False),
    updates("negative label", (Array(literal=[0, 1, -1, 2], dtype="int32"), SHARES), pairwise=False),
    updates("empty batch", (Array((0,), dtype="int32"), Array((0, 3))), pairwise=False),
    *forms(LABELS, SHARES),
)

LONG = (
    twice(
        "two updates", Array((40,), dtype="int32", values="integers", high=2), Array((40,), values="uniform")
    ),
    twice(
        "columns", Array((20, 1), dtype="int32", values="integers", high=2), Array((20, 1), values="uniform")
    ),
    twice(
        "several labels",
        Array((20, 3), dtype="int32", values="integers", high=2),
        Array((20, 3), values="uniform"),
    ),
    twice(
        "weighted",
        Array((40,), dtype="int32", values="integers", high=2),
        Array((40,), values="uniform"),
        sample_weight=positive(40),
    ),
    twice(
        "several labels, weighted",
        Array((20, 3), dtype="int32", values="integers", high=2),
        Array((20, 3), values="uniform"),
        sample_weight=positive(20, 1),
    ),
    *(f for f in BINARY if not f.pairwise),
)
"""Enough predictions for a curve."""

SEGMENTS = Array((2, 4), dtype="int32", values="integers", high=2)

IOU = (
    twice("two updates", SEGMENTS, SEGMENTS),
    twice(
        "float classes", Array((2, 4), values="integers", high=2), Array((2, 4), values="integers", high=2)
    ),
    twice("weighted", SEGMENTS, SEGMENTS, sample_weight=positive(2, 4)),
    updates("vectors", (Array((6,), dtype="int32", values="integers", high=2),) * 2),
    updates(
        "target beyond the classes",
        (Array(literal=[0, 1, 3], dtype="int32"), Array(literal=[0, 1, 0], dtype="int32")),
        pairwise=False,
    ),
    updates(
        "prediction beyond the classes",
        (Array(literal=[0, 1, 0], dtype="int32"), Array(literal=[0, 1, 3], dtype="int32")),
        pairwise=False,
    ),
    updates(
        "negative target",
        (Array(literal=[0, 1, -1], dtype="int32"), Array(literal=[0, 1, 0], dtype="int32")),
        pairwise=False,
    ),
    updates("one class only", (Array((4,), dtype="int32", values="zeros"),) * 2, pairwise=False),
    updates("fractions", (Array(literal=[0.0, 1.0, 1.0]), Array(literal=[0.2, 0.9, 1.4])), pairwise=False),
    updates("empty", (Array((0,), dtype="int32"),) * 2, pairwise=False),
    updates("numpy arrays", (SEGMENTS, SEGMENTS), pairwise=False, **{"$as": "numpy"}),
    updates("lists", (SEGMENTS, SEGMENTS), pairwise=False, **{"$as": "list"}),
)

ONE_HOT_IOU = (
    twice("two updates", Array((2, 4, 2), values="one_hot"), Array((2, 4, 2), values="probabilities")),
    twice(
        "integers",
        Array((4, 2), dtype="int32", values="one_hot"),
        Array((4, 2), dtype="int32", values="one_hot"),
    ),
    twice(
        "weighted",
        Array((4, 2), values="one_hot"),
        Array((4, 2), values="probabilities"),
        sample_weight=positive(4),
    ),
    updates("empty", (Array((0, 2)), Array((0, 2))), pairwise=False),
)


def values(name: str, *arrays: Any, pairwise: bool = True, **call: Any) -> Feed:
    """Updates of a metric of values alone."""
    return Feed(name, [[a] for a in arrays], call=call, pairwise=pairwise)


VALUES = (
    values("two vectors", Array((4,)), Array((4,))),
    values("numbers", Array(literal=1.5), Array(literal=-2.0)),
    values("matrices", NUMBERS, NUMBERS),
    values(
        "integers",
        Array((4,), dtype="int32", values="integers"),
        Array((4,), dtype="int32", values="integers"),
    ),
    values("float64", Array((4,), dtype="float64"), Array((4,), dtype="float64")),
    values("weighted", Array((4,)), Array((4,)), sample_weight=positive(4)),
    values("weighted rows", NUMBERS, NUMBERS, sample_weight=positive(4), pairwise=False),
    values("weighted elementwise", NUMBERS, sample_weight=positive(4, 3), pairwise=False),
    values("one weight", Array((4,)), sample_weight=Array(literal=2.0), pairwise=False),
    values("weights of zero", Array((4,)), sample_weight=Array((4,), values="zeros"), pairwise=False),
    values("too few weights", Array((4,)), sample_weight=positive(2), pairwise=False),
    values("special", Array((6,), values="special"), pairwise=False),
    values("empty", Array((0,)), pairwise=False),
    values("bools", Array((4,), dtype="bool", values="bools"), pairwise=False),
    values("other shapes", Array((4,)), Array((3,)), pairwise=False),
    values("plain number", 2, 3.5, pairwise=False),
    values("plain list", [1.0, 2.0], pairwise=False),
    values("text", Array(literal=["a"], dtype="string"), pairwise=False),
)
