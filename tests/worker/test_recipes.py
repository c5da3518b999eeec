"""Arrays from recipes."""

import hashlib

import numpy as np
import pytest
from harness_worker import recipes

FROZEN = {
    "normal": "b3a5e6e22253e351",
    "uniform": "1759edb5e022820b",
    "positive": "0065b57634bc2b0a",
    "offset": "574d45f6bd7ba178",
    "large": "84e56a99381815a8",
    "tiny": "9ef76fcfa3d249ec",
    "kinks": "68f1c19b99d2f0b4",
    "zeros": "2ea9ab9198d16380",
    "ones": "849203e6b4e58641",
    "special": "aef3eb62cdae8a8a",
    "integers": "2084dc7a4896da31",
    "signs": "f8da6b376f10e1a5",
    "bools": "1ced6c2436c80163",
    "padded": "6df120593af49bee",
    "one_hot": "2fe3a02d926c1278",
    "probabilities": "21aaca13b739cc58",
    "lengths": "1ec7838bca5efd9b",
}
WEIGHT = "72d5a00da40c82d0"


def digest(array):
    """The bits of an array."""
    return hashlib.sha256(np.ascontiguousarray(array).tobytes()).hexdigest()[:16]


def recipe(values, shape=(4, 6), **more):
    """A recipe of one kind of values."""
    return dict({"$array": True, "values": values, "shape": list(shape)}, **more)


@pytest.mark.parametrize("values", sorted(FROZEN))
def test_the_same_bits_everywhere(values):
    """Every Python and numpy draws the same bits, or two targets would be fed different numbers."""
    made = recipes.make(recipe(values), seed=7, place=2)
    assert (made.dtype.name, made.shape) == ("float32", (4, 6))
    assert digest(made) == FROZEN[values]


def test_weights_have_the_same_bits_everywhere():
    """Weights too."""
    made = recipes.weight((3, 4), "float32", "kernel", 0, seed=7)
    assert digest(made) == WEIGHT


def test_seed_and_place_each_have_their_own_stream():
    """Two arrays of a case differ, and so do the arrays of two seeds."""
    first = recipes.make(recipe("normal"), seed=0, place=1)
    assert not np.array_equal(first, recipes.make(recipe("normal"), seed=0, place=2))
    assert not np.array_equal(first, recipes.make(recipe("normal"), seed=1, place=1))


def test_the_shadow_is_fed_the_same_numbers():
    """The float64 shadow holds exactly the float32 numbers of the case."""
    case = recipes.make(recipe("normal"), seed=3, place=1)
    shadow = recipes.make(recipe("normal"), seed=3, variant="shadow", place=1)
    assert shadow.dtype == np.float64
    assert np.array_equal(shadow, case.astype("float64"))


def test_a_jitter_moves_every_number_to_a_neighbour():
    """One unit in the last place, up or down; zeros, infinities and NaN stay; no two jitters are the same."""
    case = recipes.make(recipe("special"), seed=3, place=1)
    made = [recipes.make(recipe("special"), seed=3, variant="jitter:%d" % k, place=1) for k in (1, 2)]
    plain = np.isfinite(case) & (case != 0)
    for moved in made:
        steps = moved.view(np.int32).astype(np.int64) - case.view(np.int32)
        assert set(np.abs(steps[plain])) == {1}
        assert digest(moved[~plain]) == digest(case[~plain])
    assert not np.array_equal(made[0][plain], made[1][plain])


@pytest.mark.parametrize("dtype", ["int32", "bool", "int64"])
def test_what_is_not_floating_stays(dtype):
    """Whole numbers and truth values have no shadow and no jitter."""
    base = recipes.make(recipe("integers", dtype=dtype), seed=1, place=1)
    for variant in ("shadow", "jitter:1"):
        again = recipes.make(recipe("integers", dtype=dtype), seed=1, variant=variant, place=1)
        assert again.dtype == base.dtype
        assert np.array_equal(again, base)


def test_a_variance_is_positive():
    """A layer that divides by a variance is given one it can divide by."""
    assert (recipes.weight((50,), "float32", "moving_variance:0", 3, seed=0) >= 0.5).all()


def test_an_unknown_kind_is_refused():
    """A kind of values that does not exist is an error, not an empty array."""
    with pytest.raises(ValueError, match="nonsense"):
        recipes.make(recipe("nonsense"), seed=0)
