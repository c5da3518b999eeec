"""Regularization layers: what they promise where nothing is drawn at random.

https://keras.io/api/layers/regularization_layers/: dropout and noise layers are active only while
training; at inference the input passes unchanged. A rate or deviation of zero changes nothing
while training either (Srivastava et al. 2014: kept units are scaled by 1/(1 - rate) = 1).
`ActivityRegularization` returns its input and adds a loss.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from harness.specs.declaration import NotCovered


def unchanged_unless_drawn(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """The input, unless the layer draws: `rate` or `stddev` above zero while training."""
    size = parameters.get("rate", parameters.get("stddev"))
    if training and size != 0:
        raise NotCovered("Drawn at random while training.")
    return np.asarray(inputs, dtype=np.float64)


def unchanged(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """The input: `ActivityRegularization` touches only the loss."""
    return np.asarray(inputs, dtype=np.float64)
