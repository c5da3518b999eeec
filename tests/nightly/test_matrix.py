"""What a night says of its matrix: how much of it there is, what the newest releases changed, what is new."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness.matrix.columns import ALONE
from harness.model import Kind, Severity
from harness.nightly import figures as nights
from harness.nightly import matrix
from harness.nightly.figures import History
from harness.report.matrix_records import CaseRow, Change, Column, Lineage, MatrixRecord

LINE = ("old", "broken", "newest", "nightly")
CHANGE = Change(
    "line", "old", "newest", "numbers|Dense", Kind.VALUE, Severity.NUMBERS, "Dense differs",
    ("layers.Dense",), 1, "layers.Dense/layer[]", "hash", "by 1",
)  # fmt: skip


def column(id: str) -> Column:
    """A column; the broken one was not run."""
    made = Column(id, "keras", f"{id}.0", "numpy", "keras", ("line",), fingerprint=f"of {id}")
    return made if id != "broken" else replace(made, fingerprint="", why="no\nsuch Python")


@pytest.fixture
def record() -> MatrixRecord:
    """Four releases of one lineage, two of which changed something, and a target of none."""
    return MatrixRecord(
        run="run", started="", ended="", profile="quick", seed=0, settings={},
        columns=(*map(column, LINE), column("alone"), column("besides")),
        lineages=(Lineage("line", LINE), Lineage("short", ("alone",)), Lineage(ALONE, ("alone", "besides"))),
        cases=(CaseRow("hash", "layers.Dense", "layers.Dense/layer[]", "A?BAAA", unsure=True),),
        changes=(CHANGE, replace(CHANGE, before="newest", after="nightly", back=True)),
    )  # fmt: skip


def test_the_newest_releases_of_each_lineage_are_told(record: MatrixRecord) -> None:
    """Newest first, without those that were not run, and none that has no release before it."""
    found = matrix.figures(record, None)
    assert [(r.lineage, r.column, r.version, r.appeared, r.went, r.new) for r in found.releases] == [
        ("line", "nightly", "nightly.0", 0, 1, None),
        ("line", "newest", "newest.0", 1, 0, None),
    ]
    assert (found.columns, found.observed, found.changes, found.new, found.unsure) == (6, 5, 2, None, 1)
    assert found.not_run == {"broken": "no such Python"}


def test_new_is_what_no_night_before_has_seen(record: MatrixRecord) -> None:
    """The first night knows of none; afterwards a change is known whatever came before it in the lineage."""
    history = History()
    assert history.changes_seen is None
    first = matrix.figures(record, history.changes_seen)
    nights.remember(history, "1", {}, [], (first.plain(), matrix.titles(record)))
    assert matrix.figures(record, history.changes_seen).new == 0
    repaired = replace(CHANGE, before="broken")
    another = replace(CHANGE, fingerprint="numbers|LSTM")
    second = matrix.figures(replace(record, changes=(repaired, another)), history.changes_seen)
    assert (second.changes, second.new) == (2, 1)
    assert [release.new for release in second.releases] == [0, 1]


def test_a_change_that_comes_is_not_the_one_that_goes(record: MatrixRecord) -> None:
    """A release that takes a change back is told of although the change was known."""
    assert matrix.key_of(CHANGE) != matrix.key_of(replace(CHANGE, back=True))


def test_changes_are_kept_in_the_history(record: MatrixRecord, tmp_path: Path) -> None:
    """With the first and the last night that saw them; a history from before there were any is read too."""
    history = History()
    told = matrix.figures(record, None).plain(), matrix.titles(record)
    for night in ("1", "2"):
        nights.remember(history, night, {}, [], told)
    nights.save(history, tmp_path / "history.json")
    again = nights.load(tmp_path / "history.json")
    assert {(seen.first, seen.last, seen.title) for seen in again.changes.values()} == {
        ("1", "2", "Dense differs")
    }
    assert again.nights[0]["matrix"]["observed"] == 5
    older = {key: value for key, value in history.plain().items() if key != "changes"}
    (tmp_path / "older.json").write_text(json.dumps(older))
    assert nights.load(tmp_path / "older.json").changes == {}
