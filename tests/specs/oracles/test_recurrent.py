"""Recurrent equations against single numbers worked out by hand."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from harness.specs.declaration import NotCovered, tagged
from harness.specs.oracles import recurrent


def sigmoid(x: float) -> float:
    """The logistic function of one number."""
    return 1.0 / (1.0 + math.exp(-x))


def run(
    oracle: Any, x: Any, weights: Any, *, training: bool = False, call: Any = None, **parameters: Any
) -> Any:
    """An oracle with arrays made from nested lists."""
    arrays = [np.array(w, dtype=float) for w in weights]
    inputs = x if isinstance(x, dict) else np.array(x, dtype=float)
    return oracle(inputs, arrays, parameters, training=training, call=call or {})


ELMAN = ([[2.0]], [[0.5]], [0.1])
SERIES = [[[1.0], [-1.0], [0.25]]]
H1 = math.tanh(2.1)
H2 = math.tanh(-2.0 + 0.5 * H1 + 0.1)
H3 = math.tanh(0.5 + 0.5 * H2 + 0.1)


def test_simple_rnn_feeds_its_output_back() -> None:
    """h' = tanh(x·W + h·U + b), starting at zero."""
    out, state = run(recurrent.simple_rnn_layer, SERIES, ELMAN, return_sequences=True, return_state=True)
    np.testing.assert_allclose(out[0, :, 0], [H1, H2, H3], rtol=1e-14)
    np.testing.assert_allclose(state, [[H3]], rtol=1e-14)


def test_without_bias_there_are_two_weights() -> None:
    """use_bias=False leaves the bias out."""
    out = run(recurrent.simple_rnn_layer, [[[1.0]]], ELMAN[:2], use_bias=False, activation=None)
    np.testing.assert_array_equal(out, [[2.0]])


def test_backwards_takes_the_last_step_first() -> None:
    """go_backwards processes the reversed sequence and returns it reversed."""
    turned = run(recurrent.simple_rnn_layer, SERIES, ELMAN, go_backwards=True, return_sequences=True)
    straight = run(recurrent.simple_rnn_layer, [SERIES[0][::-1]], ELMAN, return_sequences=True)
    np.testing.assert_array_equal(turned, straight)


def test_a_masked_step_keeps_state_and_output() -> None:
    """The masked middle step repeats the output before it, and the last step starts from there."""
    out = run(
        recurrent.simple_rnn_layer, SERIES, ELMAN, call={"mask": [[True, False, True]]}, return_sequences=True
    )
    np.testing.assert_allclose(out[0, :, 0], [H1, H1, math.tanh(0.5 + 0.5 * H1 + 0.1)], rtol=1e-14)


def test_a_masked_first_step_shows_zero() -> None:
    """Before any output there is nothing to repeat."""
    out = run(
        recurrent.simple_rnn_layer, SERIES, ELMAN, call={"mask": [[False, True, True]]}, return_sequences=True
    )
    assert out[0, 0, 0] == 0.0


def test_masked_output_can_be_zero() -> None:
    """zero_output_for_mask shows zeros in the sequence, and still keeps the state."""
    cell = tagged("layers.SimpleRNNCell", units=1)
    call = {"mask": [[True, False, True]]}
    out = run(
        recurrent.rnn_layer,
        SERIES,
        ELMAN,
        call=call,
        cell=cell,
        return_sequences=True,
        zero_output_for_mask=True,
    )
    np.testing.assert_allclose(out[0, :, 0], [H1, 0.0, math.tanh(0.5 + 0.5 * H1 + 0.1)], rtol=1e-14)


def test_initial_state_replaces_zero() -> None:
    """The first step starts from the state that is given."""
    out = run(recurrent.simple_rnn_layer, [[[0.0]]], ELMAN, call={"initial_state": [np.array([[3.0]])]})
    np.testing.assert_allclose(out, [[math.tanh(1.6)]], rtol=1e-14)


def test_ragged_rows_end_at_their_own_length() -> None:
    """A short row's last output is that of its last step."""
    inputs = {"$ragged": [[[1.0], [-1.0], [0.25]], [[1.0]]], "dtype": "float32"}
    out = run(recurrent.simple_rnn_layer, inputs, ELMAN)
    np.testing.assert_allclose(out[:, 0], [H3, H1], rtol=1e-14)


def test_masking_layer_masks_steps_of_zeros() -> None:
    """Behind Masking a step whose features are all zero is skipped."""
    out = run(recurrent.simple_rnn_layer, [[[1.0], [0.0]]], ELMAN, call={"$masking": True})
    np.testing.assert_allclose(out, [[H1]], rtol=1e-14)


def test_time_major_swaps_batch_and_time() -> None:
    """With time_major the first axis is time, on both ends."""
    out = run(
        recurrent.simple_rnn_layer,
        [[[1.0]], [[-1.0]], [[0.25]]],
        ELMAN,
        time_major=True,
        return_sequences=True,
    )
    np.testing.assert_allclose(out[:, 0, 0], [H1, H2, H3], rtol=1e-14)


LSTM = ([[0.1, 0.2, 0.3, 0.4]], [[0.5, 0.6, 0.7, 0.8]], [0.01, 0.02, 0.03, 0.04])


def lstm_by_hand(x: float, h: float, c: float) -> tuple[float, float]:
    """One step of the LSTM above, gate by gate."""
    i = sigmoid(0.1 * x + 0.5 * h + 0.01)
    f = sigmoid(0.2 * x + 0.6 * h + 0.02)
    candidate = math.tanh(0.3 * x + 0.7 * h + 0.03)
    o = sigmoid(0.4 * x + 0.8 * h + 0.04)
    c = f * c + i * candidate
    return o * math.tanh(c), c


def test_lstm_gates_are_input_forget_candidate_output() -> None:
    """Two steps of an LSTM of one unit."""
    h, c = lstm_by_hand(1.5, 0.0, 0.0)
    h, c = lstm_by_hand(-0.5, h, c)
    out, *states = run(recurrent.lstm_layer, [[[1.5], [-0.5]]], LSTM, return_state=True)
    np.testing.assert_allclose([out[0, 0], states[0][0, 0], states[1][0, 0]], [h, h, c], rtol=1e-14)


def test_lstm_cell_returns_output_and_two_states() -> None:
    """The cell is one step from the states given."""
    h, c = lstm_by_hand(1.5, 0.2, -0.3)
    inputs = {"$arguments": [np.array([[1.5]]), [np.array([[0.2]]), np.array([[-0.3]])]]}
    out = run(recurrent.lstm_cell, inputs, LSTM)
    np.testing.assert_allclose([o[0, 0] for o in out], [h, h, c], rtol=1e-14)


def test_recurrent_activation_is_used_for_the_gates() -> None:
    """hard_sigmoid as today's page has it: x/6 + 1/2 between -3 and 3."""
    weights = ([[0.0, 0.0, 1.0, 6.0]], [[0.0] * 4], [0.0] * 4)
    out = run(recurrent.lstm_layer, [[[0.25]]], weights, activation=None, recurrent_activation="hard_sigmoid")
    np.testing.assert_allclose(out, [[0.75 * 0.5 * 0.25]], rtol=1e-14)


GRU_KERNEL, GRU_RECURRENT = [[0.1, 0.2, 0.3]], [[0.5, 0.6, 0.7]]


def test_gru_resets_after_the_product() -> None:
    """reset_after=True: r multiplies h·U + b of the candidate; biases come in two rows."""
    bias = [[0.01, 0.02, 0.03], [0.04, 0.05, 0.06]]
    x, h = 1.5, 0.4
    z = sigmoid(0.1 * x + 0.01 + 0.5 * h + 0.04)
    r = sigmoid(0.2 * x + 0.02 + 0.6 * h + 0.05)
    candidate = math.tanh(0.3 * x + 0.03 + r * (0.7 * h + 0.06))
    inputs = {"$arguments": [np.array([[x]]), [np.array([[h]])]]}
    out, _ = run(recurrent.gru_cell, inputs, (GRU_KERNEL, GRU_RECURRENT, bias))
    np.testing.assert_allclose(out, [[z * h + (1 - z) * candidate]], rtol=1e-14)


def test_gru_resets_before_the_product() -> None:
    """reset_after=False: r multiplies the state, and there is one row of biases."""
    x, h = 1.5, 0.4
    kernel = [[0.1, 0.1, 0.2, 0.2, 0.3, 0.3]]
    square = np.arange(12.0).reshape(2, 6) / 10
    state = np.array([h, -h])
    z = np.array([sigmoid(v) for v in 0.1 * x + state @ square[:, :2]])
    r = np.array([sigmoid(v) for v in 0.2 * x + state @ square[:, 2:4]])
    candidate = np.tanh(0.3 * x + (r * state) @ square[:, 4:])
    inputs = {"$arguments": [np.array([[x]]), [state[None]]]}
    out, _ = run(recurrent.gru_cell, inputs, (kernel, square), reset_after=False, use_bias=False)
    np.testing.assert_allclose(out[0], z * state + (1 - z) * candidate, rtol=1e-13)


def test_a_stack_feeds_each_cell_with_the_one_below() -> None:
    """RNN of a list of cells is the stack, states in the order of the cells."""
    cells = [tagged("layers.SimpleRNNCell", units=1), tagged("layers.LSTMCell", units=1)]
    out, *states = run(recurrent.rnn_layer, [[[1.0]]], (*ELMAN, *LSTM), cell=cells, return_state=True)
    h, c = lstm_by_hand(H1, 0.0, 0.0)
    np.testing.assert_allclose([s[0, 0] for s in states], [H1, h, c], rtol=1e-14)
    np.testing.assert_allclose(out, [[h]], rtol=1e-14)
    same = run(
        recurrent.rnn_layer, [[[1.0]]], (*ELMAN, *LSTM), cell=tagged("layers.StackedRNNCells", cells=cells)
    )
    np.testing.assert_array_equal(same, out)


def test_stacked_cells_take_flat_or_nested_states() -> None:
    """The step of the stack itself; nested states are read in order."""
    cells = [tagged("layers.SimpleRNNCell", units=1), tagged("layers.LSTMCell", units=1)]
    zero = np.zeros((1, 1))
    inputs = {"$arguments": [np.ones((1, 1)), [zero, [zero, zero]]]}
    out = run(recurrent.stacked_cells, inputs, (*ELMAN, *LSTM), cells=cells)
    assert len(out) == 4
    np.testing.assert_allclose(out[1], [[H1]], rtol=1e-14)


@pytest.mark.parametrize(
    ("x", "parameters", "call", "training"),
    [
        (SERIES, {"dropout": 0.5}, {}, True),
        (SERIES, {"recurrent_dropout": 0.5}, {}, True),
        (np.zeros((1, 0, 1)), {}, {}, False),
        (SERIES, {"time_major": True}, {"mask": [[True] * 3]}, False),
        (np.zeros((1, 2, 2, 1)), {}, {"$masking": True}, False),
        (SERIES, {"activation": "unheard of"}, {}, False),
    ],
)
def test_what_is_not_described_is_not_covered(x: Any, parameters: Any, call: Any, training: bool) -> None:
    """The oracle refuses rather than guesses."""
    with pytest.raises(NotCovered):
        run(recurrent.simple_rnn_layer, x, ELMAN, training=training, call=call, **parameters)


def test_unknown_cells_and_wrong_states_are_not_covered() -> None:
    """Neither a cell without equations nor a wrong number of states is guessed."""
    with pytest.raises(NotCovered):
        run(recurrent.rnn_layer, SERIES, ELMAN, cell=tagged("layers.Dense", units=1))
    inputs = {"$arguments": [np.ones((1, 1)), np.ones((1, 1))]}
    with pytest.raises(NotCovered):
        run(recurrent.lstm_cell, inputs, LSTM)
