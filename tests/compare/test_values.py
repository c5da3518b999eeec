"""The walk over two plain values."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from harness.compare.values import SIGN_OF_ZERO, compare_values, count_leaves, special_note, type_name
from harness.model import ABSENT, Kind

SCALARS = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=5))
ARRAYS = hnp.arrays(
    st.sampled_from([np.float32, np.float64, np.int32, np.bool_]), hnp.array_shapes(min_dims=0, max_side=3)
)
PLAIN = st.recursive(
    st.one_of(SCALARS, ARRAYS),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=4), inner, max_size=3)
    ),
    max_leaves=8,
)
KINDS = st.sampled_from([Kind.VALUE, Kind.CONFIG, Kind.NAMES, Kind.EVENTS])


def found(reference, candidate, kind=Kind.VALUE):
    """Kind and path of every difference."""
    return [(d.kind, d.path) for d in compare_values("step", kind, reference, candidate).differences]


@given(PLAIN, KINDS)
def test_nothing_differs_from_itself(value, kind):
    """compare(x, x) has no difference, whatever x is, NaN included, and looks at every leaf."""
    compared = compare_values("step", kind, value, value)
    assert compared.differences == ()
    assert compared.leaves == count_leaves(value)
    assert compared.leaves > 0


@given(PLAIN, PLAIN, KINDS)
def test_swapping_the_sides_swaps_the_differences(one, two, kind):
    """The walk has no favourite: the same places, the same kinds, the values exchanged."""
    forth = compare_values("step", kind, one, two).differences
    back = compare_values("step", kind, two, one).differences
    assert sorted((d.path, d.kind) for d in forth) == sorted((d.path, d.kind) for d in back)
    sides = {(d.path, d.kind): d for d in back}
    for difference in forth:
        mirrored = sides[difference.path, difference.kind]
        assert type(difference.reference) is type(mirrored.candidate)
        assert type(difference.candidate) is type(mirrored.reference)


def test_a_key_on_one_side_only_is_a_difference_on_either_side():
    """Keys of both sides are visited; the other side is absent."""
    differences = compare_values("config", Kind.CONFIG, {"a": 1, "b": 2}, {"b": 2, "c": 3}).differences
    assert [(d.path, d.reference, d.candidate) for d in differences] == [("a", 1, ABSENT), ("c", ABSENT, 3)]


def test_a_key_on_one_side_of_a_numeric_step_is_a_matter_of_structure():
    """Weights or outputs that one side does not have are another structure."""
    assert found({"outputs": np.ones(1)}, {}) == [(Kind.STRUCTURE, "outputs")]


def test_elements_past_the_end_of_the_other_list_are_absent():
    """Another length shows as elements only one side has, and the note gives both lengths."""
    differences = compare_values("weights", Kind.NAMES, ["k", "b"], ["k"]).differences
    assert [(d.path, d.reference, d.candidate, d.note) for d in differences] == [
        ("[1]", "b", ABSENT, "length 2 and 1")
    ]
    assert found([], [1], Kind.CONFIG) == [(Kind.CONFIG, "[0]")]


@pytest.mark.parametrize(
    ("reference", "candidate"),
    [
        ("a", "b"),
        (1, 2),
        (1, 1.0),
        (True, 1),
        (None, 0),
        ("1", 1),
        (0.1, 0.2),
        (0.0, -0.0),
        (1.0, math.nan),
        ([], {}),
    ],
)
def test_scalars_differ_by_value_and_by_type(reference, candidate):
    """In a config every other value and every other type is a difference of the step's own kind."""
    assert found({"k": reference}, {"k": candidate}, Kind.CONFIG) == [(Kind.CONFIG, "k")]


def test_another_type_is_noted():
    """1 and 1.0 are equal to Python and not to a config; the note says why."""
    (difference,) = compare_values("config", Kind.CONFIG, 1, 1.0).differences
    assert difference.note == "type: int and float"
    (difference,) = compare_values("config", Kind.CONFIG, {"$tuple": [1]}, [1]).differences
    assert difference.note == "type: tuple and list"


def test_a_float_that_went_through_float32_is_noted():
    """0.001 and its float32 neighbour differ, and the note says that they are one float32."""
    (difference,) = compare_values("config", Kind.CONFIG, 0.001, float(np.float32(0.001))).differences
    assert difference.note == "the same number once rounded to float32"


def test_tuples_are_compared_element_by_element():
    """A tagged tuple beside a list is one difference of type and one for each element that differs."""
    assert found({"$tuple": [1, 2]}, [1, 3], Kind.CONFIG) == [(Kind.CONFIG, ""), (Kind.CONFIG, "[1]")]


def test_tagged_data_compare_as_data():
    """A dtype tag beside a plain name is a difference, two equal tags are not."""
    assert found({"$dtype": "float32"}, {"$dtype": "float32"}, Kind.CONFIG) == []
    assert found({"$dtype": "float32"}, {"$dtype": "float64"}, Kind.CONFIG) == [(Kind.CONFIG, "$dtype")]
    assert found({"$dtype": "float32"}, "float32", Kind.CONFIG) == [(Kind.CONFIG, "")]


def test_an_array_beside_a_list_is_another_structure():
    """One output and a list of outputs are not the same."""
    assert found(np.ones(1), [np.ones(1)]) == [(Kind.STRUCTURE, "")]
    assert found(np.ones(1), None) == [(Kind.STRUCTURE, "")]


def test_shapes_differ_and_then_values_are_not_looked_at():
    """Arrays of another shape have one difference: both shapes."""
    (difference,) = compare_values("forward", Kind.VALUE, np.ones((2, 3)), np.zeros((3, 2))).differences
    assert (difference.kind, difference.reference, difference.candidate) == (Kind.SHAPE, [2, 3], [3, 2])


def test_a_dtype_differs_apart_from_the_values():
    """The same numbers in another type differ in dtype only; other numbers differ in both."""
    assert found(np.ones(2, np.float32), np.ones(2)) == [(Kind.DTYPE, "")]
    assert found(np.ones(2, np.int32), np.ones(2)) == [(Kind.DTYPE, "")]
    assert found(np.ones(2, np.float32), np.zeros(2)) == [(Kind.DTYPE, ""), (Kind.VALUE, "")]


def test_the_last_bit_is_a_difference():
    """Values are compared bit for bit; judging is another's work."""
    one = np.ones(3, np.float32)
    two = np.nextafter(one, np.float32(2))
    (difference,) = compare_values("forward", Kind.VALUE, one, two).differences
    assert difference.kind is Kind.VALUE
    assert difference.size is not None
    assert difference.size.max_ulp == 1


@pytest.mark.parametrize("special", [np.nan, np.inf, -np.inf])
def test_special_values_at_other_positions_are_a_kind_of_their_own(special):
    """NaN or infinity on one side only is found with its position, and not mixed with values."""
    one, two = np.array([special, 1.0]), np.array([1.0, 1.0])
    assert found(one, two) == [(Kind.SPECIAL, "")]
    assert found(one, one) == []
    assert found(np.array([special, 1.0]), np.array([special, 2.0])) == [(Kind.VALUE, "")]
    assert "1 positions of the reference only" in special_note(one, two)


def test_the_sign_of_infinity_and_of_zero_matter():
    """Infinity against minus infinity is special; zeros of another sign are noted as such."""
    assert found(np.array([np.inf]), np.array([-np.inf])) == [(Kind.SPECIAL, "")]
    (difference,) = compare_values("s", Kind.VALUE, np.array([0.0]), np.array([-0.0])).differences
    assert (difference.kind, difference.note) == (Kind.SPECIAL, SIGN_OF_ZERO)


def test_nan_is_nan_whatever_its_bits():
    """The payload and the sign of a NaN are no difference."""
    assert found(np.array([np.nan]), -np.array([np.nan])) == []


def test_large_whole_numbers_are_compared_exactly():
    """int64 beyond float64's reach still differ in the last unit."""
    assert found(np.array([2**62]), np.array([2**62 + 1])) == [(Kind.VALUE, "")]


def test_arrays_of_text_are_compared_by_element():
    """Strings differ by content, not by how wide numpy stores them; bytes are text."""
    assert found(np.array(["a", "b"]), np.array(["a", "b"], object)) == []
    assert found(np.array(["a"]), np.array([b"a"])) == []
    (difference,) = compare_values("s", Kind.VALUE, np.array(["a", "b"]), np.array(["a", "long"])).differences
    assert difference.note == "1 of 2 strings differ"
    assert found(np.array(["1"]), np.array([1])) == [(Kind.DTYPE, "")]


def test_floats_of_a_numeric_step_are_numbers_to_be_judged():
    """A loss is a 0-d array: float32 when both sides are exactly float32, else float64."""
    (difference,) = compare_values("loss", Kind.VALUE, 0.5, 0.25).differences
    assert (difference.kind, difference.reference.dtype.name) == (Kind.VALUE, "float32")
    (difference,) = compare_values("logs", Kind.EVENTS, {"loss": 0.1}, {"loss": 0.2}).differences
    assert (difference.kind, difference.reference.dtype.name) == (Kind.VALUE, "float64")
    assert found(1e300, 1e301) == [(Kind.VALUE, "")]
    assert found(np.float32(0.5), 0.5) == [(Kind.DTYPE, "")]


def test_whole_numbers_and_texts_of_an_event_are_of_its_kind():
    """Only floats are numbers of arithmetic; an epoch or a name of a log is compared as it is."""
    assert found({"epoch": 1}, {"epoch": 2}, Kind.EVENTS) == [(Kind.EVENTS, "epoch")]
    assert found({"lr": 0.5}, {"learning_rate": 0.5}, Kind.EVENTS) == [
        (Kind.EVENTS, "lr"),
        (Kind.EVENTS, "learning_rate"),
    ]


def test_types_are_named_in_the_words_of_plain_data():
    """The names a reader sees in notes."""
    names = [type_name(v) for v in (ABSENT, None, 1, "x", np.ones(1, np.float32), np.array(["s"]))]
    assert names == ["absent", "None", "int", "str", "array of float32", "array of string"]


def test_facts_about_weights_are_questions_of_their_own():
    """Another shape, dtype or trainability, or a weight one side lacks, is more than a matter of names."""
    kernel = {"name": "kernel", "shape": [2, 3], "dtype": "float32", "trainable": True}
    other = {"name": "w", "shape": [2, 4], "dtype": "float64", "trainable": False}
    assert found([kernel], [other], Kind.NAMES) == [
        (Kind.NAMES, "[0].name"),
        (Kind.SHAPE, "[0].shape[1]"),
        (Kind.DTYPE, "[0].dtype"),
        (Kind.STRUCTURE, "[0].trainable"),
    ]
    assert found([kernel], [kernel, other], Kind.NAMES) == [(Kind.STRUCTURE, "[1]")]
    assert found([kernel, other], [kernel], Kind.NAMES) == [(Kind.STRUCTURE, "[1]")]
    assert found({"dtype": "float32"}, {"dtype": "float64"}, Kind.CONFIG) == [(Kind.CONFIG, "dtype")]


def test_a_tagged_numpy_scalar_of_a_numeric_step_is_a_number():
    """A float32 scalar is compared as such; in a config its tag is data, and an unknown type stays a tag."""
    half, third = {"$scalar": ["float32", 0.5]}, {"$scalar": ["float32", 0.25]}
    assert found({"loss": half}, {"loss": third}) == [(Kind.VALUE, "loss")]
    assert found(half, {"$scalar": ["float64", 0.5]}) == [(Kind.DTYPE, "")]
    assert found(half, third, Kind.CONFIG) == [(Kind.CONFIG, "$scalar[1]")]
    assert found({"$scalar": ["odd", 1]}, {"$scalar": ["odd", 2]}) == [(Kind.VALUE, "$scalar[1]")]


def test_a_zero_gradient_that_may_be_none_equals_both():
    """JAX cannot say that nothing flows; that it gives zeros is no difference to None, and none to zeros."""
    marked = {"$zero_or_none": [2, 1], "dtype": "float32"}
    for other in (None, np.zeros((2, 1), np.float32), dict(marked)):
        for one, two in ((marked, other), (other, marked)):
            assert compare_values("gradients", Kind.VALUE, [one], [two]).differences == ()
    for other in (np.ones((2, 1), np.float32), np.zeros((2,), np.float32), np.zeros((2, 1))):
        assert compare_values("gradients", Kind.VALUE, [marked], [other]).differences
