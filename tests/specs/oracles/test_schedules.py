"""Schedules are held to rates worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.specs.declaration import NotCovered
from harness.specs.oracles import schedules


def _rates(name: str, steps: Any, **parameters: Any) -> Any:
    oracle = schedules.oracle_of(name)
    return oracle({"steps": np.array(steps)}, [], parameters, training=False, call={})


@pytest.mark.parametrize(
    ("name", "parameters", "steps", "expected"),
    [
        ("ExponentialDecay", {"decay_steps": 2, "decay_rate": 0.5}, [0, 1, 2], [1.0, 0.5**0.5, 0.5]),
        (
            "ExponentialDecay",
            {"decay_steps": 2, "decay_rate": 0.5, "staircase": True},
            [0, 1, 2, 3],
            [1.0, 1.0, 0.5, 0.5],
        ),
        ("InverseTimeDecay", {"decay_steps": 2, "decay_rate": 1.0}, [0, 2, 4], [1.0, 0.5, 1 / 3]),
        (
            "InverseTimeDecay",
            {"decay_steps": 2, "decay_rate": 1.0, "staircase": True},
            [1, 3],
            [1.0, 0.5],
        ),
        ("PolynomialDecay", {"decay_steps": 10, "end_learning_rate": 0.0}, [0, 5, 10, 99], [1.0, 0.5, 0, 0]),
        (
            "PolynomialDecay",
            {"decay_steps": 10, "end_learning_rate": 0.0, "cycle": True},
            [0, 10, 15],
            [1.0, 0.0, 0.25],
        ),
        ("CosineDecay", {"decay_steps": 10}, [0, 5, 10, 20], [1.0, 0.5, 0.0, 0.0]),
        ("CosineDecay", {"decay_steps": 10, "alpha": 0.2}, [0, 10], [1.0, 0.2]),
        (
            "CosineDecay",
            {"decay_steps": 10, "warmup_target": 3.0, "warmup_steps": 4},
            [0, 2, 4, 9, 14],
            [1.0, 2.0, 3.0, 1.5, 0.0],
        ),
        ("CosineDecayRestarts", {"first_decay_steps": 10}, [0, 5, 10, 20, 30], [1.0, 0.5, 1.0, 0.5, 1.0]),
        (
            "CosineDecayRestarts",
            {"first_decay_steps": 10, "t_mul": 1.0, "m_mul": 0.5},
            [0, 10, 20, 25],
            [1.0, 0.5, 0.25, 0.125],
        ),
    ],
)
def test_rates_by_hand(name: str, parameters: Any, steps: Any, expected: Any) -> None:
    """A schedule from 1.0 has the rates its page gives."""
    found = _rates(name, steps, initial_learning_rate=1.0, **parameters)
    np.testing.assert_allclose(found, expected, atol=1e-15)


def test_a_boundary_belongs_to_the_interval_before_it() -> None:
    """The page's example: 1.0 for the first 100001 steps, 0.5 for the next 10000, then 0.1."""
    steps = [100000, 100001, 110000, 110001]
    found = _rates("PiecewiseConstantDecay", steps, boundaries=[100000, 110000], values=[1.0, 0.5, 0.1])
    np.testing.assert_array_equal(found, [1.0, 0.5, 0.5, 0.1])


def test_periods_of_one_length_are_found_at_any_distance() -> None:
    """A step far out costs no more than the first."""
    found = _rates(
        "CosineDecayRestarts", [10**15], initial_learning_rate=1.0, first_decay_steps=10, t_mul=1.0
    )
    np.testing.assert_allclose(found, [1.0])


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("PiecewiseConstantDecay", {"boundaries": [1], "values": [1.0]}),
        ("CosineDecayRestarts", {"initial_learning_rate": 1.0, "first_decay_steps": 10, "t_mul": 0.5}),
        ("ExponentialDecay", {"initial_learning_rate": "x", "decay_steps": 1, "decay_rate": 1}),
        ("ExponentialDecay", {"initial_learning_rate": 1.0, "decay_steps": 0, "decay_rate": 1}),
    ],
)
def test_what_is_not_documented_is_not_covered(name: str, parameters: Any) -> None:
    """The oracle keeps silent where no rate is described."""
    with pytest.raises(NotCovered):
        _rates(name, [1], **parameters)


def test_an_unknown_schedule_is_not_covered() -> None:
    """Only schedules with a page are evaluated."""
    with pytest.raises(NotCovered):
        schedules.evaluate({"$object": "optimizers.schedules.Nope", "parameters": {}}, 1)
