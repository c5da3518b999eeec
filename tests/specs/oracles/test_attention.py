"""Attention against explicit loops."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
import scipy.special

from harness.specs.declaration import NotCovered
from harness.specs.oracles import attention

RANDOM = np.random.default_rng(3)
Q, V, K = (RANDOM.normal(size=s) for s in ((2, 4, 3), (2, 5, 3), (2, 5, 3)))


def run(
    oracle: Any,
    inputs: Any,
    weights: Any = (),
    *,
    training: bool = False,
    call: Any = None,
    **parameters: Any,
) -> Any:
    """An oracle of an attention layer."""
    return oracle(inputs, weights, parameters, training=training, call=call or {})


def test_softmax_is_scipys_where_all_is_allowed() -> None:
    """Without a mask it is the plain softmax; large numbers do not overflow."""
    scores = RANDOM.normal(size=(3, 4)) * 500
    np.testing.assert_allclose(
        attention.masked_softmax(scores, None), scipy.special.softmax(scores, axis=-1), rtol=1e-12
    )


def test_softmax_of_nothing_allowed_is_zero() -> None:
    """A row without an allowed position has no coefficient; the other sums to one over the allowed."""
    allowed = np.array([[False, False], [True, False]])
    np.testing.assert_array_equal(attention.masked_softmax(np.zeros((2, 2)), allowed), [[0, 0], [1, 0]])


def test_dot_attention_by_loops() -> None:
    """Scores are dot products of query and key, times the scale; the result is a mean of values."""
    out, coefficients = run(
        attention.attention,
        [Q, V, K],
        [np.array(0.5)],
        use_scale=True,
        call={"return_attention_scores": True},
    )
    for b in range(2):
        for i in range(4):
            row = np.array([math.exp(0.5 * float(np.dot(Q[b, i], K[b, j]))) for j in range(5)])
            row /= row.sum()
            np.testing.assert_allclose(coefficients[b, i], row, rtol=1e-12)
            np.testing.assert_allclose(out[b, i], sum(row[j] * V[b, j] for j in range(5)), rtol=1e-12)


def test_value_serves_as_key() -> None:
    """Two inputs: the value is the key too."""
    np.testing.assert_array_equal(run(attention.attention, [Q, V]), run(attention.attention, [Q, V, V]))


def test_masks_of_query_and_value() -> None:
    """A masked value adds nothing; a masked query gives zeros."""
    value_mask = np.array([[True, True, False, False, False]] * 2)
    query_mask = np.array([[True, False, True, True]] * 2)
    out = run(attention.attention, [Q, V], call={"mask": [query_mask, value_mask]})
    short = run(attention.attention, [Q, V[:, :2]])
    np.testing.assert_allclose(out[:, [0, 2, 3]], short[:, [0, 2, 3]], rtol=1e-12)
    assert np.all(out[:, 1] == 0)


def test_causal_mask_hides_the_future() -> None:
    """The first query sees the first value only, the second the first two."""
    out = run(attention.attention, [Q, V], call={"use_causal_mask": True})
    np.testing.assert_allclose(out[:, 0], V[:, 0], rtol=1e-14)
    np.testing.assert_allclose(out[:, 1], run(attention.attention, [Q, V[:, :2]])[:, 1], rtol=1e-12)


@pytest.mark.parametrize("use_scale", [True, False])
def test_additive_attention_by_loops(use_scale: bool) -> None:
    """Scores are sums of scaled tanh of query plus key."""
    scale = np.array([0.5, 2.0, -1.0]) if use_scale else np.ones(3)
    out = run(attention.additive_attention, [Q, V], [scale] if use_scale else [], use_scale=use_scale)
    row = np.exp([sum(scale[f] * math.tanh(Q[1, 2, f] + V[1, j, f]) for f in range(3)) for j in range(5)])
    np.testing.assert_allclose(out[1, 2], (row / row.sum()) @ V[1], rtol=1e-12)


HEADS, SIZE = 2, 3
PROJECTED = ((3, HEADS, SIZE), (HEADS, SIZE))
VALUED = ((3, HEADS, 2), (HEADS, 2))
WEIGHTS = [RANDOM.normal(size=s) for s in (*PROJECTED, *PROJECTED, *VALUED, (HEADS, 2, 3), (3,))]


def multi(inputs: Any, weights: Any = WEIGHTS, call: Any = None, **parameters: Any) -> Any:
    """Two heads of size three, values of size two."""
    given = {"num_heads": HEADS, "key_dim": SIZE, "value_dim": 2, **parameters}
    return run(attention.multi_head_attention, {"$arguments": inputs}, weights, call=call, **given)


def test_multi_head_attention_by_loops() -> None:
    """Every head by itself, scaled by the root of key_dim; the projections added up."""
    out, coefficients = multi([Q, V, K], call={"return_attention_scores": True})
    expected = np.zeros((2, 4, 3)) + WEIGHTS[7]
    for head in range(HEADS):
        q, k, v = (x @ WEIGHTS[2 * n][:, head] + WEIGHTS[2 * n + 1][head] for n, x in enumerate((Q, K, V)))
        row = scipy.special.softmax(q @ k.transpose(0, 2, 1) / math.sqrt(SIZE), axis=-1)
        np.testing.assert_allclose(coefficients[:, head], row, rtol=1e-12)
        expected += row @ v @ WEIGHTS[6][head]
    np.testing.assert_allclose(out, expected, rtol=1e-11)


def test_attention_mask_and_causal_mask_are_both_kept() -> None:
    """Where the two leave nothing, only the output's bias is left."""
    mask = np.ones((2, 4, 5), dtype=bool)
    mask[0, 0, 0] = False
    out = multi([Q, V], call={"attention_mask": mask, "use_causal_mask": True})
    np.testing.assert_array_equal(out[0, 0], WEIGHTS[7])
    np.testing.assert_allclose(out[1, 0], multi([Q, V[:, :1]])[1, 0], rtol=1e-12)


def test_a_sliding_window_of_one_sees_its_own_position() -> None:
    """Positions at most size - 1 apart."""
    np.testing.assert_array_equal(attention.window(2, 3, 1), [[True, False, False], [False, True, False]])
    np.testing.assert_array_equal(attention.window(2, 3, 2), [[True, True, False], [True, True, True]])
    _, coefficients = multi([Q, V], sliding_window=1, call={"return_attention_scores": True})
    np.testing.assert_array_equal(coefficients[0, 0], np.eye(4, 5))


def test_several_attention_axes_are_one_long_axis() -> None:
    """Attention over rows and columns is attention over the flattened grid."""
    grid = RANDOM.normal(size=(2, 2, 3, 3))
    out, coefficients = multi([grid, grid], attention_axes=(1, 2), call={"return_attention_scores": True})
    flat, plain = multi([grid.reshape(2, 6, 3)] * 2, call={"return_attention_scores": True})
    np.testing.assert_allclose(out.reshape(2, 6, 3), flat, rtol=1e-12)
    np.testing.assert_allclose(coefficients.reshape(2, HEADS, 6, 6), plain, rtol=1e-12)


def test_one_of_two_axes_leaves_the_other_alone() -> None:
    """Attention along the columns of each row."""
    grid = RANDOM.normal(size=(2, 2, 3, 3))
    out = multi([grid, grid], attention_axes=2)
    np.testing.assert_allclose(out[:, 1], multi([grid[:, 1], grid[:, 1]]), rtol=1e-12)


def test_grouped_heads_are_repeated_heads() -> None:
    """Two query heads share one key and value head."""
    few = [RANDOM.normal(size=s) for s in ((3, 2, 3), (3, 1, 3), (3, 1, 3), (2, 3, 3))]
    out = run(
        attention.group_query_attention,
        {"$arguments": [Q, V]},
        few,
        head_dim=3,
        num_query_heads=2,
        num_key_value_heads=1,
        use_bias=False,
    )
    repeated = [few[0], np.repeat(few[1], 2, axis=1), np.repeat(few[2], 2, axis=1), few[3]]
    same = multi([Q, V], repeated, use_bias=False)
    np.testing.assert_allclose(out, same, rtol=1e-12)


@pytest.mark.parametrize(
    ("oracle", "inputs", "parameters", "call", "training"),
    [
        (attention.attention, [Q, V], {"score_mode": "concat"}, {}, False),
        (attention.attention, [Q, V], {"dropout": 0.5}, {}, True),
        (attention.attention, Q, {}, {}, False),
        (attention.attention, [Q, V], {}, {"mask": np.ones((2, 4), dtype=bool)}, False),
        (attention.multi_head_attention, {"$arguments": [Q]}, {"key_dim": 3}, {}, False),
        (attention.multi_head_attention, {"$arguments": [Q, V]}, {"use_gate": True}, {}, False),
        (
            attention.multi_head_attention,
            {"$arguments": [Q, V]},
            {"key_dim": 3, "attention_axes": 2},
            {},
            False,
        ),
        (attention.multi_head_attention, {"$arguments": [Q, V]}, {"key_dim": 3}, {"value_mask": 1}, False),
        (attention.group_query_attention, {"$arguments": [Q, V]}, {"use_gate": True}, {}, False),
    ],
)
def test_what_is_not_described_is_not_covered(
    oracle: Any, inputs: Any, parameters: Any, call: Any, training: bool
) -> None:
    """The oracle refuses rather than guesses."""
    with pytest.raises(NotCovered):
        run(oracle, inputs, WEIGHTS, training=training, call=call, **parameters)
