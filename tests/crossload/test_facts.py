"""Configurations of two releases are compared by what both of them say."""

from __future__ import annotations

from harness.crossload import facts


def test_one_key_with_two_values_is_a_difference() -> None:
    """A value that both sides give is compared, however deep it stands."""
    one, two = {"units": 2, "cell": {"reset_after": True}}, {"units": 2, "cell": {"reset_after": False}}
    assert facts.common_differences(one, two) == [("cell.reset_after", True, False)]


def test_what_one_side_leaves_unsaid_is_none() -> None:
    """A new key, a value of None and bytecode say nothing about the layer."""
    one, two = {"dtype": None, "function": ["x"]}, {"dtype": "float32", "function": ["y"], "groups": 1}
    assert facts.common_differences(one, two) == []


def test_releases_spell_one_thing_in_several_ways() -> None:
    """Renamed keys, policies as objects and numbers as float32 are the same."""
    policy = {"class_name": "DTypePolicy", "config": {"name": "float32"}}
    one = {"lr": 0.01, "dtype": "float32"}
    two = {"learning_rate": 0.009999999776482582, "dtype": policy}
    assert facts.common_differences(one, two) == []


def test_layers_are_found_inside_models() -> None:
    """A layer of an inner model is named below it."""
    inner = {"config": {"name": "inner", "layers": [{"config": {"name": "d", "units": 1}}]}}
    assert set(facts.layers_of({"layers": [inner]})) == {"inner", "inner/d"}
