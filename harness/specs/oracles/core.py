"""Core layers in float64: https://keras.io/api/layers/core_layers/."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harness.specs.declaration import NotCovered
from harness.specs.oracles.activation_functions import Floats, activation

Parameters = Mapping[str, Any]


def _refuse_lora(parameters: Parameters) -> None:
    for name in ("lora_rank", "quantization_config"):
        if parameters.get(name) is not None:
            raise NotCovered(f"The order of the weights that `{name}` adds is not documented.")


@np.errstate(all="ignore")
def dense(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """activation(x · kernel + bias) over the last axis. Source: https://keras.io/api/layers/core_layers/dense/."""
    _refuse_lora(parameters)
    x: Floats = np.asarray(inputs, dtype=np.float64)
    if x.ndim < 2:
        raise NotCovered("Expected inputs of rank 2 or more.")
    y: Floats = x @ weights[0]
    if parameters.get("use_bias", True):
        y = y + weights[1]
    return activation(parameters.get("activation"))(y)


@np.errstate(all="ignore")
def einsum_dense(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """activation(einsum(equation, x, kernel) + bias), where `bias_axes` are given.

    Source: https://keras.io/api/layers/core_layers/einsum_dense/.
    """
    _refuse_lora(parameters)
    x: Floats = np.asarray(inputs, dtype=np.float64)
    try:
        y: Floats = np.einsum(parameters["equation"], x, weights[0])
    except (ValueError, TypeError) as error:
        raise NotCovered(f"Not an equation for these shapes: {parameters['equation']!r}.") from error
    if parameters.get("bias_axes"):
        y = y + weights[1]
    return activation(parameters.get("activation"))(y)


def _rows(indices: Any, table: Floats) -> Floats:
    whole = np.asarray(indices).astype(np.int64)
    if whole.size and not (whole.min() >= 0 and whole.max() < len(table)):
        raise NotCovered("Only indices from 0 up to `input_dim` are documented.")
    return table[whole]


def embedding(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """Row x of the table for every index x. Source: https://keras.io/api/layers/core_layers/embedding/."""
    _refuse_lora(parameters)
    return _rows(inputs, weights[0])


def reversible_embedding(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """`embedding`, or with `reverse` the projection of vectors on all rows, softly capped on demand.

    The projection is the table's transpose, or its own weight (output_dim, input_dim) with
    `tie_weights=False`. Cap: tanh(logits / cap) · cap. Source: keras.io, ReversibleEmbedding.
    """
    if not call.get("reverse", False):
        return embedding(inputs, weights, parameters, training=training, call=call)
    _refuse_lora(parameters)
    kernel = weights[0].T if parameters.get("tie_weights", True) else weights[1]
    logits: Floats = np.asarray(inputs, dtype=np.float64) @ kernel
    cap = parameters.get("logit_soft_cap")
    return logits if cap is None else np.tanh(logits / cap) * cap


def unchanged(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Any:
    """Identity: the inputs. Source: https://keras.io/api/layers/core_layers/identity/."""
    return inputs


def masking(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Any:
    """Masking: the inputs, with a mask that is false where every feature equals `mask_value`.

    Source: https://keras.io/api/layers/core_layers/masking/, which does not say what stands in the
    output at a masked step; covered where that step is zeros anyway.
    """
    x = np.asarray(inputs)
    value = parameters.get("mask_value", 0.0)
    if not isinstance(value, (int, float)) or (value != 0 and np.any(np.all(x == value, axis=-1))):
        raise NotCovered("The documentation does not say what a masked step puts out.")
    return x


def activation_layer(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """Activation: the function, applied. Source: https://keras.io/api/layers/core_layers/activation/."""
    return activation(parameters["activation"])(np.asarray(inputs, dtype=np.float64))


def function_layer(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """Lambda around a function known here: function(x, **arguments).

    Source: https://keras.io/api/layers/core_layers/lambda/. Arguments have today's names.
    """
    function = activation(parameters["function"])
    arguments = dict(parameters.get("arguments") or {})
    x: Floats = np.asarray(inputs, dtype=np.float64)
    try:
        return function(x, **arguments)
    except (TypeError, IndexError) as error:
        raise NotCovered(
            f"{parameters['function']!r} does not take this input and {sorted(arguments)}."
        ) from error


def random_fourier_features(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """cos(x · kernel / scale + bias), without the paper's √(2 / D).

    Source: Keras 2's documentation of `RandomFourierFeatures`; Rahimi & Recht 2007. The order of the
    weights is not documented: the kernel is the matrix, the scale the only vector before it.
    """
    x: Floats = np.asarray(inputs, dtype=np.float64)
    if x.ndim != 2:
        raise NotCovered("Expected inputs of rank 2.")
    places = [i for i, w in enumerate(weights) if w.ndim == 2]
    if len(weights) != 3 or places != [1]:
        raise NotCovered("Expected the weights scale, kernel and bias.")
    return np.cos(x @ weights[1] / weights[0] + weights[2])
