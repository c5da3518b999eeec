"""Padding and windows, as convolution arithmetic has them."""

from __future__ import annotations

import numpy as np
import pytest

from harness.specs.declaration import NotCovered
from harness.specs.oracles import spatial


@pytest.mark.parametrize(
    ("length", "span", "stride", "expected"),
    [
        (4, 3, 2, (0, 1)),
        (5, 3, 2, (1, 1)),
        (5, 2, 1, (0, 1)),
        (7, 3, 1, (1, 1)),
        (4, 1, 2, (0, 0)),
        (3, 2, 3, (0, 0)),
    ],
)
def test_same_padding_puts_the_odd_cell_behind(
    length: int, span: int, stride: int, expected: tuple[int, int]
) -> None:
    """Padding "same" makes ceil(n / stride) windows; an odd cell comes behind."""
    assert spatial.pads("SAME", [length], [span], [stride]) == [expected]


def test_causal_padding_is_in_front() -> None:
    """Padding "causal" adds the window's reach less one in front only."""
    assert spatial.pads("causal", [7], [5], [1]) == [(4, 0)]


def test_valid_padding_is_none() -> None:
    """Padding "valid" adds nothing."""
    assert spatial.pads("valid", [7, 3], [5, 2], [1, 1]) == [(0, 0), (0, 0)]


def test_reach_of_a_dilated_kernel() -> None:
    """A kernel of 3 with dilation 2 spans 5 cells."""
    assert spatial.reach((3, 2), (2, 1)) == (5, 2)


def test_windows_show_every_place() -> None:
    """At each place of the window stand the inputs the outputs see there."""
    x = np.arange(6.0).reshape(1, 6, 1)
    seen = {place: y[0, :, 0].tolist() for place, y in spatial.windows(x, (2,), (2,), (1,))}
    assert seen == {(0,): [0.0, 2.0, 4.0], (1,): [1.0, 3.0, 5.0]}


def test_a_window_that_does_not_fit_is_not_covered() -> None:
    """There is no output where the window is larger than the input."""
    with pytest.raises(NotCovered, match="does not fit"):
        list(spatial.windows(np.zeros((1, 3, 1)), (4,), (1,), (1,)))


@pytest.mark.parametrize("value", [0, -1, "2", 2.0, None, (1, 2, 3)])
def test_what_is_no_size_is_not_covered(value: object) -> None:
    """A size is a positive integer, or one per axis."""
    with pytest.raises(NotCovered):
        spatial.sizes(value, 2, "kernel_size")


def test_channels_move_and_come_back() -> None:
    """With channels first, the channel axis is moved behind and back again."""
    x = np.arange(24.0).reshape(1, 2, 3, 4)
    last = spatial.to_channels_last(x, {"data_format": "channels_first"}, 2)
    assert last.shape == (1, 3, 4, 2)
    np.testing.assert_array_equal(spatial.as_given(last, {"data_format": "channels_first"}), x)


@pytest.mark.parametrize(("parameters", "rank"), [({"data_format": "nope"}, 2), ({}, 1)])
def test_other_layouts_are_not_covered(parameters: dict[str, str], rank: int) -> None:
    """An unknown data format or another rank is refused."""
    with pytest.raises(NotCovered):
        spatial.to_channels_last(np.zeros((1, 2, 3, 4)), parameters, rank)


def test_unknown_padding_is_not_covered() -> None:
    """Only the documented paddings are described."""
    with pytest.raises(NotCovered):
        spatial.pads("full", [3], [2], [1])


def test_masks() -> None:
    """A mask comes from the call, or from a Masking layer in front that looks for steps of zeros."""
    x = np.array([[[1.0, 0.0], [0.0, 0.0]]])
    implied = spatial.mask_of(x, {"$masking": True})
    assert implied is not None
    assert implied.tolist() == [[True, False]]
    given = spatial.mask_of(x, {"mask": [[0, 1]]})
    assert given is not None
    assert given.tolist() == [[0, 1]]
    assert spatial.mask_of(x, {}) is None


def test_short_vectors_stay_finite() -> None:
    """A vector of zeros is normalized to zeros, any longer one to length 1."""
    y = spatial.l2_normalized(np.array([[0.0, 0.0], [3.0, 4.0]]), -1)
    np.testing.assert_allclose(y, [[0.0, 0.0], [0.6, 0.8]])
