"""Spectrograms.

https://keras.io/api/layers/preprocessing_layers/audio_preprocessing/. Windows, frames and the two
scalings are those of scipy.signal.stft, whose words the page uses: "spectrum" divides by the
window's sum, "density" by the root of the sum of its squares (sampling frequency 1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from harness.specs.declaration import NotCovered

Floats = npt.NDArray[np.float64]


def window(name: Any, length: int, *, periodic: bool) -> Floats:
    """Hann or Hamming: a - (1 - a)·cos(2πn / N), N one less than the length unless periodic."""
    if name not in ("hann", "hamming"):
        raise NotCovered(f"No window {name!r}.")
    a = 0.5 if name == "hann" else 0.54
    period = length if periodic else max(length - 1, 1)
    n: Floats = np.arange(length, dtype=np.float64)
    return a - (1 - a) * np.cos(2 * np.pi * n / period)


def _scale(w: Floats, scaling: Any) -> float:
    if scaling is None:
        return 1.0
    if scaling == "density":
        return float(1.0 / np.sqrt(np.sum(w**2)))
    if scaling == "spectrum":
        return float(1.0 / np.sum(w))
    raise NotCovered(f"No scaling {scaling!r}.")


def stft_spectrogram(
    inputs: Any,
    weights: Sequence[Any],
    parameters: Mapping[str, Any],
    *,
    training: bool,
    call: Mapping[str, Any],
) -> Any:
    """The discrete Fourier transform of every frame times the window; one spectrum per channel."""
    length = parameters.get("frame_length", 256)
    step = parameters.get("frame_step") or length // 2
    fft = parameters.get("fft_length") or 1 << (length - 1).bit_length()
    mode = parameters.get("mode", "log")
    if fft != length or parameters.get("padding", "valid") != "valid":
        raise NotCovered("Where zeros are added is not described.")
    if mode not in ("magnitude", "real", "imag"):
        raise NotCovered(f"The formula of mode {mode!r} is not described.")
    first = parameters.get("data_format") == "channels_first"
    x = np.asarray(inputs, dtype=np.float64)
    x = np.moveaxis(x, 1, -1) if first else x
    if x.ndim != 3 or x.shape[1] < length:
        raise NotCovered("The signal is shorter than one frame, or of another rank.")
    w = window(parameters.get("window", "hann"), length, periodic=bool(parameters.get("periodic", False)))
    frames = np.stack([x[:, t : t + length] for t in range(0, x.shape[1] - length + 1, step)], axis=1)
    spectra = np.fft.rfft(frames * w[None, None, :, None], axis=2) * _scale(
        w, parameters.get("scaling", "density")
    )
    values = {
        "magnitude": np.abs(spectra),
        "real": spectra.real,
        "imag": spectra.imag,
    }[mode]
    if parameters.get("expand_dims"):
        return np.moveaxis(values, -1, 1) if first else values
    joined = np.moveaxis(values, -1, 2).reshape(*values.shape[:2], values.shape[2] * values.shape[3])
    return np.moveaxis(joined, -1, 1) if first else joined
