"""What initializers give, and the laws random ones draw from."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy.stats

from harness.specs.declaration import NotCovered
from harness.specs.oracles import initializers as oracles
from harness.specs.oracles.initializers import Law


def fixed(oracle: Any, shape: tuple[int, ...], call: Any = None, **parameters: Any) -> Any:
    """What a fixed initializer gives."""
    return oracle({"shape": shape}, [], parameters, training=False, call=call or {})


@pytest.mark.parametrize(
    ("shape", "expected"),
    [
        ((), (1, 1)),
        ((7,), (7, 7)),
        ((3, 4), (3, 4)),
        ((2, 3, 4), (6, 8)),
        ((3, 3, 2, 5), (18, 45)),
        ((2, 2, 2, 3, 4), (24, 32)),
    ],
)
def test_fans(shape: tuple[int, ...], expected: tuple[float, float]) -> None:
    """The receptive field times the input channels, and times the output channels."""
    assert oracles.fans(shape) == expected


@pytest.mark.parametrize(
    "law", [Law("uniform", -0.5, 1.5), Law("normal", 1.0, 2.0), Law("truncated_normal", 1.0, 2.0)]
)
def test_a_sample_without_chance_has_the_moments_and_bounds_of_its_law(law: Law) -> None:
    """Mean, deviation and bounds of many quantiles are those of the law."""
    values = law.quantiles(200_000)
    centre = (law.one + law.two) / 2 if law.kind == "uniform" else law.one
    assert values.mean() == pytest.approx(centre, abs=1e-4)
    assert values.std() == pytest.approx(law.deviation, rel=1e-3)
    assert values.min() >= law.bounds[0]
    assert values.max() <= law.bounds[1]


@pytest.mark.parametrize("distribution", ["uniform", "truncated_normal", "untruncated_normal"])
@pytest.mark.parametrize(("mode", "count"), [("fan_in", 30), ("fan_out", 50), ("fan_avg", 40)])
def test_variance_scaling_keeps_its_variance(mode: str, count: int, distribution: str) -> None:
    """Whatever the distribution, the variance is scale / n."""
    law = oracles.law(
        "variance_scaling", (30, 50), {"scale": 2.0, "mode": mode, "distribution": distribution}
    )
    assert law.deviation == pytest.approx(math.sqrt(2.0 / count), rel=1e-6)


def test_named_scalings_by_their_papers() -> None:
    """Glorot's limit is √(6 / (in + out)); He's variance 2 / in; LeCun's 1 / in."""
    assert oracles.law("glorot_uniform", (30, 50), {}).bounds[1] == pytest.approx(math.sqrt(6 / 80))
    assert oracles.law("he_normal", (30, 50), {}).deviation == pytest.approx(math.sqrt(2 / 30))
    assert oracles.law("lecun_uniform", (30, 50), {}).deviation == pytest.approx(math.sqrt(1 / 30))


def test_the_right_law_passes_and_a_wrong_one_fails() -> None:
    """A drawn sample is not told from its own law's quantiles, and is from a spread 15 % larger."""
    drawn = np.random.default_rng(0).uniform(-0.05, 0.05, 6000)
    [right] = oracles.random_oracle("random_uniform")({"shape": (6000,)}, [], {}, training=False, call={})
    wrong = oracles.law("random_uniform", (6000,), {"minval": -0.0575, "maxval": 0.0575}).quantiles()
    assert scipy.stats.ks_2samp(drawn, right["sample"]).pvalue > 1e-3
    assert scipy.stats.ks_2samp(drawn, wrong).pvalue < 1e-9


def test_fixed_initializers_by_hand() -> None:
    """Zeros, ones, a constant that is broadcast, a diagonal with a gain; integers lose their fraction."""
    np.testing.assert_array_equal(fixed(oracles.fixed_oracle(oracles.zeros), (2,)), [0, 0])
    np.testing.assert_array_equal(fixed(oracles.fixed_oracle(oracles.ones), (1, 2)), [[1, 1]])
    constant = oracles.fixed_oracle(oracles.constant, "value")
    np.testing.assert_array_equal(fixed(constant, (2, 3), value=[1.0, 2.0, 3.0]), [[1, 2, 3], [1, 2, 3]])
    np.testing.assert_array_equal(fixed(constant, (2,), {"dtype": "int32"}, value=2.5), [2, 2])
    np.testing.assert_array_equal(fixed(constant, (2,), {"dtype": "bool"}, value=2.5), [True, True])
    identity = oracles.fixed_oracle(oracles.identity, "gain")
    np.testing.assert_array_equal(fixed(identity, (2, 3), gain=2.0), [[2, 0, 0], [0, 2, 0]])


@pytest.mark.parametrize(
    ("name", "parameters", "call"),
    [
        ("glorot_uniform", {"unknown": 1}, {}),
        ("variance_scaling", {"mode": "nope"}, {}),
        ("variance_scaling", {"scale": -1.0}, {}),
        ("variance_scaling", {"distribution": "nope"}, {}),
        ("random_normal", {"stddev": None}, {}),
        ("random_normal", {"stddev": 0.0}, {}),
        ("random_normal", {}, {"dtype": "int32"}),
    ],
)
def test_what_is_not_documented_is_not_covered(name: str, parameters: Any, call: Any) -> None:
    """Other modes, scales, keywords and dtypes have no documented law."""
    with pytest.raises(NotCovered):
        oracles.random_oracle(name)({"shape": (3, 4)}, [], parameters, training=False, call=call)


def test_an_identity_is_a_matrix() -> None:
    """Other ranks are not documented."""
    with pytest.raises(NotCovered):
        fixed(oracles.fixed_oracle(oracles.identity, "gain"), (2, 2, 2))
