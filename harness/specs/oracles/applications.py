"""How pixels are prepared, as the pages of the applications say.

https://keras.io/api/applications/ (each model's note): "tf" scales to [-1, 1]; "torch" scales to [0, 1] and
normalizes by the channel means and deviations of ImageNet; "caffe" turns RGB into BGR and subtracts the
channel means; models with a rescaling layer inside take pixels as they are.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered

MEANS = np.array([0.485, 0.456, 0.406])
DEVIATIONS = np.array([0.229, 0.224, 0.225])
BLUE_GREEN_RED = np.array([103.939, 116.779, 123.68])


def centred(x: npt.NDArray[Any], mode: str) -> npt.NDArray[np.float64]:
    """Pixels from 0 to 255, channels last, prepared in one of the documented ways."""
    pixels = np.asarray(x, dtype=np.float64)
    if mode == "none":
        return pixels
    if mode == "tf":
        return np.asarray(pixels / 127.5 - 1.0)
    if mode == "torch":
        return np.asarray((pixels / 255.0 - MEANS) / DEVIATIONS)
    if mode == "caffe":
        return np.asarray(pixels[..., ::-1] - BLUE_GREEN_RED)
    raise NotCovered(f"No preparation is called {mode!r}.")
