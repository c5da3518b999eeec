"""Environments of a matrix: made when their turn comes, and kept within what they may take of the disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness import disk, locks
from harness.environments import Environment, State
from harness.matrix import running
from harness.matrix.crew import Alone
from harness.matrix.performing import Clock
from harness.matrix.room import AT_ONCE, Room
from harness.observing import Observer
from harness.store import Store
from harness.targets import Target, load
from tests.fakes import lineage
from tests.matrix.conftest import MEGABYTE, Disk, Told


def perform(room: Room, targets: list[Target], jobs: int = 1) -> list[str]:
    """Use each target's environment in its turn; the ids in the order of their turns."""
    order = []
    for group in room.turns(targets, lambda target: target, jobs):
        with room.holding(group):
            for target in group:
                assert room.ready(target).state is State.READY
                order.append(target.id)
    return order


def test_without_a_budget_nothing_is_removed_and_the_order_is_the_given_one(made: Disk) -> None:
    """Several targets have their turn at once, so that no worker idles."""
    targets = [made.target(id) for id in "abcdefgh"]
    room = Room(Told(), prepare=made.prepare)
    assert [len(group) for group in room.turns(targets, lambda target: target, 2)] == [2 * AT_ONCE, 2]
    assert perform(room, targets) == list("abcdefgh")
    assert made.there == list("abcdefgh")


def test_those_that_are_ready_have_one_turn(made: Disk) -> None:
    """No worker idles at the end of a turn then; what has to be made is used before more is made."""
    targets = [made.target(id) for id in "abcdefghi"]
    for target in targets[7:]:
        made.prepare(target)
    turns = list(Room(Told(), prepare=made.prepare).turns(targets, lambda target: target, 2))
    assert turns == [targets[7:], targets[:6], targets[6:7]]


def test_those_used_longest_ago_go_when_the_budget_is_reached(made: Disk) -> None:
    """What is removed is said; what is left is within the budget."""
    told = Told()
    room = Room(told, budget=int(2.5 * MEGABYTE), prepare=made.prepare)
    assert perform(room, [made.target(id) for id in "abcd"]) == list("abcd")
    assert made.there == ["c", "d"]
    assert [line.split(",")[0] for line in told.said] == [
        "removed the environment of a",
        "removed the environment of b",
    ]


def test_a_second_pass_makes_only_what_was_removed_and_last(made: Disk) -> None:
    """Going round in the same order would make every one again: those that are there come first."""
    room = Room(Told(), budget=int(2.5 * MEGABYTE), prepare=made.prepare)
    targets = [made.target(id) for id in "abcd"]
    perform(room, targets)
    made.made.clear()
    assert perform(room, targets) == list("cdab")
    assert made.made == ["a", "b"]
    assert made.pins[-2:] == ["pins of a", "pins of b"]  # the very build whose column was observed


def test_what_has_its_turn_stays_even_beyond_the_budget(made: Disk) -> None:
    """Two jobs need two environments at once, whatever the budget."""
    room = Room(Told(), budget=0, prepare=made.prepare)
    assert perform(room, [made.target(id) for id in "abc"], jobs=2) == list("abc")
    assert made.there == ["c"]


def test_what_is_over_the_budget_from_before_goes_at_the_start(made: Disk) -> None:
    """Though nothing has to be made."""
    for id in "abc":
        made.prepare(made.target(id))
    assert perform(Room(Told(), budget=int(1.5 * MEGABYTE), prepare=made.prepare), [made.target("a")]) == [
        "a"
    ]
    assert made.there == ["a"]


def test_one_in_use_is_held_against_others(made: Disk) -> None:
    """Another process with a budget cannot remove it while it has its turn."""
    room = Room(Told(), prepare=made.prepare)
    with room.holding([made.target("a")]):
        room.ready(made.target("a"))
        with (made.root / "environments" / "a.use").open("a") as file:
            assert not locks.lock_at_once(file)
        assert disk.keep_within(0, made.root) == []
    assert [gone.id for gone in disk.keep_within(0, made.root)] == ["a"]


def test_none_is_made_where_none_may_be(made: Disk) -> None:
    """`--no-prepare`: a target without an environment is left to whoever asked."""
    room = Room(Told(), make=False, prepare=made.prepare)
    assert room.ready(made.target("a")).state is State.POSSIBLE
    assert made.made == []


CASES = ("layers.Dense/layer[[]units=3,batch of one]", "layers.Dense/layer[[]units=3,large]")


@pytest.fixture
def request_(tmp_path: Path) -> running.MatrixRequest:
    """A matrix of fakes that round and drift, each with an environment of its own."""
    found = load(lineage.write(tmp_path)).select(["fake-[1-3]"])
    targets = tuple(replace(target, interpreter=None, environment=target.id) for target in found)
    return running.MatrixRequest(targets, "full", CASES, jobs=1)


def performed(
    request: running.MatrixRequest, room: Room, path: Path
) -> tuple[running.MatrixRecord, dict[tuple[str, str, str, int], tuple[str, str]]]:
    """A matrix by one process, and what is in its store."""
    with Store(path) as store:
        crew = Alone(Observer(store, jobs=1, progress=Told()), Clock(), room)
        return running.run_with(crew, request), store.fingerprint()


def test_a_matrix_within_a_budget_is_the_same_matrix(
    made: Disk, request_: running.MatrixRequest, tmp_path: Path
) -> None:
    """Evidence has removed environments made again, and only these: two of three, for one always stays."""
    tight = Room(Told(), budget=int(1.5 * MEGABYTE), prepare=made.prepare)
    record, observations = performed(request_, tight, tmp_path / "tight.sqlite")
    assert made.made[:3] == ["fake-1", "fake-2", "fake-3"]
    assert sorted(made.made[3:]) == ["fake-1", "fake-2"]
    assert len(made.there) == 1
    whole, all_of_them = performed(request_, Room(Told(), prepare=made.prepare), tmp_path / "whole.sqlite")
    assert all_of_them.items() <= observations.items(), "all stages of evidence are one round there"
    assert (record.columns, record.cases, record.changes) == (whole.columns, whole.cases, whole.changes)
    assert {key[3] for key in observations} == {0, 1}


def test_an_environment_that_cannot_be_made_again_is_a_fault(
    made: Disk, request_: running.MatrixRequest, tmp_path: Path
) -> None:
    """Its column was observed; the evidence it lacks is said."""

    def once(target: Target, **more: object) -> Environment:
        if target.id in made.made:
            return Environment(target.id, State.IMPOSSIBLE, reason="no index", fix="Try again.")
        return made.prepare(target, **more)

    tight = Room(Told(), budget=int(1.5 * MEGABYTE), prepare=once)
    record, _ = performed(request_, tight, tmp_path / "tight.sqlite")
    assert all(column.ran for column in record.columns)
    faults = {fault.target: fault for fault in record.faults}
    assert set(faults) == {"fake-1", "fake-2"}
    assert faults["fake-1"].what.endswith("could not be made again: no index")
    assert any(row.unsure for row in record.cases)
