"""Recurrent cells and layers: the equations of the literature, one time step at a time.

Weights come in Keras's order: kernel, recurrent kernel, bias. The gates lie side by side along
the last axis: input, forget, candidate, output for the LSTM; update, reset, candidate for the GRU.
Masks, states and direction follow https://keras.io/api/layers/recurrent_layers/rnn/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered
from harness.specs.oracles.activation_functions import activation

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Step = Callable[[Floats, list[Floats]], tuple[Floats, list[Floats]]]


@dataclass(frozen=True)
class Cell:
    """One time step of a recurrent layer.

    step: (input, states) → (output, next states). states: shape of each state without the batch
    axis. weights: how many weights the cell has.
    """

    step: Step
    states: tuple[tuple[int, ...], ...]
    weights: int


def _split(gates: Floats, count: int) -> list[Floats]:
    return np.split(gates, count, axis=-1)


def _refuse_drawing(parameters: Mapping[str, Any], training: bool) -> None:
    if training and (parameters.get("dropout") or parameters.get("recurrent_dropout")):
        raise NotCovered("Dropout draws at random while training.")


def _floats(value: Any) -> Floats:
    return np.asarray(value, dtype=np.float64)


def simple_rnn(parameters: Mapping[str, Any], weights: Sequence[Floats]) -> Cell:
    """Elman's network: h' = act(x·W + h·U + b); the output is the state."""
    act = activation(parameters.get("activation", "tanh"))
    kernel, recurrent = weights[0], weights[1]
    bias = weights[2] if parameters.get("use_bias", True) else 0.0

    def step(x: Floats, states: list[Floats]) -> tuple[Floats, list[Floats]]:
        h = act(x @ kernel + states[0] @ recurrent + bias)
        return h, [h]

    return Cell(step, ((recurrent.shape[0],),), 3 if parameters.get("use_bias", True) else 2)


def lstm(parameters: Mapping[str, Any], weights: Sequence[Floats]) -> Cell:
    """Hochreiter & Schmidhuber 1997 with the forget gate of Gers et al. 2000.

    i, f, o = gate(x·W + h·U + b); c' = f·c + i·act(…); h' = o·act(c'). States are h, c.
    `recurrent_activation` is a sigmoid by default (hard_sigmoid up to Keras 2.2).
    """
    act = activation(parameters.get("activation", "tanh"))
    gate = activation(parameters.get("recurrent_activation", "sigmoid"))
    kernel, recurrent = weights[0], weights[1]
    bias = weights[2] if parameters.get("use_bias", True) else 0.0

    def step(x: Floats, states: list[Floats]) -> tuple[Floats, list[Floats]]:
        h, c = states
        i, f, candidate, o = _split(x @ kernel + h @ recurrent + bias, 4)
        c = gate(f) * c + gate(i) * act(candidate)
        h = gate(o) * act(c)
        return h, [h, c]

    units = recurrent.shape[0]
    return Cell(step, ((units,), (units,)), 3 if parameters.get("use_bias", True) else 2)


def gru(parameters: Mapping[str, Any], weights: Sequence[Floats]) -> Cell:
    """Cho et al. 2014: h' = z·h + (1 - z)·candidate.

    reset_after=True (the default since Keras 2.x; arXiv:1406.1078v1 and CuDNN): the reset gate
    multiplies h·U + b of the candidate, and input and recurrent part have biases of their own,
    rows of one (2, 3·units) weight. reset_after=False (arXiv:1406.1078v3): it multiplies h.
    """
    act = activation(parameters.get("activation", "tanh"))
    gate = activation(parameters.get("recurrent_activation", "sigmoid"))
    after = parameters.get("reset_after", True)
    kernel, recurrent = weights[0], weights[1]
    biases = weights[2] if parameters.get("use_bias", True) else np.zeros(kernel.shape[1])
    input_bias, recurrent_bias = (
        (biases[0], biases[1]) if biases.ndim == 2 else (biases, np.zeros_like(biases))
    )
    recurrent_zr, recurrent_h = np.split(recurrent, [2 * recurrent.shape[0]], axis=1)

    def step(x: Floats, states: list[Floats]) -> tuple[Floats, list[Floats]]:
        h = states[0]
        xz, xr, xh = _split(x @ kernel + input_bias, 3)
        bz, br, bh = _split(recurrent_bias, 3)
        hz, hr = _split(h @ recurrent_zr, 2)
        z, r = gate(xz + hz + bz), gate(xr + hr + br)
        gated = r * (h @ recurrent_h + bh) if after else (r * h) @ recurrent_h
        candidate = act(xh + gated)
        h = z * h + (1.0 - z) * candidate
        return h, [h]

    return Cell(step, ((recurrent.shape[0],),), 3 if parameters.get("use_bias", True) else 2)


CELLS = {"SimpleRNNCell": simple_rnn, "LSTMCell": lstm, "GRUCell": gru}


def stacked(cells: Sequence[Cell]) -> Cell:
    """Cells on top of one another: each takes the output of the one below; states in that order."""

    def step(x: Floats, states: list[Floats]) -> tuple[Floats, list[Floats]]:
        after: list[Floats] = []
        for cell in cells:
            x, new = cell.step(x, states[len(after) : len(after) + len(cell.states)])
            after += new
        return x, after

    return Cell(step, sum((c.states for c in cells), ()), sum(c.weights for c in cells))


def cell_of(tag: Any, weights: Sequence[Floats], *, training: bool) -> Cell:
    """The cell a ``tagged("layers.LSTMCell", …)``, a tagged stack or a list of them stands for."""
    if isinstance(tag, Mapping) and tag.get("$object") == "layers.StackedRNNCells":
        tag = tag["parameters"]["cells"]
    if isinstance(tag, (list, tuple)):
        cells: list[Cell] = []
        for one in tag:
            cells.append(cell_of(one, weights[sum(c.weights for c in cells) :], training=training))
        return stacked(cells)
    if not isinstance(tag, Mapping) or str(tag.get("$object")).removeprefix("layers.") not in CELLS:
        raise NotCovered(f"No equations for the cell {tag!r}.")
    parameters = tag.get("parameters", {})
    _refuse_drawing(parameters, training)
    return CELLS[tag["$object"].removeprefix("layers.")](parameters, weights)


def dense_sequence(inputs: Any, call: Mapping[str, Any]) -> tuple[Floats, Bools | None]:
    """Inputs as one array, and the mask that applies.

    A ragged batch is padded with zeros and masked behind each row's end (Keras 2's documentation
    of ragged tensors in RNNs); ``$masking`` means a `Masking` layer comes first, which masks the
    time steps whose features are all zero.
    """
    if isinstance(inputs, Mapping) and "$ragged" in inputs:
        rows = [_floats(row) for row in inputs["$ragged"]]
        longest, width = max(len(r) for r in rows), rows[0].shape[-1]
        x, mask = np.zeros((len(rows), longest, width)), np.zeros((len(rows), longest), dtype=bool)
        for i, row in enumerate(rows):
            x[i, : len(row)], mask[i, : len(row)] = row, True
        return x, mask
    x = _floats(inputs)
    if call.get("$masking"):
        if x.ndim != 3:
            raise NotCovered("`Masking` is described for one axis of features.")
        return x, np.any(x != 0.0, axis=-1)
    given = call.get("mask")
    return x, None if given is None else np.asarray(given, dtype=bool)


@dataclass(frozen=True)
class Sequenced:
    """What a pass over time gives: every step's output (batch, time, …), the last, and the states."""

    outputs: Floats
    last: Floats
    states: list[Floats]


def over_time(
    cell: Cell,
    x: Floats,
    *,
    mask: Bools | None,
    states: Sequence[Floats] | None,
    backwards: bool,
    zero_output_for_mask: bool,
) -> Sequenced:
    """Run a cell over axis 1.

    A masked time step keeps the states and repeats the previous output (zeros before the first);
    with zero_output_for_mask the sequence shows zeros there instead. Backwards: the steps are
    taken from the end, and the sequence of outputs is in the order they were taken.
    """
    batch, steps = x.shape[:2]
    if steps == 0:
        raise NotCovered("The documentation does not say what no time step gives.")
    current = [np.zeros((batch, *s)) for s in cell.states] if states is None else [_floats(s) for s in states]
    outputs: list[Floats] = []
    previous: Floats | None = None
    for t in reversed(range(steps)) if backwards else range(steps):
        output, new = cell.step(x[:, t], current)
        previous = np.zeros_like(output) if previous is None else previous
        shown = output
        if mask is not None:
            keep = mask[:, t].reshape((batch,) + (1,) * (output.ndim - 1))
            output = np.where(keep, output, previous)
            shown = np.where(keep, output, 0.0) if zero_output_for_mask else output
            new = [np.where(keep, n, c) for n, c in zip(new, current, strict=True)]
        previous, current = output, new
        outputs.append(shown)
    assert previous is not None
    return Sequenced(np.stack(outputs, axis=1), previous, current)


def _initial(call: Mapping[str, Any]) -> list[Floats] | None:
    states = call.get("initial_state")
    if states is None:
        return None
    return [_floats(s) for s in states] if isinstance(states, (list, tuple)) else [_floats(states)]


def run_cell(cell: Cell, inputs: Any, parameters: Mapping[str, Any], call: Mapping[str, Any]) -> Any:
    """What an RNN layer with this cell returns."""
    x, mask = dense_sequence(inputs, call)
    if parameters.get("time_major"):
        if mask is not None:
            raise NotCovered("A mask together with time_major is not described.")
        x = np.swapaxes(x, 0, 1)
    done = over_time(
        cell,
        x,
        mask=mask,
        states=_initial(call),
        backwards=bool(parameters.get("go_backwards", False)),
        zero_output_for_mask=bool(parameters.get("zero_output_for_mask", False)),
    )
    output = done.outputs if parameters.get("return_sequences", False) else done.last
    if parameters.get("time_major") and parameters.get("return_sequences", False):
        output = np.swapaxes(output, 0, 1)
    return (output, *done.states) if parameters.get("return_state", False) else output


LAYERS = {"layers.SimpleRNN": simple_rnn, "layers.LSTM": lstm, "layers.GRU": gru}


def _layer(kind: Callable[[Mapping[str, Any], Sequence[Floats]], Cell]) -> Callable[..., Any]:
    def oracle(
        inputs: Any,
        weights: Sequence[Any],
        parameters: Mapping[str, Any],
        *,
        training: bool,
        call: Mapping[str, Any],
    ) -> Any:
        _refuse_drawing(parameters, training)
        return run_cell(kind(parameters, weights), inputs, parameters, call)

    oracle.__doc__ = f"The layer of {kind.__name__} over time."
    return oracle


def _cell(kind: Callable[[Mapping[str, Any], Sequence[Floats]], Cell]) -> Callable[..., Any]:
    def oracle(
        inputs: Any,
        weights: Sequence[Any],
        parameters: Mapping[str, Any],
        *,
        training: bool,
        call: Mapping[str, Any],
    ) -> Any:
        _refuse_drawing(parameters, training)
        x, states = inputs["$arguments"]
        return _one_step(kind(parameters, weights), x, states)

    oracle.__doc__ = f"One step of {kind.__name__}: the output, then the next states."
    return oracle


def _one_step(cell: Cell, x: Any, states: Any) -> tuple[Floats, ...]:
    """The output, then the next states."""
    given = _given(states)
    if len(given) != len(cell.states):
        raise NotCovered(f"The cell has {len(cell.states)} states and is given {len(given)}.")
    output, after = cell.step(_floats(x), given)
    return (output, *after)


def _given(states: Any) -> list[Floats]:
    """States as a flat list, however they are nested."""
    if isinstance(states, (list, tuple)):
        return [one for s in states for one in _given(s)]
    return [_floats(states)]


simple_rnn_layer, lstm_layer, gru_layer = _layer(simple_rnn), _layer(lstm), _layer(gru)
simple_rnn_cell, lstm_cell, gru_cell = _cell(simple_rnn), _cell(lstm), _cell(gru)


def rnn_layer(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """`RNN(cell)`: any documented cell, a stack of them, or a list that makes a stack."""
    return run_cell(cell_of(parameters["cell"], weights, training=training), inputs, parameters, call)


def stacked_cells(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """One step of `StackedRNNCells`: the output, then the next states, cell by cell."""
    x, states = inputs["$arguments"]
    return _one_step(cell_of(parameters["cells"], weights, training=training), x, states)
