"""Cases that differ exactly as was reviewed, of which no closer look is taken.

What a closer look protects from is a false alarm: a difference that is rounding, or that a target does not
say twice alike. A difference that the baseline accepts raises no alarm. Where it shows at the very places, by
the very size and with the very fingerprint that were accepted, performing the case in float64 and once more
would only say again what was said when it was reviewed.

Of every cause one case is looked at all the same, so that its report rests on evidence of this very run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from harness.classify.divergences import classify
from harness.classify.expectations import Review
from harness.compare import numbers
from harness.compare.settle import needs_evidence
from harness.compare.values import as_number
from harness.judging import Found, Open, judgeable
from harness.model import Case, CaseStatus, Difference, Divergence, Judged, Verdict
from harness.specs.scenarios import subjects_of

NOTE = "differs exactly as was reviewed; no closer look was taken"


@dataclass(frozen=True)
class Reviewed:
    """What is known of a pair before it is judged."""

    review: Review
    pair: str

    def expects(self, judged: Judged) -> bool:
        """Whether a case diverges, and in nothing that is unexpected."""
        found = [self.review.judged(d).verdict for d in judged.divergences]
        return bool(found) and all(verdict is Verdict.EXPECTED for verdict in found)

    def judged(self, found: Found) -> Judged | None:
        """The case as the baseline knows it; None where it is not exactly that."""
        comparison = judgeable(found.case, found.reference, found.candidate, found.comparison)
        doubtful = set(map(id, needs_evidence(comparison.differences)))
        if len(comparison.differences) != len(found.comparison.differences) or not doubtful:
            return None
        standing = [measured(d) if id(d) in doubtful else d for d in comparison.differences]
        about = subjects_of(found.case)
        divergences = tuple(
            replace(d, subjects=about) for d in classify(found.case, standing, pair=self.pair)
        )
        notes = (*comparison.not_compared, NOTE)
        judged = Judged(found.case, CaseStatus.DIVERGE, *comparison.outcomes, divergences, notes)
        return judged if self.expects(judged) else None


def measured(difference: Difference) -> Difference:
    """A difference of numbers with its size, as far as the two values alone tell it."""
    one, two = (np.asarray(as_number(v)) for v in (difference.reference, difference.candidate))
    return replace(difference, size=numbers.size(one, two))


def parted(
    open_cases: Sequence[Open], as_reviewed: Callable[[Case], Judged | None]
) -> tuple[list[Open], list[Judged]]:
    """The cases to be looked at closer, and those that stand as they were reviewed.

    Of every cause one case is looked at: its first that is no program, else its first.
    """
    known = {o.case.hash: j for o in open_cases if (j := as_reviewed(o.case)) is not None}
    chosen: dict[str, Case] = {}
    for judged in sorted(known.values(), key=lambda j: ":" in j.case.script):
        for divergence in doubtful_of(judged):
            chosen.setdefault(divergence.cause, judged.case)
    examples = {case.hash for case in chosen.values()}
    standing = {key: judged for key, judged in known.items() if key not in examples}
    return [o for o in open_cases if o.case.hash not in standing], list(standing.values())


def doubtful_of(judged: Judged) -> Iterable[Divergence]:
    """The divergences of a case that rest on numbers."""
    return (d for d in judged.divergences if any(each.size is not None for each in d.differences))
