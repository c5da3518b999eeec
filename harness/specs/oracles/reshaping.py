"""Reshaping layers: https://keras.io/api/layers/reshaping_layers/.

Values are moved, not computed: dtypes stay as they come except in interpolation.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from harness.specs.declaration import NotCovered, Oracle
from harness.specs.oracles.activation_functions import Floats
from harness.specs.oracles.spatial import as_given, channels_first, sizes, to_channels_last

Parameters = Mapping[str, Any]


def reshape(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Any:
    """Reshape: (batch, *target_shape) in row-major order; one -1 is inferred."""
    target = parameters.get("target_shape")
    if not isinstance(target, (list, tuple)) or not all(isinstance(n, int) for n in target):
        raise NotCovered(f"`target_shape` is not documented as {target!r}.")
    known = [n for n in target if n != -1]
    size = int(np.prod(inputs.shape[1:]))
    if len(known) < len(target) - 1 or min(known, default=1) < 0:
        raise NotCovered("At most one size can be inferred.")
    rest = int(np.prod(known))
    if rest == 0 or size % rest or (len(known) == len(target) and size != rest):
        raise NotCovered(f"{size} values do not fill {target!r}.")
    return inputs.reshape(inputs.shape[0], *(size // rest if n == -1 else n for n in target))


def flatten(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Any:
    """Flatten: (batch, everything else), channels last whatever `data_format`; (batch, 1) of (batch,)."""
    x = np.asarray(inputs)
    if x.ndim == 0:
        raise NotCovered("There is no batch axis.")
    if channels_first(parameters) and x.ndim > 1:
        x = np.moveaxis(x, 1, -1)
    return x.reshape(x.shape[0], int(np.prod(x.shape[1:])))


def permute(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Any:
    """Permute: output axis i is input axis dims[i − 1], counted from 1 after the batch."""
    dims = parameters["dims"]
    x = np.asarray(inputs)
    if not isinstance(dims, (list, tuple)) or sorted(dims) != list(range(1, x.ndim)):
        raise NotCovered(f"`dims` is not a permutation of the {x.ndim - 1} axes: {dims!r}.")
    return np.transpose(x, (0, *dims))


def repeat_vector(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Any:
    """RepeatVector: (batch, features) → (batch, n, features)."""
    x, (n,) = np.asarray(inputs), sizes(parameters["n"], 1, "n")
    if x.ndim != 2:
        raise NotCovered(f"Expected inputs of rank 2. Received rank {x.ndim}.")
    return np.repeat(x[:, None, :], n, axis=1)


def edges(value: Any, rank: int, name: str) -> list[tuple[int, int]]:
    """Amounts before and after each axis: from an int, one int an axis, or one pair an axis.

    In 1D a pair is the two sides of the only axis.
    """
    if isinstance(value, int):
        value = [value] * rank
    elif rank == 1 and isinstance(value, (list, tuple)) and all(isinstance(v, int) for v in value):
        value = [value]
    if not isinstance(value, (list, tuple)):
        raise NotCovered(f"`{name}` is not documented as {value!r}.")
    pairs = [tuple(v) if isinstance(v, (list, tuple)) else (v, v) for v in value]
    if len(pairs) != rank or not all(
        len(p) == 2 and all(isinstance(v, int) and v >= 0 for v in p) for p in pairs
    ):
        raise NotCovered(f"`{name}` is not documented as {value!r}.")
    return [(p[0], p[1]) for p in pairs]


def _spatial(inputs: Any, parameters: Parameters, rank: int) -> tuple[Any, int]:
    """The inputs as they are, and their first spatial axis."""
    x = np.asarray(inputs)
    if x.ndim != rank + 2:
        raise NotCovered(f"Expected inputs of rank {rank + 2}. Received rank {x.ndim}.")
    return x, 2 if channels_first(parameters) else 1


def cropping(rank: int) -> Oracle:
    """Cropping1D to 3D: cells cut off both ends of every spatial axis."""
    default: Any = {1: (1, 1), 2: ((0, 0), (0, 0)), 3: ((1, 1), (1, 1), (1, 1))}[rank]

    def oracle(
        inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
    ) -> Any:
        x, first = _spatial(inputs, parameters, rank)
        amounts = edges(parameters.get("cropping", default), rank, "cropping")
        spatial = x.shape[first : first + rank]
        if any(before + after >= n for (before, after), n in zip(amounts, spatial, strict=True)):
            raise NotCovered("Nothing would be left.")
        cut = [slice(before, n - after) for (before, after), n in zip(amounts, spatial, strict=True)]
        return x[(slice(None),) * first + tuple(cut)]

    return oracle


def zero_padding(rank: int) -> Oracle:
    """ZeroPadding1D to 3D: zeros at both ends of every spatial axis."""

    def oracle(
        inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
    ) -> Any:
        x, first = _spatial(inputs, parameters, rank)
        amounts = edges(parameters.get("padding", 1), rank, "padding")
        after = x.ndim - first - rank
        return np.pad(x, [(0, 0)] * first + amounts + [(0, 0)] * after)

    return oracle


def repeated(rank: int) -> Oracle:
    """UpSampling1D and UpSampling3D: every cell `size` times along every spatial axis."""

    def oracle(
        inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
    ) -> Any:
        x, first = _spatial(inputs, parameters, rank)
        for axis, times in enumerate(sizes(parameters.get("size", 2), rank, "size")):
            x = np.repeat(x, times, axis=first + axis)
        return x

    return oracle


def _triangle(t: Floats) -> Floats:
    return np.maximum(1.0 - np.abs(t), 0.0)


def _keys(t: Floats) -> Floats:
    """Cubic convolution with a = −1/2 (Keys 1981, doi:10.1109/TASSP.1981.1163711): Catmull-Rom."""
    t = np.abs(t)
    near, far = (1.5 * t - 2.5) * t * t + 1.0, ((-0.5 * t + 2.5) * t - 4.0) * t + 2.0
    return np.where(t < 1, near, np.where(t < 2, far, 0.0))


def _mitchell(t: Floats) -> Floats:
    """Mitchell & Netravali 1988, B = C = 1/3."""
    t = np.abs(t)
    near = (7.0 * t - 12.0) * t * t + 16.0 / 3.0
    far = ((-7.0 / 3.0 * t + 12.0) * t - 20.0) * t + 32.0 / 3.0
    return np.where(t < 1, near, np.where(t < 2, far, 0.0)) / 6.0


def _lanczos(radius: int) -> Callable[[Floats], Floats]:
    return lambda t: np.where(np.abs(t) < radius, np.sinc(t) * np.sinc(t / radius), 0.0)


KERNELS: Mapping[str, Callable[[Floats], Floats]] = {
    "bilinear": _triangle,
    "bicubic": _keys,
    "mitchellcubic": _mitchell,
    "lanczos3": _lanczos(3),
    "lanczos5": _lanczos(5),
}


def _mixing(n: int, factor: int, kernel: Callable[[Floats], Floats]) -> Floats:
    """(n · factor, n): what each output cell takes of each input cell.

    Output cell i has its centre at (i + 1/2) / factor − 1/2. Cells outside do not count and the
    rest is divided by its sum, as https://www.tensorflow.org/api_docs/python/tf/image/resize says.
    """
    centre = (np.arange(n * factor) + 0.5) / factor - 0.5
    taken = kernel(centre[:, None] - np.arange(n)[None, :])
    total: Floats = taken.sum(axis=1, keepdims=True)
    return taken / total


def upsampling_2d(
    inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
) -> Any:
    """UpSampling2D: cells repeated ("nearest"; "area" is the same for integer factors) or interpolated."""
    how = parameters.get("interpolation", "nearest")
    if how in ("nearest", "area"):
        return repeated(2)(inputs, weights, parameters, training=training, call=call)
    if how not in KERNELS:
        raise NotCovered(f"`interpolation` is not documented as {how!r}.")
    x = to_channels_last(inputs, parameters, 2)
    rows, columns = (
        _mixing(n, factor, KERNELS[how])
        for n, factor in zip(x.shape[1:3], sizes(parameters.get("size", 2), 2, "size"), strict=True)
    )
    return as_given(np.einsum("ir,jc,brcf->bijf", rows, columns, x), parameters)
