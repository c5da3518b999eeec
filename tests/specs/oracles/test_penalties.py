"""Regularizers and constraints by hand."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from harness.specs.declaration import NotCovered
from harness.specs.oracles import penalties

X = np.array([[3.0, 0.0], [-4.0, 0.0]])


def given(oracle: Any, x: Any = X, **parameters: Any) -> Any:
    """What an oracle gives for a weight."""
    return oracle(x, [], parameters, training=False, call={})


def test_penalties_by_hand() -> None:
    """Sums of absolute values and of squares, times their factors."""
    assert given(penalties.l1) == pytest.approx(0.07)
    assert given(penalties.l2, l2=2) == 50.0
    assert given(penalties.l1_l2) == 0.0
    assert given(penalties.l1_l2, l1=1.0, l2=1.0) == 32.0


def test_the_orthogonal_penalty_is_zero_for_orthogonal_vectors_and_the_factor_for_parallel_ones() -> None:
    """Distinct vectors are compared at unit length."""
    assert given(penalties.orthogonal, np.diag([2.0, 5.0])) == 0.0
    assert given(penalties.orthogonal, np.ones((3, 2)), factor=0.5) == pytest.approx(0.5)
    assert given(penalties.orthogonal, X, mode="columns") == 0.0


def test_constraints_by_hand() -> None:
    """Norms along the axis are cut, set to 1, or moved by the rate; a vector of zeros stays one."""
    np.testing.assert_allclose(given(penalties.max_norm, max_value=2.5), X / 2, rtol=1e-6)
    np.testing.assert_allclose(given(penalties.max_norm, max_value=9), X, rtol=1e-6)
    np.testing.assert_allclose(given(penalties.unit_norm), X / 5, rtol=1e-6)
    np.testing.assert_allclose(given(penalties.unit_norm, axis=1), [[1.0, 0.0], [-1.0, 0.0]], rtol=1e-6)
    np.testing.assert_allclose(given(penalties.min_max_norm, rate=0.5), X * 3 / 5, rtol=1e-6)
    np.testing.assert_allclose(given(penalties.non_neg), [[3.0, 0.0], [0.0, 0.0]])


@pytest.mark.parametrize(
    ("oracle", "parameters"),
    [
        (penalties.l1, {"l2": 1.0}),
        (penalties.l1, {"l1": "1"}),
        (penalties.max_norm, {"axis": 7}),
        (penalties.orthogonal, {"mode": "nope"}),
    ],
)
def test_what_is_not_documented_is_not_covered(oracle: Any, parameters: dict[str, Any]) -> None:
    """Other keywords, values that are no numbers, axes that do not exist."""
    with pytest.raises(NotCovered):
        given(oracle, **parameters)
