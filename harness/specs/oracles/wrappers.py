"""Bidirectional, TimeDistributed, Pipeline in terms of what they wrap.

https://keras.io/api/layers/recurrent_layers/bidirectional/ and …/time_distributed/.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from harness.specs.declaration import NotCovered
from harness.specs.oracles.activation_functions import activation
from harness.specs.oracles.preprocessing import rescaling
from harness.specs.oracles.recurrent import (
    LAYERS,
    Cell,
    Floats,
    Sequenced,
    cell_of,
    dense_sequence,
    over_time,
    run_cell,
)
from harness.specs.oracles.regularization import unchanged_unless_drawn


def _recurrent(tag: Any, weights: Sequence[Floats], *, training: bool) -> tuple[Cell, Mapping[str, Any]]:
    """The cell and the parameters of a wrapped recurrent layer."""
    subject, parameters = str(tag.get("$object")), dict(tag.get("parameters", {}))
    if training and (parameters.get("dropout") or parameters.get("recurrent_dropout")):
        raise NotCovered("Dropout draws at random while training.")
    if subject == "layers.RNN":
        return cell_of(parameters["cell"], weights, training=training), parameters
    if subject not in LAYERS:
        raise NotCovered(f"No equations for {subject} here.")
    return LAYERS[subject](parameters, weights), parameters


MERGES: dict[str, Callable[[Floats, Floats], Floats]] = {
    "concat": lambda a, b: np.concatenate([a, b], axis=-1),
    "sum": lambda a, b: a + b,
    "mul": lambda a, b: a * b,
    "ave": lambda a, b: (a + b) / 2.0,
}


def bidirectional(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """The layer forwards and backwards, each with half of the weights, merged.

    The backward sequence is turned round so that both show the same time at the same place; with
    return_sequences a masked time step is zero; the first half of `initial_state` is the forward
    layer's; states follow the output, the forward layer's first.
    """
    forward, given = _recurrent(parameters["layer"], weights, training=training)
    tag = parameters.get("backward_layer") or parameters["layer"]
    backward, _ = _recurrent(tag, weights[forward.weights :], training=training)
    if given.get("go_backwards"):
        raise NotCovered("A layer that itself goes backwards is not described.")
    if given.get("time_major"):
        raise NotCovered("time_major inside Bidirectional is not described.")
    x, mask = dense_sequence(inputs, call)
    states = call.get("initial_state")
    halves: tuple[Any, Any] = (None, None)
    if states is not None:
        halves = (states[: len(states) // 2], states[len(states) // 2 :])
    sequences = bool(given.get("return_sequences", False))

    def run(cell: Cell, *, backwards: bool, initial: Any) -> Sequenced:
        return over_time(
            cell, x, mask=mask, states=initial, backwards=backwards, zero_output_for_mask=sequences
        )

    ahead = run(forward, backwards=False, initial=halves[0])
    back = run(backward, backwards=True, initial=halves[1])
    y, z = (ahead.outputs, back.outputs[:, ::-1]) if sequences else (ahead.last, back.last)
    mode = parameters.get("merge_mode", "concat")
    outputs = (y, z) if mode is None else (MERGES[mode](y, z),)
    if given.get("return_state", False):
        return (*outputs, *ahead.states, *back.states)
    return outputs if mode is None else outputs[0]


def time_distributed(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """The same layer, with the same weights, on every slice along axis 1."""
    x = np.asarray(inputs, dtype=np.float64)
    if x.shape[1] == 0:
        raise NotCovered("The documentation does not say what no time step gives.")
    tag = parameters["layer"]
    subject, given = str(tag.get("$object")), dict(tag.get("parameters", {}))
    return np.stack(
        [_slice(subject, given, x[:, t], weights, training=training) for t in range(x.shape[1])], axis=1
    )


def _slice(
    subject: str, given: Mapping[str, Any], x: Floats, weights: Sequence[Any], *, training: bool
) -> Any:
    """What the wrapped layer gives for one time step."""
    if subject == "layers.Dense":
        bias = weights[1] if given.get("use_bias", True) else 0.0
        return activation(given.get("activation"))(x @ weights[0] + bias)
    if subject == "layers.Flatten":
        return x.reshape((x.shape[0], int(np.prod(x.shape[1:]))))
    if subject == "layers.Activation":
        return activation(given["activation"])(x)
    if subject == "layers.Dropout" and (not training or given.get("rate") == 0):
        return x
    if subject in LAYERS:
        cell, inner = _recurrent({"$object": subject, "parameters": given}, weights, training=training)
        return run_cell(cell, x, inner, {})
    raise NotCovered(f"No equations for {subject} here.")


def pipeline(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """The layers one after another (https://keras.io/api/layers/preprocessing_layers/)."""
    x: Any = np.asarray(inputs, dtype=np.float64)
    for tag in parameters["layers"]:
        subject, given = str(tag.get("$object")), dict(tag.get("parameters", {}))
        if subject == "layers.Rescaling":
            x = rescaling(x, [], given, training=training, call={})
        elif subject == "layers.Dropout":
            x = unchanged_unless_drawn(x, [], given, training=training, call={})
        else:
            raise NotCovered(f"No equations for {subject} here.")
    return x


def max_num_bounding_boxes(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """Boxes and labels cut or filled to `max_number` per image; the images as they are."""
    count, fill = parameters["max_number"], parameters.get("fill_value", -1)
    boxes = {key: np.asarray(value, dtype=np.float64) for key, value in inputs["bounding_boxes"].items()}

    def fitted(x: Floats) -> Floats:
        missing = max(count - x.shape[1], 0)
        margins = [(0, 0), (0, missing)] + [(0, 0)] * (x.ndim - 2)
        return np.pad(x[:, :count], margins, constant_values=fill)

    return {
        "images": np.asarray(inputs["images"], dtype=np.float64),
        "bounding_boxes": {key: fitted(value) for key, value in boxes.items()},
    }
