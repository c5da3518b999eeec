"""Invented observations look like what targets did."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest

from harness import invented
from harness.matrix.columns import lineages_of
from harness.matrix.relating import Behaviour, Relation
from harness.matrix.shelf import Shelf
from harness.matrix.survey import Survey, in_order
from harness.model import Case, Kind, Severity
from harness.report.matrix_records import MISSING
from harness.scale import chosen
from harness.store import Store

CASES = 150


@cache
def cases_of_all() -> list[Case]:
    """Some cases of every part of the plan."""
    return chosen(CASES)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Shelf:
    """A store of some cases over all columns."""
    cases = cases_of_all()
    store = Store(tmp_path_factory.mktemp("store") / "store.sqlite")
    made = invented.columns()
    invented.fill(store, cases, made)
    return Shelf(store, made, invented.scripts_of(cases))


def test_columns_are_points_of_several_lineages() -> None:
    """Forty of them, each another target; some are not known to compute in float64."""
    made = invented.columns()
    assert len({c.fingerprint for c in made}) == len({c.id for c in made}) == 40
    assert [len(line.columns) for line in lineages_of(made)] == [20, 14, 6]
    assert sum(not c.float64 for c in made) == 4


def test_every_sort_of_history_occurs(shelf: Shelf) -> None:
    """Subjects come and go, behaviours part and return, numbers differ by rounding only and by more."""
    survey = Survey(shelf, lineages_of(shelf.columns))
    cases = cases_of_all()
    survey.look(cases, None)
    rows = in_order(survey, cases)
    letters = Counter(len(set(row.marks) - {MISSING}) for row in rows)
    assert letters[1]
    assert sum(count for classes, count in letters.items() if classes > 2) > 20
    assert any(MISSING in row.marks for row in rows)
    changes = survey.gathering.changes()
    assert {c.severity for c in changes} >= {
        Severity.NUMBERS,
        Severity.CONFIG,
        Severity.RAISES,
        Severity.NAMES,
    }
    assert {c.kind for c in changes} >= {Kind.VALUE, Kind.CONFIG, Kind.WARNINGS, Kind.DTYPE, Kind.SHAPE}
    assert any(c.until for c in changes)


def test_last_bits_are_told_from_the_rest_by_evidence(shelf: Shelf) -> None:
    """Several payloads of one class: rounding explains what parts them."""
    relations = Counter(
        behaviour.relation(one, one + 1)
        for case in cases_of_all()
        if (behaviour := Behaviour(case, shelf))
        for one in range(len(shelf.columns) - 1)
        if not any(behaviour.specials[one : one + 2])
    )
    assert relations[Relation.ROUNDING] > 20
    assert relations[Relation.DIFFERENT] > 20
    assert relations[Relation.EQUAL] > 20
    assert not relations[Relation.OPEN]


def test_the_same_store_comes_out_everywhere(tmp_path: Path) -> None:
    """Nothing hangs on the moment, the order or the machine's hash seed."""
    cases = cases_of_all()[:5]
    kept = []
    for name, order in (("one", cases), ("two", cases[::-1])):
        with Store(tmp_path / f"{name}.sqlite") as store:
            invented.fill(store, order, invented.columns())
            kept.append(store.fingerprint())
    assert kept[0] == kept[1]
    assert len(kept[0]) >= 200
