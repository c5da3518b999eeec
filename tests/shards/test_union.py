"""Stores brought together: everything is there, and what contradicts is said."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from harness.errors import StoreFault
from harness.model import Case, Outcome
from harness.run.wire import Sighting
from harness.shards.union import as_faults, take_in, take_known
from harness.store import Key, Store

CASES = [Case("layers.Dense", "layer", {"units": n}, {}) for n in range(4)]


def fill(path: Path, numbers: list[int], *, body: bytes = b"[]", repeat: int = 0) -> Path:
    """A store that holds these cases on one target."""
    with Store(path) as store:
        store.keep_cases(CASES)
        store.keep_target("f", "fake", {"id": "fake"})
        for n in numbers:
            sighting = Sighting(CASES[n].hash, "fake", Outcome.RETURNED, body, repeat=repeat)
            store.add(Key(CASES[n].hash, "f", "s", repeat), sighting)
    return path


def test_a_union_holds_what_each_store_held(tmp_path: Path) -> None:
    """Nothing is lost, what is in both is there once, and nothing contradicts."""
    one, two = fill(tmp_path / "1.sqlite", [0, 1]), fill(tmp_path / "2.sqlite", [1, 2])
    with Store(tmp_path / "all.sqlite") as store:
        assert take_in(store, one).new == 2
        union = take_in(store, two)
        assert (union.new, union.contradictions) == (1, ())
        whole = fill(tmp_path / "whole.sqlite", [0, 1, 2])
        with Store(whole) as expected:
            assert store.fingerprint() == expected.fingerprint()


def test_one_key_with_two_payloads_is_said(tmp_path: Path) -> None:
    """The first stays, the other is told as a harness fault with its target, subject and store."""
    one, two = fill(tmp_path / "1.sqlite", [0, 1]), fill(tmp_path / "2.sqlite", [1, 2], body=b"[1]")
    with Store(tmp_path / "all.sqlite") as store:
        take_in(store, one)
        before = store.fingerprint()
        (found,) = take_in(store, two).contradictions
        assert store.fingerprint().items() >= before.items()
    assert (found.target, found.subject, found.store) == ("fake", "layers.Dense", two)
    assert found.key == Key(CASES[1].hash, "f", "s", 0)
    (fault,) = as_faults([found])
    assert fault.target == "fake"
    assert "1 observations were made in two shards and are not the same" in fault.what
    assert CASES[1].hash in fault.evidence


def test_the_later_record_of_a_shard_counts(tmp_path: Path) -> None:
    """A shard that was performed again replaces what came of it before, in whatever order they come."""
    with Store(tmp_path / "1.sqlite") as store:
        store.keep_shard("x", {"ended": "2"})
    with Store(tmp_path / "all.sqlite") as store:
        store.keep_shard("x", {"ended": "1"})
        take_in(store, tmp_path / "1.sqlite")
        assert store.shards() == {"x": {"ended": "2"}}
        store.keep_shard("x", {"ended": "3"})
        take_in(store, tmp_path / "1.sqlite")
        assert store.shards() == {"x": {"ended": "3"}}


def test_a_store_that_is_not_there_is_said(tmp_path: Path) -> None:
    """By its name, and no file is made."""
    with (
        Store(tmp_path / "all.sqlite") as store,
        pytest.raises(StoreFault, match=r"none\.sqlite to be a store"),
    ):
        take_in(store, tmp_path / "none.sqlite")
    assert not (tmp_path / "none.sqlite").exists()


def test_just_what_is_asked_for_is_taken_over(tmp_path: Path) -> None:
    """Observations of the keys that are named, with their payloads and target, and no others."""
    other = fill(tmp_path / "1.sqlite", [0, 1, 2])
    fill(other, [0], repeat=1)
    keys = [Key(CASES[n].hash, "f", "s", 0) for n in (1, 3)]
    with Store(tmp_path / "all.sqlite") as store:
        assert take_known(store, other, keys) == 1
        assert store.known([Key(c.hash, "f", "s", r) for c in CASES for r in (0, 1)]) == {keys[0]}
        found = store.get(keys[0], "fake")
        assert found is not None
        assert found.body == b"[]"
        assert store.hello("f") == {"id": "fake"}
        assert take_known(store, tmp_path / "none.sqlite", keys) == 0
        assert take_known(store, other, []) == 0


def test_a_store_of_an_older_harness_can_be_taken_in(tmp_path: Path) -> None:
    """One without a table for shards has its observations taken all the same."""
    other = fill(tmp_path / "1.sqlite", [0])
    with sqlite3.connect(other) as db:
        db.execute("DROP TABLE shards")
    db.close()
    with Store(tmp_path / "all.sqlite") as store:
        assert store.merge(other) == 1
