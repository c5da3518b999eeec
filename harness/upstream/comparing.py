"""Facts held against the domains of the specs: which lie inside, by which rule, and which do not."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from harness.specs.layer_names import ALIASES, FUNCTIONS
from harness.upstream.domains import FIRST, Domain
from harness.upstream.facts import Fact
from harness.upstream.kinds import Kind, Undecided, fed_kind, kind_of
from harness.upstream.listed import Reason, reason_for

FAMILIES = (
    "layers",
    "losses",
    "metrics",
    "optimizers",
    "activations",
    "initializers",
    "regularizers",
    "constraints",
)
"""The families whose facts are compared."""


STANDS_FOR: Mapping[str, str] = {**FUNCTIONS, **ALIASES}
"""Functional forms and other names → the layer they are held against."""


class Standing(StrEnum):
    """What became of a fact."""

    INSIDE = "inside"
    DEFAULT = "the default, given"
    LISTED = "listed with a reason"
    UNDECIDED = "not literal"
    OUTSIDE = "outside"


@dataclass(frozen=True)
class Compared:
    """One fact and where it stands."""

    fact: Fact
    standing: Standing
    kind: Kind = None
    reason: str = ""


def compare(facts: Iterable[Fact], ours: Mapping[str, Domain], reasons: Iterable[Reason]) -> list[Compared]:
    """Where every fact of `FAMILIES` stands."""
    listed = tuple(reasons)
    return [
        stand(fact, ours.get(subject_of(fact.subject)), listed)
        for fact in facts
        if fact.subject.partition(".")[0] in FAMILIES
    ]


def subject_of(subject: str) -> str:
    """The subject whose spec speaks of a public name."""
    return STANDS_FOR.get(subject, subject)


def stand(fact: Fact, domain: Domain | None, reasons: tuple[Reason, ...]) -> Compared:
    """Where one fact stands."""
    try:
        kind = kind_of(fact.value, fact.name) if fact.role == "parameter" else fed_kind(fact.value)
    except Undecided as why:
        return Compared(fact, Standing.UNDECIDED, reason=str(why))
    if domain is not None and _inside(fact, kind, domain):
        return Compared(fact, Standing.INSIDE, kind)
    is_default = fact.is_default or (fact.name, fact.value) == ("dtype", "float32")
    if (
        domain is not None
        and is_default
        and (fact.name in domain.omitted or fact.name not in domain.parameters)
    ):
        return Compared(fact, Standing.DEFAULT, kind)
    reason = reason_for(fact, reasons)
    if reason is not None:
        return Compared(fact, Standing.LISTED, kind, reason.why)
    return Compared(fact, Standing.OUTSIDE, kind)


def _inside(fact: Fact, kind: Kind, domain: Domain) -> bool:
    match fact.role:
        case "parameter":
            return kind in domain.parameters.get(fact.name, domain.parameters.get(FIRST, ()))
        case "call":
            return kind in domain.call.get(fact.name, set())
        case "input":
            return kind in domain.inputs
    return kind in domain.call.get(fact.role, ())


def gaps(compared: Iterable[Compared]) -> dict[tuple[str, str, str, str], list[Fact]]:
    """The facts outside, by subject, role, argument and kind: one line of work each."""
    out: dict[tuple[str, str, str, str], list[Fact]] = defaultdict(list)
    for one in compared:
        if one.standing is Standing.OUTSIDE:
            fact = one.fact
            out[fact.subject, fact.role, fact.name, repr(one.kind)].append(fact)
    return dict(out)


def counts(compared: Iterable[Compared]) -> dict[Standing, int]:
    """How many facts stand where."""
    out = dict.fromkeys(Standing, 0)
    for one in compared:
        out[one.standing] += 1
    return out
