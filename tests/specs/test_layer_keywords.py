"""Keyword arguments of every layer, and when a case may draw at random."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.specs.declaration import OMIT, Array, Feed, Spec, tagged
from harness.specs.layer_keywords import alone, draws, keywords, one_sided


def spec(*, random: bool = False) -> Spec:
    """A spec of nothing in particular."""
    return Spec("layers.X", "layers", "layer", (Feed("plain", Array((1,))),), random=random)


def test_each_keyword_stands_beside_the_required_arguments() -> None:
    """One set per keyword; the shape arguments only where a shape is given."""
    without, with_shape = keywords(units=2), keywords((3,), units=2)
    assert all(one["units"] == 2 and len(one) == 2 for one in with_shape)
    assert len(with_shape) == len(without) + 2
    assert with_shape[-1]["batch_input_shape"] == (2, 3)


def test_alone_tries_one_value_at_a_time() -> None:
    """One set per value."""
    assert alone("seed", 1, "1", units=2) == ({"units": 2, "seed": 1}, {"units": 2, "seed": "1"})


def test_a_one_sided_parameter_is_left_out_of_the_covering_array() -> None:
    """It is declared with its default only, and says why."""
    parameter = one_sided("seed", "Keras 3")
    assert parameter.values == (OMIT,)
    assert "Keras 3" in parameter.why_few


@pytest.mark.parametrize(
    ("subject", "parameters", "expected"),
    [
        ("RandomFlip", {}, True),
        ("Dropout", {"rate": 0.5}, True),
        ("Dropout", {"rate": 0.0}, False),
        ("RandomZoom", {"height_factor": 0, "width_factor": None}, False),
        ("RandomZoom", {"height_factor": 0.0, "width_factor": 0.5}, True),
        ("RandomRotation", {"factor": {"$tuple": [0.25, 0.25]}}, False),
        ("RandomRotation", {"factor": (0.2, 0.3)}, True),
        ("RandomErasing", {"factor": (1.0, 1.0)}, True),
        ("RandomContrast", {"factor": (0.5, 0.5)}, True),
        ("RandomContrast", {"factor": (0.0, 0.0)}, False),
        ("AugMix", {"factor": 0.0}, True),
    ],
)
def test_a_random_layer_draws_unless_its_factors_leave_no_choice(
    subject: str, parameters: Any, expected: bool
) -> None:
    """Zero everywhere is certain; a range without extent only where nothing else is drawn."""
    layer = replace(spec(random=True), subject=f"layers.{subject}")
    assert draws(layer, parameters) is expected


def test_optional_dropout_draws_when_asked_for() -> None:
    """Also inside a wrapped layer or one of several cells; a rate of zero draws nothing."""
    cell = tagged("layers.LSTMCell", units=1, recurrent_dropout=0.5)
    assert draws(spec(), {"dropout": 0.5})
    assert draws(spec(), {"cell": [tagged("layers.GRUCell", units=1), cell]})
    assert not draws(spec(), {"dropout": 0.0, "cell": tagged("layers.GRUCell", units=1)})
