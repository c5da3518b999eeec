"""Learning-rate schedules in float64, as their pages write them.

https://keras.io/api/optimizers/learning_rate_schedules/ ; restarts: Loshchilov and Hutter 2016 (SGDR).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered


def exponential(step: float, p: Mapping[str, Any]) -> float:
    """rate * decay_rate ^ (step / decay_steps), the exponent floored for a staircase."""
    exponent = step / p["decay_steps"]
    exponent = math.floor(exponent) if p.get("staircase") else exponent
    return float(p["initial_learning_rate"] * p["decay_rate"] ** exponent)


def inverse_time(step: float, p: Mapping[str, Any]) -> float:
    """rate / (1 + decay_rate * step / decay_steps), the quotient floored for a staircase."""
    quotient = step / p["decay_steps"]
    quotient = math.floor(quotient) if p.get("staircase") else quotient
    return float(p["initial_learning_rate"] / (1.0 + p["decay_rate"] * quotient))


def polynomial(step: float, p: Mapping[str, Any]) -> float:
    """(rate - end) * (1 - step / decay_steps) ^ power + end; past the end, or over and over with `cycle`."""
    end, power, steps = p.get("end_learning_rate", 1e-4), p.get("power", 1.0), p["decay_steps"]
    if p.get("cycle"):
        steps = steps * max(1, math.ceil(step / steps))
    else:
        step = min(step, steps)
    return float((p["initial_learning_rate"] - end) * (1.0 - step / steps) ** power + end)


def piecewise(step: float, p: Mapping[str, Any]) -> float:
    """The value of the first interval whose upper boundary the step does not exceed."""
    boundaries, values = list(p["boundaries"]), list(p["values"])
    if len(values) != len(boundaries) + 1:
        raise NotCovered("One value more than boundaries is documented.")
    return float(next((v for b, v in zip(boundaries, values, strict=False) if step <= b), values[-1]))


def cosine(step: float, p: Mapping[str, Any]) -> float:
    """Linear warm-up to `warmup_target`, then a half cosine down to alpha times its start."""
    start, target = p["initial_learning_rate"], p.get("warmup_target")
    warm = p.get("warmup_steps", 0) if target is not None else 0
    if target is not None and step < warm:
        return float((target - start) * step / warm + start)
    top = start if target is None else target
    done = min(max(step - warm, 0), p["decay_steps"]) / p["decay_steps"]
    alpha = p.get("alpha", 0.0)
    return float(top * ((1.0 - alpha) * 0.5 * (1.0 + math.cos(math.pi * done)) + alpha))


def restarts(step: float, p: Mapping[str, Any]) -> float:
    """Half cosines one after another, each `t_mul` times as long and `m_mul` times as high."""
    length, height = float(p["first_decay_steps"]), 1.0
    longer, lower, alpha = p.get("t_mul", 2.0), p.get("m_mul", 1.0), p.get("alpha", 0.0)
    if longer < 1.0 or length <= 0.0:
        raise NotCovered("Periods that shrink to nothing are not documented.")
    begin = 0.0
    if longer == 1.0:
        periods = math.floor(step / length)
        begin, height = periods * length, lower**periods
    while step >= begin + length:
        begin, length, height = begin + length, length * longer, height * lower
    cosined = 0.5 * height * (1.0 + math.cos(math.pi * (step - begin) / length))
    return float(p["initial_learning_rate"] * ((1.0 - alpha) * cosined + alpha))


RULES: Mapping[str, Callable[[float, Mapping[str, Any]], float]] = {
    "ExponentialDecay": exponential,
    "InverseTimeDecay": inverse_time,
    "PolynomialDecay": polynomial,
    "PiecewiseConstantDecay": piecewise,
    "CosineDecay": cosine,
    "CosineDecayRestarts": restarts,
}


def evaluate(schedule: Mapping[str, Any], step: float) -> float:
    """The learning rate of a schedule given as ``{"$object": name, "parameters": {…}}``."""
    name = str(schedule.get("$object", "")).rsplit(".", 1)[-1]
    if name not in RULES:
        raise NotCovered(f"No schedule is called {name!r}.")
    return RULES[name](step, schedule["parameters"])


def oracle_of(name: str) -> Callable[..., npt.NDArray[np.float64]]:
    """The oracle of one schedule: its rate at every step of the feed."""

    def oracle(
        inputs: Any,
        weights: Any,
        parameters: Mapping[str, Any],
        *,
        training: bool,
        call: Mapping[str, Any],
    ) -> npt.NDArray[np.float64]:
        for key, value in parameters.items():
            if isinstance(value, str) and key != "name":
                raise NotCovered(f"`{key}` is documented as a number.")
        steps = [float(s) for s in np.ravel(inputs["steps"])]
        try:
            found = [RULES[name](step, parameters) for step in steps]
        except (TypeError, ZeroDivisionError, KeyError, OverflowError) as error:
            raise NotCovered(f"Not documented for these arguments: {error}") from error
        if any(isinstance(value, complex) for value in found):
            raise NotCovered("A root of a negative number is not documented.")
        return np.asarray(found, dtype=np.float64)

    return oracle
