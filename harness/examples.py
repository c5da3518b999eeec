"""An example case of each cause of a run: enough to ask any release about the cause, without the run.

The store keeps them with the run. Whoever dates or bisects a cause performs its one case again; nothing
of the run has to be compared for that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from harness.model import Case, Cause, Divergence
from harness.store import Store

KEPT = "examples"
"""Where a run's content has them."""


@dataclass(frozen=True)
class Example:
    """A cause and the case that shows it."""

    cause: str
    """Its fingerprint."""
    title: str
    subjects: tuple[str, ...]
    case: Case


def plainest(cause: Cause) -> Divergence:
    """The divergence of a cause with the fewest parameters: likeliest to mean the same in every release."""
    return min(cause.divergences, key=lambda d: (len(d.case.parameters), len(d.case.address), d.case.address))


def of_causes(causes: Iterable[Cause]) -> tuple[Example, ...]:
    """The example of each cause."""
    return tuple(Example(c.fingerprint, c.title, c.subjects, plainest(c).case) for c in causes)


def kept(examples: Iterable[Example]) -> list[dict[str, Any]]:
    """Examples as plain data that names their cases by hash."""
    return [
        {"cause": e.cause, "title": e.title, "subjects": list(e.subjects), "case": e.case.hash}
        for e in examples
    ]


def of_run(content: Mapping[str, Any], store: Store) -> tuple[Example, ...] | None:
    """The examples that were kept with a run; None where an older harness kept none, or cases are gone."""
    if KEPT not in content:
        return None
    found = []
    for row in content[KEPT]:
        case = store.case(row["case"])
        if case is None:
            return None
        found.append(Example(row["cause"], row["title"], tuple(row["subjects"]), case))
    return tuple(found)
