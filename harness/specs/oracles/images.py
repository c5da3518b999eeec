"""Image preprocessing: resizing and central crops.

https://keras.io/api/layers/preprocessing_layers/image_preprocessing/. Interpolation takes pixel
centres at half-integers and does not smooth before shrinking
(https://www.tensorflow.org/api_docs/python/tf/image/resize, `antialias=False`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered
from harness.specs.oracles.preprocessing import refuse_whole_numbers

Floats = npt.NDArray[np.float64]


def channels_last(inputs: Any, parameters: Mapping[str, Any]) -> tuple[Floats, bool]:
    """Images as (…, height, width, channels), and whether they came with channels first."""
    refuse_whole_numbers(parameters)
    x = np.asarray(inputs, dtype=np.float64)
    if x.ndim not in (3, 4):
        raise NotCovered("Images have three or four axes.")
    first = parameters.get("data_format") == "channels_first"
    return (np.moveaxis(x, -3, -1) if first else x), first


def restored(x: Floats, *, first: bool) -> Floats:
    """The inverse of `channels_last`."""
    return np.moveaxis(x, -1, -3) if first else x


def _axis_weights(size: int, target: int, interpolation: str) -> Floats:
    """(target, size): how much each input position adds to each output position."""
    centre = (np.arange(target) + 0.5) * size / target - 0.5
    weights = np.zeros((target, size))
    rows = np.arange(target)
    if interpolation == "nearest":
        weights[rows, np.clip(np.floor(centre + 0.5).astype(int), 0, size - 1)] = 1.0
    elif interpolation == "bilinear":
        low = np.floor(centre).astype(int)
        np.add.at(weights, (rows, np.clip(low, 0, size - 1)), 1.0 - (centre - low))
        np.add.at(weights, (rows, np.clip(low + 1, 0, size - 1)), centre - low)
    else:
        raise NotCovered(f"The kernel of {interpolation!r} is not described.")
    return weights


def resize(x: Floats, height: int, width: int, interpolation: str = "bilinear") -> Floats:
    """(…, h, w, c) to (…, height, width, c)."""
    if not np.all(np.isfinite(x)):
        raise NotCovered("How far an infinity or NaN spreads is not described.")
    if 0 in x.shape[-3:-1]:
        raise NotCovered("An image without pixels cannot be resized.")
    rows = _axis_weights(x.shape[-3], height, interpolation)
    columns = _axis_weights(x.shape[-2], width, interpolation)
    resized: Floats = np.einsum("yh,...hwc,xw->...yxc", rows, x, columns)
    return resized


def _window(x: Floats, height: int, width: int) -> Floats:
    """The largest central window with the target's aspect ratio."""
    h, w = x.shape[-3:-1]
    new_h, new_w = (h, h * width / height) if w * height > h * width else (w * height / width, w)
    return central(x, _whole(new_h), _whole(new_w))


def _whole(value: float) -> int:
    if value != int(value):
        raise NotCovered("How a window that is no whole number of pixels is rounded is not described.")
    return int(value)


def central(x: Floats, height: int, width: int) -> Floats:
    """The central window; an odd margin has no described place."""
    h, w = x.shape[-3:-1]
    if (h - height) % 2 or (w - width) % 2:
        raise NotCovered("On which side an odd margin is cut is not described clearly.")
    top, left = (h - height) // 2, (w - width) // 2
    return x[..., top : top + height, left : left + width, :]


def smart_resize(x: Floats, height: int, width: int, interpolation: str = "bilinear") -> Floats:
    """Resize without distortion: crop to the target's aspect ratio, then resize."""
    return resize(_window(x, height, width), height, width, interpolation)


def _padded(x: Floats, parameters: Mapping[str, Any]) -> Floats:
    """Fill the short side evenly up to the target's aspect ratio."""
    h, w = x.shape[-3:-1]
    height, width = parameters["height"], parameters["width"]
    new_h, new_w = (w * height / width, w) if w * height > h * width else (h, h * width / height)
    rows, columns = _whole(new_h) - h, _whole(new_w) - w
    if rows % 2 or columns % 2:
        raise NotCovered("Even padding of an odd margin is not described.")
    margins = [(0, 0)] * (x.ndim - 3) + [(rows // 2,) * 2, (columns // 2,) * 2, (0, 0)]
    return np.pad(x, margins, constant_values=parameters.get("fill_value", 0.0))


def resizing(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """`Resizing`: bilinear and nearest, with the aspect ratio kept by cropping or padding."""
    x, first = channels_last(inputs, parameters)
    height, width = parameters["height"], parameters["width"]
    if parameters.get("antialias"):
        raise NotCovered("The smoothing filter is not described.")
    if parameters.get("crop_to_aspect_ratio"):
        x = _window(x, height, width)
    if parameters.get("pad_to_aspect_ratio"):
        x = _padded(x, parameters)
    y = resize(x, height, width, str(parameters.get("interpolation", "bilinear")).lower())
    return restored(y, first=first)


def center_crop(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """`CenterCrop`: the central window, or a smart resize where the image is too small."""
    x, first = channels_last(inputs, parameters)
    height, width = parameters["height"], parameters["width"]
    if x.shape[-3] >= height and x.shape[-2] >= width:
        return restored(central(x, height, width), first=first)
    return restored(smart_resize(x, height, width), first=first)
