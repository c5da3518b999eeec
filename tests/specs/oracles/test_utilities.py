"""Utilities are held to examples of their pages and to values worked out by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.specs.declaration import NotCovered
from harness.specs.oracles import utilities
from harness.specs.oracles.applications import centred


def test_categories_of_the_page() -> None:
    """The page's example: labels 0 to 3 in four classes."""
    np.testing.assert_array_equal(utilities.to_categorical([0, 2], 4), [[1, 0, 0, 0], [0, 0, 1, 0]])
    assert utilities.to_categorical(np.array([[1], [0]])).shape == (2, 2)


@pytest.mark.parametrize("labels", [[-1], [], 3])
def test_other_labels_are_not_covered(labels: Any) -> None:
    """Negative, no and lone labels are not documented."""
    with pytest.raises(NotCovered):
        utilities.to_categorical(labels)
    with pytest.raises(NotCovered):
        utilities.to_categorical([5], 3)


def test_normalizing() -> None:
    """Rows of norm one; a row of zeros stays; a vector's shape is not documented."""
    found = utilities.normalize(np.array([[3.0, 4.0], [0.0, 0.0]]))
    np.testing.assert_allclose(found, [[0.6, 0.8], [0.0, 0.0]])
    for x, order in ((np.ones(3), 2), (np.ones((2, 2)), 0)):
        with pytest.raises(NotCovered):
            utilities.normalize(x, order=order)


def test_padding_as_on_the_page() -> None:
    """The page's four examples for [[1], [2, 3], [4, 5, 6]]."""
    rows = [[1], [2, 3], [4, 5, 6]]
    np.testing.assert_array_equal(utilities.pad_sequences(rows), [[0, 0, 1], [0, 2, 3], [4, 5, 6]])
    np.testing.assert_array_equal(
        utilities.pad_sequences(rows, value=-1), [[-1, -1, 1], [-1, 2, 3], [4, 5, 6]]
    )
    np.testing.assert_array_equal(
        utilities.pad_sequences(rows, padding="post"), [[1, 0, 0], [2, 3, 0], [4, 5, 6]]
    )
    np.testing.assert_array_equal(utilities.pad_sequences(rows, maxlen=2), [[0, 1], [2, 3], [5, 6]])
    np.testing.assert_array_equal(
        utilities.pad_sequences(rows, maxlen=2, truncating="post"), [[0, 1], [2, 3], [4, 5]]
    )


@pytest.mark.parametrize("given", [[], 3, [1, 2]])
def test_other_sequences_are_not_covered(given: Any) -> None:
    """Only a list of lists is documented."""
    with pytest.raises(NotCovered):
        utilities.pad_sequences(given)


def test_windows_of_the_page() -> None:
    """Ten steps of 0 to 99, every second, three apart: 0 2 4 … 18, 3 5 … 21, as the page says."""
    found = utilities.windows(np.arange(100), None, 10, 3, 2, batch_size=None)
    np.testing.assert_array_equal(found[0], np.arange(0, 20, 2))
    np.testing.assert_array_equal(found[1], np.arange(3, 23, 2))


def test_windows_come_in_batches_with_their_targets() -> None:
    """A target belongs to the window that starts at its index."""
    found = utilities.windows(np.arange(5.0), np.arange(5.0) * 10, 2, batch_size=3)
    np.testing.assert_array_equal(found[0][0], [[0, 1], [1, 2], [2, 3]])
    np.testing.assert_array_equal(found[1][1], [30])


@pytest.mark.parametrize(
    "more", [{"shuffle": True}, {"start_index": 1}, {"sequence_stride": 0}, {"sequence_length": 9}]
)
def test_other_windows_are_not_covered(more: Any) -> None:
    """Shuffled, partial and impossible windows are not described."""
    with pytest.raises(NotCovered):
        utilities.windows(np.arange(5), None, **({"sequence_length": 2} | more))


def test_generated_batches_of_the_page() -> None:
    """The page's example: windows of ten, every second, from 0 to 49; the first targets are 10 and 11."""
    data = np.arange(50)[:, None]
    found = utilities.generated(data, data, 10, 2, batch_size=2)
    assert len(found) == 20
    np.testing.assert_array_equal(found[0][0][1, :, 0], [1, 3, 5, 7, 9])
    np.testing.assert_array_equal(found[0][1], [[10], [11]])
    turned = utilities.generated(data, data, 10, 2, batch_size=2, reverse=True)
    np.testing.assert_array_equal(turned[0][0][0, :, 0], [8, 6, 4, 2, 0])
    with pytest.raises(NotCovered):
        utilities.generated(data, data, 60)


def test_rare_words_are_kept_more_often() -> None:
    """The table grows with the rank and never exceeds one."""
    table = utilities.sampling_table(1000, 1e-3)
    assert np.all(np.diff(table) >= 0)
    assert table.max() <= 1.0


def test_words_of_a_sentence() -> None:
    """The page's example of one sentence; filters of one's own; upper case kept."""
    assert utilities.words("This is a sample sentence.") == ["this", "is", "a", "sample", "sentence"]
    assert utilities.words("A,b c", filters=",", lower=False) == ["A", "b", "c"]


def test_hashes_are_within_bounds() -> None:
    """Index 0 is never given; equal words have equal numbers; Python's own hash is not covered."""
    found = utilities.hashed("a b a c", 5, "md5")
    assert found[0] == found[2]
    assert all(1 <= n < 5 for n in found)
    with pytest.raises(NotCovered):
        utilities.hashed("a", 5)


def test_images_gain_a_channel_axis() -> None:
    """Grey images have one channel; other layouts and whole numbers are not covered."""
    assert utilities.image_array(np.ones((2, 3))).shape == (2, 3, 1)
    assert utilities.image_array(np.ones((2, 3, 3))).shape == (2, 3, 3)
    for options in ({"data_format": "channels_first"}, {"dtype": "uint8"}):
        with pytest.raises(NotCovered):
            utilities.image_array(np.ones((2, 3)), **options)
    with pytest.raises(NotCovered):
        utilities.image_array(np.ones((1, 2, 3, 4)))


def test_packing() -> None:
    """Alone x stands for itself; otherwise what is there is packed."""
    assert utilities.packed(1) == 1
    assert utilities.packed(1, 2) == [1, 2]
    assert utilities.packed(1, 2, 3) == [1, 2, 3]
    with pytest.raises(NotCovered):
        utilities.packed([1])


def test_pixels_prepared_by_hand() -> None:
    """White, black and the order of channels in each of the documented ways."""
    pixel = np.array([[[255.0, 127.5, 0.0]]])
    np.testing.assert_allclose(centred(pixel, "tf"), [[[1.0, 0.0, -1.0]]])
    np.testing.assert_allclose(centred(pixel, "caffe")[0, 0, 2], 255.0 - 123.68)
    np.testing.assert_allclose(centred(pixel, "torch")[0, 0, 0], (1.0 - 0.485) / 0.229)
    np.testing.assert_array_equal(centred(pixel, "none"), pixel)
    with pytest.raises(NotCovered):
        centred(pixel, "nope")


def test_unpacking() -> None:
    """What is not there is None; more than three is not covered."""
    assert utilities.unpacked((1, 2)) == [1, 2, None]
    with pytest.raises(NotCovered):
        utilities.unpacked((1, 2, 3, 4))


def test_sums() -> None:
    """Several arrays are added element by element."""
    np.testing.assert_array_equal(utilities.added([np.ones(2)] * 3), [3.0, 3.0])
