"""Backend functions are held to values worked out by hand or by SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import special

from harness.specs.declaration import NotCovered
from harness.specs.oracles import backend

X = np.array([[-2.0, 0.0, 3.0]])


def test_square_root_of_negative_values_is_zero() -> None:
    """The backend's root takes what is negative for zero."""
    np.testing.assert_array_equal(backend.square_root(np.array([-4.0, 9.0])), [0.0, 3.0])


def test_segments_of_the_hard_sigmoid() -> None:
    """0 up to -2.5, 1 from 2.5, a line between."""
    found = backend.hard_sigmoid(np.array([-3.0, -2.5, 0.0, 1.0, 2.5]))
    np.testing.assert_allclose(found, [0.0, 0.0, 0.5, 0.7, 1.0])


def test_normalized_vectors_have_length_one() -> None:
    """Every row has the norm 1; a row of zeros stays zero."""
    found = backend.l2_normalize(np.array([[3.0, 4.0], [0.0, 0.0]]), axis=1)
    np.testing.assert_allclose(found, [[0.6, 0.8], [0.0, 0.0]])


def test_softmax_and_its_kin() -> None:
    """Softmax sums to one; softplus and elu at known points."""
    assert backend.softmax(X).sum() == pytest.approx(1.0)
    assert backend.logsumexp(np.log(np.array([1.0, 3.0]))) == pytest.approx(np.log(4.0))
    np.testing.assert_allclose(backend.softplus(np.array([0.0])), [np.log(2.0)])
    np.testing.assert_allclose(backend.elu(np.array([-1.0, 2.0])), [np.exp(-1.0) - 1.0, 2.0])


def test_one_hot_of_an_index_out_of_range_is_empty() -> None:
    """A class beyond the number of classes has no one."""
    np.testing.assert_array_equal(backend.one_hot(np.array([1, 5]), 3), [[0, 1, 0], [0, 0, 0]])


def test_padding_by_hand() -> None:
    """Zeros stand around the middle axes only."""
    assert backend.temporal_padding(np.ones((2, 3, 4)), (2, 0)).shape == (2, 5, 4)
    padded = backend.spatial_padding(np.ones((1, 2, 2, 1)), ((1, 0), (0, 2)))
    assert padded.shape == (1, 3, 4, 1)
    assert padded.sum() == 4.0


def test_batched_products() -> None:
    """Sample by sample, the batch product is NumPy's matrix product; of vectors, a column of dot products."""
    a, b = np.arange(12.0).reshape(2, 2, 3), np.arange(12.0).reshape(2, 3, 2)
    np.testing.assert_array_equal(backend.batch_dot(a, b), a @ b)
    np.testing.assert_array_equal(backend.batch_dot(X, X, axes=1), [[13.0]])


def test_crossentropies_from_logits_and_probabilities_agree() -> None:
    """A sigmoid or softmax in between changes nothing."""
    target = np.array([[0.0, 1.0, 0.0]])
    np.testing.assert_allclose(
        backend.binary_crossentropy(target, X, from_logits=True),
        backend.binary_crossentropy(target, special.expit(X)),
    )
    probabilities = special.softmax(X, axis=-1)
    np.testing.assert_allclose(
        backend.categorical_crossentropy(target, X, from_logits=True),
        backend.categorical_crossentropy(target, probabilities),
    )
    for logits, values in ((True, X), (False, probabilities)):
        np.testing.assert_allclose(
            backend.sparse_categorical_crossentropy(np.array([1]), values, from_logits=logits),
            backend.categorical_crossentropy(target, values, from_logits=logits),
        )


def test_normalization_by_hand() -> None:
    """(3 - 1) / sqrt(4) * 5 + 7 = 12."""
    one = np.ones(1)
    found = backend.batch_normalization(3 * one, one, 4 * one, 7 * one, 5 * one, epsilon=0.0)
    np.testing.assert_allclose(found, [12.0])


def test_the_largest_predictions() -> None:
    """A target is in the top k when fewer than k predictions exceed its own."""
    predictions = np.array([[0.1, 0.6, 0.3], [0.1, 0.6, 0.3]])
    np.testing.assert_array_equal(backend.in_top_k(predictions, np.array([1, 2]), 1), [True, False])


def test_repeating_and_enlarging() -> None:
    """A matrix gains an axis; an image its pixels several times."""
    assert backend.repeated(X, 2).shape == (1, 2, 3)
    found = backend.enlarged(np.arange(4.0).reshape(1, 2, 2, 1), 2, 1)
    np.testing.assert_array_equal(found[0, :, :, 0], [[0, 1], [0, 1], [2, 3], [2, 3]])


def test_ranges() -> None:
    """One number is the end, two are start and end."""
    np.testing.assert_array_equal(backend.arange(3), [0, 1, 2])
    np.testing.assert_array_equal(backend.arange(1, 6, 2), [1, 3, 5])


def test_what_is_not_documented_is_not_covered() -> None:
    """Bounds in the wrong order, truth values as a range, NaN among what is ordered."""
    with pytest.raises(NotCovered):
        backend.clip(X, 1.0, 0.0)
    with pytest.raises(NotCovered):
        backend.arange(3, dtype="bool")
    with pytest.raises(NotCovered):
        backend.without_nan(np.argmax)(np.array([np.nan]))
    np.testing.assert_array_equal(backend.clip(X, -1.0, 1.0), [[-1.0, 0.0, 1.0]])


def test_arguments_are_renamed_or_left_out() -> None:
    """A keyword goes by NumPy's name, or not at all."""
    oracle = backend.positional(np.tile, n="reps", data_format="")
    found = oracle([np.array([1.0])], [], {"n": 3, "data_format": "x"}, training=False, call={})
    np.testing.assert_array_equal(found, [1.0, 1.0, 1.0])
    alone = backend.positional(np.negative)
    np.testing.assert_array_equal(alone(np.array([1.0]), [], {}, training=False, call={}), [-1.0])
