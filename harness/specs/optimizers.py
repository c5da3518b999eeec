"""Optimizers: ten steps from given weights with given gradients, what they keep, and how they are made.

https://keras.io/api/optimizers/ and, for the arguments of Keras 2,
https://www.tensorflow.org/versions/r2.10/api_docs/python/tf/keras/optimizers
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from harness.specs.declaration import OMIT, Array, Feed, Oracle, Parameter, Spec, tagged
from harness.specs.oracles import optimizers as oracles

SOURCE = "https://keras.io/api/optimizers/"
STEPS = 10
FEW = 3


def given(*shapes: tuple[int, ...], steps: int = STEPS, **recipe: Any) -> dict[str, Any]:
    """Variables of these shapes and their gradients at each step."""
    dtype = recipe.get("dtype", "float32")
    return {
        "variables": [Array(shape, dtype=dtype) for shape in shapes],
        "gradients": [Array((steps, *shape), **recipe) for shape in shapes],
    }


def sparse(rows: int, columns: int, indices: list[int]) -> dict[str, Any]:
    """A table with gradients for some rows, and a dense variable beside it."""
    return {
        "variables": [Array((rows, columns)), Array((columns,))],
        "gradients": [Array((STEPS, len(indices), columns)), Array((STEPS, columns))],
    }


FEEDS = (
    Feed("two", given((3, 2), (2,))),
    Feed("large gradients", given((3, 2), (2,), values="large", steps=FEW)),
    Feed("vectors", given((4,), (5,), steps=FEW)),
    Feed("tiny gradients", given((3, 2), values="tiny", steps=FEW), pairwise=False),
    Feed("zero gradients", given((3, 2), values="zeros", steps=FEW), pairwise=False),
    Feed("signs", given((3, 2), values="signs", steps=FEW), pairwise=False),
    Feed("scalar", given((), (1,), steps=FEW), pairwise=False),
    Feed("kernel of a convolution", given((3, 3, 2, 4), steps=FEW), pairwise=False),
    Feed("special", given((3, 3), values="special", steps=3), pairwise=False),
    Feed("double", given((3, 2), dtype="float64", steps=FEW), pairwise=False),
    Feed("half", given((3, 2), dtype="float16", steps=FEW), pairwise=False),
    Feed("no gradient", given((3, 2), (2,), steps=FEW), call={"$none": [1]}, pairwise=False),
    Feed("no gradient at all", given((3, 2), steps=FEW), call={"$none": [0]}, pairwise=False),
    Feed("sparse", sparse(6, 2, [0, 3, 5]), call={"$sparse": [0, 3, 5]}, pairwise=False),
    Feed("sparse twice", sparse(6, 2, [1, 3, 1, 1]), call={"$sparse": [1, 3, 1, 1]}, pairwise=False),
    Feed("one variable at a time", given((3, 2), (2,), steps=FEW), call={"$apart": True}, pairwise=False),
    Feed("interface", None, script="optimizer:interface", pairwise=False),
)
"""Gradients of ordinary and of extreme size, of several dtypes, absent, sparse with and without duplicates
(rows given twice)."""

MODERN_FEEDS = (
    Feed("two", given((3, 2), (2,))),
    Feed("excluded", given((3, 2), (2,), steps=4), call={"$exclude": ["bias"]}),
    Feed("finalized", given((3, 2), (2,), steps=4), call={"$finalize": True}),
    Feed("large gradients", given((3, 2), (2,), values="large", steps=FEW)),
    Feed("sparse", sparse(6, 2, [1, 3, 1]), call={"$sparse": [1, 3, 1]}, pairwise=False),
)

DECAY = tagged(
    "optimizers.schedules.ExponentialDecay", initial_learning_rate=0.1, decay_steps=3, decay_rate=0.5
)
RATE = Parameter("learning_rate", (OMIT, 0.1, 1.0), invalid=("nope", None, -0.1))
CLIPS = (
    Parameter("clipnorm", (OMIT, 0.5), invalid=(0.0, -1.0, "1")),
    Parameter("clipvalue", (OMIT, 0.3), invalid=(0.0, -0.5)),
)

LEGACY: tuple[Mapping[str, Any], ...] = (
    {"lr": 0.5},
    {"decay": 0.1},
    {"decay": 0.1, "learning_rate": 0.5},
    {"epsilon": None},
    {"clipnorm": 0.5, "clipvalue": 0.5},
    {"name": "mine"},
    {"unknown": 1},
    {"learning_rate": DECAY},
    {"learning_rate": 0},
)
"""Arguments of older Kerases, combinations that are refused, a schedule, a rate of no learning."""

NEW: tuple[Mapping[str, Any], ...] = (
    {"jit_compile": False},
    {"jit_compile": True},
    {"loss_scale_factor": 4.0},
    {"gradient_accumulation_steps": 2},
    {"gradient_accumulation_steps": 3, "clipnorm": 0.5},
    {"gradient_accumulation_steps": 1},
    {"clipnorm": 0.5, "global_clipnorm": 0.5},
    {"use_ema": True, "ema_momentum": 1.5},
    {"use_ema": True, "ema_overwrite_frequency": 0},
    {"use_ema": True, "ema_overwrite_frequency": 2, "gradient_accumulation_steps": 2},
    {"weight_decay": 0.1, "learning_rate": DECAY},
)
"""Arguments of one side only, refused combinations, and features that meet."""

MODERN = (
    Parameter("learning_rate", (0.1, OMIT)),
    Parameter("weight_decay", (OMIT, 0.05, 0.0), invalid=(-0.1, "x")),
    Parameter("global_clipnorm", (OMIT, 0.5), invalid=(0.0, -1.0)),
    Parameter("use_ema", (OMIT, True, False)),
    Parameter("ema_momentum", (OMIT, 0.5, 0.0), invalid=(1.5, -0.1)),
    Parameter("ema_overwrite_frequency", (OMIT, 1, 3), invalid=(0, 2.5)),
)


ON_ALL = ({"lr": 0.5}, {"decay": 0.1}, {"epsilon": None}, {"learning_rate": DECAY})
NEW_ON_ALL = ({"gradient_accumulation_steps": 2}, {"loss_scale_factor": 4.0}, {"jit_compile": False})
REPRESENTATIVE = ("SGD", "Adam")
"""Optimizers on which every further set and every invalid value of what all share is tried; on the others a
few: what checks these arguments is the class they all inherit from."""


def _valid_only(parameter: Parameter) -> Parameter:
    return replace(parameter, invalid=())


def _one_clip(parameters: Mapping[str, Any]) -> bool:
    return sum(name in parameters for name in ("clipnorm", "clipvalue", "global_clipnorm")) <= 1


def pair(name: str, *own: Parameter, oracle: Oracle | None, no_oracle: str = "") -> tuple[Spec, Spec]:
    """The two specs of one optimizer: what every Keras has, and what the newer ones add."""
    common: dict[str, Any] = {
        "subject": f"optimizers.{name}",
        "family": "optimizers",
        "oracle": oracle,
        "no_oracle": no_oracle,
        "source": SOURCE,
        "dear": (),
        "valid": _one_clip,
    }
    all_of_it = name in REPRESENTATIVE
    shared = (RATE, *CLIPS) if all_of_it else tuple(_valid_only(p) for p in (RATE, *CLIPS))
    modern = MODERN if all_of_it else tuple(_valid_only(p) for p in MODERN)
    return (
        Spec(
            script="optimizer",
            feeds=FEEDS,
            parameters=(shared[0], *own, *shared[1:]),
            extra=LEGACY if all_of_it else ON_ALL,
            **common,
        ),
        Spec(
            script="optimizer:perform_modern",
            feeds=MODERN_FEEDS,
            parameters=tuple(p for p in modern if p.name not in {o.name for o in own}),
            extra=NEW if all_of_it else NEW_ON_ALL,
            **common,
        ),
    )


def _betas(second: float) -> tuple[Parameter, Parameter]:
    return (
        Parameter("beta_1", (OMIT, 0.5, 0.0), invalid=(1.0, -0.1)),
        Parameter("beta_2", (OMIT, second), invalid=(1.0, -0.1)),
    )


EPSILON = Parameter("epsilon", (OMIT, 0.1), invalid=(0.0,))
RHO = Parameter("rho", (OMIT, 0.5), invalid=(1.0, -0.1))
ALONE = "exists in Keras 3 only, so there is no second implementation to judge"

CURRENT: tuple[Spec, ...] = (
    *pair(
        "SGD",
        Parameter("momentum", (OMIT, 0.9), invalid=(-0.1, 1.5)),
        Parameter("nesterov", (OMIT, True)),
        oracle=oracles.sgd,
    ),
    *pair("Adam", *_betas(0.9), EPSILON, Parameter("amsgrad", (OMIT, True)), oracle=oracles.adam),
    *pair(
        "AdamW",
        Parameter("weight_decay", (OMIT, 0.05, 0.0), invalid=(None, -1.0)),
        *_betas(0.9),
        EPSILON,
        Parameter("amsgrad", (OMIT, True)),
        oracle=oracles.adamw,
    ),
    *pair("Adamax", *_betas(0.9), EPSILON, oracle=oracles.adamax),
    *pair("Nadam", *_betas(0.9), EPSILON, oracle=oracles.nadam),
    *pair(
        "Adagrad",
        Parameter("initial_accumulator_value", (OMIT, 0.0, 1.0), invalid=(-1.0,)),
        EPSILON,
        oracle=oracles.adagrad,
    ),
    *pair("Adadelta", RHO, EPSILON, oracle=oracles.adadelta),
    *pair(
        "RMSprop",
        RHO,
        Parameter("momentum", (OMIT, 0.9)),
        EPSILON,
        Parameter("centered", (OMIT, True)),
        oracle=oracles.rmsprop,
    ),
    *pair(
        "Ftrl",
        Parameter("learning_rate_power", (OMIT, -0.7), invalid=(0.5,)),
        Parameter("initial_accumulator_value", (OMIT, 1.0), invalid=(-1.0,)),
        Parameter("l1_regularization_strength", (OMIT, 0.5), invalid=(-1.0,)),
        Parameter("l2_regularization_strength", (OMIT, 0.5), invalid=(-1.0,)),
        Parameter("l2_shrinkage_regularization_strength", (OMIT, 0.1), invalid=(-1.0,)),
        Parameter("beta", (OMIT, 0.5)),
        oracle=oracles.ftrl,
    ),
    *pair(
        "Adafactor",
        Parameter("beta_2_decay", (OMIT, -0.5)),
        Parameter("epsilon_1", (OMIT, 1e-8)),
        Parameter("epsilon_2", (OMIT, 0.1)),
        Parameter("clip_threshold", (OMIT, 0.5)),
        Parameter("relative_step", (OMIT, False)),
        oracle=oracles.adafactor,
    ),
    *pair("Lion", *_betas(0.9), oracle=oracles.lion),
    *pair("Lamb", *_betas(0.9), EPSILON, oracle=oracles.lamb),
    *pair(
        "Muon",
        Parameter("momentum", (OMIT, 0.5)),
        Parameter("nesterov", (OMIT, False)),
        Parameter("ns_steps", (OMIT, 3)),
        oracle=None,
        no_oracle=ALONE,
    ),
    *pair(
        "ScheduleFreeAdamW", *_betas(0.9), Parameter("warmup_steps", (OMIT, 3)), oracle=None, no_oracle=ALONE
    ),
)

LEGACY_NAMES = ("SGD", "Adam", "Adamax", "Nadam", "Adagrad", "Adadelta", "RMSprop", "Ftrl")


def legacy(name: str) -> Spec:
    """An optimizer under `optimizers.legacy`, where it is the one of Keras 2.10 and earlier."""
    first = next(s for s in CURRENT if s.subject == f"optimizers.{name}" and s.script == "optimizer")
    return Spec(
        subject=f"optimizers.legacy.{name}",
        family="optimizers",
        script="optimizer",
        feeds=FEEDS,
        parameters=first.parameters,
        valid=_one_clip,
        extra=ON_ALL,
        oracle=None,
        no_oracle="kept for old code only; its documentation refers to the optimizer of the same name",
        source="https://www.tensorflow.org/versions/r2.15/api_docs/python/tf/keras/optimizers/legacy",
        dear=(),
    )


OVERFLOWING = {
    "variables": [Array((2,))],
    "gradients": [Array(literal=[[1.0, 2.0], [float("inf"), 1.0], [3.0, float("nan")], [0.5, 0.25]])],
}


def scaled(subject: str) -> Spec:
    """A loss-scale optimizer around plain descent, fed gradients of which two are not finite."""
    return Spec(
        subject=subject,
        family="optimizers",
        script="optimizer:scaling",
        feeds=(Feed("overflowing", OVERFLOWING), Feed("finite", given((3, 2)))),
        parameters=(
            Parameter("inner_optimizer", (tagged("optimizers.SGD", learning_rate=0.1),), why_few="see extra"),
            Parameter("initial_scale", (OMIT, 8.0), invalid=(0.0, "x")),
            Parameter("dynamic_growth_steps", (OMIT, 2)),
        ),
        extra=(
            {"dynamic": False, "initial_scale": 128},
            {"dynamic": False},
            {"dynamic": True},
            {"inner_optimizer": tagged("optimizers.Adam", learning_rate=0.1)},
            {"inner_optimizer": "sgd"},
            {"name": "mine"},
        ),
        no_oracle="the scale is documented by its effects, which are compared",
        source="https://keras.io/api/optimizers/loss_scale_optimizer/",
        dear=(),
    )


SPECS: tuple[Spec, ...] = (
    *CURRENT,
    *(legacy(name) for name in LEGACY_NAMES),
    scaled("mixed_precision.LossScaleOptimizer"),
    scaled("optimizers.LossScaleOptimizer"),
)
