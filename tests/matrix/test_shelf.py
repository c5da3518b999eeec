"""What a store holds of the columns of a matrix."""

from __future__ import annotations

from pathlib import Path

from harness import invented
from harness.matrix.shelf import Shelf
from harness.model import Case, Outcome
from harness.run.wire import Sighting
from harness.store import Key, Store

CASES = [Case(subject="layers.Dense", script="layer", parameters={"units": n}, feed={}) for n in range(3)]
COLUMNS = invented.columns({"keras": 2})


def test_cases_are_read_by_repeat_and_column(tmp_path: Path) -> None:
    """Only as they are performed now and only of the columns; what was not observed is None."""
    said = Sighting("", "", Outcome.RETURNED, b"[]\0")
    with Store(tmp_path / "store.sqlite") as store:
        for case, place, repeat in ((0, 0, 0), (0, 1, 0), (0, 1, 2), (1, 0, 1)):
            store.add(Key(CASES[case].hash, COLUMNS[place].fingerprint, "now", repeat), said)
        store.add(Key(CASES[0].hash, COLUMNS[0].fingerprint, "before", 3), said)
        store.add(Key(CASES[1].hash, "another target", "now"), said)
        found = Shelf(store, COLUMNS, {"layer": "now"}).rows(CASES)
        there = [
            {repeat: [row is not None for row in rows] for repeat, rows in by_repeat.items()}
            for by_repeat in found
        ]
        assert there == [
            {0: [True, True], 2: [False, True]},
            {0: [False, False], 1: [True, False]},
            {0: [False, False]},
        ]
        row = found[0][2][1]
        assert row is not None
        assert (row.case_hash, row.fingerprint, row.repeat) == (CASES[0].hash, COLUMNS[1].fingerprint, 2)
        assert row.outcome is Outcome.RETURNED
        assert row.stopped is False
        nothing = Shelf(store, COLUMNS, {}).rows(CASES[:1])
        assert nothing == [{0: [None, None]}]


def test_payloads_are_fetched_together(tmp_path: Path) -> None:
    """One that says no more than its row does has nothing in it."""
    with Store(tmp_path / "store.sqlite") as store:
        said = [Sighting("", "", Outcome.RETURNED, body) for body in (b"[]\0one", b"[]\0two")]
        for place, sighting in enumerate(said):
            store.add(Key(CASES[place].hash, "target", "now"), sighting)
        shelf = Shelf(store, COLUMNS, {})
        asked = [*(sighting.payload for sighting in said), "another"]
        assert shelf.bodies(asked) == dict(zip(asked, (b"[]\0one", b"[]\0two", b""), strict=True))
