"""From category indices to the output modes that all of Keras's categorical layers share.

https://keras.io/api/layers/preprocessing_layers/categorical/category_encoding/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered

Floats = npt.NDArray[np.float64]


def dense(inputs: Any) -> npt.NDArray[Any]:
    """The inputs as one array; ragged ones are not described by these oracles."""
    if isinstance(inputs, Mapping):
        raise NotCovered("Ragged inputs are not described in today's documentation.")
    return np.asarray(inputs)


def encode(
    indices: npt.NDArray[np.int64],
    depth: int,
    mode: str,
    *,
    amounts: npt.NDArray[np.float64] | None = None,
    dropped: npt.NDArray[np.bool_] | None = None,
) -> Floats:
    """Indices in one of the modes "int", "one_hot", "multi_hot", "count".

    "one_hot" encodes on the last axis when its size is 1 and appends an axis otherwise; the two
    others treat the last axis as one sample. amounts: what each element adds to a count. dropped:
    elements that appear nowhere.
    """
    if mode == "int":
        return indices.astype(np.float64)
    if indices.ndim == 0:
        raise NotCovered("A single number has no axis that is its sample.")
    hot: Floats = np.where(indices[..., None] == np.arange(depth), 1.0, 0.0)
    if dropped is not None:
        hot = np.where(dropped[..., None], 0.0, hot)
    if mode == "one_hot":
        return hot[..., 0, :] if indices.shape[-1] == 1 else hot
    if mode == "multi_hot":
        present: Floats = np.max(hot, axis=-2, initial=0.0)
        return present
    if mode == "count":
        counted: Floats = np.sum(hot if amounts is None else hot * amounts[..., None], axis=-2)
        return counted
    raise NotCovered(f"No output mode {mode!r}.")


def category_encoding(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """Integers as one-hot, multi-hot or counted (with `count_weights`, their sums)."""
    x = dense(inputs)
    mode, depth = parameters.get("output_mode", "multi_hot"), parameters.get("num_tokens")
    if depth is None:
        raise NotCovered("The number of tokens is required.")
    if mode == "int":
        raise NotCovered("Not one of the modes of CategoryEncoding.")
    if x.ndim > 2 or (x.ndim == 2 and mode == "one_hot" and x.shape[-1] != 1):
        raise NotCovered("Outputs up to rank 2 are described.")
    if x.size and (x.min() < 0 or x.max() >= depth):
        raise NotCovered("A value outside of [0, num_tokens) is an error.")
    amounts = call.get("count_weights")
    if amounts is not None and mode != "count":
        amounts = None
    return encode(
        x.astype(np.int64),
        depth,
        mode,
        amounts=None if amounts is None else np.asarray(amounts, dtype=np.float64),
    )
