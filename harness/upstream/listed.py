"""Facts that stay outside our domains, and why: reviewed statements, matched by shell patterns."""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable
from dataclasses import dataclass

from harness.model import canonical
from harness.upstream.facts import Fact


@dataclass(frozen=True)
class Reason:
    """Why facts that match stay outside."""

    subject: str
    role: str
    name: str
    value: str
    """A pattern on the value as canonical JSON."""
    why: str


def reason_for(fact: Fact, reasons: Iterable[Reason]) -> Reason | None:
    """The first reason that speaks of a fact."""
    value = canonical(fact.value)
    for reason in reasons:
        patterns = ((fact.subject, reason.subject), (fact.role, reason.role), (fact.name, reason.name))
        if all(fnmatch.fnmatchcase(a, p) for a, p in patterns) and fnmatch.fnmatchcase(value, reason.value):
            return reason
    return None


LISTED: tuple[Reason, ...] = ()
