"""Losses as the documentation states them, and what reduction makes of them."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import scipy.special
import sklearn.metrics

from harness.specs.declaration import NotCovered
from harness.specs.oracles import losses
from harness.specs.oracles.loss_reduction import function_oracle, object_oracle

RANDOM = np.random.default_rng(0)
T = RANDOM.uniform(0.1, 2.0, (4, 3))
P = RANDOM.uniform(0.1, 2.0, (4, 3))
BITS = RANDOM.integers(0, 2, (4, 3)).astype(float)
CHANCE = RANDOM.uniform(0.05, 0.95, (4, 3))
SHARES = CHANCE / CHANCE.sum(-1, keepdims=True)
LOGITS = RANDOM.normal(size=(4, 3))

ROWWISE = {
    "mean_squared_error": sklearn.metrics.mean_squared_error,
    "mean_absolute_error": sklearn.metrics.mean_absolute_error,
    "mean_squared_logarithmic_error": sklearn.metrics.mean_squared_log_error,
    "mean_absolute_percentage_error": lambda t, p: 100 * sklearn.metrics.mean_absolute_percentage_error(t, p),
}


@pytest.mark.parametrize("name", ROWWISE)
def test_regression_losses_are_those_of_scikit_learn_row_by_row(name: str) -> None:
    """A regression loss is scikit-learn's of the same name for each sample."""
    expected = [ROWWISE[name](t, p) for t, p in zip(T, P, strict=True)]
    np.testing.assert_allclose(losses.LOSSES[name](T, P), expected)


def test_huber_is_that_of_scipy() -> None:
    """The Huber loss is SciPy's, averaged over the last axis."""
    np.testing.assert_allclose(losses.huber(T, P, 0.4), scipy.special.huber(0.4, P - T).mean(-1))


def test_log_cosh_is_the_logarithm_of_cosh_and_does_not_overflow() -> None:
    """log(cosh(x)) is computed as such for small x and is |x| − log 2 for large x."""
    np.testing.assert_allclose(losses.log_cosh(T, P), np.log(np.cosh(P - T)).mean(-1))
    np.testing.assert_allclose(losses.log_cosh(np.array([[0.0]]), np.array([[1e4]])), [1e4 - math.log(2)])


def test_kl_divergence_is_that_of_scipy() -> None:
    """Of two distributions, the divergence is SciPy's relative entropy."""
    t = T / T.sum(-1, keepdims=True)
    np.testing.assert_allclose(losses.kl_divergence(t, SHARES), scipy.special.rel_entr(t, SHARES).sum(-1))


def test_binary_crossentropy_is_the_log_loss_of_probabilities_and_of_logits() -> None:
    """It is scikit-learn's log loss, for logits that of their sigmoid, with labels drawn to one half."""
    expected = [sklearn.metrics.log_loss(t, p, labels=[0, 1]) for t, p in zip(BITS, CHANCE, strict=True)]
    np.testing.assert_allclose(losses.binary_crossentropy(BITS, CHANCE), expected)
    of_logits = losses.binary_crossentropy(BITS, LOGITS, from_logits=True)
    np.testing.assert_allclose(of_logits, losses.binary_crossentropy(BITS, scipy.special.expit(LOGITS)))
    np.testing.assert_allclose(
        losses.binary_crossentropy(BITS, CHANCE, label_smoothing=1.0),
        losses.binary_crossentropy(0 * BITS + 0.5, CHANCE),
    )


def test_a_probability_of_exactly_zero_or_one_is_kept_from_the_edges() -> None:
    """A fully wrong pair costs −log ε on one side and −log(1 − the nearest float32 of 1 − ε) on the other."""
    cost = losses.binary_crossentropy(np.array([[0.0, 1.0]]), np.array([[1.0, 0.0]]))
    np.testing.assert_allclose(cost, [(-math.log(1e-7) - math.log(2.0**-23)) / 2], rtol=1e-12)


def test_focal_losses_with_gamma_zero_are_crossentropies() -> None:
    """Without focusing, the focal loss is the cross-entropy (times alpha, for many classes)."""
    hot = np.eye(3)[[0, 2, 1, 1]]
    np.testing.assert_allclose(
        losses.binary_focal_crossentropy(BITS, CHANCE, gamma=0), losses.binary_crossentropy(BITS, CHANCE)
    )
    np.testing.assert_allclose(
        losses.categorical_focal_crossentropy(hot, SHARES, alpha=0.3, gamma=0),
        0.3 * losses.categorical_crossentropy(hot, SHARES),
    )


def test_the_focal_loss_by_hand() -> None:
    """A positive predicted with 0.8 costs α · 0.2² · −log 0.8; a negative weighs 1 − α."""
    cost = losses.binary_focal_crossentropy(
        np.array([[1.0], [0.0]]), np.array([[0.8], [0.8]]), apply_class_balancing=True
    )
    np.testing.assert_allclose(cost, [-0.25 * 0.04 * math.log(0.8), -0.75 * 0.64 * math.log(0.2)])


def test_categorical_and_sparse_crossentropy_agree_with_scipy() -> None:
    """The loss of a class is minus the log-softmax of its logit, whichever way the class is given."""
    labels = np.array([0.0, 2.0, 1.0, 1.0])
    expected = -scipy.special.log_softmax(LOGITS, axis=-1)[np.arange(4), labels.astype(int)]
    np.testing.assert_allclose(
        losses.categorical_crossentropy(np.eye(3)[labels.astype(int)], LOGITS, from_logits=True), expected
    )
    np.testing.assert_allclose(
        losses.sparse_categorical_crossentropy(labels, LOGITS, from_logits=True), expected
    )
    np.testing.assert_allclose(
        losses.sparse_categorical_crossentropy(labels, SHARES * 3),
        -np.log(SHARES[np.arange(4), labels.astype(int)]),
    )


def test_label_smoothing_divides_by_the_classes_of_the_class_axis() -> None:
    """With three classes on axis 1 of (1, 3, 2), a smoothed label gets a third of the mass, not a half."""
    t = np.array([[[0.0, 1.0], [1.0, 0.0], [0.0, 0.0]]])
    p = np.array([[[0.1, 0.9], [0.6, 0.05], [0.3, 0.05]]])
    expected = [
        [0.5936558, 0.2980520]
    ]  # what Keras 2, which follows the documentation here, was published to give
    np.testing.assert_allclose(
        losses.categorical_crossentropy(t, p, label_smoothing=0.1, axis=1), expected, rtol=1e-6
    )


def test_hinges_by_hand() -> None:
    """Labels 0 and 1 count as −1 and 1; other labels are left alone."""
    t, p = np.array([[0.0, 1.0]]), np.array([[0.5, -0.5]])
    np.testing.assert_allclose(losses.hinge(t, p), [1.5])
    np.testing.assert_allclose(losses.squared_hinge(t, p), [2.25])
    np.testing.assert_allclose(losses.hinge(2 * t, p), [(1 + 2) / 2])
    np.testing.assert_allclose(
        losses.categorical_hinge(np.array([[0.0, 1.0, 0.0]]), np.array([[0.3, 0.5, 0.9]])), [1.4]
    )


def test_poisson_cosine_dice_tversky_and_generalized_crossentropy_by_hand() -> None:
    """Small cases worked out on paper."""
    np.testing.assert_allclose(
        losses.poisson(np.array([[2.0]]), np.array([[1.0]])), [1.0 - 2.0 * math.log1p(1e-7)]
    )
    np.testing.assert_allclose(
        losses.cosine_similarity(np.array([[3.0, 4.0], [0.0, 0.0]]), np.array([[4.0, 3.0], [1.0, 1.0]])),
        [-0.96, 0.0],
    )
    t, p = np.array([1.0, 1.0, 0.0]), np.array([1.0, 0.0, 1.0])
    np.testing.assert_allclose(losses.dice(t, p), 0.5, rtol=1e-6)
    np.testing.assert_allclose(losses.tversky(t, p, alpha=0.0, beta=1.0), 0.5, rtol=1e-6)
    np.testing.assert_allclose(
        losses.categorical_generalized_cross_entropy(np.array([1.0]), np.array([[0.75, 0.25]])), [1.0]
    )


def test_circle_by_hand() -> None:
    """Two anchors of one class and one of another, on orthogonal axes."""
    p = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    cost = losses.circle(np.array([0.0, 0.0, 1.0]), p, gamma=1.0, margin=0.5)
    near, far = -0.5 * 0.5, 0.5 * -0.5
    np.testing.assert_allclose(cost[:2], [math.log1p(math.exp(near + far))] * 2)
    assert cost[2] == 0.0


def test_ctc_sums_over_every_alignment() -> None:
    """The loss is minus the log of the summed probability of all paths that collapse to the labels."""
    logits = RANDOM.normal(size=(1, 4, 3))
    log = scipy.special.log_softmax(logits[0], axis=-1)
    labels = [1, 2]
    total = 0.0
    for path in itertools.product(range(3), repeat=4):
        if [k for k, _ in itertools.groupby(path) if k] == labels:
            total += math.exp(sum(log[i, k] for i, k in enumerate(path)))
    np.testing.assert_allclose(losses.ctc(np.array([[1.0, 2.0, 0.0]]), logits), [-math.log(total)])


OBJECT = object_oracle(losses.mean_squared_error)
PER_SAMPLE = losses.mean_squared_error(T, P)


@pytest.mark.parametrize(
    ("reduction", "expected"),
    [
        (None, PER_SAMPLE),
        ("none", PER_SAMPLE),
        ("sum", PER_SAMPLE.sum()),
        ("sum_over_batch_size", PER_SAMPLE.mean()),
        ("auto", PER_SAMPLE.mean()),
    ],
)
def test_reduction(reduction: str | None, expected: float) -> None:
    """The losses are left alone, summed, or averaged over their number."""
    np.testing.assert_allclose(OBJECT([T, P], [], {"reduction": reduction}), expected)


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_weights_multiply_the_losses_and_do_not_count(shape: tuple[int, ...]) -> None:
    """The weighted sum is divided by the number of losses, not by the weights."""
    weights = np.array([1.0, 0.0, 2.0, 3.0])
    found = OBJECT([T, P], [], {}, call={"sample_weight": weights.reshape(shape)})
    np.testing.assert_allclose(found, (PER_SAMPLE * weights).sum() / 4)


def test_masked_losses_do_not_count() -> None:
    """With a mask the sum is divided by the number of losses that are left."""
    mask = np.array([True, False, True, True])
    np.testing.assert_allclose(OBJECT([T, P], [], {}, call={"$mask": mask}), PER_SAMPLE[mask].mean())


def test_ignored_classes_do_not_count() -> None:
    """The mean is that of the samples whose class is not ignored."""
    oracle = object_oracle(losses.sparse_categorical_crossentropy)
    labels = np.array([0.0, 1.0, 2.0, 1.0])
    found = oracle([labels, SHARES], [], {"ignore_class": 1})
    np.testing.assert_allclose(found, -(np.log(SHARES[0, 0]) + np.log(SHARES[2, 2])) / 2)


@pytest.mark.parametrize(
    ("inputs", "parameters", "call"),
    [
        ([T, P[:, :2]], {}, {}),
        ([T, P], {"reduction": "nope"}, {}),
        ([T, P], {"unknown": 1}, {}),
        ([T, P], {}, {"sample_weight": np.ones((4, 3))}),
        ([T, P], {}, {"sample_weight": np.ones(3)}),
        ([T, P], {}, {"other": 1}),
    ],
)
def test_what_is_not_documented_is_not_covered(inputs: object, parameters: object, call: object) -> None:
    """Other shapes, keywords, weights of higher rank than the losses: there is no documented result."""
    with pytest.raises(NotCovered):
        OBJECT(inputs, [], parameters, call=call)


def test_a_function_takes_no_weights() -> None:
    """A loss function documents targets, predictions and its own keywords only."""
    oracle = function_oracle(losses.mean_squared_error)
    np.testing.assert_allclose(oracle([T, P], [], {}, training=False, call={}), PER_SAMPLE)
    with pytest.raises(NotCovered):
        oracle([T, P], [], {}, training=False, call={"sample_weight": np.ones(4)})
