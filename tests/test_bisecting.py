"""The exact release in which one side of a pair changed, over a history of fakes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from types import SimpleNamespace
from typing import Any, cast

import pytest

from harness.bisecting import Boundary, Search, bisect
from harness.errors import HarnessFault, WrongUse
from harness.examples import Example
from harness.matrix.dating import dated
from harness.matrix.performing import Clock
from harness.model import Case
from harness.report.dates import Dated, Mark
from harness.report.matrix_records import Lineage
from harness.targets import Target

CASE = Case(subject="layers.Dense", script="layer", parameters={}, feed={}, label="")
LINE = "keras"
MIXED = {"keras": "m1", "tensorflow": "m2"}


def release(version: str, line: str = LINE) -> Target:
    """A release as a target."""
    order = tuple(int(part) for part in version.split("."))
    return Target(
        id=f"{line}-{version}",
        implementation="keras",
        version=version,
        backend="numpy",
        engine="numpy",
        namespace="keras",
        float64="none",
        lineage=(line,),
        order=order,
    )


@dataclass
class History(Search):
    """A search whose releases behave as a history says, one mark a version; `?` where there is none."""

    history: dict[str, str] = field(default_factory=dict)
    performed: list[list[str]] = field(default_factory=list)

    def evidence(self, example: Example, before: Target, after: Target) -> str:
        """Who was compared."""
        return f"{before.version} against {after.version}"

    def marks(self, example: Example, targets: Sequence[Target]) -> tuple[Dated | None, list[str]]:
        """What the history says of the targets."""
        self.performed.append([t.version for t in targets])
        found = {t.id: Mark(self.history.get(t.version, "?")) for t in targets}
        found |= {self.sides[0]: Mark.REFERENCE, self.sides[1]: Mark.CANDIDATE}
        line = Lineage(
            LINE, tuple(t.id for t in sorted(targets, key=lambda t: t.order) if t.lineage == (LINE,))
        )
        troubles = [f"{id}: it cannot be built" for id, mark in found.items() if mark is Mark.NOT_RUN]
        if not self.history:
            return None, ["nothing shows"]
        return dated("f", example.case.address, found, *self.sides, (line,)), troubles


def search(history: str, table: str = "3.0 3.4 3.9", **more: Any) -> tuple[History, list[Target]]:
    """A search over the releases 3.0, 3.1 … from one mark each; the table has only some."""
    versions = [f"3.{n}" for n in range(len(history))]
    targets = [release(v) for v in table.split()] + [release("1.0", "other")]
    made = History(
        sides=("keras-3.9", "other-1.0"),
        store=cast(Any, SimpleNamespace(keep_cases=lambda cases: None)),
        progress=cast(Any, SimpleNamespace(say=lambda line: None)),
        table={t.id: t for t in targets},
        publish=lambda target: versions,
        derive=lambda neighbour, version: replace(neighbour, id=f"made-{version}", version=version),
        exact=lambda target: target.version,
        parts=lambda before, after: {},
        links=lambda before, after: (f"{before.version}...{after.version}",),
        history=dict(zip(versions, history, strict=True)) | ({"1.0": "C"} if history else {}),
    )
    return replace(made, **more), targets


EXAMPLE = Example("f", "t", ("layers.Dense",), CASE)


def boundary(made: History, targets: list[Target]) -> Boundary:
    """The one change that is found."""
    (found,) = bisect(EXAMPLE, targets, made).boundaries
    return found


@pytest.mark.parametrize("first", range(1, 10))
def test_the_first_release_that_behaves_so_is_found_wherever_it_is(first: int) -> None:
    """Halving asks no more than it has to, and ends with two releases that follow one another."""
    made, targets = search("C" * first + "R" * (10 - first))
    found = boundary(made, targets)
    assert (found.before, found.after) == (f"3.{first - 1}", f"3.{first}")
    assert found.before_mark is Mark.CANDIDATE
    assert found.exact
    assert len(found.asked) <= 3
    assert found.links == (f"3.{first - 1}...3.{first}",)
    assert found.evidence == f"3.{first - 1} against 3.{first}"
    assert found.latest


def test_a_release_that_lacks_it_counts_as_before() -> None:
    """What is new in a release is found as such."""
    made, targets = search("------RRRR")
    found = boundary(made, targets)
    assert (found.before, found.before_mark, found.after) == ("3.5", Mark.MISSING, "3.6")


def test_every_change_of_a_history_that_goes_to_and_fro_is_narrowed() -> None:
    """The newest comes first; those before it are said not to be the latest."""
    made, targets = search("RRCCCCCCRR", "3.0 3.4 3.9")
    found = bisect(EXAMPLE, targets, made)
    assert found.coarse.reference.returns
    assert [(b.before, b.after, b.latest) for b in found.boundaries] == [
        ("3.7", "3.8", True),
        ("3.1", "3.2", False),
    ]
    assert all(b.exact for b in found.boundaries)
    assert "changed after keras-3.4, in keras-3.9" in found.sentence


def test_a_third_behaviour_between_two_makes_two_changes_of_one() -> None:
    """Both are narrowed, though the table shows one."""
    made, targets = search("CCoooRRRRR", "3.0 3.9")
    found = bisect(EXAMPLE, targets, made).boundaries
    assert [(b.before, b.before_mark, b.after, b.after_mark) for b in found] == [
        ("3.4", Mark.OTHER, "3.5", Mark.REFERENCE),
        ("3.1", Mark.CANDIDATE, "3.2", Mark.OTHER),
    ]
    assert [b.latest for b in found] == [True, False]


def test_a_change_of_both_sides_lineage_is_told_once() -> None:
    """Two releases of one lineage share its history."""
    made, targets = search("CCRRRRRCCC", "3.0 3.4 3.9")
    line = [t for t in targets if t.id != "other-1.0"]
    found = bisect(EXAMPLE, line, replace(made, sides=("keras-3.4", "keras-3.9"))).boundaries
    assert [(b.side, b.before, b.after) for b in found] == [
        ("reference", "3.1", "3.2"),
        ("candidate", "3.6", "3.7"),
    ]


def test_which_distribution_brought_a_change_is_told_where_several_differ() -> None:
    """The older release is asked again with one of them from the newer, one at a time."""
    mixed = [replace(release("3.5"), id=f"mixed-{name}", version=version) for name, version in MIXED.items()]
    parts = dict(zip(MIXED, mixed, strict=True))
    made, targets = search("CCCCCCRRRR", parts=lambda before, after: parts)
    made.history["m1"] = "R"
    made.history["m2"] = "C"
    assert boundary(made, targets).parts == (("keras", Mark.REFERENCE), ("tensorflow", Mark.CANDIDATE))
    told = replace(made, apart=False)
    assert boundary(told, targets).parts == ()


def test_what_cannot_be_taken_apart_costs_no_answer() -> None:
    """Neither a release without a lock nor one that nobody knows the parts of."""

    def fail(before: Target, after: Target) -> Any:
        raise HarnessFault("no lock")

    made, targets = search("CCCCCCRRRR", parts=fail, links=fail)
    found = bisect(EXAMPLE, targets, made)
    assert found.troubles == ("no lock",)
    assert (found.boundaries[0].parts, found.boundaries[0].links) == ((), ())


def test_the_index_is_asked_for_every_target_of_the_stretch() -> None:
    """What only the older one's Python can install lies between the two as well, and is made of the older."""
    lists = {"3.0": ["3.1", "3.2"], "3.4": ["3.3"], "3.9": ["3.5", "3.6", "3.7", "3.8"]}
    made_of: dict[str, str] = {}

    def derive(neighbour: Target, version: str) -> Target:
        made_of[version] = neighbour.version
        return replace(neighbour, id=f"made-{version}", version=version)

    made, targets = search("CCRRRRRRRR", "3.0 3.4 3.9", publish=lambda t: lists[t.version], derive=derive)
    found = boundary(made, targets)
    assert (found.before, found.after) == ("3.1", "3.2")
    assert made_of == {"3.2": "3.0", "3.1": "3.0"}


def test_releases_that_cannot_be_made_are_named() -> None:
    """Those beside the change leave it open; those elsewhere do not matter."""
    made, targets = search("CCCCC??RRR")
    found = bisect(EXAMPLE, targets, made)
    assert (found.boundaries[0].before, found.boundaries[0].after) == ("3.4", "3.7")
    assert found.boundaries[0].left == ("3.5", "3.6")
    assert not found.boundaries[0].exact
    assert any("cannot be built" in trouble for trouble in found.troubles)
    made, targets = search("CCCCCCRR?R")
    assert boundary(made, targets).exact


def test_when_the_time_is_up_nothing_more_is_asked() -> None:
    """What lies between is said to be open."""
    made, targets = search("CCCCCRRRRR", clock=Clock(0))
    found = bisect(EXAMPLE, targets, made)
    (only,) = found.boundaries
    assert (only.asked, only.before, only.after, only.exact) == ((), "3.4", "3.9", False)
    assert found.troubles == ("which releases there are was not asked: the time given was up",)


def test_a_search_that_time_ends_says_what_is_left() -> None:
    """What was not asked lies open between the two."""
    moments = iter([0] * 4 + [99] * 50)
    made, targets = search("CCCCCRRRRR", clock=Clock(1, now=lambda: next(moments)))
    found = boundary(made, targets)
    assert not found.exact
    assert found.left


def test_neighbours_with_nothing_between_need_no_further_release() -> None:
    """The table alone tells it."""
    made, targets = search("CCCCCCCCCR", "3.0 3.8 3.9")
    found = boundary(made, targets)
    assert (found.before, found.after, found.asked) == ("3.8", "3.9", ())
    assert len(made.performed) == 1


def test_a_target_of_the_table_is_asked_rather_than_one_made_anew() -> None:
    """Its own pins are known to work."""
    made, targets = search("CCCCCRRRRR", "3.0 3.4 3.7 3.9")
    few = [t for t in targets if t.version != "3.7"]

    def derive(neighbour: Target, version: str) -> Target:
        assert version != "3.7"
        return replace(neighbour, id=f"made-{version}", version=version)

    found = boundary(replace(made, derive=derive), few)
    assert (found.before, found.after) == ("3.4", "3.5")
    assert "3.7" in dict(found.asked)


def test_an_index_that_does_not_answer_leaves_the_change_to_the_table() -> None:
    """It is never called exact then."""

    def publish(target: Target) -> list[str]:
        raise HarnessFault("no index")

    made, targets = search("CCCCCCCCCR", "3.0 3.8 3.9", publish=publish)
    found = bisect(EXAMPLE, targets, made)
    assert found.troubles == ("no index",)
    assert not found.boundaries[0].exact


def test_what_has_always_been_so_has_no_boundary() -> None:
    """And nothing is asked for it."""
    made, targets = search("RRRRRRRRRR")
    assert bisect(EXAMPLE, targets, made).boundaries == ()


def test_a_cause_that_does_not_show_any_more_is_wrong_use() -> None:
    """The way out is to compare again."""
    made, targets = search("", "3.0 3.9")
    with pytest.raises(WrongUse, match="nothing shows"):
        bisect(EXAMPLE, targets, made)
