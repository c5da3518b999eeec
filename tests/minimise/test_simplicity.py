"""What is simpler, and the steps there."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.minimise.simplicity import moves, recipes, simplicity, trigger, valued
from harness.model import Case
from harness.plan import case_of
from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec, tagged

SPEC = Spec(
    subject="layers.Dense",
    family="layers",
    script="layer",
    parameters=(
        Parameter("units", (3, 1), invalid=(-1,)),
        Parameter("activation", (OMIT, "relu", "softmax")),
        Parameter("use_bias", (OMIT, False)),
    ),
    feeds=(Feed("matrix", Array((4, 5))), Feed("cube", Array((2, 3, 5), values="large"))),
)


def made(feed: int = 0, **parameters: object) -> Case:
    """A case of the spec."""
    return replace(case_of(SPEC, {"units": 3, **parameters}, SPEC.feeds[feed], 0), observe=("brief",))


def test_the_trigger_is_what_differs_from_the_plainest_case() -> None:
    """A required parameter at its plainest value is no trigger; at another value it is."""
    assert trigger(made(), SPEC) == {}
    assert trigger(made(activation="relu"), SPEC) == {"activation": "relu"}
    assert trigger(made(units=1), SPEC) == {"units": 1}
    assert trigger(made(units=3.0), SPEC) == {"units": 3.0}


def test_every_move_is_simpler() -> None:
    """No proposal is as complicated as the case itself, and none is made twice."""
    start = made(1, activation="softmax", use_bias=False)
    found = moves(start, SPEC)
    assert found
    assert all(simplicity(c, SPEC) < simplicity(start, SPEC) for c in found)
    assert len({c.hash for c in found}) == len(found)


def test_the_boldest_moves_come_first() -> None:
    """The case with nothing but what is required, on the plainest feed, is the first thing tried."""
    first = moves(made(1, activation="softmax", use_bias=False), SPEC)[0]
    assert first.parameters == {"units": 3}
    assert first.feed == made().feed


def test_one_parameter_at_a_time_is_tried() -> None:
    """Each parameter is tried alone and left out alone."""
    tried = [dict(c.parameters) for c in moves(made(activation="softmax", use_bias=False), SPEC)]
    assert {"units": 3, "activation": "softmax"} in tried
    assert {"units": 3, "use_bias": False} in tried
    assert {"units": 3, "activation": "relu", "use_bias": False} in tried


def test_observing_less_comes_before_everything_else() -> None:
    """What makes the other tries cheap is tried first."""
    dear = replace(made(activation="relu"), observe=("predict", "jit"))
    assert moves(dear, SPEC)[0].observe == ("brief",)
    assert {c.observe for c in moves(dear, SPEC)} >= {("brief",), (), ("predict",), ("jit",)}


def test_what_is_fed_is_left_alone_where_nothing_was_fed_yet() -> None:
    """For a divergence of the constructor no smaller arrays are tried."""
    feeds = {str(c.feed) for c in moves(made(), SPEC, "construct")}
    assert feeds <= {str(made().feed)}
    assert {str(c.feed) for c in moves(made(), SPEC, "forward")} - {str(made().feed)}


def test_lengths_that_are_alike_stay_alike() -> None:
    """Two arrays that share a length are made smaller together."""
    pair = [Array((4, 5)).plain(), Array((4, 5)).plain()]
    start = replace(made(), feed={"inputs": pair})
    for tried in moves(start, None, "forward"):
        shapes = [tuple(a["shape"]) for a in recipes(tried.feed)]
        assert len(set(shapes)) == 1


def test_an_object_inside_a_parameter_is_told_less() -> None:
    """A nested object loses its own parameters one at a time."""
    start = made(activation=tagged("layers.ReLU", max_value=1.0, threshold=0.5))
    tried = [c.parameters.get("activation") for c in moves(start, SPEC)]
    assert tagged("layers.ReLU", max_value=1.0) in tried
    assert tagged("layers.ReLU", threshold=0.5) in tried


@pytest.mark.parametrize("recipe", [Array((2,), "int32", "integers"), Array(literal=[1.0])], ids=str)
def test_whole_numbers_and_literals_keep_their_values(recipe: Array) -> None:
    """Labels and hand-made inputs mean something; only floating-point recipes get other values."""
    assert valued(recipe.plain(), "zeros") == recipe.plain()


def test_without_a_spec_every_parameter_may_go() -> None:
    """A case of a user's own script shrinks too."""
    start = replace(made(activation="relu"), subject="own.Thing")
    assert {} in [dict(c.parameters) for c in moves(start, None)]


def test_a_scenario_without_parameters_has_no_moves() -> None:
    """Where nothing can be left out nothing is tried."""
    scenario = Case("Model.fit", "scenarios_training:x", {}, {"inputs": {"about": ["Model.fit"]}}, observe=())
    assert moves(scenario, None) == []


def test_updates_of_a_metric_and_arguments_of_the_call_are_dropped() -> None:
    """A list of updates loses one; a further argument is left out."""
    update = [Array((3,)).plain(), Array((3,)).plain()]
    feed = {"inputs": [update, update], "call": {"sample_weight": Array((3,)).plain()}}
    start = Case("metrics.Mean", "metric", {}, feed, observe=("brief",))
    tried = [c.feed for c in moves(start, None, "forward")]
    assert {"inputs": [update, update]} in tried
    assert {**feed, "inputs": [update]} in tried


def test_what_only_the_case_script_understands_is_no_argument_to_drop() -> None:
    """A graph without its nodes is no simpler case."""
    case = replace(made(), feed={"inputs": [], "call": {"$graph": {"nodes": []}, "mask": None}})
    calls = [move.feed.get("call", {}) for move in moves(case, None)]
    assert {"$graph": {"nodes": []}} in calls
    assert all("$graph" in call for call in calls)
