"""Merging layers in float64: https://keras.io/api/layers/merging_layers/.

Inputs are documented to have one shape; arrays of one rank that broadcast are covered as NumPy
broadcasts them, arrays of different ranks are not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any

import numpy as np

from harness.specs.declaration import NotCovered, Oracle
from harness.specs.oracles.activation_functions import Floats
from harness.specs.oracles.spatial import l2_normalized

Parameters = Mapping[str, Any]


def _arrays(inputs: Any, least: int = 1) -> list[Floats]:
    """The inputs in float64; `NotCovered` unless they are a list of arrays of one rank."""
    if not isinstance(inputs, (list, tuple)) or len(inputs) < least:
        raise NotCovered(f"Expected a list of at least {least} arrays.")
    arrays: list[Floats] = [np.asarray(x, dtype=np.float64) for x in inputs]
    if len({x.ndim for x in arrays}) != 1:
        raise NotCovered("The documentation does not say how arrays of different ranks are merged.")
    return arrays


def _elementwise(combine: Callable[[list[Floats]], Any], *, masked: bool = True, exactly: int = 0) -> Oracle:
    """An oracle that combines arrays element by element."""

    def oracle(
        inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
    ) -> Floats:
        if call.get("$masking") and not masked:
            raise NotCovered("The documentation does not say what masked positions count for.")
        arrays = _arrays(inputs, 2)
        if exactly and len(arrays) != exactly:
            raise NotCovered(f"Expected {exactly} inputs. Received {len(arrays)}.")
        try:
            np.broadcast_shapes(*(x.shape for x in arrays))
        except ValueError as error:
            raise NotCovered("Shapes that do not broadcast cannot be merged.") from error
        with np.errstate(all="ignore"):
            y: Floats = combine(arrays)
        return y

    return oracle


add = _elementwise(lambda arrays: reduce(np.add, arrays))
"""Add: the sum."""

subtract = _elementwise(lambda arrays: arrays[0] - arrays[1], exactly=2)
"""Subtract: the first minus the second."""

multiply = _elementwise(lambda arrays: reduce(np.multiply, arrays), masked=False)
"""Multiply: the product."""

average = _elementwise(lambda arrays: reduce(np.add, arrays) / len(arrays), masked=False)
"""Average: the mean."""

maximum = _elementwise(lambda arrays: reduce(np.maximum, arrays), masked=False)
"""Maximum: the largest."""

minimum = _elementwise(lambda arrays: reduce(np.minimum, arrays), masked=False)
"""Minimum: the smallest."""


def concatenate(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """Concatenate: one after the other along `axis`."""
    axis = parameters.get("axis", -1)
    arrays = _arrays(inputs)
    rank = arrays[0].ndim
    if isinstance(axis, bool) or not isinstance(axis, int) or not -rank <= axis < rank:
        raise NotCovered(f"`axis` is not one of {rank} axes: {axis!r}.")
    rest = {tuple(np.delete(x.shape, axis)) for x in arrays}
    if len(rest) != 1:
        raise NotCovered("Shapes must match but for the axis of concatenation.")
    return np.concatenate(arrays, axis=axis)


def dot(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Floats:
    """Dot: sample by sample, the sum of products along one axis of each input.

    What is left of the first input's axes comes before what is left of the second's; two vectors
    give (batch, 1). With `normalize` both are divided by their L2 norm along the axis first.
    """
    if not isinstance(inputs, (list, tuple)) or len(inputs) != 2:
        raise NotCovered("Expected two inputs.")
    x, y = (np.asarray(a, dtype=np.float64) for a in inputs)
    axes = parameters["axes"]
    if isinstance(axes, int):
        axes = (axes, axes)
    if not (isinstance(axes, (list, tuple)) and len(axes) == 2 and all(isinstance(a, int) for a in axes)):
        raise NotCovered(f"`axes` is not documented as {axes!r}.")
    places = [a + z.ndim if a < 0 else a for a, z in zip(axes, (x, y), strict=True)]
    if not all(0 < a < z.ndim for a, z in zip(places, (x, y), strict=True)):
        raise NotCovered("`axes` must name an axis of each input other than the batch.")
    if x.shape[places[0]] != y.shape[places[1]] or x.shape[0] != y.shape[0]:
        raise NotCovered("The batch and the selected axes must have the same sizes.")
    x, y = np.moveaxis(x, places[0], -1), np.moveaxis(y, places[1], 1)
    if parameters.get("normalize", False):
        with np.errstate(all="ignore"):
            x, y = l2_normalized(x, -1), l2_normalized(y, 1)
    left, right = x.shape[1:-1], y.shape[2:]
    rows = x.reshape(x.shape[0], int(np.prod(left)), x.shape[-1])
    columns = y.reshape(*y.shape[:2], int(np.prod(right)))
    with np.errstate(all="ignore"):
        product: Floats = rows @ columns
    return product.reshape((x.shape[0], *left, *right) if left or right else (x.shape[0], 1))
