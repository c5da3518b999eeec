"""The store: nothing observed is lost, and what cannot be done is said."""

from __future__ import annotations

import contextlib
import random
import sqlite3
from pathlib import Path

import pytest

from harness.errors import StoreFault
from harness.model import Case, Outcome
from harness.run.wire import Sighting
from harness.store import Key, Store

BODY = b'[{"step": "forward", "kind": "value", "status": "returned", "value": 1}]\0'


def sighting(case: str = "a" * 32, body: bytes = BODY, **more: object) -> Sighting:
    """A sighting of no importance."""
    return Sighting(case, "target", Outcome.RETURNED, body, **more)  # type: ignore[arg-type]


def key(case: str = "a" * 32, repeat: int = 0) -> Key:
    """Its key."""
    return Key(case, "print", "script", repeat)


def test_what_was_added_is_there_again(tmp_path: Path) -> None:
    """A sighting comes back as it was, in another process's view too."""
    seen = sighting(evidence="words", traces="lines", seconds=0.5, inside_seconds=0.25)
    with Store(tmp_path / "s.sqlite") as store:
        store.add(key(), seen)
    with Store(tmp_path / "s.sqlite") as store:
        assert store.get(key(), "target") == seen


def test_known_tells_what_need_not_be_run(tmp_path: Path) -> None:
    """Only observations of the same case, target, script and repeat count as known."""
    with Store(tmp_path / "s.sqlite") as store:
        store.add(key(), sighting())
        other = Key("a" * 32, "another target", "script", 0)
        assert store.known([key(), key(repeat=1), other, key("b" * 32)]) == {key()}


def test_an_observation_stays_unless_replaced(tmp_path: Path) -> None:
    """A second observation of the same key is not kept, unless the run was told to use no cache."""
    with Store(tmp_path / "s.sqlite") as store:
        store.add(key(), sighting())
        store.add(key(), sighting(body=b"[]\0"))
        assert store.get(key(), "target") == sighting()
        store.add(key(), sighting(body=b"[]\0"), replace=True)
        assert store.get(key(), "target") == sighting(body=b"[]\0")


def test_cases_come_back_whole(tmp_path: Path) -> None:
    """A case read from the store has the hash and the address it had."""
    case = Case("layers.Dense", "layer", {"units": 3}, {"inputs": []}, "label", ("predict",), 7, None, 5.0)
    with Store(tmp_path / "s.sqlite") as store:
        store.keep_cases([case, case])
        again = store.case(case.hash)
    assert again == case
    assert again is not None
    assert again.address == case.address


def test_stores_merge_by_union(tmp_path: Path) -> None:
    """Shards that overlap make the store that one run would have made."""
    paths = [tmp_path / f"{n}.sqlite" for n in range(3)]
    for path, cases in zip(paths, (["1", "2"], ["2", "3"], ["1", "2", "3"]), strict=True):
        with Store(path) as store:
            for case in cases:
                store.add(key(case), sighting(case, BODY + case.encode()))
    with Store(paths[0]) as store:
        assert store.merge(paths[1]) == 1
        with Store(paths[2]) as whole:
            assert store.fingerprint() == whole.fingerprint()


def test_a_store_of_another_version_is_left_alone(tmp_path: Path) -> None:
    """The message names both versions and nothing is changed."""
    path = tmp_path / "s.sqlite"
    with Store(path):
        pass
    with sqlite3.connect(path) as database:
        database.execute("UPDATE meta SET value = '99' WHERE key = 'version'")
    with pytest.raises(StoreFault, match=r"version 1\. Received version 99"):
        Store(path)


def test_a_damaged_store_is_said_and_kept(tmp_path: Path) -> None:
    """A file that is no database is not overwritten."""
    path = tmp_path / "s.sqlite"
    path.write_bytes(b"this is not a database" * 100)
    with pytest.raises(StoreFault, match=r"cannot be opened.*untouched"):
        Store(path)
    assert path.read_bytes().startswith(b"this is not")


def test_a_full_disk_is_said_and_loses_nothing(tmp_path: Path) -> None:
    """When SQLite cannot grow the file, what was there stays readable."""
    with Store(tmp_path / "s.sqlite") as store:
        store.add(key(), sighting())
        store._db.execute("PRAGMA max_page_count = 20")
        noise = bytes(hash((i, "x")) & 0xFF for i in range(1 << 18))
        with pytest.raises(StoreFault, match=r"full.*Free some disk"):
            store.add(key("b" * 32), sighting("b" * 32, noise))
        assert store.get(key(), "target") == sighting()
        assert store.get(key("b" * 32), "target") is None


def test_a_damaged_payload_is_said(tmp_path: Path) -> None:
    """One payload that cannot be unpacked is a fault that names its case."""
    with Store(tmp_path / "s.sqlite") as store:
        store.add(key(), sighting())
        store._db.execute("UPDATE payloads SET data = x'00'")
        with pytest.raises(StoreFault, match="a" * 32):
            store.get(key(), "target")


def test_runs_are_kept_in_order(tmp_path: Path) -> None:
    """Runs are listed oldest first and come back whole."""
    with Store(tmp_path / "s.sqlite") as store:
        store.keep_run("2", {"pair": "b"})
        store.keep_run("1", {"pair": "a"})
        assert store.runs() == ["1", "2"]
        assert (store.run("1") or {})["pair"] == "a"
        assert store.run("3") is None


def test_an_interrupted_write_is_taken_back(tmp_path: Path) -> None:
    """What fails in the middle of a transaction leaves nothing half done."""
    with Store(tmp_path / "s.sqlite") as store:
        store.add(key(), sighting())
        with contextlib.suppress(KeyboardInterrupt), store._writing():
            store._db.execute("DELETE FROM observations")
            raise KeyboardInterrupt
        assert store.get(key(), "target") == sighting()


def test_a_store_that_is_not_there_cannot_be_merged(tmp_path: Path) -> None:
    """Merging a file that does not exist, or is no store, changes nothing and makes no file."""
    with Store(tmp_path / "s.sqlite") as store:
        store.add(key(), sighting())
        with pytest.raises(StoreFault, match="cannot be merged"):
            store.merge(tmp_path / "none.sqlite")
        (tmp_path / "other.sqlite").write_bytes(b"")
        with pytest.raises(StoreFault, match="cannot be merged"):
            store.merge(tmp_path / "other.sqlite")
        assert store.get(key(), "target") == sighting()
    assert not (tmp_path / "none.sqlite").exists()


def test_what_is_added_together_is_there_together(tmp_path: Path) -> None:
    """Others see none of it before the end; within it the store itself sees all."""
    with Store(tmp_path / "store.sqlite") as store, Store(tmp_path / "store.sqlite") as other:
        with store.together():
            store.add(key(), sighting())
            store.add(key(repeat=1), sighting())
            assert store.known([key(), key(repeat=1)]) == {key(), key(repeat=1)}
            assert not other.known([key()])
        assert other.known([key(), key(repeat=1)]) == {key(), key(repeat=1)}


def test_what_was_added_before_an_interruption_stays(tmp_path: Path) -> None:
    """Ctrl-C comes at any moment; what was observed was paid for."""

    def interrupted(store: Store) -> None:
        with store.together():
            store.add(key(), sighting())
            raise KeyboardInterrupt

    with Store(tmp_path / "store.sqlite") as store, pytest.raises(KeyboardInterrupt):
        interrupted(store)
    with Store(tmp_path / "store.sqlite") as store:
        assert store.known([key(), key(repeat=1)]) == {key()}


def test_what_else_fails_together_is_not_blamed_on_the_store(tmp_path: Path) -> None:
    """A pipe that closed while observations were kept is what it is; what was added stays."""

    def interrupted(store: Store) -> None:
        with store.together():
            store.add(key(), sighting())
            raise BrokenPipeError

    with Store(tmp_path / "store.sqlite") as store:
        with pytest.raises(BrokenPipeError):
            interrupted(store)
        assert store.known([key()]) == {key()}


def test_a_full_disk_is_said_together_as_well(tmp_path: Path) -> None:
    """What does not fit is named as the store's fault, with the way out; the store goes on."""
    large = sighting("b" * 32, bytes(random.Random(0).randbytes(1 << 20)))

    def overfull(store: Store) -> None:
        with store.together():
            store.add(key("b" * 32), large)

    with Store(tmp_path / "store.sqlite") as store:
        store.add(key(), sighting())
        pages = store._db.execute("PRAGMA page_count").fetchone()[0]
        store._db.execute(f"PRAGMA max_page_count = {pages + 2}")
        with pytest.raises(StoreFault, match="Free some disk"):
            overfull(store)
        assert store.known([key(), key("b" * 32)]) == {key()}
