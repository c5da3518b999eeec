"""The surface ledger: every public symbol of every target, and what the specs make of it.

`surface.json` holds the union of the symbols that targets were seen to offer (the case script `symbols`
walks a namespace); `union` makes it anew from observations, `write` stores it.
"""

from __future__ import annotations

import fnmatch
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from pathlib import Path

from harness.model import Case, Plain
from harness.specs.declaration import Spec
from harness.specs.surface_reasons import NO_NUMBERS, OUT_OF_SCOPE

PLACE = Path(__file__).with_name("surface.json")

MODERN = ("keras-3.15.1-tensorflow", "tf.keras-2.21")
"""The two sides whose shared symbols the figures are about, unless others are named."""


@dataclass(frozen=True)
class Symbol:
    """One public symbol: where it is found, and under which earlier name the same object is."""

    name: str
    kind: str
    """`class` or `function`."""
    targets: tuple[str, ...]
    same: Mapping[str, str]
    """Target → earlier name of the very same object there; targets where it is the first name are absent."""

    @property
    def alias_of(self) -> str:
        """The name this one stands for wherever it exists; empty when it is not an alias everywhere."""
        names = {self.same.get(target, "") for target in self.targets}
        return names.pop() if len(names) == 1 else ""


class Standing(StrEnum):
    """What the specs make of a symbol."""

    SPEC = "under spec"
    ALIAS = "alias"
    SIGNATURE = "signature only"
    OUT = "out of scope"
    UNLISTED = "unlisted"


@dataclass(frozen=True)
class Entry:
    """One line of the ledger."""

    symbol: Symbol
    standing: Standing
    cases: int
    parameters: int
    """Parameters that the spec declares."""
    values: int
    """Values it declares for them in all, invalid ones included."""
    oracle: bool
    reason: str
    """Of what it is an alias, why it is out of scope, or why it has no oracle."""
    missing_in: tuple[str, ...]
    """Targets of the ledger that do not have it."""


@lru_cache(maxsize=1)
def symbols() -> tuple[Symbol, ...]:
    """Every symbol of the stored union, by name."""
    stored = json.loads(PLACE.read_text())
    targets: list[str] = stored["targets"]
    return tuple(
        Symbol(
            name=name,
            kind=entry["kind"],
            targets=tuple(targets[i] for i in entry["in"]),
            same={targets[int(i)]: other for i, other in entry.get("same", {}).items()},
        )
        for name, entry in sorted(stored["symbols"].items())
    )


def union(observed: Mapping[str, Mapping[str, Mapping[str, str]]]) -> dict[str, Plain]:
    """What targets offer, by target, as one table: the content of `surface.json`.

    observed: target → the value of the step `symbols` of its observation.
    """
    targets = list(observed)
    table: dict[str, Plain] = {}
    for place, target in enumerate(targets):
        for name, facts in observed[target].items():
            entry = table.setdefault(name, {"kind": facts["kind"], "in": []})
            entry["in"].append(place)
            if facts["same"] != name:
                entry.setdefault("same", {})[str(place)] = facts["same"]
    return {"targets": targets, "symbols": dict(sorted(table.items()))}


def write(table: Mapping[str, Plain], path: Path = PLACE) -> None:
    """Store a union, one symbol a line, so that a change of it can be reviewed."""
    lines = [f"  {json.dumps(name)}: {json.dumps(entry)}" for name, entry in table["symbols"].items()]
    head = json.dumps(list(table["targets"]))
    path.write_text('{"targets": ' + head + ',\n "symbols": {\n' + ",\n".join(lines) + "\n}}\n")


def shared(pair: Sequence[str] = MODERN) -> tuple[Symbol, ...]:
    """The symbols every one of these targets has."""
    return tuple(s for s in symbols() if set(pair) <= set(s.targets))


def ledger(specs: Iterable[Spec], cases: Iterable[Case] = ()) -> tuple[Entry, ...]:
    """One entry for every symbol of the union."""
    by_subject: dict[str, list[Spec]] = {}
    for spec in specs:
        by_subject.setdefault(spec.subject, []).append(spec)
    counted: dict[str, int] = {}
    for case in cases:
        counted[case.subject] = counted.get(case.subject, 0) + 1
    known = json.loads(PLACE.read_text())["targets"]
    return tuple(_entry(s, by_subject, counted.get(s.name, 0), known) for s in symbols())


def _entry(symbol: Symbol, specs: Mapping[str, Sequence[Spec]], cases: int, targets: Sequence[str]) -> Entry:
    own = specs.get(symbol.name, ())
    full = [s for s in own if s.script not in NO_CASES]
    target = _stands_for(symbol, specs)
    if full:
        standing, reason = Standing.SPEC, next((s.no_oracle for s in full if s.no_oracle), "")
    elif target:
        standing, reason = Standing.ALIAS, f"alias of {target}"
        full = [s for s in specs[target] if s.script not in NO_CASES]
    elif why := _out_of_scope(symbol.name):
        standing, reason = Standing.OUT, why
    elif own:
        standing, reason = Standing.SIGNATURE, ""
    else:
        standing, reason = Standing.UNLISTED, ""
    return Entry(
        symbol=symbol,
        standing=standing,
        cases=cases,
        parameters=sum(len(s.parameters) for s in full),
        values=sum(len(p.values) + len(p.invalid) for s in full for p in s.parameters),
        oracle=any(s.oracle is not None for s in full),
        reason=reason,
        missing_in=tuple(t for t in targets if t not in symbol.targets),
    )


NO_CASES = ("signature", "members")
"""Scripts that look at a symbol without trying what it does."""


@lru_cache(maxsize=1)
def _groups() -> Mapping[str, tuple[str, ...]]:
    """First name of an object → every name that is that object in all targets that have it."""
    out: dict[str, list[str]] = {}
    for symbol in symbols():
        out.setdefault(symbol.alias_of or symbol.name, []).append(symbol.name)
    return {first: tuple(names) for first, names in out.items()}


def _stands_for(symbol: Symbol, specs: Mapping[str, Sequence[Spec]]) -> str:
    """Another name of the same object that has a spec of its own; empty when there is none."""
    first = symbol.alias_of or symbol.name
    for name in (first, *_groups().get(first, ())):
        if name != symbol.name and any(s.script not in NO_CASES for s in specs.get(name, ())):
            return name
    return ""


def _out_of_scope(name: str) -> str:
    return next((why for pattern, why in OUT_OF_SCOPE.items() if fnmatch.fnmatchcase(name, pattern)), "")


def why_no_numbers(name: str) -> str:
    """Why a symbol computes nothing an oracle could say, or empty."""
    return next((why for pattern, why in NO_NUMBERS.items() if fnmatch.fnmatchcase(name, pattern)), "")


def coverage(
    specs: Sequence[Spec],
    cases: Sequence[Case] = (),
    *,
    pair: Sequence[str] = MODERN,
    pairs_covered: float = 1.0,
) -> list[str]:
    """The ledger's last lines: how much of what a pair shares is under spec.

    with_oracle: the part with an oracle, of the shared symbols that compute the same numbers every time.
    pairs_covered: part of the legitimate value pairs in the corpus, as the plan counted it.
    """
    wanted = {s.name for s in shared(pair)}
    entries = [e for e in ledger(specs, cases) if e.symbol.name in wanted]
    random = {s.subject for s in specs if s.random}
    numbers = [
        e
        for e in entries
        if e.standing is not Standing.OUT
        and not why_no_numbers(e.symbol.name)
        and e.symbol.name not in random
    ]
    have = sum(e.oracle for e in numbers)
    lines = [f"symbols: {len(entries)}"]
    lines += [f"{standing.value}: {sum(e.standing is standing for e in entries)}" for standing in Standing]
    lines.append(f"deterministic: {len(numbers)}")
    lines.append(f"with_oracle: {have / len(numbers) if numbers else 0.0:.2f}")
    lines.append(f"value_pairs: {pairs_covered:.2f}" if pairs_covered < 1.0 else "value_pairs: 1.0")
    return lines
