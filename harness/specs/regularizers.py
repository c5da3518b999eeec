"""Regularizers: a penalty for a weight.

https://keras.io/api/layers/regularizers/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Oracle, Parameter, Spec, attribute, tagged
from harness.specs.oracles import penalties

SOURCE = "https://keras.io/api/layers/regularizers/"

KERNEL = Array((4, 3))

FEEDS = (
    Feed("kernel", KERNEL),
    Feed("kinks", Array((3, 13), values="kinks")),
    Feed("rank 4", Array((2, 3, 2, 4))),
    Feed("vector", Array((5,))),
    Feed("float64", Array((4, 3), dtype="float64")),
    Feed("float16", Array((4, 3), dtype="float16")),
    Feed("zeros", Array((4, 3), values="zeros")),
    Feed("large", Array((4, 3), values="large")),
    Feed("scalar", Array(literal=-1.5), pairwise=False),
    Feed("integers", Array((4, 3), dtype="int32", values="integers"), pairwise=False),
    Feed("empty", Array((0, 3)), pairwise=False),
    Feed("special", Array((4, 3), values="special"), pairwise=False),
    Feed("tiny", Array((4, 3), values="tiny"), pairwise=False),
    Feed("one", Array((1, 1)), pairwise=False),
    Feed("overflow in float16", Array((4, 3), dtype="float16", values="large", scale=10.0), pairwise=False),
    Feed("numpy array", KERNEL, call={"$as": "numpy"}, pairwise=False),
    Feed("list", KERNEL, call={"$as": "list"}, pairwise=False),
    Feed("text", Array(literal=[["a"]], dtype="string"), pairwise=False),
)

BAD_FACTOR: tuple[Any, ...] = ("0.1", None, [0.1], True, float("inf"), -0.5)


def factor(name: str) -> Parameter:
    """A factor of a penalty."""
    return Parameter(name, (OMIT, 0.5, 0, 2), invalid=tuple(v for v in BAD_FACTOR if v != float("inf")))


def regularizer(
    name: str,
    oracle: Oracle | None,
    *parameters: Parameter,
    extra: tuple[Mapping[str, Any], ...] = (),
    why: str = "",
) -> Spec:
    """The spec of one regularizer."""
    return Spec(
        subject=f"regularizers.{name}",
        family="regularizers",
        script="penalty",
        parameters=parameters,
        feeds=FEEDS,
        extra=({"unknown": 1}, *extra),
        oracle=oracle,
        no_oracle=why,
        source=SOURCE + f"#{name.lower()}-class",
        dear=("names", "jit"),
    )


MODE = Parameter("mode", (OMIT, "columns", "rows"), invalid=("nope", None, 1))
LEGACY: tuple[Mapping[str, Any], ...] = ({"l": 0.5},)
"""`l` was the keyword of `l1` and `l2` before TensorFlow 2.3."""

IDENTIFIERS: tuple[Any, ...] = (
    "l2",
    "l1",
    "l1_l2",
    "L1",
    "L2",
    "L1L2",
    "orthogonal_regularizer",
    "OrthogonalRegularizer",
    None,
    {"class_name": "L2", "config": {"l2": 0.5}},
    {"class_name": "L1L2", "config": {"l1": 0.5, "l2": 0.25}},
    {"class_name": "l2", "config": {"l2": 0.5}},
    tagged("regularizers.L1L2", l1=0.1, l2=0.2),
    attribute("regularizers.L2"),
    {"$function": "double"},
)
NO_IDENTIFIER: tuple[Any, ...] = (1, 0.5, "nope", "", [], {}, {"class_name": "Nope", "config": {}})

LOOKUPS = (
    Spec(
        subject="regularizers.get",
        family="regularizers",
        script="lookup",
        parameters=(Parameter("identifier", IDENTIFIERS, invalid=NO_IDENTIFIER),),
        feeds=(Feed("kernel", KERNEL),),
        no_oracle="An object is returned; it has the oracle of its own subject.",
        source=SOURCE,
    ),
    Spec(
        subject="regularizers.serialize",
        family="regularizers",
        script="lookup",
        parameters=(
            Parameter(
                "$first",
                (
                    tagged("regularizers.L1L2", l1=0.1, l2=0.2),
                    tagged("regularizers.l1"),
                    tagged("regularizers.l2", l2=0.5),
                    tagged("regularizers.OrthogonalRegularizer", mode="columns"),
                ),
                invalid=(None, "l2", 1, {"$function": "double"}),
            ),
        ),
        feeds=(Feed("nothing", None),),
        no_oracle="A config is returned.",
        source=SOURCE,
    ),
    Spec(
        subject="regularizers.deserialize",
        family="regularizers",
        script="lookup",
        parameters=(
            Parameter(
                "$first",
                (
                    {"class_name": "L2", "config": {"l2": 0.5}},
                    {"class_name": "L1L2", "config": {}},
                    "l2",
                    "L1L2",
                ),
                invalid=NO_IDENTIFIER,
            ),
        ),
        feeds=(Feed("kernel", KERNEL),),
        no_oracle="An object is returned; it has the oracle of its own subject.",
        source=SOURCE,
    ),
)

SPECS: tuple[Spec, ...] = (
    regularizer("L1", penalties.l1, factor("l1"), extra=LEGACY),
    regularizer("L2", penalties.l2, factor("l2"), extra=LEGACY),
    regularizer("l1", penalties.l1, factor("l1"), extra=LEGACY),
    regularizer("l2", penalties.l2, factor("l2"), extra=LEGACY),
    regularizer("L1L2", penalties.l1_l2, factor("l1"), factor("l2")),
    regularizer(
        "l1_l2",
        None,
        factor("l1"),
        factor("l2"),
        why="In Keras 2 a function with defaults of 0.01, in Keras 3 the class with defaults of 0.",
    ),
    regularizer("OrthogonalRegularizer", penalties.orthogonal, factor("factor"), MODE),
    Spec(
        subject="regularizers.Regularizer",
        family="regularizers",
        script="penalty:subclass",
        feeds=FEEDS[:6],
        no_oracle="The class of the case is the case's own.",
        source=SOURCE + "#creating-custom-regularizers",
        dear=("jit",),
    ),
    *LOOKUPS,
)

ALIASES: Mapping[str, str] = {"regularizers.orthogonal_regularizer": "regularizers.OrthogonalRegularizer"}

NOT_CALLABLE: Mapping[str, str] = {}
