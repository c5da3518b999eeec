"""Convolutions in float64: https://keras.io/api/layers/convolution_layers/.

Keras convolves without flipping the kernel (cross-correlation). Arithmetic: Dumoulin & Visin 2016,
https://arxiv.org/abs/1603.07285; depthwise separable: Chollet 2017, https://arxiv.org/abs/1610.02357.
Weights come in the documented order: kernel(s), then bias.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from typing import Any

import numpy as np

from harness.specs.declaration import NotCovered, Oracle
from harness.specs.oracles.activation_functions import Floats, activation
from harness.specs.oracles.spatial import (
    as_given,
    channels_first,
    padded,
    pads,
    reach,
    sizes,
    to_channels_last,
    windows,
)

Parameters = Mapping[str, Any]


def _geometry(parameters: Parameters, rank: int) -> tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]]:
    """Kernel size, strides and dilation of a layer."""
    strides = sizes(parameters.get("strides", 1), rank, "strides")
    dilation = sizes(parameters.get("dilation_rate", 1), rank, "dilation_rate")
    if max(strides) > 1 and max(dilation) > 1:
        raise NotCovered("Strides and dilation both above 1 are documented as incompatible.")
    return sizes(parameters["kernel_size"], rank, "kernel_size"), strides, dilation


def _finish(y: Floats, bias: Sequence[Floats], parameters: Parameters) -> Floats:
    """Bias, then activation, then the axes as `data_format` wants them.

    The activation sees the axes as they are put out: a softmax works on the last of them.
    """
    if parameters.get("use_bias", True):
        y = y + bias[0]
    return activation(parameters.get("activation"))(as_given(y, parameters))


def correlate(
    x: Floats,
    kernel: Floats,
    *,
    strides: Sequence[int],
    dilation: Sequence[int],
    padding: Any,
    groups: int = 1,
) -> Floats:
    """x (batch, *spatial, channels) with kernel (*size, channels / groups, filters).

    Group g of the filters sees group g of the channels only.
    """
    size, filters = kernel.shape[:-2], kernel.shape[-1]
    if x.shape[-1] % groups or filters % groups:
        raise NotCovered(f"{groups} groups do not divide {x.shape[-1]} channels and {filters} filters.")
    x = padded(x, pads(padding, x.shape[1:-1], reach(size, dilation), strides))
    grouped = kernel.reshape(*size, kernel.shape[-2], groups, filters // groups)
    total: Any = 0.0
    for place, seen in windows(x, size, strides, dilation):
        split = seen.reshape(*seen.shape[:-1], groups, seen.shape[-1] // groups)
        total = total + np.einsum("...gc,cgf->...gf", split, grouped[place])
    result: Floats = total.reshape(*total.shape[:-2], filters)
    return result


def depthwise(
    x: Floats, kernel: Floats, *, strides: Sequence[int], dilation: Sequence[int], padding: Any
) -> Floats:
    """Every channel with its own kernels: kernel (*size, channels, multiplier).

    The multiples of one channel stand next to each other in the output.
    """
    size = kernel.shape[:-2]
    x = padded(x, pads(padding, x.shape[1:-1], reach(size, dilation), strides))
    total: Any = 0.0
    for place, seen in windows(x, size, strides, dilation):
        total = total + seen[..., None] * kernel[place]
    result: Floats = total.reshape(*total.shape[:-2], -1)
    return result


def convolution(rank: int) -> Oracle:
    """Conv1D, Conv2D, Conv3D: activation(correlate(x, kernel) + bias)."""

    def oracle(
        inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
    ) -> Floats:
        _, strides, dilation = _geometry(parameters, rank)
        x = to_channels_last(inputs, parameters, rank)
        padding = parameters.get("padding", "valid")
        if rank > 1 and padding == "causal":
            raise NotCovered('Padding "causal" is documented for Conv1D only.')
        y = correlate(
            x,
            weights[0],
            strides=strides,
            dilation=dilation,
            padding=padding,
            groups=parameters.get("groups", 1),
        )
        return _finish(y, weights[1:], parameters)

    return oracle


def _transposed_length(n: int, span: int, stride: int, padding: str, extra: int | None) -> tuple[int, int]:
    """Output length along one axis, and how many cells of the full transposed result to drop in front.

    Without `output_padding` the length is that for which the forward convolution gives n ("same":
    n · stride; "valid": every input's whole window, at least n · stride). With it the documented
    formula holds: (n − 1) · stride + kernel − 2 · padding + output_padding.
    """
    full = (n - 1) * stride + span
    if padding == "valid":
        return (max(n * stride, full) if extra is None else full + extra), 0
    length = n * stride if extra is None else full - 2 * (span // 2) + extra
    dropped = full - length
    if extra is not None and dropped != 2 * (span // 2):
        raise NotCovered('The documentation does not say which side `output_padding` with "same" pads.')
    return length, max(dropped, 0) // 2


def spread(
    x: Floats,
    kernel: Floats,
    *,
    strides: Sequence[int],
    dilation: Sequence[int],
    padding: Any,
    output_padding: Sequence[int | None],
) -> Floats:
    """Transposed convolution: every input cell adds its multiple of kernel (*size, filters, channels)."""
    size, how = kernel.shape[:-2], padding.lower()
    if how not in ("valid", "same"):
        raise NotCovered(f"`padding` is not documented as {padding!r}.")
    span, spatial = reach(size, dilation), x.shape[1:-1]
    ends = [
        _transposed_length(n, k, s, how, extra)
        for n, k, s, extra in zip(spatial, span, strides, output_padding, strict=True)
    ]
    room = [
        max((n - 1) * s + k, cut + length)
        for n, s, k, (length, cut) in zip(spatial, strides, span, ends, strict=True)
    ]
    full = np.zeros((x.shape[0], *room, kernel.shape[-2]))
    for place in product(*map(range, size)):
        cells = [
            slice(p * d, p * d + (n - 1) * s + 1, s)
            for p, d, n, s in zip(place, dilation, spatial, strides, strict=True)
        ]
        full[(slice(None), *cells)] += x @ kernel[place].T
    kept = [slice(cut, cut + length) for length, cut in ends]
    return full[(slice(None), *kept)]


def transposed(rank: int) -> Oracle:
    """Conv1DTranspose, Conv2DTranspose, Conv3DTranspose; the kernel is (*size, filters, channels)."""

    def oracle(
        inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
    ) -> Floats:
        _, strides, dilation = _geometry(parameters, rank)
        x = to_channels_last(inputs, parameters, rank)
        if min(x.shape[1:-1]) < 1:
            raise NotCovered("There is nothing to convolve.")
        extra = parameters.get("output_padding")
        extras: Sequence[int | None] = (
            (None,) * rank
            if extra is None
            else tuple(extra)
            if isinstance(extra, (list, tuple))
            else (extra,) * rank
        )
        if any(e is not None and not 0 <= e < s for e, s in zip(extras, strides, strict=True)):
            raise NotCovered("`output_padding` is documented to be lower than the stride.")
        y = spread(
            x,
            weights[0],
            strides=strides,
            dilation=dilation,
            padding=parameters.get("padding", "valid"),
            output_padding=extras,
        )
        return _finish(y, weights[1:], parameters)

    return oracle


def depthwise_convolution(rank: int) -> Oracle:
    """DepthwiseConv1D, DepthwiseConv2D: every channel by itself, `depth_multiplier` times."""

    def oracle(
        inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
    ) -> Floats:
        _, strides, dilation = _geometry(parameters, rank)
        x = to_channels_last(inputs, parameters, rank)
        y = depthwise(
            x,
            weights[0],
            strides=strides,
            dilation=dilation,
            padding=_no_causal(parameters, rank),
        )
        return _finish(y, weights[1:], parameters)

    return oracle


def separable_convolution(rank: int) -> Oracle:
    """SeparableConv1D, SeparableConv2D: depthwise, then a convolution of size 1 that mixes channels."""

    def oracle(
        inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
    ) -> Floats:
        _, strides, dilation = _geometry(parameters, rank)
        x = to_channels_last(inputs, parameters, rank)
        y = depthwise(
            x,
            weights[0],
            strides=strides,
            dilation=dilation,
            padding=_no_causal(parameters, rank),
        )
        pointwise = weights[1].reshape(weights[1].shape[-2:])
        return _finish(y @ pointwise, weights[2:], parameters)

    return oracle


def _no_causal(parameters: Parameters, rank: int) -> Any:
    padding = parameters.get("padding", "valid")
    if isinstance(padding, str) and padding.lower() == "causal":
        raise NotCovered('Padding "causal" is documented for Conv1D only.')
    return padding


def locally_connected(rank: int) -> Oracle:
    """LocallyConnected1D, LocallyConnected2D of Keras 2: a convolution with weights of its own at each place.

    Described for `implementation=1`, whose kernel is (places, window · channels, filters); the
    layout of the other implementations' weights is not documented.
    """

    def oracle(
        inputs: Any, weights: Sequence[Floats], parameters: Parameters, *, training: bool, call: Any
    ) -> Floats:
        if parameters.get("implementation", 1) != 1 or parameters.get("padding", "valid").lower() != "valid":
            raise NotCovered("The weights' layout is documented for implementation 1, which pads nothing.")
        size, strides, _ = _geometry(parameters, rank)
        x = to_channels_last(inputs, parameters, rank)
        patches = np.stack([seen for _, seen in windows(x, size, strides, (1,) * rank)], axis=-2)
        if channels_first(parameters):
            patches = np.swapaxes(patches, -1, -2)
        batch, *out = patches.shape[: rank + 1]
        flat = patches.reshape(batch, int(np.prod(out)), -1)
        y: Floats = np.einsum("bpi,pif->bpf", flat, weights[0]).reshape(batch, *out, weights[0].shape[-1])
        if not parameters.get("use_bias", True):
            return _finish(y, (), {**parameters, "use_bias": False})
        if channels_first(parameters):
            raise NotCovered("How the bias is laid out with channels first is not documented.")
        return _finish(y, (weights[1],), parameters)

    return oracle
