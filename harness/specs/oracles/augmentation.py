"""Image augmentation where nothing is left to chance.

https://keras.io/api/layers/preprocessing_layers/image_augmentation/: the layers act only while
training. A factor of zero (or the one said to change nothing) leaves the image as it is, and a
range whose two ends are equal is no range: both make the result certain.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered, Oracle
from harness.specs.oracles.images import channels_last, resize, restored, smart_resize

Floats = npt.NDArray[np.float64]
Certain = Callable[[Floats, Mapping[str, Any]], Floats]
"""Images with channels last and parameters → what training gives, or `NotCovered`."""


def fixed(factor: Any) -> float | None:
    """The value of a factor that leaves no choice; None where there is one."""
    if isinstance(factor, (tuple, list)):
        return float(factor[0]) if len(factor) == 2 and factor[0] == factor[1] else None
    return 0.0 if factor == 0 else None


def _certainly(factor: Any) -> float:
    value = fixed(factor)
    if value is None:
        raise NotCovered("Drawn at random while training.")
    return value


def _untouched(inputs: Any) -> Any:
    """Images, or images with labels, as floats."""
    if isinstance(inputs, Mapping):
        return {key: _untouched(value) for key, value in inputs.items()}
    return np.asarray(inputs, dtype=np.float64)


def only_training(certain: Certain) -> Oracle:
    """The oracle of a layer that returns its input at inference."""

    def oracle(
        inputs: Any,
        weights: Sequence[Any],
        parameters: Mapping[str, Any],
        *,
        training: bool,
        call: Mapping[str, Any],
    ) -> Any:
        if not training:
            return _untouched(inputs)
        if isinstance(inputs, Mapping):
            raise NotCovered("Drawn at random while training.")
        x, first = channels_last(inputs, parameters)
        return restored(certain(x, parameters), first=first)

    oracle.__doc__ = certain.__doc__
    return oracle


def always(certain: Certain) -> Oracle:
    """The oracle of a layer that does the same at inference and while training."""

    def oracle(
        inputs: Any,
        weights: Sequence[Any],
        parameters: Mapping[str, Any],
        *,
        training: bool,
        call: Mapping[str, Any],
    ) -> Any:
        if isinstance(inputs, Mapping):
            raise NotCovered("What happens to labels is not described.")
        x, first = channels_last(inputs, parameters)
        return restored(certain(x, parameters), first=first)

    oracle.__doc__ = certain.__doc__
    return oracle


def nothing_at(*names: str, value: float = 0.0, default: Any = (0.0, 1.0), clips: bool = False) -> Certain:
    """A layer that changes nothing when every one of these factors is certainly this value.

    default: what a factor left out is. None stands for "as the other".
    """

    def certain(x: Floats, parameters: Mapping[str, Any]) -> Floats:
        for name in names:
            factor = parameters.get(name, default)
            if factor is not None and _certainly(factor) != value:
                raise NotCovered("The page does not give the formula.")
        low, high = _range(parameters)
        if not clips and np.any((x < low) | (x > high)):
            raise NotCovered("Values should lie within the value range.")
        return _clip(x, parameters) if clips else x

    return certain


def random(x: Floats, parameters: Mapping[str, Any]) -> Floats:
    """Drawn at random while training, whatever the parameters."""
    raise NotCovered("Drawn at random while training.")


def _range(parameters: Mapping[str, Any]) -> tuple[float, float]:
    low, high = parameters.get("value_range", (0, 255))
    return float(low), float(high)


def _clip(x: Floats, parameters: Mapping[str, Any]) -> Floats:
    low, high = _range(parameters)
    return np.clip(x, low, high)


def brightness(x: Floats, parameters: Mapping[str, Any]) -> Floats:
    """x + factor · (high - low), clipped to the value range."""
    low, high = _range(parameters)
    return _clip(x + _certainly(parameters["factor"]) * (high - low), parameters)


def invert(x: Floats, parameters: Mapping[str, Any]) -> Floats:
    """low + high - x for every image when the probability is certainly one; x when zero."""
    probability = _certainly(parameters.get("factor", 1.0))
    if probability not in (0.0, 1.0):
        raise NotCovered("Drawn at random while training.")
    low, high = _range(parameters)
    inverted: Floats = low + high - x if probability else x
    return inverted


def posterize(x: Floats, parameters: Mapping[str, Any]) -> Floats:
    """Whole numbers of 0 … 255 with only the highest `factor` bits kept.

    Whether more than one bit means "so many" or "up to so many, at random" the page leaves open.
    """
    if parameters["factor"] != 1:
        raise NotCovered("Whether the number of bits is drawn at random is not described clearly.")
    if _range(parameters) != (0.0, 255.0) or np.any(x != np.floor(x)) or np.any((x < 0) | (x > 255)):
        raise NotCovered("Bits are described for whole numbers from 0 to 255.")
    step = 2.0 ** (8 - parameters["factor"])
    kept: Floats = np.floor(x / step) * step
    return kept


def solarize(x: Floats, parameters: Mapping[str, Any]) -> Floats:
    """high - x + low for the pixels above the threshold; all of them without a threshold."""
    low, high = _range(parameters)
    if _certainly(parameters.get("addition_factor", 0.0)) != 0.0:
        raise NotCovered("Whether the sum is clipped before is not described.")
    threshold = _certainly(parameters.get("threshold_factor", 0.0))
    if np.any((x < low) | (x > high)):
        raise NotCovered("Values should lie within the value range.")
    if threshold == 0.0:
        return high - x + low
    above: Floats = np.where(x > low + threshold * (high - low), high - x + low, x)
    return above


def auto_contrast(x: Floats, parameters: Mapping[str, Any]) -> Floats:
    """The values of an image stretched over the whole value range."""
    if x.shape[-1] != 1:
        raise NotCovered("Whether channels are stretched together is not described.")
    low, high = _range(parameters)
    bottom, top = (f(x, axis=(-3, -2, -1), keepdims=True) for f in (np.min, np.max))
    if np.any(top == bottom):
        raise NotCovered("An image of one value cannot be stretched.")
    stretched: Floats = (x - bottom) / (top - bottom) * (high - low) + low
    return stretched


FILLS = {"reflect": "symmetric", "constant": "constant", "wrap": "wrap", "nearest": "edge"}
"""Keras's names for what lies beyond the edge → NumPy's (`reflect` repeats the edge pixel)."""


def translate(x: Floats, parameters: Mapping[str, Any]) -> Floats:
    """Positive factors shift down and right, as fractions of height and width."""
    down = _certainly(parameters["height_factor"]) * x.shape[-3]
    right = _certainly(parameters["width_factor"]) * x.shape[-2]
    if down != int(down) or right != int(right) or abs(down) > x.shape[-3] or abs(right) > x.shape[-2]:
        raise NotCovered("Shifts by a part of a pixel, or beyond the image, are not described.")
    fill = FILLS[parameters.get("fill_mode", "reflect")]
    constant = {"constant_values": parameters.get("fill_value", 0.0)} if fill == "constant" else {}
    h, w = int(down), int(right)
    margins = [(max(h, 0), max(-h, 0)), (max(w, 0), max(-w, 0)), (0, 0)]
    padded: Floats = np.pad(x, [(0, 0)] * (x.ndim - 3) + margins, mode=fill, **constant)  # type: ignore[call-overload]
    top, left = max(-h, 0), max(-w, 0)
    return padded[..., top : top + x.shape[-3], left : left + x.shape[-2], :]


def rotate(x: Floats, parameters: Mapping[str, Any]) -> Floats:
    """A quarter of a turn is 0.25, counter-clockwise when positive."""
    quarters = _certainly(parameters["factor"]) * 4
    if quarters != int(quarters) or (quarters % 2 and x.shape[-3] != x.shape[-2]):
        raise NotCovered("Where pixels fall between the grid is not described.")
    if quarters and parameters.get("fill_mode", "reflect") not in ("reflect", "nearest"):
        raise NotCovered("A rounding error at the edge would show what lies beyond it.")
    return np.rot90(x, int(quarters), axes=(-3, -2))


def taller(x: Floats, parameters: Mapping[str, Any]) -> Floats:
    """`RandomHeight`: the height changed by a fraction of itself."""
    return _stretched(x, parameters, rows=True)


def wider(x: Floats, parameters: Mapping[str, Any]) -> Floats:
    """`RandomWidth`: the width changed by a fraction of itself."""
    return _stretched(x, parameters, rows=False)


def _stretched(x: Floats, parameters: Mapping[str, Any], *, rows: bool) -> Floats:
    size = x.shape[-3] if rows else x.shape[-2]
    target = size * (1 + _certainly(parameters["factor"]))
    if target != int(target):
        raise NotCovered("How a size that is no whole number is rounded is not described.")
    height, width = (int(target), x.shape[-2]) if rows else (x.shape[-3], int(target))
    return resize(x, height, width, parameters.get("interpolation", "bilinear"))


def random_crop(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """At inference, or when the image is too small, the largest central window, resized.

    https://keras.io/api/layers/preprocessing_layers/image_augmentation/random_crop/
    """
    if isinstance(inputs, Mapping):
        raise NotCovered("Images with labels are not described for this layer's inference.")
    x, first = channels_last(inputs, parameters)
    height, width = parameters["height"], parameters["width"]
    if training and x.shape[-3] >= height and x.shape[-2] >= width:
        if x.shape[-3:-1] != (height, width):
            raise NotCovered("The place is drawn at random while training.")
        return restored(x, first=first)
    return restored(smart_resize(x, height, width), first=first)
