"""Image augmentation with chance excluded, by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.specs.declaration import NotCovered
from harness.specs.oracles import augmentation
from harness.specs.oracles.augmentation import always, nothing_at, only_training

SQUARE = np.arange(16.0).reshape(4, 4, 1)


def run(certain: Any, x: Any = SQUARE, *, training: bool = True, **parameters: Any) -> Any:
    """A layer that acts while training only."""
    return only_training(certain)(x, [], parameters, training=training, call={})


def test_inference_returns_the_input() -> None:
    """Images, and images with labels, pass unchanged."""
    np.testing.assert_array_equal(run(augmentation.random, training=False), SQUARE)
    out = run(augmentation.random, {"images": SQUARE, "labels": np.array([1])}, training=False)
    np.testing.assert_array_equal(out["images"], SQUARE)
    np.testing.assert_array_equal(out["labels"], [1])


def test_a_factor_is_fixed_when_its_ends_are_equal() -> None:
    """A pair of equal numbers, or zero."""
    assert augmentation.fixed((0.5, 0.5)) == 0.5
    assert augmentation.fixed(0) == 0.0
    assert augmentation.fixed(0.5) is None
    assert augmentation.fixed((0.1, 0.5)) is None
    assert augmentation.fixed((0.5,)) is None


def test_a_neutral_factor_changes_nothing() -> None:
    """Zero or the neutral value; a factor left out has its own default."""
    np.testing.assert_array_equal(run(nothing_at("factor"), factor=0.0), SQUARE)
    np.testing.assert_array_equal(run(nothing_at("factor", value=0.5), factor=(0.5, 0.5)), SQUARE)
    np.testing.assert_array_equal(run(nothing_at("a", "b", default=None), a=0.0), SQUARE)
    clipped = run(nothing_at("factor", clips=True), SQUARE * 100, factor=0.0)
    assert clipped.max() == 255.0


def test_brightness_adds_a_part_of_the_range() -> None:
    """0.5 of 0 to 10 adds five and clips at ten."""
    out = run(augmentation.brightness, factor=(0.5, 0.5), value_range=(0, 10))
    np.testing.assert_array_equal(out, np.minimum(SQUARE + 5, 10))


def test_invert_and_solarize_mirror_the_range() -> None:
    """255 - x; solarization only above the threshold."""
    np.testing.assert_array_equal(run(augmentation.invert, factor=(1.0, 1.0)), 255 - SQUARE)
    np.testing.assert_array_equal(run(augmentation.invert, factor=0.0), SQUARE)
    np.testing.assert_array_equal(run(augmentation.solarize), 255 - SQUARE)
    out = run(augmentation.solarize, np.array([[[100.0], [200.0]]]), threshold_factor=(0.5, 0.5))
    np.testing.assert_array_equal(out[0, :, 0], [100, 55])


def test_posterization_keeps_the_highest_bit() -> None:
    """Below 128 nothing is left, from 128 on 128."""
    out = run(augmentation.posterize, np.array([[[127.0], [128.0], [255.0]]]), factor=1)
    np.testing.assert_array_equal(out[0, :, 0], [0, 128, 128])


def test_auto_contrast_fills_the_range() -> None:
    """At inference too: the smallest becomes the lower end, the largest the upper."""
    out = always(augmentation.auto_contrast)(SQUARE, [], {"value_range": (0, 30)}, training=False, call={})
    np.testing.assert_allclose(out, SQUARE * 2)


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("constant", [7, 7, 0, 1]),
        ("nearest", [0, 0, 0, 1]),
        ("wrap", [2, 3, 0, 1]),
        ("reflect", [1, 0, 0, 1]),
    ],
)
def test_translation_fills_what_was_empty(mode: str, expected: list[float]) -> None:
    """Half the width to the right, in each way of filling."""
    row = np.arange(4.0).reshape(1, 4, 1)
    given = {"height_factor": 0.0, "width_factor": (0.5, 0.5), "fill_mode": mode, "fill_value": 7.0}
    assert run(augmentation.translate, row, **given)[0, :, 0].tolist() == expected


def test_negative_translation_moves_up() -> None:
    """The second row becomes the first."""
    out = run(augmentation.translate, height_factor=(-0.25, -0.25), width_factor=0.0)
    np.testing.assert_array_equal(out[:3], SQUARE[1:])


def test_a_quarter_turn_is_counter_clockwise() -> None:
    """The right column becomes the first row."""
    out = run(augmentation.rotate, factor=(0.25, 0.25))
    np.testing.assert_array_equal(out[0, :, 0], SQUARE[:, -1, 0])


def test_heights_and_widths_are_stretched() -> None:
    """Half as much again of the height, half less of the width."""
    assert run(augmentation.taller, factor=(0.5, 0.5)).shape == (6, 4, 1)
    out = run(augmentation.wider, factor=(-0.5, -0.5))
    np.testing.assert_allclose(out[0, :, 0], [0.5, 2.5])


def test_random_crop_at_inference_is_the_largest_window() -> None:
    """The page: resized and cropped to the target size; while training only when too small."""

    def crop(x: Any, *, training: bool, **parameters: Any) -> Any:
        return augmentation.random_crop(x, [], parameters, training=training, call={})

    out = crop(SQUARE, training=False, height=2, width=4)
    np.testing.assert_array_equal(out, SQUARE[1:3])
    assert crop(SQUARE, training=True, height=8, width=8).shape == (8, 8, 1)
    np.testing.assert_array_equal(crop(SQUARE, training=True, height=4, width=4), SQUARE)
    with pytest.raises(NotCovered):
        crop(SQUARE, training=True, height=2, width=2)
    with pytest.raises(NotCovered):
        crop({"images": SQUARE}, training=False, height=2, width=2)


@pytest.mark.parametrize(
    ("certain", "x", "parameters"),
    [
        (augmentation.random, SQUARE, {}),
        (nothing_at("factor"), SQUARE, {}),
        (nothing_at("factor"), SQUARE, {"factor": (0.5, 0.5)}),
        (nothing_at("factor"), SQUARE - 5, {"factor": 0.0}),
        (nothing_at("factor"), {"images": SQUARE}, {"factor": 0.0}),
        (augmentation.invert, SQUARE, {"factor": (0.5, 0.5)}),
        (augmentation.posterize, SQUARE, {"factor": 4}),
        (augmentation.posterize, SQUARE + 0.5, {"factor": 1}),
        (augmentation.solarize, SQUARE, {"addition_factor": (0.1, 0.1)}),
        (augmentation.solarize, SQUARE - 5, {}),
        (augmentation.auto_contrast, np.zeros((2, 2, 3)), {}),
        (augmentation.auto_contrast, np.zeros((2, 2, 1)), {}),
        (augmentation.translate, SQUARE, {"height_factor": (0.3, 0.3), "width_factor": 0.0}),
        (augmentation.rotate, SQUARE, {"factor": (0.1, 0.1)}),
        (augmentation.rotate, SQUARE, {"factor": (0.25, 0.25), "fill_mode": "wrap"}),
        (augmentation.taller, SQUARE, {"factor": (0.3, 0.3)}),
    ],
)
def test_what_is_left_to_chance_or_open_is_not_covered(certain: Any, x: Any, parameters: Any) -> None:
    """The oracle refuses rather than guesses."""
    with pytest.raises(NotCovered):
        run(certain, x, **parameters)


def test_labels_are_not_covered_at_inference_either() -> None:
    """A layer that is always active says nothing of labels."""
    with pytest.raises(NotCovered):
        always(augmentation.auto_contrast)({"images": SQUARE}, [], {}, training=False, call={})
