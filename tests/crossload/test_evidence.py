"""Loads share evidence only where everything observed of the model is the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.crossload.evidence import Alike, model_digest
from harness.crossload.planning import read_case
from tests.crossload.observations import kernel, observation, seen, step

ONE, TWO = (read_case("dense", format, "a" * 32) for format in ("h5", "keras"))


def test_the_first_of_equal_models_stands_for_all() -> None:
    """What the file was and what the reader said of it is not part of the model."""
    alike = Alike()
    assert alike.add("r", "dense", ONE, seen()) is ONE
    told = observation(*seen().steps, step("logged", ["WARNING: old"]))
    assert alike.add("r", "dense", TWO, told) is ONE
    assert alike.of("r", TWO) is ONE


@pytest.mark.parametrize(
    "changed",
    [
        {"predictions": np.nextafter(kernel(0.5, 0.25), np.float32(1))},
        {"predictions": kernel(0.5, 0.25).astype(np.float64)},
        {"predictions": kernel(0.5, 0.25).reshape(2, 1)},
        {"predictions": np.array(["a", "b"], object)},
        {"optimizer": None},
        {"config": {"layers": [{"config": {"name": "a", "units": 2, "activation": "tanh"}}]}},
        {"compiled": {"optimizer": "Adam", "optimizer config": {"learning_rate": True}, "loss": "mse"}},
        {"get_weights": [kernel(1, 2), [kernel(3, 4)]]},
    ],
)
def test_any_other_bit_is_another_model(changed: dict[str, Any]) -> None:
    """One bit, type, shape, step or setting that differs, and the evidence is not shared."""
    assert model_digest(seen()) != model_digest(seen(**changed))


def test_other_readers_and_models_never_share() -> None:
    """Rounding is a reader's own, and a case that was never added stands for itself."""
    alike = Alike()
    alike.add("r", "dense", ONE, seen())
    assert alike.add("s", "dense", TWO, seen()) is TWO
    assert alike.add("r", "nested", TWO, seen()) is TWO
    assert alike.of("t", TWO) is TWO
