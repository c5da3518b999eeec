"""Shards: which there are, what they hold, and that plain JSON says all of it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.errors import WrongUse
from harness.model import Case
from harness.shards import describe
from harness.shards.describe import Errand, Shard, plan_from, read_plan, read_shard, shard_from
from harness.shards.perform import cases_of
from harness.shards.planning import groups_of_pairs, groups_of_targets, plan_shards, shares
from harness.targets import Catalogue, Pair, load
from tests.shards.conftest import Planned


def test_pairs_that_share_a_target_are_one_group() -> None:
    """Also through a third, so that no target performs a case in two shards."""
    pairs = [Pair("ab", "a", "b"), Pair("cd", "c", "d"), Pair("ef", "e", "f"), Pair("bc", "b", "c")]
    groups = groups_of_pairs(pairs)
    assert [group.targets for group in groups] == [("a", "b", "c", "d"), ("e", "f")]
    assert [[pair.name for pair in group.pairs] for group in groups] == [["ab", "cd", "bc"], ["ef"]]


def test_targets_by_themselves_are_a_group_per_environment() -> None:
    """What shares an environment shares a shard; what a pair has already is left out."""
    table = load()
    found = table.select(["keras-newest-*", "tf.keras-newest", "tf_keras-newest"])
    groups = groups_of_targets(found, taken=["tf_keras-newest"])
    assert [group.targets for group in groups] == [
        ("keras-newest-tensorflow", "tf.keras-newest"),
        ("keras-newest-jax",),
    ]


@pytest.mark.parametrize(
    ("costs", "count", "slices"),
    [([1, 1], 1, [1, 1]), ([1, 1], 4, [2, 2]), ([6, 1, 1], 6, [4, 1, 1]), ([1], 5, [5])],
)
def test_what_costs_more_gets_more_slices(costs: list[float], count: int, slices: list[int]) -> None:
    """Each group has at least one; a further one goes to whose slices are dearest by then."""
    assert shares(costs, count) == slices


def test_every_case_is_in_exactly_one_slice(planned: Planned) -> None:
    """The slices of a group are the planned cases, none twice, none left out."""
    whole = cases_of(planned("drifts").shards[0])
    parts = [cases_of(shard) for shard in planned("drifts", count=5).shards]
    assert all(parts)
    assert sorted(c.hash for part in parts for c in part) == sorted(c.hash for c in whole)


def test_a_new_case_moves_no_other(planned: Planned) -> None:
    """A slice is told from a case's own hash: with fewer cases planned the rest stay where they are."""
    few = planned("drifts", count=4, only=("layers.Dense/*units=3*",))
    many = planned("drifts", count=4)
    for one, all_of_them in zip(few.shards, many.shards, strict=True):
        assert {c.hash for c in cases_of(one)} <= {c.hash for c in cases_of(all_of_them)}


def test_a_plan_survives_json(planned: Planned, tmp_path: Path) -> None:
    """Pairs, slices, locks and errands come back as they were."""
    plan = planned("control", "drifts", count=2, only=("layers.Dense",))
    case = Case("layers.Dense", "layer", {"units": 3}, {}, label="x", limit=7.0)
    first = replace(plan.shards[0], errands=(Errand("fake", 1, (case,)),), locks={"fake": "keras==3\n"})
    plan = replace(plan, shards=(first, *plan.shards[1:]), faults=({"target": "a", "what": "b"},))
    assert plan_from(json.loads(json.dumps(plan.plain()))) == plan
    describe.write(plan.plain(), tmp_path / "plan.json")
    assert read_plan(tmp_path / "plan.json") == plan
    assert read_shard(tmp_path / "plan.json", first.name) == first
    describe.write(first.plain(), tmp_path / "deep" / "shard.json")
    assert read_shard(tmp_path / "deep" / "shard.json", None) == first
    with pytest.raises(WrongUse, match="Expected `--name` beside a plan"):
        read_shard(tmp_path / "plan.json", None)
    with pytest.raises(WrongUse, match="Expected `--name` to be one of"):
        read_shard(tmp_path / "plan.json", "other")


@pytest.mark.parametrize(
    ("text", "said"),
    [("", "to be a file of `harness shard plan`"), ("[]", "to hold a JSON object"), ("{}", "of the format")],
)
def test_what_is_no_plan_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """The file is named, and what was expected in it."""
    (tmp_path / "plan.json").write_text(text)
    with pytest.raises(WrongUse, match=said):
        read_plan(tmp_path / "plan.json")


def test_half_a_plan_or_shard_is_refused() -> None:
    """What is not there is named."""
    with pytest.raises(WrongUse, match="without 'targets'"):
        shard_from({"name": "x"})
    with pytest.raises(WrongUse, match="without 'shards'"):
        plan_from({"format": describe.FORMAT})


def test_what_cannot_be_planned_is_wrong_use() -> None:
    """No shard at all, and nothing to plan for."""
    with pytest.raises(WrongUse, match="`--count` to be at least 1"):
        plan_shards(groups_of_pairs([Pair("ab", "a", "b")]), count=0)
    with pytest.raises(WrongUse, match="Expected pairs or targets"):
        plan_shards([], count=1)


def test_names_of_shards_are_names_of_files(catalogue: Catalogue) -> None:
    """Whatever a pair is called."""
    plan = plan_shards(groups_of_pairs([Pair("a/b..c:d é", "fake", "fake-drifts")]), count=2)
    assert [shard.name for shard in plan.shards] == ["a-b..c-d-é-1of2", "a-b..c-d-é-2of2"]
    assert Shard("x", ("a",), (Pair("p", "a", "a"),)).repeats("a") == (0, 1)
