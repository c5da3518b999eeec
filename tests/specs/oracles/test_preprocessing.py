"""Numbers, images and sound: the examples of the documentation, scipy, and values by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import scipy.signal

from harness.specs.declaration import NotCovered
from harness.specs.oracles import audio, images, preprocessing, regularization

RANDOM = np.random.default_rng(11)


def run(oracle: Any, inputs: Any, *, training: bool = False, call: Any = None, **parameters: Any) -> Any:
    """An oracle of a layer without weights."""
    return oracle(inputs, [], parameters, training=training, call=call or {})


ROWS = np.array([[0.0, 7, 4], [2, 9, 6], [0, 7, 4], [2, 9, 6]])


@pytest.mark.parametrize(
    ("inputs", "data", "parameters", "expected"),
    [
        ([1.0, 2, 3], [1.0, 2, 3, 4, 5], {"axis": None}, [-(2**0.5), -(0.5**0.5), 0]),
        ([[0.0, 7, 4]], ROWS, {}, [[-1, -1, -1]]),
        ([[1.0], [2], [3]], None, {"mean": 3.0, "variance": 2.0}, [[-(2**0.5)], [-(0.5**0.5)], [0]]),
        ([[1.0, 2, 3]], ROWS, {"invert": True}, [[2, 10, 8]]),
    ],
)
def test_documented_normalizations(inputs: Any, data: Any, parameters: Any, expected: Any) -> None:
    """The four examples of the page of Normalization."""
    call = {} if data is None else {"$adapt": np.array(data)}
    out = run(preprocessing.normalization, np.array(inputs), call=call, **parameters)
    np.testing.assert_allclose(out, expected, rtol=1e-12, atol=1e-15)


def test_several_axes_keep_statistics_of_their_own() -> None:
    """Every index of the kept axes has its mean and variance."""
    data = RANDOM.normal(size=(6, 2, 3))
    out = run(preprocessing.normalization, data, call={"$adapt": data}, axis=(1, 2))
    np.testing.assert_allclose(out, (data - data.mean(0)) / data.std(0), rtol=1e-12)


@pytest.mark.parametrize(
    ("parameters", "call"),
    [
        ({}, {}),
        ({"mean": 1.0, "variance": 0.0}, {}),
        ({"axis": 0, "mean": 1.0, "variance": 1.0}, {}),
        ({}, {"$adapt": np.zeros(3)}),
    ],
)
def test_normalizations_that_are_not_described(parameters: Any, call: Any) -> None:
    """No statistics, no variance, one statistic per sample, data of another rank."""
    with pytest.raises(NotCovered):
        run(preprocessing.normalization, ROWS, call=call, **parameters)


def test_documented_discretization() -> None:
    """The example with given boundaries; a boundary belongs to the bin above."""
    x = np.array([[-1.5, 1.0, 3.4, 0.5], [0.0, 3.0, 1.3, 0.0]])
    out = run(preprocessing.discretization, x, bin_boundaries=[0.0, 1.0, 2.0])
    np.testing.assert_array_equal(out, [[0, 2, 3, 1], [1, 3, 2, 1]])
    counted = run(preprocessing.discretization, x, bin_boundaries=[0.0, 1.0, 2.0], output_mode="count")
    np.testing.assert_array_equal(counted, [[1, 1, 1, 1], [0, 2, 1, 1]])


@pytest.mark.parametrize(
    ("x", "parameters"),
    [
        ([1.0], {"num_bins": 3}),
        ([np.nan], {"bin_boundaries": [0.0]}),
        ([1.0], {"bin_boundaries": [1.0, 0.0]}),
    ],
)
def test_discretizations_that_are_not_described(x: Any, parameters: Any) -> None:
    """Learnt boundaries, NaN, boundaries out of order."""
    with pytest.raises(NotCovered):
        run(preprocessing.discretization, np.array([x]), **parameters)


def test_rescaling_multiplies_and_adds() -> None:
    """255 becomes 1 with a scale of 1/127.5 and an offset of -1; whole-number results are refused."""
    x = np.array([[0, 255]], dtype=np.uint8)
    np.testing.assert_allclose(run(preprocessing.rescaling, x, scale=1 / 127.5, offset=-1), [[-1, 1]])
    with pytest.raises(NotCovered):
        run(preprocessing.rescaling, x, scale=0.5, dtype="uint8")


def test_bilinear_resizing_to_half_is_the_mean_of_pairs() -> None:
    """Pixel centres at half-integers: each result lies between two pixels."""
    x = np.arange(8.0).reshape(2, 4, 1)
    out = run(images.resizing, x, height=1, width=2)
    np.testing.assert_allclose(out[0, :, 0], [(0 + 1 + 4 + 5) / 4, (2 + 3 + 6 + 7) / 4])


def test_bilinear_resizing_to_double_keeps_the_ends() -> None:
    """Beyond the outer centres the nearest pixel is repeated."""
    x = np.array([0.0, 4.0]).reshape(1, 2, 1)
    out = run(images.resizing, x, height=1, width=4)
    np.testing.assert_allclose(out[0, :, 0], [0, 1, 3, 4])


def test_nearest_resizing_picks_pixels() -> None:
    """Two pixels become four, four become two."""
    x = np.array([1.0, 2.0]).reshape(1, 2, 1)
    doubled = run(images.resizing, x, height=1, width=4, interpolation="nearest")
    assert doubled[0, :, 0].tolist() == [1, 1, 2, 2]


def test_aspect_ratio_is_kept_by_cropping_or_padding() -> None:
    """A row of four to a square: the middle two, or two rows of nothing around."""
    x = np.arange(1.0, 9.0).reshape(2, 4, 1)
    cropped = run(images.resizing, x, height=2, width=2, crop_to_aspect_ratio=True)
    np.testing.assert_allclose(cropped[..., 0], [[2, 3], [6, 7]])
    padded = run(images.resizing, x, height=4, width=4, pad_to_aspect_ratio=True, fill_value=9.0)
    np.testing.assert_allclose(padded[:, 0, 0], [9, 1, 5, 9])


def test_center_crop_takes_the_middle_or_resizes() -> None:
    """An image that is too small is resized and cropped; channels first moves axes only."""
    x = RANDOM.normal(size=(6, 8, 2))
    np.testing.assert_array_equal(run(images.center_crop, x, height=2, width=4), x[2:4, 2:6])
    small = run(images.center_crop, x, height=12, width=16)
    np.testing.assert_allclose(small, images.resize(x, 12, 16))
    first = run(images.center_crop, np.moveaxis(x, -1, 0), height=2, width=4, data_format="channels_first")
    np.testing.assert_array_equal(first, np.moveaxis(x[2:4, 2:6], -1, 0))


@pytest.mark.parametrize(
    ("oracle", "shape", "parameters"),
    [
        (images.resizing, (4, 4, 1), {"height": 2, "width": 2, "interpolation": "bicubic"}),
        (images.resizing, (4, 4, 1), {"height": 2, "width": 2, "antialias": True}),
        (images.resizing, (4, 4, 1), {"height": 2, "width": 3, "crop_to_aspect_ratio": True}),
        (images.resizing, (4, 5, 1), {"height": 2, "width": 2, "pad_to_aspect_ratio": True}),
        (images.resizing, (0, 4, 1), {"height": 2, "width": 2}),
        (images.resizing, (4, 4), {"height": 2, "width": 2}),
        (images.center_crop, (5, 4, 1), {"height": 2, "width": 2}),
    ],
)
def test_resizings_that_are_not_described(oracle: Any, shape: Any, parameters: Any) -> None:
    """Other kernels, odd margins, images without pixels."""
    with pytest.raises(NotCovered):
        run(oracle, np.zeros(shape), **parameters)


def test_infinite_pixels_are_not_described() -> None:
    """How far they spread depends on the order of the computation."""
    with pytest.raises(NotCovered):
        run(images.resizing, np.full((2, 2, 1), np.inf), height=1, width=1)


@pytest.mark.parametrize("scaling", ["spectrum", None])
@pytest.mark.parametrize("name", ["hann", "hamming"])
def test_spectra_are_scipys(name: str, scaling: Any) -> None:
    """The same frames, window and scaling as scipy.signal.stft without padding."""
    x = RANDOM.normal(size=(1, 40, 1))
    window = getattr(scipy.signal.windows, name)(8, sym=True)
    _, _, expected = scipy.signal.stft(
        x[0, :, 0], window=window, nperseg=8, noverlap=4, boundary=None, padded=False, scaling="spectrum"
    )
    factor = 1.0 if scaling else window.sum()
    given = {"frame_length": 8, "frame_step": 4, "window": name, "scaling": scaling}
    real = run(audio.stft_spectrogram, x, mode="real", **given)
    magnitude = run(audio.stft_spectrogram, x, mode="magnitude", **given)
    np.testing.assert_allclose(real[0], expected.real.T * factor, atol=1e-12)
    np.testing.assert_allclose(magnitude[0], np.abs(expected).T * factor, atol=1e-12)


def test_spectra_of_channels_stand_side_by_side() -> None:
    """Without expand_dims the channels' spectra follow one another; with it they have an axis."""
    x = RANDOM.normal(size=(2, 16, 3))
    given = {"frame_length": 8, "mode": "imag"}
    flat = run(audio.stft_spectrogram, x, **given)
    deep = run(audio.stft_spectrogram, x, expand_dims=True, **given)
    assert flat.shape == (2, 3, 15)
    np.testing.assert_array_equal(flat[..., 5:10], deep[..., 1])
    moved = run(audio.stft_spectrogram, np.moveaxis(x, 1, -1), data_format="channels_first", **given)
    np.testing.assert_array_equal(np.moveaxis(moved, 1, -1), flat)


@pytest.mark.parametrize(
    "parameters",
    [
        {"mode": "log"},
        {"mode": "real", "padding": "same"},
        {"mode": "real", "fft_length": 32},
        {"mode": "real", "window": None},
        {"mode": "real", "scaling": "unheard of"},
        {"mode": "real", "frame_length": 64},
    ],
)
def test_spectrograms_that_are_not_described(parameters: Any) -> None:
    """Logarithms, padding, other windows, signals shorter than a frame."""
    with pytest.raises(NotCovered):
        run(audio.stft_spectrogram, np.zeros((1, 16, 1)), **{"frame_length": 8, **parameters})


@pytest.mark.parametrize(
    ("parameters", "certain"), [({"rate": 0.0}, True), ({"rate": 0.5}, False), ({"stddev": 0}, True)]
)
def test_dropout_and_noise_leave_the_input_unless_they_draw(parameters: Any, certain: bool) -> None:
    """Always at inference; while training only with nothing to draw."""
    x = RANDOM.normal(size=(2, 3))
    np.testing.assert_array_equal(run(regularization.unchanged_unless_drawn, x, **parameters), x)
    np.testing.assert_array_equal(run(regularization.unchanged, x, training=True, l1=1.0), x)
    if certain:
        np.testing.assert_array_equal(
            run(regularization.unchanged_unless_drawn, x, training=True, **parameters), x
        )
    else:
        with pytest.raises(NotCovered):
            run(regularization.unchanged_unless_drawn, x, training=True, **parameters)
