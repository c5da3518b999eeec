"""Cases looked at in several processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import invented
from harness.matrix import parallel
from harness.matrix.columns import lineages_of
from harness.matrix.evidence import Gathered
from harness.matrix.shelf import Shelf
from harness.matrix.survey import Survey, lacking
from harness.scale import chosen
from harness.store import Store

CASES = 60


def test_several_processes_find_what_one_finds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same rows in the same order, the same changes, and the same cases left to evidence."""
    monkeypatch.setattr(parallel, "FEW", 10)
    cases, made = chosen(CASES), invented.columns()
    with Store(tmp_path / "store.sqlite") as store:
        invented.fill(store, cases, made)
        shelf = Shelf(store, made, invented.scripts_of(cases))
        found = []
        for processes in (1, 2):
            survey, gathered = Survey(shelf, lineages_of(made)), Gathered()
            still_open = parallel.look(survey, cases, gathered, processes=processes)
            assert still_open
            asked = lacking(still_open, shelf, gathered)
            rest = parallel.look(survey, [case for case, _ in still_open], gathered, processes=processes)
            parallel.look(survey, [case for case, _ in rest], None, processes=processes)
            found.append((still_open, asked, list(survey.rows.values()), survey.gathering.changes()))
    assert found[0] == found[1]
    assert len(found[0][2]) == CASES


def test_few_cases_are_looked_at_here(tmp_path: Path) -> None:
    """A store that no other process could open does for them."""
    cases, made = chosen(3), invented.columns()
    with Store(tmp_path / "store.sqlite") as store:
        invented.fill(store, cases, made)
        survey = Survey(Shelf(store, made, invented.scripts_of(cases)), lineages_of(made))
        for path in tmp_path.iterdir():
            path.unlink()
        assert parallel.look(survey, cases, None) == []
    assert len(survey.rows) == 3
