"""Observations of a writer and a reader, made by hand."""

from __future__ import annotations

from typing import Any

import numpy as np

from harness.model import Kind, Observation, Outcome, Raised, Step, StepStatus, Warned


def step(name: str, value: Any, *warnings: Warned) -> Step:
    """A step that returned."""
    return Step(name, Kind.VALUE, StepStatus.RETURNED, value, warnings=warnings)


def raised(name: str, type: str, message: str) -> Step:
    """A step that raised."""
    return Step(name, Kind.FILE, StepStatus.RAISED, raised=Raised(type, (type,), message))


def kernel(*values: float) -> np.ndarray[Any, Any]:
    """A weight."""
    return np.array(values, np.float32)


def seen(**changed: Any) -> Observation:
    """A loaded (or written) model; keywords replace the values of steps, None leaves a step out."""
    values: dict[str, Any] = {
        "load": None,
        "class": "Functional",
        "weights": [
            {"layer": "a", "name": "kernel", "value": kernel(1, 2)},
            {"layer": "b", "name": "kernel", "value": kernel(3, 4)},
        ],
        "get_weights": [kernel(1, 2), kernel(3, 4)],
        "predictions": kernel(0.5, 0.25),
        "config": {"layers": [{"config": {"name": "a", "units": 2, "activation": "relu"}}]},
        "compiled": {
            "optimizer": "Adam",
            "optimizer config": {"learning_rate": 0.125},
            "loss": "mse",
        },
        "optimizer": [["iteration", np.array(2, np.int64)], ["m", kernel(7, 8)]],
        "step": [kernel(0.75)],
        "stepped": [{"layer": "a", "name": "kernel", "value": kernel(9, 10)}],
    }
    values |= {name.replace("__", " "): value for name, value in changed.items()}
    out = [step("load", None)]
    out += [step(name, value) for name, value in values.items() if value is not None]
    return observation(*out)


def observation(*steps: Step, outcome: Outcome = Outcome.RETURNED, evidence: str = "") -> Observation:
    """An observation of these steps."""
    return Observation("0" * 32, "some", outcome, steps, evidence=evidence)
