"""What columns did with one case, and how any two of them relate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.compare.observations import Comparison
from harness.matrix import relating
from harness.matrix.relating import Behaviour, Relation
from harness.matrix.survey import Gathered, Survey, in_order, lacking, observed
from harness.model import Case, Difference, Kind, Outcome
from harness.report.matrix_records import CaseRow, Lineage

CASE = Case(subject="layers.Dense", script="layer", parameters={}, feed={}, label="")


class Shelf:
    """The rows of one case: a payload a column, empty where nothing was observed; `-` and `.` are special."""

    def __init__(self, *payloads: str, float64: bool = True) -> None:
        self.payloads = payloads
        self.columns = [SimpleNamespace(id=f"c{place}", float64=float64) for place, _ in enumerate(payloads)]

    def rows(self, cases: Sequence[Case]) -> list[Any]:
        """A row a column, whichever case."""
        outcomes = {"-": Outcome.MISSING, ".": Outcome.UNSUPPORTED}
        rows = [
            SimpleNamespace(payload=p, outcome=outcomes.get(p, Outcome.RETURNED)) if p else None
            for p in self.payloads
        ]
        return [{0: rows} for _ in cases]


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Decides what comparing and settling say: kinds of the differences, and what stands of them."""
    says: dict[str, Any] = {
        "kinds": (Kind.VALUE,),
        "stands": False,
        "undecided": (),
        "unsteady": (),
        "compared": 0,
        "settled": 0,
    }

    def differences() -> tuple[Difference, ...]:
        return tuple(Difference("forward", kind, "", 1, 2) for kind in says["kinds"])

    def compare(one: Any, two: Any, known: Any) -> Comparison:
        says["compared"] += 1
        return cast(Comparison, SimpleNamespace(differences=differences()))

    def settle(*sides: Any, **more: Any) -> Any:
        says["settled"] += 1
        return SimpleNamespace(
            differences=differences() if says["stands"] else (),
            undecided=says["undecided"],
            judgements={},
            unsteady=says["unsteady"],
        )

    monkeypatch.setattr(relating, "compare", compare)
    monkeypatch.setattr(relating, "differences", lambda one, two, known: iter(differences()))
    monkeypatch.setattr(relating, "settle", settle)
    monkeypatch.setattr(relating, "needs_evidence", lambda found: [d for d in found if d.kind is Kind.VALUE])
    silent = SimpleNamespace(steps=(), step=lambda name: None)
    monkeypatch.setattr(Behaviour, "observation", lambda self, row: silent)
    monkeypatch.setattr(Behaviour, "_side", lambda self, place: None)
    monkeypatch.setattr(Behaviour, "_terms", lambda self, one, two: 1)
    monkeypatch.setattr(Behaviour, "_stepped", lambda self, one, two: bool(says.get("stepped")))
    return says


@dataclass(frozen=True)
class Change:
    """Stands for a divergence."""

    pair: str
    difference: Difference
    subjects: tuple[str, ...] = ()


def behaviour(*payloads: str, gathered: set[int] | None = None) -> Behaviour:
    """A case over columns."""
    return Behaviour(CASE, cast(Any, Shelf(*payloads)), gathered)


def test_equal_digests_are_equal_and_never_compared(judged: dict[str, Any]) -> None:
    """Nothing is unpacked for them."""
    found = behaviour("a", "a")
    assert found.relation(0, 1) is Relation.EQUAL
    assert found.standing(0, 1) == ()
    assert judged["compared"] == 0


def test_two_payloads_are_compared_once_whichever_columns_have_them(judged: dict[str, Any]) -> None:
    """One's evidence is the other's as well: that of the first column that observed it."""
    found = behaviour("a", "b", "a", "b")
    assert found.relation(0, 1) is found.relation(2, 3) is Relation.ROUNDING
    assert judged["compared"] == 1
    assert found.firsts == (0, 1, 0, 1)


@pytest.mark.parametrize(
    ("says", "relation"),
    [
        ({"kinds": ()}, Relation.EQUAL),
        ({"kinds": (Kind.CONFIG,)}, Relation.DIFFERENT),
        ({"kinds": (Kind.VALUE, Kind.CONFIG)}, Relation.DIFFERENT),
        ({"stands": True}, Relation.DIFFERENT),
        ({"undecided": ("forward",)}, Relation.UNDECIDED),
        ({"unsteady": ("forward",)}, Relation.UNDECIDED),
        ({}, Relation.ROUNDING),
    ],
    ids=[
        "equal parts",
        "config",
        "config beside numbers",
        "numbers",
        "no evidence",
        "not twice alike",
        "rounding",
    ],
)
def test_only_numbers_alone_are_left_to_evidence(
    says: dict[str, Any], relation: Relation, judged: dict[str, Any]
) -> None:
    """What differs otherwise differs, whatever the numbers do."""
    judged.update(says)
    found = behaviour("a", "b")
    assert found.relation(0, 1) is relation
    assert found.differs(0, 1) is (relation is Relation.DIFFERENT)
    assert found.unsure is (relation is Relation.UNDECIDED)


def test_what_something_else_tells_apart_is_looked_at_no_further(judged: dict[str, Any]) -> None:
    """Neither compared as a whole nor held against evidence, unless what differs is asked for."""
    judged["kinds"] = (Kind.VALUE, Kind.CONFIG)
    found = behaviour("a", "b", "c")
    assert found.relation(0, 1) is Relation.DIFFERENT
    assert (judged["compared"], judged["settled"]) == (0, 0)
    assert len(found.compared(0, 2).differences) == 2
    assert found.relation(0, 2) is Relation.DIFFERENT
    assert (judged["compared"], judged["settled"]) == (1, 0)


def test_evidence_is_weighed_once(judged: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Whether two columns are told apart, what stands between them and what it is called rest on one look."""
    monkeypatch.setattr(
        relating, "classify", lambda case, found, *, pair, judgements: [Change(pair, d) for d in found]
    )
    judged["stands"] = True
    found = behaviour("a", "b", "a", "b")
    assert found.relation(0, 1) is Relation.DIFFERENT
    assert [d.kind for d in found.standing(2, 3)] == [Kind.VALUE]
    assert [c.difference.kind for c in cast(Any, found.divergences(0, 3, "a..b"))] == [Kind.VALUE]
    assert (judged["compared"], judged["settled"]) == (1, 1)


def test_evidence_that_is_not_there_yet_is_asked_for(judged: dict[str, Any]) -> None:
    """Of the columns that stand for the two; until then they are not told apart."""
    judged["stepped"] = True
    found = behaviour("a", "b", "b", gathered={0})
    assert found.differs(0, 2) is False
    assert [(e.places, e.stepped) for e in found.wanted] == [((0, 1), True)]
    assert found.standing(0, 1)
    assert len(found.wanted) == 2
    judged["stands"] = False
    assert behaviour("a", "b", gathered={0, 1}).standing(0, 1) == ()


def test_a_column_without_a_behaviour_has_its_mark(judged: dict[str, Any]) -> None:
    """Not run, missing and unsupported are told apart."""
    assert behaviour("", "-", ".", "a").specials == ("?", "-", ".", "")


def test_evidence_is_asked_once_a_column_and_case(judged: dict[str, Any]) -> None:
    """What is handed out counts as observed; a survey then classifies with what there is."""
    shelf = cast(Any, Shelf("a", "b"))
    survey = Survey(shelf, [Lineage("line", ("c0", "c1"))])
    gathered = Gathered()
    still_open = survey.look([CASE], gathered)
    assert [case for case, _ in still_open] == [CASE]
    assert survey.rows == {}
    asked = list(lacking(still_open, shelf, gathered))
    assert [each.place for each in asked] == [0, 1]
    assert all(v.variant == "shadow" for each in asked for v in each.variants)
    assert gathered.of(CASE.hash) == {0, 1}
    assert gathered.of("another") == set()
    assert survey.look([CASE], gathered) == []
    assert [row.marks for row in in_order(survey, [CASE])] == ["AA"]


def test_a_column_without_float64_is_asked_for_jitter(judged: dict[str, Any]) -> None:
    """There is no shadow to be had of it; each jitter is asked for twice."""
    shelf = cast(Any, Shelf("a", "b", float64=False))
    found = Behaviour(CASE, shelf, set())
    found.differs(0, 1)
    still_open = [(CASE, tuple(found.wanted))]
    asked = list(lacking(still_open, shelf, Gathered()))
    assert asked[0].variants
    assert all((v.variant or "").startswith("jitter") for each in asked for v in each.variants)
    assert all(each.again[1:] == each.variants for each in asked)


def test_what_was_not_run_is_not_counted_as_observed() -> None:
    """Whatever else a mark says, the column observed it."""
    rows = [CaseRow("h", "s", "a", "A?-", False), CaseRow("h", "s", "a", "??A", False)]
    assert observed(rows) == {0: 1, 1: 0, 2: 2}
