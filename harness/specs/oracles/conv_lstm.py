"""ConvLSTM of one, two and three dimensions (Shi et al. 2015, arXiv:1506.04214v1).

i, f, o = gate(W * x + U * h + b); c' = f·c + i·act(…); h' = o·act(c'), with convolutions for the
products and without the peephole terms of the paper
(https://keras.io/api/layers/recurrent_layers/conv_lstm2d/: "does not include the feedback loop on
the cells output"). The recurrent convolution keeps the size: stride 1, padding "same".

`recurrent_activation` is a sigmoid by default, as today's page has it; Keras 2's has hard_sigmoid.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harness.specs.declaration import NotCovered
from harness.specs.oracles.activation_functions import activation
from harness.specs.oracles.recurrent import Cell, Floats, dense_sequence, over_time


def convolution(x: Floats, kernel: Floats, *, strides: tuple[int, ...], padding: str) -> Floats:
    """Cross-correlation of (batch, space…, in) with (window…, in, out).

    "same" gives ceil(size / stride) positions; the padding is even, an odd rest goes to the end
    (https://www.tensorflow.org/api_docs/python/tf/nn#notes_on_padding_2).
    """
    space, window = x.shape[1:-1], kernel.shape[:-2]
    if padding == "same":
        out = tuple(-(-n // s) for n, s in zip(space, strides, strict=True))
        total = [max((o - 1) * s + k - n, 0) for o, s, k, n in zip(out, strides, window, space, strict=True)]
        x = np.pad(x, [(0, 0), *((t // 2, t - t // 2) for t in total), (0, 0)])
    else:
        out = tuple((n - k) // s + 1 for n, k, s in zip(space, window, strides, strict=True))
        if min(out) < 1:
            raise NotCovered("The window does not fit into the input.")
    result = np.zeros((x.shape[0], *out, kernel.shape[-1]))
    for offset in itertools.product(*(range(k) for k in window)):
        seen = tuple(slice(o, o + (n - 1) * s + 1, s) for o, n, s in zip(offset, out, strides, strict=True))
        result += x[(slice(None), *seen)] @ kernel[offset]
    return result


def _per_axis(value: Any, rank: int) -> tuple[int, ...]:
    return tuple(value) if isinstance(value, (tuple, list)) else (value,) * rank


def _cell(parameters: Mapping[str, Any], weights: Sequence[Floats], space: tuple[int, ...]) -> Cell:
    rank = len(space)
    act = activation(parameters.get("activation", "tanh"))
    gate = activation(parameters.get("recurrent_activation", "sigmoid"))
    kernel, recurrent = weights[0], weights[1]
    bias = weights[2] if parameters.get("use_bias", True) else 0.0
    strides = _per_axis(parameters.get("strides", 1), rank)
    padding = str(parameters.get("padding", "valid")).lower()
    filters = recurrent.shape[-2]

    def step(x: Floats, states: list[Floats]) -> tuple[Floats, list[Floats]]:
        h, c = states
        gates = convolution(x, kernel, strides=strides, padding=padding) + bias
        gates = gates + convolution(h, recurrent, strides=(1,) * rank, padding="same")
        i, f, candidate, o = np.split(gates, 4, axis=-1)
        c = gate(f) * c + gate(i) * act(candidate)
        h = gate(o) * act(c)
        return h, [h, c]

    shape = convolution(
        np.zeros((1, *space, kernel.shape[-2])), kernel, strides=strides, padding=padding
    ).shape
    state = (*shape[1:-1], filters)
    return Cell(step, (state, state), 3)


def conv_lstm(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """Any ConvLSTM layer; the number of dimensions is the input's less three."""
    if training and (parameters.get("dropout") or parameters.get("recurrent_dropout")):
        raise NotCovered("Dropout draws at random while training.")
    x, mask = dense_sequence(inputs, call)
    rank = x.ndim - 3
    if any(d != 1 for d in _per_axis(parameters.get("dilation_rate", 1), rank)):
        raise NotCovered("Whether the recurrent convolution is dilated too is not documented.")
    first = parameters.get("data_format") == "channels_first"
    if first:
        x = np.moveaxis(x, 2, -1)
    states = call.get("initial_state")
    if states is not None and first:
        states = [np.moveaxis(s, 1, -1) for s in states]
    done = over_time(
        _cell(parameters, weights, x.shape[2:-1]),
        x,
        mask=mask,
        states=states,
        backwards=bool(parameters.get("go_backwards", False)),
        zero_output_for_mask=False,
    )
    outputs, last, after = done.outputs, done.last, done.states
    if first:
        outputs = np.moveaxis(outputs, -1, 2)
        last, after = np.moveaxis(last, -1, 1), [np.moveaxis(s, -1, 1) for s in after]
    output = outputs if parameters.get("return_sequences", False) else last
    return (output, *after) if parameters.get("return_state", False) else output
