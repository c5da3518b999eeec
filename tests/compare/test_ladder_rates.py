"""How often the ladder is wrong, measured on float32 arithmetic done in two honest ways."""

import numpy as np
import pytest

from harness.compare.ladder import Evidence, judge
from harness.model import Kind

DRAWS = 80


def sequential(x):
    """Sum over the last axis, one term after the other."""
    return np.cumsum(x, axis=-1, dtype=x.dtype)[..., -1]


def pairwise(x):
    """Sum over the last axis by halves."""
    while x.shape[-1] > 1:
        if x.shape[-1] % 2:
            x = np.concatenate([x, np.zeros_like(x[..., :1])], axis=-1)
        x = x[..., ::2] + x[..., 1::2]
    return x[..., 0]


def dot(x, w, total):
    """A matrix product of rows."""
    return total(x[:, None, :] * w.T[None])


def mean(x, w, total):
    """A mean of each row, weighted."""
    return total(x * w[:, 0]) / x.dtype.type(x.shape[-1])


def softmax(x, w, total):
    """A softmax of each row."""
    e = np.exp(x - x.max(-1, keepdims=True))
    return e / total(e)[:, None]


def layer_norm(x, w, total):
    """A row with its mean taken off and divided by its standard deviation."""
    n = x.dtype.type(x.shape[-1])
    centred = x - (total(x) / n)[:, None]
    return centred / np.sqrt(total(centred * centred) / n + x.dtype.type(1e-3))[:, None]


def recurrent(x, w, total):
    """A few steps of a recurrence: rounding feeds on itself."""
    state = np.tanh(x)
    for _ in range(4):
        state = np.tanh(dot(state, w, total)[:, : x.shape[-1]] + x)
    return state


COMPUTATIONS = [dot, mean, softmax, layer_norm, recurrent]


def inputs(seed):
    """Random inputs and weights of a random size, some with a common offset."""
    random = np.random.default_rng(seed)
    n = int(random.choice([8, 16, 33, 100]))
    x = random.standard_normal((16, n)) + random.choice([0.0, 0.0, 10.0])
    return x.astype(np.float32), (random.standard_normal((n, n)) / np.sqrt(n)).astype(np.float32)


def moved(array, seed):
    """Every value one unit in the last place up or down."""
    up = np.random.default_rng(seed).random(array.shape) < 0.5
    return np.where(up, np.nextafter(array, np.float32(np.inf)), np.nextafter(array, np.float32(-np.inf)))


def evidence(compute, x, w, *, meaning=1.0):
    """Both sides in float64 (`meaning`: by what the candidate's result is multiplied), and jittered."""
    wide = x.astype(float), w.astype(float)
    shadows = compute(*wide, sequential), compute(*wide, pairwise) * meaning
    jittered = [(moved(x, k), moved(w, k + 100)) for k in range(2)]
    jitters = tuple(
        tuple(compute(a, b, total) * np.float32(factor) for a, b in jittered)
        for total, factor in ((sequential, 1.0), (pairwise, meaning))
    )
    return shadows, jitters, max(x.size, w.size)


@pytest.mark.parametrize("compute", COMPUTATIONS)
def test_two_orders_of_summation_never_raise_an_alarm(compute):
    """Over many draws, sizes and offsets, neither rung says that honest rounding is anything else."""
    differed = 0
    for seed in range(DRAWS):
        x, w = inputs(seed)
        one, two = compute(x, w, sequential), compute(x, w, pairwise)
        differed += bool(np.any(one != two))
        shadows, jitters, terms = evidence(compute, x, w)
        by_shadow = judge(one, two, Evidence(shadows=shadows, terms=terms))
        by_jitter = judge(one, two, Evidence(jitters=jitters, terms=terms))
        assert (by_shadow.kind, by_shadow.inconclusive) == (None, False), (seed, by_shadow.reason)
        assert (by_jitter.kind, by_jitter.inconclusive) == (None, False), (seed, by_jitter.reason)
    assert differed > DRAWS / 2


@pytest.mark.parametrize("compute", COMPUTATIONS)
@pytest.mark.parametrize("relative", [1e-5, 1e-2])
def test_planted_differences_of_meaning_are_all_found_by_the_shadow(compute, relative):
    """A result off by one part in 1e5 is called a difference in meaning every time."""
    for seed in range(DRAWS):
        x, w = inputs(seed)
        one, two = compute(x, w, sequential), compute(x, w, pairwise) * np.float32(1 + relative)
        shadows, _, terms = evidence(compute, x, w, meaning=1 + relative)
        assert judge(one, two, Evidence(shadows=shadows, terms=terms)).kind is Kind.VALUE, seed


@pytest.mark.parametrize("compute", COMPUTATIONS)
def test_planted_differences_of_meaning_are_found_by_jitter(compute):
    """Without float64 the band is coarser: one part in a hundred is always found."""
    for seed in range(DRAWS):
        x, w = inputs(seed)
        one, two = compute(x, w, sequential), compute(x, w, pairwise) * np.float32(1.01)
        _, jitters, terms = evidence(compute, x, w, meaning=1.01)
        assert judge(one, two, Evidence(jitters=jitters, terms=terms)).kind is Kind.VALUE, seed


def test_a_one_pass_variance_is_found_as_a_loss_of_precision():
    """E[x^2] - E[x]^2 on a large offset means the same and loses the digits: precision, every time."""
    for seed in range(30):
        x = (1e3 + np.random.default_rng(seed).standard_normal((16, 32))).astype(np.float32)

        def normal(x, one_pass):
            centre = x.mean(-1, keepdims=True)
            spread = (
                (x * x).mean(-1, keepdims=True) - centre * centre if one_pass else x.var(-1, keepdims=True)
            )
            return (x - centre) / np.sqrt(np.maximum(spread, 0) + x.dtype.type(1e-3))

        truth = normal(x.astype(float), False)
        shadows = truth, normal(x.astype(float), True)
        judgement = judge(normal(x, False), normal(x, True), Evidence(shadows=shadows, terms=x.size))
        assert judgement.kind is Kind.PRECISION, (seed, judgement.reason)
        assert judgement.departs == (False, True)
