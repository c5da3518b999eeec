"""What a shard is, as plain JSON."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.errors import WrongUse
from harness.model import Case
from harness.shards import describe
from harness.shards.describe import Errand, Plan, Shard
from harness.targets import Pair

PAIR = Pair("drifts", "fake", "fake-drifts")
SAME = Pair("control", "fake", "fake")
CASES = tuple(Case("layers.Dense", "layer", {"units": n}, {}, label="plain", limit=9.0) for n in range(40))
SHARD = Shard(
    "one", ("fake", "fake-drifts"), (PAIR,), 0, 2, "full", ("layers.*",), 3,
    (Errand("fake", 1, CASES[:2]),), {"fake": "keras==3\n"},
)  # fmt: skip
PLAN = Plan(
    (SHARD, replace(SHARD, name="two", place=1)), (PAIR,), "full", ("layers.*",), 3, ({"target": "x"},)
)


def test_a_plan_is_the_same_after_a_file(tmp_path: Path) -> None:
    """Shards, errands and their cases, what open requirements came to, and what could not be planned."""
    path = tmp_path / "folder" / "plan.json"
    describe.write(PLAN.plain(), path)
    assert describe.read_plan(path) == PLAN
    assert describe.read_shard(path, "two") == PLAN.shards[1]
    describe.write(SHARD.plain(), path)
    assert describe.read_shard(path, None) == SHARD


def test_an_errand_keeps_what_a_hash_leaves_out() -> None:
    """Label and limit of a case go with it."""
    (errand,) = describe.shard_from(json.loads(json.dumps(SHARD.plain()))).errands
    assert errand.cases == CASES[:2]
    assert [case.limit for case in errand.cases] == [9.0, 9.0]


def test_slices_hold_every_case_once() -> None:
    """By hash, so that a case that is added moves no other."""
    shards = [replace(SHARD, place=place, of=3) for place in range(3)]
    assert [sum(shard.takes(case) for shard in shards) for case in CASES] == [1] * len(CASES)
    assert all(any(shard.takes(case) for case in CASES) for shard in shards)


def test_a_target_held_against_itself_is_observed_twice() -> None:
    """The others once, whatever else is in the shard."""
    shard = replace(SHARD, pairs=(PAIR, SAME))
    assert shard.repeats("fake") == (0, 1)
    assert shard.repeats("fake-drifts") == (0,)
    assert SHARD.repeats("fake") == (0,)


def test_a_shard_is_named(tmp_path: Path) -> None:
    """Where a plan has several, the name says which; one that is alone needs none."""
    path = tmp_path / "plan.json"
    describe.write(PLAN.plain(), path)
    assert describe.names(PLAN.shards) == "one, two"
    with pytest.raises(WrongUse, match=r"Expected `--name` beside a plan: one of one, two\. Received: none"):
        describe.read_shard(path, None)
    with pytest.raises(WrongUse, match=r"Expected `--name` to be one of one, two\. Received: 'three'"):
        describe.read_shard(path, "three")
    describe.write(replace(PLAN, shards=(SHARD,)).plain(), path)
    assert describe.read_shard(path, None) == SHARD


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("no json", "to be a file of `harness shard plan`"),
        ("[1]", "to hold a JSON object. Received: list"),
        ("{}", "Expected a shard as `harness shard plan` writes it. Received one without 'name'"),
        (
            '{"format": "another"}',
            "Expected a plan of the format keras-compat-harness/plan/1. Received: 'another'",
        ),
        (json.dumps({"format": describe.FORMAT}), "Expected a whole plan. Received one without 'shards'"),
    ],
)
def test_what_is_no_plan_is_wrong_use(tmp_path: Path, content: str, said: str) -> None:
    """And says the way out."""
    path = tmp_path / "plan.json"
    path.write_text(content)
    with pytest.raises(WrongUse) as raised:
        describe.read_shard(path, None)
    assert said in str(raised.value)


@pytest.mark.parametrize("wrong", [{"place": "first"}, {"pairs": [{"name": "x"}]}, {"errands": [{}]}])
def test_a_shard_with_a_wrong_part_is_wrong_use(wrong: dict[str, Any]) -> None:
    """Nothing of it is guessed."""
    with pytest.raises(WrongUse, match="Plan again with this version of the harness"):
        describe.shard_from(SHARD.plain() | wrong)


def test_a_list_is_written_as_one(tmp_path: Path) -> None:
    """For a workflow that takes a list of shards."""
    describe.write_list([{"a": 1}], tmp_path / "list.json")
    assert json.loads((tmp_path / "list.json").read_text()) == [{"a": 1}]
