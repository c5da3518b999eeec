"""What columns did with one case, and how any two of them relate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness import judging
from harness.compare.ladder import Judgement
from harness.compare.observations import Comparison
from harness.compare.settle import Settled
from harness.matrix import relating
from harness.matrix.evidence import Asked, Evidence, Gathered, stages
from harness.matrix.relating import Behaviour, Relation
from harness.matrix.survey import Lacking, Survey, in_order, lacking, observed
from harness.model import Case, Difference, Kind, Outcome, Size
from harness.report.matrix_records import CaseRow, Lineage

EVERYTHING = Asked.SHADOW | Asked.JITTER | Asked.REPEATS | Asked.JITTERS
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
    """Decides what comparing and settling say: kinds of the differences, and what stands of them.

    excused: whether the first stage of evidence calls all of it rounding. repeats: whether there are any.
    """
    says: dict[str, Any] = {
        "kinds": (Kind.VALUE,),
        "excused": False,
        "stands": False,
        "undecided": (),
        "unsteady": (),
        "repeats": (1,),
        "compared": 0,
        "settled": [],
    }

    def differences() -> tuple[Difference, ...]:
        return tuple(Difference("forward", kind, "", 1, 2) for kind in says["kinds"])

    def doubtful(found: Sequence[Difference]) -> list[Difference]:
        return [d for d in found if d.kind is Kind.VALUE]

    def compare(one: Any, two: Any, known: Any) -> Comparison:
        says["compared"] += 1
        return cast(Comparison, SimpleNamespace(differences=differences()))

    def settle(comparison: Any, one: Any, two: Any, **more: Any) -> Settled:
        stage = getattr(one, "stage", "none")
        says["settled"].append(stage)
        found = differences()
        judgements = {d.where: Judgement(d.kind, Size(1, 1, 1, 1, 1, 1), "") for d in doubtful(found)}
        others = tuple(d for d in found if d.kind is not Kind.VALUE)
        if stage == "first":
            excused = tuple(doubtful(found)) if says["excused"] else ()
            return Settled(others if excused else found, judgements, excused)
        stands = found if says["stands"] else others
        return Settled(stands, judgements, (), says["undecided"], (), says["unsteady"])

    monkeypatch.setattr(relating, "compare", compare)
    monkeypatch.setattr(relating, "differences", lambda one, two, known: iter(differences()))
    monkeypatch.setattr(relating, "settle", settle)
    monkeypatch.setattr(relating, "needs_evidence", doubtful)
    silent = SimpleNamespace(steps=(), step=lambda name: None)
    monkeypatch.setattr(Behaviour, "observation", lambda self, row: silent)
    first = SimpleNamespace(stage="first")
    monkeypatch.setattr(Behaviour, "_excusing", lambda self, place, moved: first)
    monkeypatch.setattr(
        Behaviour, "_side", lambda self, place: SimpleNamespace(stage="all", repeats=says["repeats"])
    )
    monkeypatch.setattr(Behaviour, "_terms", lambda self, one, two: 1)
    monkeypatch.setattr(judging, "is_stepped", lambda difference: bool(says.get("stepped")))
    return says


@dataclass(frozen=True)
class Change:
    """Stands for a divergence."""

    pair: str
    difference: Difference
    subjects: tuple[str, ...] = ()


def behaviour(*payloads: str, gathered: Mapping[int, Asked] | None = None, float64: bool = True) -> Behaviour:
    """A case over columns."""
    return Behaviour(CASE, cast(Any, Shelf(*payloads, float64=float64)), gathered)


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
        ({"stands": True, "repeats": ()}, Relation.UNDECIDED),
        ({}, Relation.ROUNDING),
        ({"stands": True, "unsteady": ("forward",), "repeats": (), "excused": True}, Relation.ROUNDING),
    ],
    ids=[
        "equal parts",
        "config",
        "config beside numbers",
        "numbers",
        "no evidence",
        "not twice alike",
        "not seen twice",
        "rounding",
        "rounding by the first stage",
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
    assert (judged["compared"], judged["settled"]) == (0, [])
    assert len(found.compared(0, 2).differences) == 2
    assert found.relation(0, 2) is Relation.DIFFERENT
    assert (judged["compared"], judged["settled"]) == (1, [])


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
    assert (judged["compared"], judged["settled"]) == (1, ["first", "all"])


def test_evidence_that_is_not_there_yet_is_asked_for(judged: dict[str, Any]) -> None:
    """Of the columns that stand for the two; until then they are not told apart."""
    judged["stepped"] = True
    found = behaviour("a", "b", "b", gathered={0: EVERYTHING})
    assert found.differs(0, 2) is False
    rest = Asked.JITTER | Asked.REPEATS | Asked.JITTERS
    assert found.wanted == [Evidence((0, 1), Asked.SHADOW, rest)]
    assert found.standing(0, 1)
    assert len(found.wanted) == 2
    judged["stands"] = False
    assert behaviour("a", "b", gathered={0: EVERYTHING, 1: EVERYTHING}).standing(0, 1) == ()


@pytest.mark.parametrize(
    ("float64", "stepped", "expected"),
    [
        ((True, True), False, [Asked.SHADOW, Asked.REPEATS]),
        ((True, True), True, [Asked.SHADOW, Asked.JITTER, Asked.REPEATS | Asked.JITTERS]),
        ((True, False), False, [Asked.SHADOW, Asked.JITTER, Asked.REPEATS | Asked.JITTERS]),
        ((False, False), False, [Asked.JITTER, Asked.REPEATS | Asked.JITTERS]),
    ],
    ids=["shadows", "a step", "one shadow", "no shadow"],
)
def test_what_excuses_comes_before_what_confirms(
    float64: tuple[bool, bool], stepped: bool, expected: list[Asked]
) -> None:
    """Jitter only where a shadow is lacking or does not decide; there it is confirmed by another."""
    assert stages(float64, stepped=stepped) == expected


WAYS = [stages((True, True), stepped=False), stages((False, False), stepped=False)]


@pytest.mark.parametrize("way", WAYS, ids=["shadows", "jitter"])
def test_what_a_stage_excuses_is_rounding_for_good(judged: dict[str, Any], way: list[Asked]) -> None:
    """Nothing more is asked for, and what else there may be in the store has no say."""
    judged |= {"excused": True, "stands": True, "unsteady": ("forward",)}
    gathered = dict.fromkeys((0, 1), way[0])
    found = behaviour("a", "b", gathered=gathered, float64=Asked.SHADOW in way[0])
    assert found.relation(0, 1) is Relation.ROUNDING
    assert found.standing(0, 1) == ()
    found.ask_of_change(0, 1)
    assert found.wanted == []
    assert judged["settled"] == ["first"]


@pytest.mark.parametrize("way", WAYS, ids=["shadows", "jitter"])
def test_what_nothing_excuses_is_not_believed_yet(judged: dict[str, Any], way: list[Asked]) -> None:
    """What confirms is asked for, of these two only; with it the relation is final, whatever it says."""
    judged["stands"] = True
    first, confirms = way
    float64 = Asked.SHADOW in first
    found = behaviour("a", "b", gathered={0: first, 1: first}, float64=float64)
    assert not found.differs(0, 1)
    assert found.wanted == [Evidence((0, 1), confirms)]
    both = first | confirms
    half = behaviour("a", "b", gathered={0: both, 1: first}, float64=float64)
    assert half.relation(0, 1) is Relation.OPEN
    found = behaviour("a", "b", gathered={0: both, 1: both}, float64=float64)
    assert found.differs(0, 1)
    assert found.wanted == []


def test_a_pair_that_takes_jitter_does_not_rest_on_a_shadow_alone(judged: dict[str, Any]) -> None:
    """What was gathered of a column because of another one may lack what this pair takes."""
    judged["stepped"] = True
    known = Asked.SHADOW | Asked.REPEATS
    found = behaviour("a", "b", gathered={0: known, 1: known})
    assert found.relation(0, 1) is Relation.OPEN
    found.differs(0, 1)
    assert found.wanted == [Evidence((0, 1), Asked.JITTER, Asked.JITTERS)]


def test_numbers_beside_something_else_are_confirmed_before_they_are_told(judged: dict[str, Any]) -> None:
    """Two columns that names tell apart: what would be told of their numbers is asked for, nothing else."""
    judged |= {"kinds": (Kind.VALUE, Kind.NAMES), "undecided": ("forward",)}
    found = behaviour("a", "b", "a", gathered={})
    found.ask_of_change(0, 1)
    assert found.wanted == []
    judged["stands"] = True
    found = behaviour("a", "b", "a", gathered={})
    found.ask_of_change(0, 2)
    assert found.wanted == []
    found.ask_of_change(0, 1)
    assert [evidence.now for evidence in found.wanted] == [Asked.SHADOW]
    judged["repeats"] = ()
    settled = behaviour("a", "b").settled(0, 1)
    assert [d.kind for d in settled.differences] == [Kind.NAMES]
    assert [getattr(d, "kind", d) for d in settled.undecided] == ["forward", Kind.VALUE]


def test_a_column_without_a_behaviour_has_its_mark(judged: dict[str, Any]) -> None:
    """Not run, missing and unsupported are told apart."""
    assert behaviour("", "-", ".", "a").specials == ("?", "-", ".", "")


def test_evidence_is_asked_once_a_column_and_case(judged: dict[str, Any]) -> None:
    """What is handed out counts as observed; a survey then classifies with what there is."""
    judged["excused"] = True
    shelf = cast(Any, Shelf("a", "b"))
    survey = Survey(shelf, [Lineage("line", ("c0", "c1"))])
    gathered = Gathered()
    still_open = survey.look([CASE], gathered)
    assert [case for case, _ in still_open] == [CASE]
    assert survey.rows == {}
    asked = lacking(still_open, shelf, gathered)
    assert [(each.place, kinds(each)) for each in asked] == [(0, ["shadow"]), (1, ["shadow"])]
    assert [each.again for each in asked] == [(), ()]
    assert gathered.of(CASE.hash) == {0: Asked.SHADOW, 1: Asked.SHADOW}
    assert gathered.of("another") == {}
    assert lacking(still_open, shelf, gathered) == []
    assert survey.look([CASE], gathered) == []
    assert [row.marks for row in in_order(survey, [CASE])] == ["AA"]


def kinds(lacking: Lacking) -> list[str]:
    """What of a case is to be performed first: its variants."""
    return [str(case.variant) for case in lacking.variants]


def test_a_case_is_asked_until_it_is_told(judged: dict[str, Any]) -> None:
    """Stage by stage: what excuses, then what confirms. Both at once come to the same."""
    judged["stands"] = True
    shelf = cast(Any, Shelf("a", "b", float64=False))
    asked: dict[bool, list[tuple[str, int]]] = {}
    for at_once in (False, True):
        survey, gathered = Survey(shelf, [Lineage("line", ("c0", "c1"))]), Gathered()
        rounds = []
        while still_open := survey.look([CASE], gathered):
            rounds.append(lacking(still_open, shelf, gathered, at_once=at_once)[0])
        assert len(rounds) == (1 if at_once else 2)
        asked[at_once] = sorted(
            (str(case.variant), repeat)
            for each in rounds
            for repeat, cases in enumerate((each.variants, each.again))
            for case in cases
        )
        assert [row.marks for row in in_order(survey, [CASE])] == ["AB"]
    assert asked[False] == asked[True]
    assert asked[True] == [("None", 1), *((f"jitter:{k}", t) for k in (1, 2) for t in (0, 1))]


def test_what_a_further_lineage_passes_is_asked_for(
    judged: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neighbours of a second lineage, whose classes the first one told, are held against evidence, too."""
    judged["stands"] = True
    shelf = cast(Any, Shelf("a", "b", "c"))
    survey = Survey(shelf, [Lineage("one", ("c0", "c1", "c2")), Lineage("two", ("c0", "c2"))])
    related = {("a", "b"): Relation.DIFFERENT, ("b", "c"): Relation.DIFFERENT, ("a", "c"): Relation.OPEN}
    monkeypatch.setattr(
        Behaviour, "relation", lambda self, one, two: related[self.payloads[one], self.payloads[two]]
    )
    found = Behaviour(CASE, shelf, dict.fromkeys((0, 1), EVERYTHING))
    survey.gathering.ask(found, "ABC")
    assert [evidence.places for evidence in found.wanted] == [(0, 2), (1, 2)]
    found = Behaviour(CASE, shelf, dict.fromkeys((0, 1, 2), EVERYTHING))
    survey.gathering.ask(found, "ABC")
    assert found.wanted == []


def test_inputs_that_moved_but_once_excuse_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a race does would be taken for rounding; where the target was asked twice, both are looked at."""
    known = {("shadow", 0), ("jitter:1", 0), ("jitter:2", 0), ("jitter:2", 1), ("None", 1)}
    seen = SimpleNamespace(steps=())
    monkeypatch.setattr(
        Behaviour,
        "_evidence_of",
        lambda self, case, times, place: seen if (str(case.variant), times) in known else None,
    )
    monkeypatch.setattr(Behaviour, "at", lambda self, place: seen)
    side = behaviour("a", "b")._excusing(0, moved=True)
    assert (side.shadow, side.jitters, side.asked_twice, side.repeats) == (seen, (), (), ())
    known.add(("jitter:1", 1))
    side = behaviour("a", "b")._excusing(0, moved=True)
    assert (side.jitters, side.asked_twice, side.repeats) == ((seen,), ((seen, seen),), ())
    assert behaviour("a", "b")._excusing(0, moved=False).jitters == ()
    whole = behaviour("a", "b")._side(0)
    assert (len(whole.jitters), len(whole.asked_twice), len(whole.repeats)) == (2, 2, 1)
    assert behaviour("a", "b", float64=False)._side(0).shadow is None


def test_a_column_without_float64_is_asked_for_jitter(judged: dict[str, Any]) -> None:
    """There is no shadow to be had of it; each jitter is asked for twice."""
    shelf = cast(Any, Shelf("a", "b", float64=False))
    found = Behaviour(CASE, shelf, {})
    found.differs(0, 1)
    still_open = [(CASE, tuple(found.wanted))]
    asked = lacking(still_open, shelf, Gathered())
    assert [kinds(each) for each in asked] == [["jitter:1"], ["jitter:1"]]
    assert all(each.again == each.variants for each in asked)


def test_what_was_not_run_is_not_counted_as_observed() -> None:
    """Whatever else a mark says, the column observed it."""
    rows = [CaseRow("h", "s", "a", "A?-", False), CaseRow("h", "s", "a", "??A", False)]
    assert observed(rows) == {0: 1, 1: 0, 2: 2}
