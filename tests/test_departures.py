"""Where gradients and training part is told from the places of the differences alone."""

from __future__ import annotations

import pytest

from harness.departures import departure
from harness.model import Difference, Kind, Size


def differs(step: str, path: str, size: float = 0.5) -> Difference:
    """A number that differs by so much."""
    return Difference(step, Kind.VALUE, path, 0.0, size, size=Size(size, 1.0, 1.0, 1, 1, 1.0))


def test_nothing_that_differs_in_training_is_nothing_to_say() -> None:
    """A difference of outputs, of an input's gradient, or at a place no training has, is not told."""
    others = (
        differs("forward", "[0]"),
        differs("gradients", "inputs[0]"),
        differs("gradients", 'weights["no node"][0]'),
        differs("gradients", 'weights[""][0]'),
        differs("train SGD", "[0].other"),
        differs("slots Adam", "[0].momentum.None"),
    )
    assert departure(others) == ""


def test_the_gradient_nearest_to_the_outputs_comes_first() -> None:
    """Gradients flow backwards, so the last node is the first; of its weights the first is named."""
    found = [
        differs("gradients", path)
        for path in ('weights["9 Dense"][0]', 'weights["12 LSTM"][2]', 'weights["12 LSTM"][1]')
    ]
    assert departure(found) == (
        "From the outputs backwards, the first gradient that differs is of weight 1 of node `12 LSTM`."
    )


def test_weights_behind_one_loss_are_looked_at_backwards() -> None:
    """Where the loss of the first step that differs is the same, what differs came about backwards."""
    found = [
        differs("train SGD", '[1].weights["0 Dense"][0]', 0.25),
        differs("train SGD", '[1].weights["3 GRU"][1]', 0.125),
        differs("train SGD", "[2].loss"),
        differs("train SGD", '[2].weights["0 Dense"][0]', 1.0),
    ]
    assert departure(found) == (
        "Training by SGD parts in step 2: first in weight 1 of node `3 GRU`. "
        "The weights are apart by 0.25 after step 2, 1 after step 3."
    )


def test_behind_another_loss_the_first_node_is_named() -> None:
    """Where the loss differs, the model computed something else forwards."""
    found = [
        differs("train Adam", "[0].loss"),
        differs("train Adam", '[0].weights["4 Dense"][0]'),
        differs("train Adam", '[0].weights["1 BatchNormalization"][2]'),
    ]
    assert departure(found).startswith(
        "Training by Adam parts in step 1: first in the loss, and then in "
        "weight 2 of node `1 BatchNormalization`."
    )


def test_a_slot_comes_before_the_weight_it_moves() -> None:
    """What an optimizer keeps is made first; each optimizer has a sentence."""
    found = [
        differs("train SGD", "[2].loss"),
        differs("train Adam", '[0].weights["4 Dense"][0]'),
        differs("slots Adam", '[0].velocity["4 Dense, weight 0"]'),
    ]
    assert departure(found) == (
        "Training by SGD parts in step 3: first in the loss; no weight differs. "
        "Training by Adam parts in step 1: first in the velocity of weight 0 of node `4 Dense`. "
        "The weights are apart by 0.5 after step 1."
    )


@pytest.mark.parametrize("step", ["train SGD", "train Adam"])
def test_a_step_that_agrees_in_between_is_apart_by_nothing(step: str) -> None:
    """Every step from the first on has a figure, and one without a difference has none to show."""
    found = [differs(step, f'[{place}].weights["0 Dense"][0]', 0.5) for place in (0, 2)]
    assert departure(found).endswith("0.5 after step 1, 0 after step 2, 0.5 after step 3.")
