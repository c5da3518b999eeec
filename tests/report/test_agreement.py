"""How a subject stands in one letter."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.model import CaseStatus, Kind, Severity, Verdict
from harness.report.agreement import (
    AGREEMENTS,
    KINDS,
    LETTER,
    OTHERS,
    TOP_LEVEL,
    agreement_of,
    api_family,
    of_divergence,
    stands,
)

from .records_of_a_run import run_record


def test_every_class_has_a_letter_of_its_own() -> None:
    """No two classes share a letter or a name, and the order is that of the table."""
    assert len({a.letter for a in AGREEMENTS}) == len({a.name for a in AGREEMENTS}) == len(AGREEMENTS)
    assert [a.order for a in AGREEMENTS] == list(range(len(AGREEMENTS)))
    assert set(LETTER) == set(Severity)


def test_every_kind_is_in_one_column() -> None:
    """No observation is left out of the matrix, none is in it twice."""
    kinds = [kind for _, group in KINDS for kind in group]
    assert sorted(kinds) == sorted(Kind)


@pytest.mark.parametrize(
    ("statuses", "letter"),
    [
        ([CaseStatus.AGREE, CaseStatus.AGREE], "="),
        ([CaseStatus.AGREE, CaseStatus.ROUNDING], "≈"),
        ([CaseStatus.AGREE, CaseStatus.INCONCLUSIVE], "="),
        ([CaseStatus.INCONCLUSIVE, CaseStatus.NOT_RUN], "?"),
        ([CaseStatus.NOT_RUN], "–"),
        ([], "–"),
    ],
)
def test_without_a_divergence_the_statuses_decide(statuses: list[CaseStatus], letter: str) -> None:
    """A subject agrees when something was compared; nothing compared is never agreement."""
    assert agreement_of(statuses, ()).letter == letter


def test_the_worst_unexpected_divergence_decides() -> None:
    """An expected one of a worse severity does not hide an unexpected one."""
    every = list(run_record(hostile=False).divergences())
    numbers = next(d for d in every if d.severity is Severity.NUMBERS)
    config = next(d for d in every if d.severity is Severity.CONFIG)
    reviewed = replace(numbers, verdict=Verdict.EXPECTED)
    assert of_divergence(reviewed).letter == "n"
    assert agreement_of([CaseStatus.DIVERGE], [config, numbers]).letter == "N"
    assert agreement_of([CaseStatus.DIVERGE], [reviewed, config]).letter == "F"
    assert agreement_of([CaseStatus.DIVERGE], [reviewed]).letter == "n"


def test_a_family_is_the_module_or_the_class() -> None:
    """The part before the first dot, fit for an address; names without a dot are top level."""
    assert api_family("layers.Dense") == "layers"
    assert api_family("Model.fit") == "Model"
    assert api_family("Input") == TOP_LEVEL
    assert api_family('<b a="1">.x') == "-b-a-1-"


def test_small_families_are_gathered() -> None:
    """Families of few subjects stand together at the end; a single small one keeps its name."""
    run = run_record(hostile=False)
    names = [*(f"layers.L{n}" for n in range(5)), "tree.map", "legacy.a", "legacy.b"]
    found = stands(replace(run, judged=(), causes=()), names)
    assert [s.family for s in found] == ["layers"] * 5 + [OTHERS] * 3
    assert [s.family for s in stands(replace(run, judged=(), causes=()), names[:6])] == ["layers"] * 5 + [
        "tree"
    ]


def test_the_worst_of_a_family_come_first() -> None:
    """Within a family subjects are ordered by how they stand, then by name."""
    run = run_record(hostile=False)
    orders = [s.agreement.order for s in stands(run, [f.subject for f in run.subjects])]
    assert orders == sorted(orders)
