"""Constraints: a new weight for a weight.

https://keras.io/api/layers/constraints/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Oracle, Parameter, Spec, attribute, tagged
from harness.specs.oracles import penalties

SOURCE = "https://keras.io/api/layers/constraints/"

KERNEL = Array((4, 3), scale=3.0)

FEEDS = (
    Feed("kernel", KERNEL),
    Feed("kinks", Array((3, 13), values="kinks")),
    Feed("column of zeros", Array(literal=[[0.0, 1.0, -3.0], [0.0, 2.0, 4.0]])),
    Feed("rank 4", Array((2, 3, 2, 4))),
    Feed("rank 3", Array((5, 2, 3))),
    Feed("float64", Array((4, 3), dtype="float64")),
    Feed("float16", Array((4, 3), dtype="float16")),
    Feed("large", Array((4, 3), values="large")),
    Feed("vector", Array((5,)), pairwise=False),
    Feed("zeros", Array((4, 3), values="zeros"), pairwise=False),
    Feed("scalar", Array(literal=-1.5), pairwise=False),
    Feed("integers", Array((4, 3), dtype="int32", values="integers"), pairwise=False),
    Feed("empty", Array((0, 3)), pairwise=False),
    Feed("special", Array((4, 3), values="special"), pairwise=False),
    Feed("tiny", Array((4, 3), values="tiny"), pairwise=False),
    Feed("one", Array((1, 1)), pairwise=False),
    Feed("numpy array", KERNEL, call={"$as": "numpy"}, pairwise=False),
    Feed("list", KERNEL, call={"$as": "list"}, pairwise=False),
    Feed("text", Array(literal=[["a"]], dtype="string"), pairwise=False),
)

RADIAL = (
    Feed("kernel", Array((3, 3, 2, 2))),
    Feed("odd", Array((5, 5, 1, 1))),
    Feed("even", Array((4, 4, 1, 2))),
    Feed("not square", Array((3, 5, 1, 1))),
    Feed("one", Array((1, 1, 1, 1))),
    Feed("rank 2", Array((3, 3))),
    Feed("float64", Array((3, 3, 2, 2), dtype="float64")),
)

AXIS = Parameter("axis", (OMIT, 1, (0, 1), [0], -1), invalid=(5, "0", None, 1.5))
MAX_VALUE = Parameter("max_value", (OMIT, 0.5, 3, 0), invalid=("1", None, -1.0))
OLD_NAMES: tuple[Mapping[str, Any], ...] = ({"m": 1.0}, {"unknown": 1})
"""Keras 1 called `max_value` `m`."""


def constraint(
    name: str,
    oracle: Oracle | None,
    *parameters: Parameter,
    feeds: tuple[Feed, ...] = FEEDS,
    extra: tuple[Mapping[str, Any], ...] = (),
    why: str = "",
) -> Spec:
    """The spec of one constraint."""
    return Spec(
        subject=f"constraints.{name}",
        family="constraints",
        script="penalty",
        parameters=parameters,
        feeds=feeds,
        extra=(*OLD_NAMES, *extra),
        oracle=oracle,
        no_oracle=why,
        source=SOURCE + f"#{name.lower()}-class",
        dear=("names", "jit"),
    )


IDENTIFIERS: tuple[Any, ...] = (
    "max_norm",
    "MaxNorm",
    "maxnorm",
    "non_neg",
    "NonNeg",
    "nonneg",
    "unit_norm",
    "UnitNorm",
    "unitnorm",
    "min_max_norm",
    "MinMaxNorm",
    "radial_constraint",
    "RadialConstraint",
    None,
    {"class_name": "MaxNorm", "config": {"max_value": 0.5, "axis": 1}},
    tagged("constraints.UnitNorm", axis=1),
    attribute("constraints.NonNeg"),
    {"$function": "double"},
)
NO_IDENTIFIER: tuple[Any, ...] = (1, 0.5, "nope", "", [], {}, {"class_name": "Nope", "config": {}})
KERNEL_FEED = (Feed("kernel", KERNEL),)

LOOKUPS = (
    Spec(
        subject="constraints.get",
        family="constraints",
        script="lookup",
        parameters=(Parameter("identifier", IDENTIFIERS, invalid=NO_IDENTIFIER),),
        feeds=KERNEL_FEED,
        no_oracle="An object is returned; it has the oracle of its own subject.",
        source=SOURCE,
    ),
    Spec(
        subject="constraints.serialize",
        family="constraints",
        script="lookup",
        parameters=(
            Parameter(
                "$first",
                (
                    *(tagged(f"constraints.{n}") for n in ("MaxNorm", "NonNeg", "UnitNorm", "MinMaxNorm")),
                    tagged("constraints.MaxNorm", max_value=0.5, axis=[0, 1]),
                    tagged("constraints.RadialConstraint"),
                ),
                invalid=(None, "max_norm", 1, {"$function": "double"}),
            ),
        ),
        feeds=(Feed("nothing", None),),
        no_oracle="A config is returned.",
        source=SOURCE,
    ),
    Spec(
        subject="constraints.deserialize",
        family="constraints",
        script="lookup",
        parameters=(
            Parameter(
                "$first",
                ({"class_name": "MaxNorm", "config": {"max_value": 0.5}}, "NonNeg", "non_neg", "UnitNorm"),
                invalid=NO_IDENTIFIER,
            ),
        ),
        feeds=KERNEL_FEED,
        no_oracle="An object is returned; it has the oracle of its own subject.",
        source=SOURCE,
    ),
)

SPECS: tuple[Spec, ...] = (
    constraint("MaxNorm", penalties.max_norm, MAX_VALUE, AXIS),
    constraint("NonNeg", penalties.non_neg),
    constraint("UnitNorm", penalties.unit_norm, AXIS),
    constraint(
        "MinMaxNorm",
        penalties.min_max_norm,
        Parameter("min_value", (OMIT, 0.5, 2), invalid=("1", None)),
        MAX_VALUE,
        Parameter("rate", (OMIT, 0.5, 0, 1), invalid=("1", None, 2.0)),
        AXIS,
    ),
    constraint(
        "RadialConstraint",
        None,
        feeds=RADIAL,
        why="Which entries of a kernel share a radius is shown by one figure of the documentation only.",
    ),
    Spec(
        subject="constraints.Constraint",
        family="constraints",
        script="penalty:subclass",
        feeds=FEEDS[:7],
        no_oracle="The class of the case is the case's own.",
        source=SOURCE + "#creating-custom-weight-constraints",
        dear=("jit",),
    ),
    *LOOKUPS,
)

ALIASES: Mapping[str, str] = {
    "constraints.max_norm": "constraints.MaxNorm",
    "constraints.maxnorm": "constraints.MaxNorm",
    "constraints.non_neg": "constraints.NonNeg",
    "constraints.nonneg": "constraints.NonNeg",
    "constraints.unit_norm": "constraints.UnitNorm",
    "constraints.unitnorm": "constraints.UnitNorm",
    "constraints.min_max_norm": "constraints.MinMaxNorm",
    "constraints.radial_constraint": "constraints.RadialConstraint",
}

NOT_CALLABLE: Mapping[str, str] = {}
