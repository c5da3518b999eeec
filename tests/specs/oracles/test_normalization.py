"""Normalization against its definitions, by hand and by properties."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.specs.declaration import NotCovered, tagged
from harness.specs.oracles import normalization as oracles

GENERATOR = np.random.default_rng(11)
X = GENERATOR.normal(size=(5, 3, 2, 4)) * 3 + 1


def call(
    oracle: Any, x: Any, weights: Any, training: bool = False, call: Any = None, **parameters: Any
) -> Any:
    """An oracle of a normalization layer."""
    return oracle(x, weights, parameters, training=training, call=call or {})


def test_inference_uses_the_moving_moments() -> None:
    """gamma · (x − mean) / √(variance + epsilon) + beta, by hand."""
    weights = [np.array(v) for v in ([2.0], [1.0], [3.0], [0.21])]
    y = call(oracles.batch_normalization, np.array([[4.0], [3.0]]), weights, epsilon=0.04)
    np.testing.assert_allclose(y, [[2 * 1.0 / 0.5 + 1], [1.0]])


def test_training_uses_the_batch() -> None:
    """While training every channel of the output has mean 0 and variance v / (v + epsilon)."""
    moving = [np.zeros(4), np.ones(4)]
    y = call(oracles.batch_normalization, X, moving, training=True, scale=False, center=False)
    variance = X.var(axis=(0, 1, 2))
    np.testing.assert_allclose(y.mean(axis=(0, 1, 2)), 0, atol=1e-12)
    np.testing.assert_allclose(y.var(axis=(0, 1, 2)), variance / (variance + 1e-3), rtol=1e-12)


def test_a_layer_that_is_not_trainable_infers() -> None:
    """With trainable=False a batch normalization runs in inference mode even while training."""
    weights = [np.zeros(4), np.ones(4)]
    given: dict[str, Any] = {"scale": False, "center": False, "epsilon": 0.0, "trainable": False}
    np.testing.assert_array_equal(call(oracles.batch_normalization, X, weights, training=True, **given), X)


def test_another_axis_is_another_place_of_the_channels() -> None:
    """Normalizing axis 1 is normalizing the last axis of the array with the two swapped."""
    weights = [GENERATOR.random(3) + 0.5 for _ in range(4)]
    swapped = np.moveaxis(X, 1, -1)
    for training in (False, True):
        one = call(oracles.batch_normalization, X, weights, training=training, axis=1)
        other = call(oracles.batch_normalization, swapped, weights, training=training)
        np.testing.assert_allclose(np.moveaxis(one, 1, -1), other, atol=1e-13)


def test_masked_positions_have_no_part_in_the_moments() -> None:
    """What stands at a masked step changes no other step's output."""
    x, mask = X[:, :, 0], np.ones((5, 3), bool)
    mask[2, 1:] = False
    spoiled = x.copy()
    spoiled[~mask] = 1e6
    weights = [np.ones(4), np.zeros(4), np.zeros(4), np.ones(4)]
    one, two = (
        call(oracles.batch_normalization, a, weights, training=True, call={"mask": mask})
        for a in (x, spoiled)
    )
    np.testing.assert_allclose(one[mask], two[mask], rtol=1e-12)
    kept = x[mask]
    np.testing.assert_allclose(one[mask], (kept - kept.mean(0)) / np.sqrt(kept.var(0) + 1e-3), rtol=1e-10)


@pytest.mark.parametrize("axis", [-1, [1, 3], (1, 2, 3)])
def test_layer_normalization(axis: Any) -> None:
    """Every sample is normalized by itself over the axes, then scaled and moved."""
    axes = tuple(axis) if isinstance(axis, (list, tuple)) else (3,)
    shape = [X.shape[a] for a in axes]
    gamma, beta = GENERATOR.random(shape), GENERATOR.random(shape)
    wide = [X.shape[i] if i in axes else 1 for i in range(4)]
    centred = X - X.mean(axis=axes, keepdims=True)
    normal = centred / np.sqrt(X.var(axis=axes, keepdims=True) + 0.1)
    expected = normal * gamma.reshape(wide) + beta.reshape(wide)
    y = call(oracles.layer_normalization, X, [gamma, beta], axis=axis, epsilon=0.1)
    np.testing.assert_allclose(y, expected, atol=1e-12)


def test_a_large_offset_does_not_show() -> None:
    """Adding 1e4 to all inputs changes no normalized output beyond rounding of float64."""
    weights = [np.ones(4), np.zeros(4)]
    for oracle, given in ((oracles.layer_normalization, {}), (oracles.group_normalization, {"groups": 2})):
        np.testing.assert_allclose(
            call(oracle, X + 1e4, weights, **given), call(oracle, X, weights, **given), atol=1e-7
        )


def test_one_group_is_layer_normalization_of_everything() -> None:
    """With one group all axes but the batch are normalized together, as the documentation relates them."""
    whole = [np.ones(X.shape[1:]), np.zeros(X.shape[1:])]
    np.testing.assert_allclose(
        call(oracles.group_normalization, X, [np.ones(4), np.zeros(4)], groups=1),
        call(oracles.layer_normalization, X, whole, axis=[1, 2, 3]),
        atol=1e-12,
    )


def test_as_many_groups_as_channels_is_instance_normalization() -> None:
    """groups=-1 normalizes every channel of every sample by itself."""
    y = call(oracles.group_normalization, X, [], groups=-1, scale=False, center=False)
    np.testing.assert_allclose(y.mean(axis=(1, 2)), 0, atol=1e-12)
    same = call(oracles.group_normalization, X, [], groups=4, scale=False, center=False)
    np.testing.assert_array_equal(y, same)


def test_groups_are_neighbouring_channels() -> None:
    """Two groups of four channels are the first two and the last two."""
    y = call(oracles.group_normalization, X, [], groups=2, scale=False, center=False)
    first = call(oracles.group_normalization, X[..., :2], [], groups=1, scale=False, center=False)
    np.testing.assert_allclose(y[..., :2], first, atol=1e-13)


@pytest.mark.parametrize("axis", [-1, 1, [1, -1]])
def test_unit_normalization_has_norm_one(axis: Any) -> None:
    """The L2 norm over the axes is 1."""
    y = call(oracles.unit_normalization, X, [], axis=axis)
    norm = np.sqrt((y * y).sum(axis=tuple(axis) if isinstance(axis, list) else axis))
    np.testing.assert_allclose(norm, 1.0, rtol=1e-12)


def test_rms_normalization() -> None:
    """x / √(mean(x²) + epsilon) times the scale, by hand."""
    y = call(oracles.rms_normalization, np.array([[3.0, 4.0]]), [np.array([1.0, 2.0])], epsilon=0.0)
    np.testing.assert_allclose(y, [[3 / np.sqrt(12.5), 8 / np.sqrt(12.5)]])


@pytest.mark.parametrize(
    ("layer", "shape", "kernel"),
    [
        (tagged("layers.Dense", units=3), (2, 4), (4, 3)),
        (tagged("layers.Conv2D", filters=2, kernel_size=2), (1, 3, 3, 2), (2, 2, 2, 2)),
    ],
)
def test_spectral_normalization_reaches_norm_one(layer: Any, shape: Any, kernel: Any) -> None:
    """After many iterations the kernel used has spectral norm 1, and only while training."""
    weights = [GENERATOR.normal(size=kernel), np.zeros(kernel[-1]), GENERATOR.normal(size=(1, kernel[-1]))]
    sigma = np.linalg.svd(weights[0].reshape(-1, kernel[-1]), compute_uv=False)[0]
    x = GENERATOR.normal(size=shape)
    plain = call(oracles.spectral_normalization, x, weights, layer=layer, power_iterations=200)
    trained = call(
        oracles.spectral_normalization, x, weights, training=True, layer=layer, power_iterations=200
    )
    np.testing.assert_allclose(trained * sigma, plain, rtol=1e-8)


def test_one_power_iteration() -> None:
    """One iteration estimates σ as v · W · u with v = û·Wᵀ and u = v·W, both normalized."""
    kernel, u = np.array([[3.0, 0.0], [0.0, 1.0]]), np.array([[1.0, 1.0]])
    v = np.array([3.0, 1.0]) / np.sqrt(10)
    after = np.array([9.0, 1.0]) / np.sqrt(82)
    y = call(
        oracles.spectral_normalization,
        np.eye(2),
        [kernel, u],
        training=True,
        layer=tagged("layers.Dense", units=2, use_bias=False),
    )
    np.testing.assert_allclose(y, kernel / (v @ kernel @ after))


@pytest.mark.parametrize(
    ("oracle", "parameters", "training"),
    [
        (oracles.batch_normalization, {"axis": 7}, False),
        (oracles.batch_normalization, {"axis": [1]}, False),
        (oracles.batch_normalization, {"renorm": True}, False),
        (oracles.batch_normalization, {"renorm": True}, True),
        (oracles.batch_normalization, {"virtual_batch_size": 1}, True),
        (oracles.layer_normalization, {"rms_scaling": True}, False),
        (oracles.layer_normalization, {"axis": [3, 1]}, False),
        (oracles.group_normalization, {"groups": 3}, False),
        (oracles.group_normalization, {"axis": 0, "groups": 5}, False),
        (oracles.spectral_normalization, {"layer": tagged("layers.Flatten")}, False),
        (
            oracles.spectral_normalization,
            {"layer": tagged("layers.Dense", units=2), "power_iterations": 0},
            False,
        ),
    ],
)
def test_what_is_not_documented_is_not_covered(oracle: Any, parameters: Any, training: bool) -> None:
    """Axes that are none, renormalization and weights of unknown order are refused, not guessed."""
    with pytest.raises(NotCovered):
        call(oracle, X, [np.ones(4)] * 4, training=training, **parameters)


def test_a_masked_group_normalization_is_not_documented() -> None:
    """Group normalization documents no mask."""
    with pytest.raises(NotCovered):
        call(oracles.group_normalization, X, [], call={"mask": np.ones((5, 3))}, groups=2)
