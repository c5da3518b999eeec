"""Merging layers: several arrays in, one out.

https://keras.io/api/layers/merging_layers/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Oracle, Parameter, Spec
from harness.specs.layer_arguments import every_layer
from harness.specs.oracles import merging

SOURCE = "https://keras.io/api/layers/merging_layers/"
MASKING: Mapping[str, Any] = {"$masking": True}


def _both(*shape: int, **recipe: Any) -> list[Array]:
    return [Array(shape, **recipe), Array(shape, **recipe)]


def _feeds() -> tuple[Feed, ...]:
    """Lists of arrays of one shape, of shapes that broadcast, masked, and such that cannot be merged."""
    negative = Array((2, 6, 3), values="positive", scale=-1.0)
    return (
        Feed("two", _both(2, 3, 4)),
        Feed("three", [Array((2, 3, 4))] * 3),
        Feed("vectors", _both(4, 3)),
        Feed("rank 5", _both(2, 2, 1, 2, 3)),
        Feed("broadcast", [Array((2, 3, 4)), Array((2, 1, 4))]),
        Feed("column", [Array((4, 4)), Array((4, 1))]),
        Feed("row", [Array((4, 4)), Array((1, 4))], pairwise=False),
        Feed("channels", [Array((2, 3, 2, 3)), Array((1, 3, 1, 1))], pairwise=False),
        Feed("other rank", [Array((2, 3, 4)), Array((2, 4))], pairwise=False),
        Feed("other rank that fits", [Array((2, 3, 3)), Array((2, 3))], pairwise=False),
        Feed("scalars", [Array((4,)), Array((4,))], pairwise=False),
        Feed("broadcast batch", [Array((3, 4)), Array((1, 4))], pairwise=False),
        Feed("masked inputs", _both(2, 6, 3, values="padded"), call=MASKING),
        Feed("one masked input", [Array((2, 6, 3), values="padded"), negative], call=MASKING),
        Feed(
            "other masked input", [negative, Array((2, 6, 3), values="padded")], call=MASKING, pairwise=False
        ),
        Feed("one", [Array((2, 3))], pairwise=False),
        Feed("none", [], pairwise=False),
        Feed("no list", Array((2, 3)), pairwise=False),
        Feed("shapes that do not match", [Array((2, 3)), Array((2, 4))], pairwise=False),
        Feed("batches that do not match", [Array((2, 3)), Array((3, 3))], pairwise=False),
        Feed("batch of none", _both(0, 3), pairwise=False),
        Feed("whole numbers", _both(2, 3, dtype="int32", values="integers"), pairwise=False),
        Feed("bools", _both(2, 3, dtype="bool", values="bools"), pairwise=False),
        Feed("mixed", [Array((2, 3), dtype="int32", values="integers"), Array((2, 3))], pairwise=False),
        Feed("double", _both(2, 3, dtype="float64"), pairwise=False),
        Feed("half and single", [Array((2, 3), dtype="float16"), Array((2, 3))], pairwise=False),
        Feed("special", _both(2, 3, values="special"), pairwise=False),
        Feed("one special", [Array((2, 7)), Array((2, 7), values="special")], pairwise=False),
        Feed("large", _both(2, 3, values="large"), pairwise=False),
    )


def _elementwise(name: str, oracle: Oracle) -> Spec:
    return Spec(
        subject=f"layers.{name}",
        family="layers",
        script="layer",
        feeds=_feeds(),
        extra=every_layer((3, 4), {"axis": 1}),
        oracle=oracle,
        source=SOURCE + f"{name.lower()}/",
    )


CONCATENATE = Spec(
    subject="layers.Concatenate",
    family="layers",
    script="layer",
    parameters=(Parameter("axis", (OMIT, 1, -1, 2, -2), invalid=(5, -7, "1", None, 1.0, [1])),),
    feeds=(
        *(f for f in _feeds() if f.name not in ("vectors", "rank 5", "broadcast", "column")),
        Feed(
            "last axis differs",
            [Array((2, 3, 4)), Array((2, 3, 1))],
            when=lambda p: p.get("axis", -1) in (-1, 2),
        ),
        Feed(
            "middle axis differs",
            [Array((2, 1, 4)), Array((2, 3, 4))],
            when=lambda p: p.get("axis") in (1, -2),
        ),
        Feed("vectors", [Array((4, 3)), Array((4, 2))], pairwise=False),
    ),
    extra=(*every_layer((3, 4)), {"axis": 0}),
    oracle=merging.concatenate,
    source=SOURCE + "concatenate/",
)


def _fits(*axes: Any) -> Any:
    """Whether the axes asked for are among those that fit a feed."""
    return lambda parameters: parameters["axes"] in axes


DOT = Spec(
    subject="layers.Dot",
    family="layers",
    script="layer",
    parameters=(
        Parameter(
            "axes",
            (1, -1, (1, 2), (2, 1), [2, 2], (-1, 1)),
            invalid=(0, 5, "1", None, 1.0, (1, 2, 1), (0, 1), (1,), ()),
        ),
        Parameter("normalize", (OMIT, True, False), invalid=("yes", None)),
    ),
    feeds=(
        Feed("square", _both(2, 3, 3)),
        Feed("vectors", _both(4, 3), when=_fits(1, -1, (-1, 1))),
        Feed("matrices", [Array((2, 3, 5)), Array((2, 4, 3))], when=_fits((1, 2))),
        Feed("matrices the other way", [Array((2, 3, 5)), Array((2, 5, 4))], when=_fits((2, 1), (-1, 1))),
        Feed("rank 4 and 3", [Array((2, 3, 2, 3)), Array((2, 3, 4))], when=_fits(1, (-1, 1))),
        Feed("zeros", [Array((2, 3, 3)), Array((2, 3, 3), values="zeros")]),
        Feed("tiny", _both(2, 3, 3, values="tiny"), pairwise=False),
        Feed("masked inputs", _both(2, 3, 3, values="padded"), call=MASKING, pairwise=False),
        Feed("batch of none", _both(0, 3, 3), pairwise=False),
        Feed("batch of one", _both(1, 3, 3), pairwise=False),
        Feed("three", [Array((2, 3))] * 3, pairwise=False),
        Feed("one", [Array((2, 3))], pairwise=False),
        Feed("no list", Array((2, 3)), pairwise=False),
        Feed("sizes that do not match", [Array((2, 3)), Array((2, 4))], pairwise=False),
        Feed("batches that do not match", [Array((2, 3)), Array((3, 3))], pairwise=False),
        Feed("whole numbers", _both(2, 3, 3, dtype="int32", values="integers"), pairwise=False),
        Feed("double", _both(2, 3, 3, dtype="float64"), pairwise=False),
        Feed("half", _both(2, 3, 3, dtype="float16"), pairwise=False),
        Feed("special", _both(2, 3, 3, values="special"), pairwise=False),
        Feed("large", _both(2, 3, 3, values="large"), pairwise=False),
    ),
    extra=every_layer((3, 3), {"normalise": True}, axes=1),
    oracle=merging.dot,
    source=SOURCE + "dot/",
)

SPECS: tuple[Spec, ...] = (
    _elementwise("Add", merging.add),
    _elementwise("Subtract", merging.subtract),
    _elementwise("Multiply", merging.multiply),
    _elementwise("Average", merging.average),
    _elementwise("Maximum", merging.maximum),
    _elementwise("Minimum", merging.minimum),
    CONCATENATE,
    DOT,
)
