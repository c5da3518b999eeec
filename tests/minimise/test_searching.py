"""Cases drawn beyond the corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from harness.minimise.searching import BATCH, BATCHES, batches, searchable
from harness.minimise.simplicity import recipes
from harness.model import Case
from harness.plan import plan

from .test_simplicity import SPEC


def test_cases_go_beyond_the_corpus(tmp_path: Path) -> None:
    """There are combinations, lengths and values that no case of the corpus has."""
    drawn: list[Case] = []

    def nothing(batch: Sequence[Case]) -> bool:
        drawn.extend(batch)
        return False

    batches([SPEC], 0, tmp_path, nothing)
    corpus = {c.hash for c in plan([SPEC], profile="full")}
    assert any(c.hash not in corpus for c in drawn)
    assert {str(a["values"]) for c in drawn for a in recipes(c.feed)} > {"normal", "large"}
    assert {tuple(a["shape"]) for c in drawn for a in recipes(c.feed)} > {(4, 5), (2, 3, 5)}
    assert all(set(c.parameters) <= {"units", "activation", "use_bias"} for c in drawn)


def test_a_batch_that_shows_something_new_ends_the_round_and_comes_first_in_the_next_search(
    tmp_path: Path,
) -> None:
    """It is kept in the example database, asked about once, and performed again by the same round later."""
    first: list[Sequence[Case]] = []

    def second_fails(batch: Sequence[Case]) -> bool:
        first.append(batch)
        return len(first) == 2

    batches([SPEC], 3, tmp_path, second_fails)
    assert len(first) == 2
    later: list[Sequence[Case]] = []

    def never(batch: Sequence[Case]) -> bool:
        later.append(batch)
        return False

    batches([SPEC], 3, tmp_path, never)
    assert [c.hash for c in later[0]] == [c.hash for c in first[1]]
    assert len(later) <= BATCHES + 1
    assert all(len(batch) <= BATCH for batch in later)


def test_programs_of_their_own_are_not_searched() -> None:
    """Scenarios, signatures and subjects with nothing to vary are left out."""
    assert searchable([SPEC]) == [SPEC]
    assert searchable([replace(SPEC, script="signature")]) == []
    assert searchable([replace(SPEC, parameters=(), feeds=SPEC.feeds[:1])]) == []
