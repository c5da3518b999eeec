"""Places inside plain data."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.compare import paths
from harness.model import ABSENT

SEGMENTS = st.lists(st.one_of(st.text(max_size=8), st.integers(0, 20)), max_size=5)


def built(parts):
    """The path that goes through `parts`."""
    path = ""
    for part in parts:
        path = paths.child(path, part)
    return path


def test_a_path_reads_like_code():
    """Keys are joined by dots, positions stand in brackets, odd keys are quoted."""
    assert built(["outputs", 0, "x"]) == "outputs[0].x"
    assert built([0, "val loss"]) == '[0]["val loss"]'
    assert built(["a.b", "c"]) == '["a.b"].c'


@given(SEGMENTS)
def test_a_path_is_read_back_to_the_segments_it_was_made_of(parts):
    """Whatever the keys, `segments` undoes `child`."""
    assert list(paths.segments(built(parts))) == parts


@given(SEGMENTS, st.integers())
def test_a_value_is_found_where_it_was_put(parts, leaf):
    """`at` follows any path into nested dicts and lists."""
    value = leaf
    for part in reversed(parts):
        value = [None] * part + [value] if isinstance(part, int) else {part: value}
    assert paths.at(value, built(parts)) == leaf


@pytest.mark.parametrize("path", ["b", "a[2]", "a.x", "[0]", "a[0].y"])
def test_what_is_not_there_is_absent(path):
    """A missing key, a position past the end, a step into a scalar: all absent, never an error."""
    assert paths.at({"a": [{"x": 1}, 2]}, path) is ABSENT


def test_a_tagged_tuple_is_a_list_to_a_path():
    """The same path reaches the same element of a tuple and of a list."""
    assert paths.at({"size": {"$tuple": [3, 4]}}, "size[1]") == 4


def test_positions_are_generalised_and_keys_kept():
    """`generalised` forgets positions only."""
    assert paths.generalised('weights[12].name["a b"][0]') == 'weights[*].name["a b"][*]'


def test_what_no_path_looks_like_is_refused():
    """A text that `child` never wrote names the problem."""
    with pytest.raises(ValueError, match="Expected a path"):
        paths.segments("a[b")
