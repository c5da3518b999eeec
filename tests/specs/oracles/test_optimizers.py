"""Update rules are held to steps worked out by hand and to properties of the papers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.specs.declaration import NotCovered
from harness.specs.oracles import optimizers


def _run(oracle: Any, gradients: Any, variable: Any = (1.0,), call: Any = None, **parameters: Any) -> Any:
    inputs = {"variables": [np.array(variable)], "gradients": [np.array(gradients)]}
    return oracle(inputs, [], parameters, training=False, call=call or {})[0]


def test_plain_descent() -> None:
    """Without momentum a step is the rate times the gradient."""
    np.testing.assert_allclose(_run(optimizers.sgd, [[2.0], [1.0]], learning_rate=0.1), [[0.8], [0.7]])


def test_momentum_by_hand() -> None:
    """v1 = -0.2; v2 = 0.5 * -0.2 - 0.1 = -0.2."""
    found = _run(optimizers.sgd, [[2.0], [1.0]], learning_rate=0.1, momentum=0.5)
    np.testing.assert_allclose(found, [[0.8], [0.6]])


def test_nesterov_by_hand() -> None:
    """The first step with momentum 0.5 is 0.5 * -0.2 - 0.2 = -0.3."""
    found = _run(optimizers.sgd, [[2.0]], learning_rate=0.1, momentum=0.5, nesterov=True)
    np.testing.assert_allclose(found, [[0.7]])


@pytest.mark.parametrize("oracle", [optimizers.adam, optimizers.adamax])
def test_the_first_step_of_adam_is_the_rate(oracle: Any) -> None:
    """The first step moves by the learning rate against the sign of the gradient (Kingma and Ba, 2.1)."""
    found = _run(oracle, [[300.0, -0.7]], variable=[0.0, 0.0], learning_rate=0.1, epsilon=0.0)
    np.testing.assert_allclose(found, [[-0.1, 0.1]])


def test_adam_by_hand() -> None:
    """Two steps with betas of one half: m = 0.5, 1.25; v = 0.5, 2.25; corrections 0.5, 0.75."""
    found = _run(
        optimizers.adam,
        [[1.0], [2.0]],
        variable=[0.0],
        learning_rate=1.0,
        beta_1=0.5,
        beta_2=0.5,
        epsilon=0.0,
    )
    second = (1.25 / 0.75) / np.sqrt(2.25 / 0.75)
    np.testing.assert_allclose(found, [[-1.0], [-1.0 - second]])


def test_amsgrad_keeps_the_largest_second_moment() -> None:
    """After a large gradient the steps stay smaller than Adam's (Reddi et al.)."""
    gradients = [[10.0], [0.1], [0.1], [0.1]]
    plain = _run(optimizers.adam, gradients, beta_2=0.5)
    kept = _run(optimizers.adam, gradients, beta_2=0.5, amsgrad=True)
    assert abs(kept[-1] - kept[-2]) < abs(plain[-1] - plain[-2])


def test_decoupled_weight_decay() -> None:
    """A zero gradient leaves weight decay alone: w * (1 - rate * decay)."""
    found = _run(optimizers.adamw, [[0.0]], learning_rate=0.1, weight_decay=0.5)
    np.testing.assert_allclose(found, [[0.95]])


def test_weight_decay_leaves_excluded_variables_alone() -> None:
    """A variable named in the exclusions is not decayed."""
    inputs = {"variables": [np.ones(1), np.ones(1)], "gradients": [np.zeros((1, 1))] * 2}
    call = {"$exclude": ["bias"]}
    found = optimizers.adamw(
        inputs, [], {"learning_rate": 0.1, "weight_decay": 0.5}, training=False, call=call
    )
    np.testing.assert_allclose(found, [[[0.95]], [[1.0]]])


def test_adagrad_by_hand() -> None:
    """With an accumulator from zero the first step is the rate, the second g / sqrt(sum of squares)."""
    found = _run(
        optimizers.adagrad,
        [[3.0], [4.0]],
        [0.0],
        learning_rate=1.0,
        initial_accumulator_value=0.0,
        epsilon=0.0,
    )
    np.testing.assert_allclose(found, [[-1.0], [-1.8]])


def test_adadelta_by_hand() -> None:
    """The first change is sqrt(eps) / sqrt((1 - rho) g^2 + eps) * g."""
    found = _run(optimizers.adadelta, [[2.0]], [0.0], learning_rate=1.0, rho=0.5, epsilon=0.1)
    np.testing.assert_allclose(found, [[-np.sqrt(0.1) / np.sqrt(2.1) * 2.0]])


def test_rmsprop_by_hand() -> None:
    """v = 0.5 * 4 = 2; the step is g / sqrt(v); centred, the mean 1 is taken off: sqrt(2 - 1)."""
    options = {"learning_rate": 1.0, "rho": 0.5, "epsilon": 0.0}
    np.testing.assert_allclose(_run(optimizers.rmsprop, [[2.0]], [0.0], **options), [[-np.sqrt(2.0)]])
    np.testing.assert_allclose(_run(optimizers.rmsprop, [[2.0]], [0.0], centered=True, **options), [[-2.0]])


def test_ftrl_sets_small_weights_to_zero() -> None:
    """Where |z| stays below the first strength the weight is exactly zero (McMahan et al.)."""
    found = _run(optimizers.ftrl, [[0.01]], [0.0], learning_rate=0.1, l1_regularization_strength=1.0)
    assert found[0, 0] == 0.0


def test_ftrl_without_strengths_is_adagrad_from_zero() -> None:
    """Without strengths FTRL-Proximal is AdaGrad from a weight of zero (McMahan 2011, section 2.2)."""
    gradients = [[1.0], [-2.0], [0.5]]
    ftrl = _run(optimizers.ftrl, gradients, [0.0], learning_rate=0.1, initial_accumulator_value=0.0)
    ada = _run(
        optimizers.adagrad, gradients, [0.0], learning_rate=0.1, initial_accumulator_value=0.0, epsilon=0.0
    )
    np.testing.assert_allclose(ftrl, ada)


def test_lion_moves_by_the_rate() -> None:
    """Every step of Lion is the learning rate against a sign."""
    found = _run(optimizers.lion, [[5.0], [-0.1], [-50.0]], [0.0], learning_rate=0.5)
    np.testing.assert_allclose(found, [[-0.5], [-1.0], [-0.5]])


def test_lamb_scales_a_step_to_the_weights() -> None:
    """The first step of LAMB has the norm of the weights times the rate."""
    found = _run(optimizers.lamb, [[0.3, -4.0]], [3.0, 4.0], learning_rate=0.1)
    assert np.linalg.norm(found[0] - [3.0, 4.0]) == pytest.approx(0.5)


def test_adafactor_clips_its_update() -> None:
    """The root mean square of an update stays below the threshold times the relative step."""
    found = _run(optimizers.adafactor, [[[1.0, 2.0], [3.0, 4.0]]], np.ones((2, 2)), learning_rate=1.0)
    change = found[0] - 1.0
    assert np.sqrt(np.mean(change**2)) <= 1.0 + 1e-12


def test_nadam_looks_ahead() -> None:
    """On a constant gradient a step descends and has about the size of the rate."""
    found = _run(optimizers.nadam, [[1.0]] * 5, [0.0], learning_rate=0.1)
    assert np.all(np.diff(found[:, 0]) < 0)
    assert np.all(np.abs(np.diff(found[:, 0])) < 0.2)


@pytest.mark.parametrize(
    ("option", "expected"), [({"clipvalue": 1.0}, [1.0, 1.0]), ({"clipnorm": 1.0}, [0.6, 0.8])]
)
def test_clipping(option: Any, expected: Any) -> None:
    """By value every element is cut; by norm a vector of norm 5 is scaled to 1."""
    found = _run(optimizers.sgd, [[3.0, 4.0]], [0.0, 0.0], learning_rate=1.0, **option)
    np.testing.assert_allclose(-found[0], expected)


def test_the_global_norm_is_of_all_gradients() -> None:
    """Two gradients of norms 3 and 4 are scaled together to a norm of 1."""
    inputs = {"variables": [np.zeros(1), np.zeros(1)], "gradients": [np.array([[3.0]]), np.array([[4.0]])]}
    options = {"learning_rate": 1.0, "global_clipnorm": 1.0}
    found = optimizers.sgd(inputs, [], options, training=False, call={})
    np.testing.assert_allclose([found[0][0, 0], found[1][0, 0]], [-0.6, -0.8])


def test_accumulation_averages() -> None:
    """Nothing moves until the second step, which takes the mean."""
    found = _run(optimizers.sgd, [[1.0], [3.0]], [0.0], learning_rate=1.0, gradient_accumulation_steps=2)
    np.testing.assert_allclose(found, [[0.0], [-2.0]])


def test_a_schedule_is_asked_with_the_steps_done() -> None:
    """The first step has the rate of step 0."""
    rate = {
        "$object": "optimizers.schedules.PiecewiseConstantDecay",
        "parameters": {"boundaries": [0], "values": [1.0, 0.5]},
    }
    np.testing.assert_allclose(
        _run(optimizers.sgd, [[1.0], [1.0]], [0.0], learning_rate=rate), [[-1.0], [-1.5]]
    )


@pytest.mark.parametrize(
    "parameters",
    [
        {"lr": 0.5},
        {"learning_rate": "nope"},
        {"learning_rate": -1.0},
        {"clipnorm": 0.5, "clipvalue": 0.5},
        {"clipvalue": 0.0},
        {"use_ema": True, "ema_overwrite_frequency": 2},
        {"gradient_accumulation_steps": 1},
        {"weight_decay": -1.0},
    ],
)
def test_what_is_not_documented_is_not_covered(parameters: Any) -> None:
    """The oracle keeps silent about arguments the pages do not describe."""
    with pytest.raises(NotCovered):
        _run(optimizers.sgd, [[1.0]], **parameters)


@pytest.mark.parametrize("call", [{"$sparse": [0]}, {"$apart": True}, {"$none": [0]}])
def test_steps_that_are_not_documented_are_not_covered(call: Any) -> None:
    """The oracle keeps silent about sparse gradients, steps in parts and steps without gradients."""
    with pytest.raises(NotCovered):
        _run(optimizers.sgd, [[1.0]], call=call)


def test_a_variable_without_a_gradient_stays() -> None:
    """Only the variables with a gradient move."""
    inputs = {"variables": [np.zeros(1), np.zeros(1)], "gradients": [np.ones((1, 1))] * 2}
    found = optimizers.sgd(inputs, [], {"learning_rate": 1.0}, training=False, call={"$none": [1]})
    assert [f[0, 0] for f in found] == [-1.0, 0.0]


def test_an_average_that_never_forgets_is_not_covered() -> None:
    """A decay of one has no correction."""
    with pytest.raises(NotCovered):
        _run(optimizers.adamax, [[1.0]], beta_1=1.0)
