"""How much of the API is under spec, and how much of its parameters' domains the corpus tries."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import combinations
from typing import Any

from harness import rules
from harness.errors import WrongUse
from harness.plan import axes, covering, is_legitimate, pair_key, pairs_of, plainest_row, plan
from harness.specs import surface
from harness.specs.declaration import Spec
from harness.specs.surface import Entry

PairKey = tuple[str, str, str, str]


def lines(specs: Sequence[Spec], pair: Sequence[str]) -> Iterator[str]:
    """The ledger, one symbol a line, and the figures at its end.

    Raises:
        WrongUse: a target of the pair is not in the ledger.
    """
    cases = plan(specs, profile="full")
    entries = surface.ledger(specs, cases)
    known = sorted({target for entry in entries for target in entry.symbol.targets})
    for target in pair:
        if target not in known:
            raise WrongUse(rules.unknown("target", target, known, see="harness/specs/surface.json"))
    yield from (told(entry) for entry in entries)
    yield from surface.coverage(specs, cases, pair=pair, pairs_covered=value_pairs(specs))


def told(entry: Entry) -> str:
    """One symbol and what the specs make of it."""
    parts = [f"{entry.symbol.name}: {entry.standing}"]
    if entry.cases:
        parts.append(f"{entry.cases} cases")
    if entry.parameters:
        parts.append(f"{entry.parameters} parameters with {entry.values} values")
    if entry.oracle:
        parts.append("oracle")
    if entry.reason:
        parts.append(entry.reason)
    if entry.missing_in:
        parts.append(f"missing in {len(entry.missing_in)} targets")
    return ", ".join(parts)


def value_pairs(specs: Sequence[Spec]) -> float:
    """The part of all legitimate pairs of parameter values that the full corpus holds."""
    have = wanted = 0
    for spec in specs:
        if len(axes(spec)) > 1:
            held = {pair for row in covering(spec) for pair in pairs_of(spec, row)}
            legitimate = legitimate_pairs(spec) | held
            have += len(held)
            wanted += len(legitimate)
    return have / wanted if wanted else 1.0


def legitimate_pairs(spec: Spec) -> set[PairKey]:
    """Every pair of values in a legitimate row with at most one other axis not at its plainest."""
    out: set[PairKey] = set()
    table = axes(spec)
    for (a, a_values), (b, b_values) in combinations(table, 2):
        for x in a_values:
            for y in b_values:
                row = plainest_row(spec) | {a: x, b: y}
                if is_legitimate(spec, row) or can_be_rescued(spec, row, table, (a, b)):
                    out.add(pair_key(a, x, b, y))
    return out


def can_be_rescued(
    spec: Spec,
    row: Mapping[str, Any],
    table: Sequence[tuple[str, Sequence[Any]]],
    kept: tuple[str, str],
) -> bool:
    """Whether one change of another axis makes a row legitimate."""
    return any(
        is_legitimate(spec, {**row, name: other})
        for name, values in table
        if name not in kept
        for other in values
    )
