"""Targets, predictions, weights and masks that losses and metrics are fed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.specs.declaration import Array, Feed

Pair = tuple[str, Array, Array]


def feeds(*pairs: Pair, pairwise: bool = True) -> tuple[Feed, ...]:
    """A feed for each named pair of targets and predictions."""
    return tuple(Feed(name, [t, p], pairwise=pairwise) for name, t, p in pairs)


def weighted(name: str, t: Array, p: Array, weight: Any, *, pairwise: bool = True) -> Feed:
    """A feed with sample weights."""
    return Feed(name, [t, p], call={"sample_weight": weight}, pairwise=pairwise)


def positive(*shape: int) -> Array:
    """Weights in [0.5, 1.5)."""
    return Array(shape, values="positive")


def weight_feeds(t: Array, p: Array, t3: Array, p3: Array) -> tuple[Feed, ...]:
    """Weights of every shape that could be tried.

    t, p: losses of shape (4,), predictions of shape (4, c).
    t3, p3: losses of shape (2, 3), predictions of shape (2, 3, c).
    """
    classes = p.shape[-1]
    square = positive(classes, classes)
    return (
        weighted("weight per sample", t, p, positive(4)),
        weighted("weight column", t, p, positive(4, 1)),
        weighted("weight number", t, p, Array(literal=2.5)),
        weighted("weights of zero", t, p, Array((4,), values="zeros")),
        weighted("weights per timestep", t3, p3, positive(2, 3)),
        weighted("weights per sample of a sequence", t3, p3, positive(2, 1)),
        weighted("weights as integers", t, p, Array((4,), dtype="int32", values="integers"), pairwise=False),
        weighted("weights as bools", t, p, Array((4,), dtype="bool", values="bools"), pairwise=False),
        weighted("weights in float64", t, p, Array((4,), dtype="float64", values="positive"), pairwise=False),
        weighted("negative weights", t, p, Array((4,)), pairwise=False),
        weighted("plain number as weight", t, p, 2, pairwise=False),
        weighted("list as weight", t, p, [1.0, 2.0, 0.0, 0.5], pairwise=False),
        weighted("no weight", t, p, None, pairwise=False),
        weighted("weights elementwise", t, p, positive(4, classes), pairwise=False),
        weighted("one weight in rank 1", t, p, positive(1), pairwise=False),
        weighted("one weight in rank 2", t, p, positive(1, 1), pairwise=False),
        weighted("weight row", t, p, positive(1, classes), pairwise=False),
        weighted("weight of rank 3", t, p, positive(4, 1, 1), pairwise=False),
        weighted("too few weights", t, p, positive(2), pairwise=False),
        weighted("weights for classes", t, p, positive(classes), pairwise=False),
        weighted("wrong column", t, p, positive(2, 1), pairwise=False),
        weighted("sequence: per sample", t3, p3, positive(2), pairwise=False),
        weighted("sequence: with a last axis", t3, p3, positive(2, 3, 1), pairwise=False),
        weighted("sequence: elementwise", t3, p3, positive(2, 3, classes), pairwise=False),
        weighted("sequence: row", t3, p3, positive(1, 3), pairwise=False),
        weighted("sequence: wrong", t3, p3, positive(3), pairwise=False),
        weighted("sequence: transposed", t3, p3, positive(3, 2), pairwise=False),
        weighted("square: elementwise", samples(t, classes), samples(p, classes), square, pairwise=False),
        weighted(
            "square: row", samples(t, classes), samples(p, classes), positive(1, classes), pairwise=False
        ),
    )


def samples(array: Array, number: int) -> Array:
    """A recipe for another number of samples: with as many as classes, axes can be taken for each other."""
    return replace(array, shape=(number, *array.shape[1:]))


def mask_feeds(t: Array, p: Array, t3: Array, p3: Array) -> tuple[Feed, ...]:
    """Predictions that carry a mask, with and without weights."""

    def masked(name: str, a: Array, b: Array, mask: Any, **more: Any) -> Feed:
        return Feed(name, [a, b], call={"$mask": mask} | more, pairwise=False)

    some = Array(literal=[True, False, True, True], dtype="bool")
    steps = Array((2, 3), dtype="bool", values="lengths")
    return (
        masked("mask per sample", t, p, some),
        masked("mask and weights", t, p, some, sample_weight=positive(4)),
        masked("mask and weight column", t, p, some, sample_weight=positive(4, 1)),
        masked("nothing but masked", t, p, Array((4,), dtype="bool", values="zeros")),
        masked("mask per timestep", t3, p3, steps),
        masked("mask per timestep and weights", t3, p3, steps, sample_weight=positive(2, 3)),
        masked("mask per timestep and weight per sample", t3, p3, steps, sample_weight=positive(2, 1)),
        masked("mask elementwise", t, p, Array((4, p.shape[-1]), dtype="bool", values="bools")),
    )


def form_feeds(t: Array, p: Array) -> tuple[Feed, ...]:
    """The same numbers as numpy arrays and as lists."""
    return tuple(
        Feed(name, [t, p], call={"$as": form}, pairwise=False)
        for name, form in (("numpy arrays", "numpy"), ("lists", "list"))
    )


def again(feed: Feed, call: Mapping[str, Any]) -> Feed:
    """A feed with further arguments."""
    return Feed(feed.name, feed.inputs, call=dict(feed.call) | dict(call), pairwise=feed.pairwise)


MATRIX = Array((4, 3))
CUBE = Array((2, 3, 3))

REGRESSION = feeds(
    ("matrix", MATRIX, MATRIX),
    ("kinks", Array((4, 3), values="ones"), Array((4, 3), values="kinks")),
    ("large", Array((4, 3), values="large"), Array((4, 3), values="large")),
    ("rank 3", CUBE, CUBE),
    ("float64", Array((4, 3), dtype="float64"), Array((4, 3), dtype="float64")),
    ("float16", Array((4, 3), dtype="float16"), Array((4, 3), dtype="float16")),
    (
        "integers",
        Array((4, 3), dtype="int32", values="integers"),
        Array((4, 3), dtype="int32", values="integers"),
    ),
    ("integer targets", Array((4, 3), dtype="int32", values="integers"), MATRIX),
    ("binary targets", Array((4, 3), values="integers", high=2), MATRIX),
    ("signs", Array((4, 3), values="signs"), MATRIX),
    ("zeros", Array((4, 3), values="zeros"), MATRIX),
    ("equal", Array((4, 3), values="ones"), Array((4, 3), values="ones")),
)
"""Any numbers for targets and predictions."""

REGRESSION_ONCE = (
    *feeds(
        ("vectors", Array((4,)), Array((4,))),
        ("column for vector", Array((4, 1)), Array((4,))),
        ("vector for column", Array((4,)), Array((4, 1))),
        ("column for matrix", Array((4, 1)), MATRIX),
        ("matrix for column", MATRIX, Array((4, 1))),
        ("row for matrix", Array((1, 3)), MATRIX),
        ("vector for matrix", Array((3,)), MATRIX),
        ("matrix for cube", MATRIX, Array((2, 4, 3))),
        ("other width", Array((4, 2)), MATRIX),
        ("other batch", Array((3, 3)), MATRIX),
        ("scalars", Array(literal=1.5), Array(literal=0.5)),
        ("one", Array((1, 1)), Array((1, 1))),
        ("empty batch", Array((0, 3)), Array((0, 3))),
        ("empty axis", Array((4, 0)), Array((4, 0))),
        ("special predictions", MATRIX, Array((4, 3), values="special")),
        ("special targets", Array((4, 3), values="special"), MATRIX),
        ("bool targets", Array((4, 3), dtype="bool", values="bools"), MATRIX),
        (
            "int64",
            Array((4, 3), dtype="int64", values="integers"),
            Array((4, 3), dtype="int64", values="integers"),
        ),
        (
            "uint8",
            Array((4, 3), dtype="uint8", values="integers"),
            Array((4, 3), dtype="uint8", values="integers"),
        ),
        ("float64 predictions", MATRIX, Array((4, 3), dtype="float64")),
        ("float64 targets", Array((4, 3), dtype="float64"), MATRIX),
        (
            "overflow in float16",
            Array((4, 3), dtype="float16", values="large"),
            Array((4, 3), dtype="float16"),
        ),
        ("tiny", Array((4, 3), values="tiny"), Array((4, 3), values="tiny")),
        ("offset", Array((4, 3), values="offset"), Array((4, 3), values="offset", shift=1.0)),
        pairwise=False,
    ),
    Feed("ragged", [{"$ragged": [[1.0, 2.0], [3.0]]}, {"$ragged": [[1.5, 2.0], [2.0]]}], pairwise=False),
    Feed("ragged targets", [{"$ragged": [[1.0, 2.0], [3.0]]}, Array((2, 2))], pairwise=False),
    Feed(
        "text",
        [Array(literal=[["a"]], dtype="string"), Array(literal=[["b"]], dtype="string")],
        pairwise=False,
    ),
    Feed("no targets", [None, MATRIX], pairwise=False),
    *form_feeds(MATRIX, MATRIX),
)

BITS = Array((4, 3), dtype="int32", values="integers", high=2)
CHANCE = Array((4, 3), values="uniform")

BINARY = feeds(
    ("probabilities", Array((4, 3), values="integers", high=2), CHANCE),
    ("integer targets", BITS, CHANCE),
    ("soft targets", CHANCE, CHANCE),
    ("logits", Array((4, 3), values="integers", high=2), MATRIX),
    ("large logits", Array((4, 3), values="integers", high=2), Array((4, 3), values="large")),
    (
        "saturated",
        Array(literal=[[0.0, 1.0, 0.0], [1.0, 0.0, 1.0]]),
        Array(literal=[[0.0, 1.0, 1.0], [0.0, 0.5, 1.0]]),
    ),
    ("wrong and sure", Array(literal=[[0.0, 1.0]]), Array(literal=[[1.0, 0.0]])),
    ("rank 3", Array((2, 3, 3), values="integers", high=2), Array((2, 3, 3), values="uniform")),
    (
        "float64",
        Array((4, 3), dtype="float64", values="integers", high=2),
        Array((4, 3), dtype="float64", values="uniform"),
    ),
    (
        "float16",
        Array((4, 3), dtype="float16", values="integers", high=2),
        Array((4, 3), dtype="float16", values="uniform"),
    ),
)
"""Targets 0 and 1 with probabilities or logits."""

BINARY_ONCE = (
    *feeds(
        ("column", Array((4, 1), values="integers", high=2), Array((4, 1), values="uniform")),
        ("vectors", Array((4,), values="integers", high=2), Array((4,), values="uniform")),
        ("vector for column", Array((4,), values="integers", high=2), Array((4, 1), values="uniform")),
        ("column for vector", Array((4, 1), values="integers", high=2), Array((4,), values="uniform")),
        ("column for matrix", Array((4, 1), values="integers", high=2), CHANCE),
        ("other width", Array((4, 2), values="integers", high=2), CHANCE),
        ("one", Array((1, 1), values="ones"), Array((1, 1), values="uniform")),
        ("empty batch", Array((0, 3)), Array((0, 3))),
        ("special predictions", Array((4, 3), values="integers", high=2), Array((4, 3), values="special")),
        ("bool targets", Array((4, 3), dtype="bool", values="bools"), CHANCE),
        ("targets -1 and 1", Array((4, 3), values="signs"), CHANCE),
        ("targets 2", Array((4, 3), values="integers", high=3), CHANCE),
        ("integer predictions", BITS, BITS),
        ("beyond probabilities", BITS, Array((4, 3), values="normal")),
        (
            "saturated in float64",
            Array(literal=[[0.0, 1.0]], dtype="float64"),
            Array(literal=[[1.0, 0.0]], dtype="float64"),
        ),
        (
            "saturated in float16",
            Array(literal=[[0.0, 1.0]], dtype="float16"),
            Array(literal=[[1.0, 0.0]], dtype="float16"),
        ),
        pairwise=False,
    ),
    Feed("ragged", [{"$ragged": [[1.0, 0.0], [1.0]]}, {"$ragged": [[0.8, 0.3], [0.6]]}], pairwise=False),
    *form_feeds(BITS, CHANCE),
)

CLASSES = Array((4, 5), values="one_hot")
SHARES = Array((4, 5), values="probabilities")

CATEGORICAL = feeds(
    ("probabilities", CLASSES, SHARES),
    ("soft targets", SHARES, SHARES),
    ("rows that do not sum to 1", CLASSES, Array((4, 5), values="positive")),
    ("logits", CLASSES, Array((4, 5))),
    ("large logits", CLASSES, Array((4, 5), values="large")),
    ("saturated", Array(literal=[[1.0, 0.0], [0.0, 1.0]]), Array(literal=[[0.0, 1.0], [0.0, 1.0]])),
    ("rank 3", Array((2, 3, 5), values="one_hot"), Array((2, 3, 5), values="probabilities")),
    ("integer targets", Array((4, 5), dtype="int32", values="one_hot"), SHARES),
    (
        "float64",
        Array((4, 5), dtype="float64", values="one_hot"),
        Array((4, 5), dtype="float64", values="probabilities"),
    ),
    (
        "float16",
        Array((4, 5), dtype="float16", values="one_hot"),
        Array((4, 5), dtype="float16", values="probabilities"),
    ),
)
"""One-hot targets with class probabilities or logits."""

CATEGORICAL_ONCE = (
    *feeds(
        ("one class", Array((4, 1), values="ones"), Array((4, 1), values="uniform")),
        ("one sample", Array((1, 5), values="one_hot"), Array((1, 5), values="probabilities")),
        ("vectors", Array((5,), values="one_hot"), Array((5,), values="probabilities")),
        ("empty batch", Array((0, 5)), Array((0, 5))),
        ("no class", Array((4, 5), values="zeros"), SHARES),
        ("row of zeros", CLASSES, Array((4, 5), values="zeros")),
        ("special predictions", CLASSES, Array((4, 5), values="special")),
        ("other number of classes", Array((4, 4), values="one_hot"), SHARES),
        ("labels for one-hot", Array((4,), dtype="int32", values="integers"), SHARES),
        ("column of labels", Array((4, 1), dtype="int32", values="integers"), SHARES),
        ("bool targets", Array((4, 5), dtype="bool", values="one_hot"), SHARES),
        ("integer predictions", CLASSES, Array((4, 5), dtype="int32", values="one_hot")),
        pairwise=False,
    ),
    Feed("ragged", [{"$ragged": [[1.0, 0.0], [1.0]]}, {"$ragged": [[0.8, 0.2], [1.0]]}], pairwise=False),
    *form_feeds(CLASSES, SHARES),
)

LABELS = Array((4,), dtype="int32", values="integers")

SPARSE = feeds(
    ("labels", LABELS, SHARES),
    ("column of labels", Array((4, 1), dtype="int32", values="integers"), SHARES),
    ("float labels", Array((4,), values="integers"), SHARES),
    ("int64 labels", Array((4,), dtype="int64", values="integers"), SHARES),
    ("logits", LABELS, Array((4, 5))),
    ("large logits", LABELS, Array((4, 5), values="large")),
    ("rows that do not sum to 1", LABELS, Array((4, 5), values="positive")),
    ("rank 3", Array((2, 3), dtype="int32", values="integers"), Array((2, 3, 5), values="probabilities")),
    ("saturated", Array(literal=[0, 1], dtype="int32"), Array(literal=[[0.0, 1.0], [0.0, 1.0]])),
    ("float64", LABELS, Array((4, 5), dtype="float64", values="probabilities")),
    ("float16", LABELS, Array((4, 5), dtype="float16", values="probabilities")),
)
"""Class numbers with class probabilities or logits."""

SPARSE_ONCE = (
    *feeds(
        ("uint8 labels", Array((4,), dtype="uint8", values="integers"), SHARES),
        ("label beyond the classes", Array(literal=[0, 5, 1, 9], dtype="int32"), SHARES),
        ("negative label", Array(literal=[0, -1, 1, 4], dtype="int32"), SHARES),
        (
            "rank 3 with a last axis",
            Array((2, 3, 1), dtype="int32", values="integers"),
            Array((2, 3, 5), values="probabilities"),
        ),
        (
            "rank 4",
            Array((2, 2, 3), dtype="int32", values="integers"),
            Array((2, 2, 3, 5), values="probabilities"),
        ),
        ("one-hot for labels", Array((4, 5), values="one_hot"), SHARES),
        ("one class", Array((4,), dtype="int32", values="zeros"), Array((4, 1), values="uniform")),
        ("empty batch", Array((0,), dtype="int32"), Array((0, 5))),
        ("special predictions", LABELS, Array((4, 5), values="special")),
        ("row of zeros", LABELS, Array((4, 5), values="zeros")),
        ("other batch", Array((3,), dtype="int32", values="integers"), SHARES),
        ("fractions as labels", Array(literal=[0.6, 1.2, 2.9, 3.0]), SHARES),
        ("scalar label", Array(literal=2, dtype="int32"), Array((5,), values="probabilities")),
        pairwise=False,
    ),
    *form_feeds(LABELS, SHARES),
)

POSITIVE = feeds(
    ("positive", Array((4, 3), values="positive"), Array((4, 3), values="positive")),
    ("counts", Array((4, 3), values="integers"), Array((4, 3), values="positive")),
    ("zeros predicted", Array((4, 3), values="integers"), Array((4, 3), values="zeros")),
)
"""Numbers a logarithm can be taken of."""
