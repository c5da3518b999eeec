"""Learning-rate schedules at every kind of step: the first, the edges, far out, whole and broken.

https://keras.io/api/optimizers/learning_rate_schedules/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec
from harness.specs.oracles import schedules as oracles

SOURCE = "https://keras.io/api/optimizers/learning_rate_schedules/"


def at(*steps: float, dtype: str = "int64") -> dict[str, Any]:
    """The steps a schedule is asked for."""
    return {"steps": Array(literal=list(steps), dtype=dtype)}


FEEDS = (
    Feed("edges", at(0, 1, 2, 4, 5, 6, 9, 10, 11, 15, 19, 20, 21, 30, 31, 100)),
    Feed("broken", at(0.0, 0.5, 4.999, 5.5, 9.99, 10.0, 10.01, 25.25, dtype="float32")),
    Feed("int32", at(0, 1, 5, 10, 11, dtype="int32"), pairwise=False),
    Feed("far out", at(1000, 100000, 10000000, 2147483647), pairwise=False),
    Feed("farther than float32 counts", at(16777216, 16777217, 2147483648, 9007199254740993), pairwise=False),
    Feed("before the start", at(-1, -10), pairwise=False),
    Feed("double", at(0.0, 5.5, 12.25, dtype="float64"), pairwise=False),
)

RATE = Parameter("initial_learning_rate", (0.1, 1.0), invalid=("x", None, 0.0, -0.1))
STEPS = Parameter("decay_steps", (10, 5.5), invalid=(0, -10, "x", None))
ALPHA = Parameter("alpha", (OMIT, 0.1), invalid=(-0.5, 2.0))
NAME = Parameter("name", (OMIT, "mine"))
STAIRCASE = Parameter("staircase", (OMIT, True, False))


def schedule(name: str, *parameters: Parameter, extra: tuple[Mapping[str, Any], ...] = ()) -> Spec:
    """The spec of one schedule."""
    return Spec(
        subject=f"optimizers.schedules.{name}",
        family="schedules",
        script="schedule",
        feeds=FEEDS,
        parameters=(*parameters, NAME),
        extra=({"unknown": 1}, *extra),
        oracle=oracles.oracle_of(name),
        source=SOURCE,
        dear=(),
    )


SPECS: tuple[Spec, ...] = (
    schedule(
        "ExponentialDecay", RATE, STEPS, Parameter("decay_rate", (0.5, 0.96), invalid=(0.0, -0.5)), STAIRCASE
    ),
    schedule(
        "InverseTimeDecay", RATE, STEPS, Parameter("decay_rate", (0.5, 2.0), invalid=(0.0, -0.5)), STAIRCASE
    ),
    schedule(
        "PolynomialDecay",
        RATE,
        STEPS,
        Parameter("end_learning_rate", (OMIT, 0.01, 0.0)),
        Parameter("power", (OMIT, 2.0, 0.5), invalid=(0.0, -1.0)),
        Parameter("cycle", (OMIT, True, False)),
    ),
    schedule(
        "PiecewiseConstantDecay",
        Parameter("boundaries", ([5, 10], [5.5, 10.0], [20, 30]), invalid=([], [10, 5], [5], None)),
        Parameter("values", ([1.0, 0.5, 0.1], [1, 2, 3]), invalid=([1.0, 0.5], [1.0], None)),
        extra=({"boundaries": [5], "values": [1.0, 0.5]}, {"boundaries": [], "values": [0.5]}),
    ),
    schedule(
        "CosineDecay",
        RATE,
        STEPS,
        ALPHA,
        Parameter("warmup_target", (OMIT, 0.5), invalid=(-1.0,)),
        Parameter("warmup_steps", (OMIT, 4), invalid=(-1,)),
        extra=({"warmup_target": 0.05, "warmup_steps": 10}, {"warmup_steps": 10}),
    ),
    schedule(
        "CosineDecayRestarts",
        RATE,
        Parameter("first_decay_steps", (10, 5), invalid=(0, -10, "x")),
        Parameter("t_mul", (OMIT, 1.0, 1.5), invalid=(0.5, 0.0)),
        Parameter("m_mul", (OMIT, 0.5)),
        ALPHA,
    ),
)
