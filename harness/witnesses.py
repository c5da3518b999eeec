"""Which cases of `full` stand in `quick` for what they show.

`quick` is to have every subject, and to show whatever is known: every cause of the reports it is chosen from,
and every known difference they show. What its own cases show costs nothing more; for the rest the cheapest
cases are chosen that show it between them. That is a weighted set cover, and choosing always what shows most
for its seconds comes within a factor of ln(n) of the best (Chvatal, "A Greedy Heuristic for the Set-Covering
Problem", Mathematics of Operations Research 4(3), 1979).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness.plan import cases_of, plan
from harness.recall import Known
from harness.specs.declaration import Spec
from harness.specs.found import LEARNT, found_cases

LEAST = 0.002
"""Seconds that the lightest case counts: handing one over and keeping what comes back takes about as long."""


def shown(divergences: Iterable[Mapping[str, Any]], entries: Sequence[Known]) -> dict[str, set[str]]:
    """Hash of a case → what it shows: causes, and entries by their id."""
    out: dict[str, set[str]] = {}
    for divergence in divergences:
        found = out.setdefault(divergence["case_hash"], set())
        found.add(f"cause {divergence['cause']}")
        found.update(f"known {e.id}" for e in entries if any(rule.shows(divergence) for rule in e.rules))
    return out


def choose(shows: Mapping[str, set[str]], cost: Mapping[str, float], already: set[str]) -> list[str]:
    """The cases that show what is not shown already, most for their seconds first.

    What a case takes that was never performed is not known; it counts as much as the dearest.
    """
    left = set().union(*shows.values()) - already
    most = max(cost.values(), default=LEAST)
    chosen = []
    while left:
        best = max(sorted(shows), key=lambda case: len(shows[case] & left) / max(cost.get(case, most), LEAST))
        chosen.append(best)
        left -= shows[best]
    return chosen


def lines(
    specs: Sequence[Spec],
    divergences: Iterable[Mapping[str, Any]],
    entries: Sequence[Known],
    cost: Mapping[str, float],
) -> list[dict[str, Any]]:
    """The lines of `witnesses.jsonl`: cases of `full`, in the order of its plan, each with what it is for."""
    full = {case.hash: case for case in plan(specs, profile="full")}
    own = [case for spec in specs for case in cases_of(spec, profile="quick")]
    own += found_cases(specs)
    own += found_cases(specs, path=LEARNT, label="learnt", profile="quick")
    quick, subjects = {case.hash for case in own}, {case.subject for case in own}
    found = shown(divergences, entries)
    for key, one in full.items():
        if one.subject not in subjects:
            found.setdefault(key, set()).add(f"subject {one.subject}")
    already = set().union(*(what for key, what in found.items() if key in quick))
    further = {key: what for key, what in found.items() if key in full and key not in quick}
    reasons: dict[str, list[str]] = {}
    for key in choose(further, cost, already):
        reasons[key] = sorted(further[key] - already)
        already |= further[key]
    return [
        {
            "subject": case.subject,
            "script": case.script,
            "parameters": case.parameters,
            "feed": case.feed,
            "observe": list(case.observe),
            "label": case.label,
            "why": reasons[key],
        }
        for key, case in full.items()
        if key in reasons
    ]
