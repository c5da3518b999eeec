"""Cases that differ exactly as was reviewed, of which no closer look is taken: they *stand*.

What a closer look protects from is a false alarm: a difference that is rounding, or that a target does not
say twice alike. A difference that the baseline accepts raises no alarm. Where it shows at the very places, in
as many values, by the very size to its last written digit and with the very fingerprint that were accepted,
performing the case in float64 and once more would only say again what was said when it was reviewed.

Of every cause one case is looked at all the same, so that its report rests on evidence of this very run.
Where that one is not as it was, none of its cause stands.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.classify.accepted import entry_of, is_exactly, key_of
from harness.classify.divergences import classify
from harness.classify.expectations import Review
from harness.compare import numbers
from harness.compare.settle import needs_evidence
from harness.compare.values import as_number
from harness.errors import HarnessFault
from harness.judging import Found, Open, judgeable
from harness.model import CaseStatus, Difference, Divergence, Judged, Verdict
from harness.specs.scenarios import subjects_of

NOTE = "differs exactly as was reviewed; no closer look was taken"
UNASKED = "It differs exactly as was reviewed, so no closer look was taken that could tell."
"""Why nobody is blamed for numbers of such a case."""


@dataclass(frozen=True)
class Reviewed:
    """What is known of a pair before it is judged."""

    review: Review

    def expects(self, judged: Judged) -> bool:
        """Whether a case diverges, and in nothing that is unexpected."""
        found = [self.review.judged(d).verdict for d in judged.divergences]
        return bool(found) and all(verdict is Verdict.EXPECTED for verdict in found)

    def settles(self, judged: Judged) -> bool:
        """Whether a case raises no alarm, whatever else its repeats would say: rounding, or as expected."""
        return judged.status is CaseStatus.ROUNDING or self.expects(judged)

    def lists(self, divergence: Divergence) -> bool:
        """Whether a line of what was accepted says just this of a divergence."""
        key = key_of(divergence)
        lines = (e.accepted.get(key) for e in self.review.by_cause.get(divergence.cause, ()))
        return any(
            line is not None and (not key.case or is_exactly(line, entry_of(divergence))) for line in lines
        )


def as_it_stands(found: Found, pair: str) -> Judged | None:
    """A case judged by its two observations alone; None where some of its numbers tell nothing."""
    comparison = judgeable(found.case, found.reference, found.candidate, found.comparison)
    doubtful = set(map(id, needs_evidence(comparison.differences)))
    if len(comparison.differences) != len(found.comparison.differences):
        return None
    standing = [measured(d) if id(d) in doubtful else d for d in comparison.differences]
    unasked = {id(new) for new, old in zip(standing, comparison.differences, strict=True) if new is not old}
    about = subjects_of(found.case)
    divergences = tuple(
        replace(d, subjects=about, blame_evidence=UNASKED, looked_at=False)
        if any(id(each) in unasked for each in d.differences)
        else replace(d, subjects=about)
        for d in classify(found.case, standing, pair=pair)
    )
    notes = (*comparison.not_compared, NOTE)
    return Judged(found.case, CaseStatus.DIVERGE, *comparison.outcomes, divergences, notes)


def measured(difference: Difference) -> Difference:
    """A difference of numbers with its size, as far as the two values alone tell it."""
    one, two = (np.asarray(as_number(v)) for v in (difference.reference, difference.candidate))
    return replace(difference, size=numbers.size(one, two))


def as_they_stand(open_cases: Iterable[Open], look: Callable[[Open], Found], pair: str) -> dict[str, Judged]:
    """Hash → the case as it stands, of those of which that can be told."""
    out = {}
    for each in open_cases:
        try:
            judged = as_it_stands(look(each), pair)
        except HarnessFault:
            raise
        except Exception:  # what cannot be told at a glance is looked at, and that says what is wrong with it
            continue
        if judged is not None:
            out[each.case.hash] = judged
    return out


def standing(
    open_cases: Iterable[Open], look: Callable[[Open], Found], known: Reviewed, pair: str
) -> dict[str, Judged]:
    """Hash → the case as it stands, of those that differ exactly as was reviewed."""
    found = as_they_stand(open_cases, look, pair)
    return {key: judged for key, judged in found.items() if all(map(known.lists, judged.divergences))}


def examples(stand: Mapping[str, Judged]) -> set[str]:
    """Of every cause the case that is looked at: its first that is no program, else its first."""
    chosen: dict[str, str] = {}
    for key, judged in sorted(stand.items(), key=lambda each: ":" in each[1].case.script):
        for cause in causes_of(judged):
            chosen.setdefault(cause, key)
    return set(chosen.values())


def causes_of(judged: Judged) -> set[str]:
    """The causes of a case for which a closer look would be taken."""
    return {d.cause for d in judged.divergences if not d.looked_at}


def doubted(stand: Mapping[str, Judged], causes: Collection[str]) -> set[str]:
    """The cases that stand for causes of which an example is not as it was."""
    return {key for key, judged in stand.items() if causes_of(judged) & set(causes)}


def stood(judged: Sequence[Judged]) -> list[str]:
    """Hashes of the cases that stood, for whoever judges the run again."""
    return [j.case.hash for j in judged if NOTE in j.notes]
