"""Environments of a matrix: made when their turn comes, and kept within what they may take of the disk."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from harness import disk, environments, locks
from harness.environments import Environment, State
from harness.matrix.room import AT_ONCE, Room
from harness.targets import Target

MEGABYTE = 1 << 20


class Told:
    """Progress that remembers what was said."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def begin(self, target: str, what: str, total: int, known: int) -> None:
        """Nothing."""

    def advance(self, target: str) -> None:
        """Nothing."""

    def say(self, line: str) -> None:
        """Kept."""
        self.said.append(line)


@dataclass
class Disk:
    """Environments of a megabyte each, and who made them."""

    root: Path
    made: list[str] = field(default_factory=list)
    pins: list[str] = field(default_factory=list)

    def target(self, id: str) -> Target:
        """A target with an environment of its own."""
        return Target(id, "keras", "1", "numpy", "numpy", "keras", "none", environment=id)

    def prepare(self, target: Target, *, resolved: str = "", **unused: Any) -> Environment:
        """Make one."""
        directory = self.root / environments.folder_name(target.id)
        (directory / "bin").mkdir(parents=True)
        (directory / "own").write_bytes(os.urandom(MEGABYTE))
        records = self.root / "environments"
        records.mkdir(exist_ok=True)
        (records / f"{target.id}.json").write_text(json.dumps({"python": str(directory / "bin" / "python")}))
        self.made.append(target.id)
        self.pins.append(resolved)
        return Environment(target.id, State.READY, resolved=f"pins of {target.id}")

    def look(self, target: Target) -> Environment:
        """Whether there is one."""
        ready = target.id in self.there
        return Environment(target.id, State.READY if ready else State.POSSIBLE)

    @property
    def there(self) -> list[str]:
        """Those there are."""
        return sorted(each.id for each in disk.kept(self.root)[0])


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Disk:
    monkeypatch.setenv(environments.HOME_VARIABLE, str(tmp_path))
    found = Disk(tmp_path)
    monkeypatch.setattr(environments, "look", found.look)
    return found


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
