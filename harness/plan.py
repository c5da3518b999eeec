"""Specs to cases: the standing corpus as a covering array.

`full` tries every pair of values of two parameters and every feed; invalid values and further sets are tried
one at a time, with everything else at its plainest, and observed briefly: whether they are refused, and what
comes out when they are not.

`quick` is the part of it that pays at once: every subject and every value of every parameter at least once,
briefly, and the witnesses: the cheapest cases that between them show whatever is known of the reviewed pairs
(`harness/witnesses.py`). Peculiar feeds, further sets and whole programs stand in it only as witnesses.
"""

from __future__ import annotations

import fnmatch
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any

from allpairspy import AllPairs

from harness.model import Case, canonical
from harness.specs.declaration import OMIT, Feed, Parameter, Spec, plain
from harness.specs.found import LEARNT, WITNESSES, found_cases
from harness.specs.layer_keywords import draws

PROFILES = ("quick", "full")
DEAREST = frozenset({"predict", "jit", "functional"})
"""Dear observations that compile or trace, up to hundreds of milliseconds each: `full` makes them, `quick`
only where a witness asks."""
GRAPH = "graph"
"""The script of whole models: `quick` trains only those that are witnesses."""
BRIEF = frozenset({"layer", GRAPH})
"""Scripts that observe less of a case that is brief; to the others all cases are alike."""

Row = dict[str, Any]
FEED = "\0feed"


def plan(
    specs: Iterable[Spec], *, profile: str = "quick", only: Sequence[str] = (), seed: int = 0
) -> list[Case]:
    """All cases of the specs, in the order of the specs, then those a search found; no two have the same
    hash.

    only: shell patterns of which one must match the subject or the address of a case.
    """
    out: dict[str, Case] = {}
    listed = list(specs)
    for case in (
        *(case for spec in listed for case in cases_of(spec, profile=profile, seed=seed)),
        *found_cases(listed, seed),
        *found_cases(listed, seed, LEARNT, label="learnt", profile=profile),
        *(found_cases(listed, seed, WITNESSES) if profile == "quick" else ()),
    ):
        if not only or any(matches(case, pattern) for pattern in only):
            out.setdefault(case.hash, case)
    return list(out.values())


def none_matches(only: Sequence[str], specs: Iterable[Spec], seed: int = 0) -> str:
    """What to say where no case is chosen, with the way out."""
    asked = ", ".join(only) or "no pattern, and no spec has a case"
    said = f"Expected `--only` to match a case. Received: {asked}, which matches none. "
    if only and plan(specs, profile="full", only=only, seed=seed):
        return said + "It does in the whole corpus: add `--profile full`."
    return said + ("A pattern is a subject (layers.Conv*) or the address of a case (layers.Dense/*units=3*).")


def matches(case: Case, pattern: str) -> bool:
    """Whether a pattern of ``--only`` names this case."""
    return fnmatch.fnmatchcase(case.subject, pattern) or fnmatch.fnmatchcase(case.address, pattern)


def cases_of(spec: Spec, *, profile: str, seed: int = 0) -> list[Case]:
    """The cases of one spec: the covering array, peculiar feeds, invalid values and further sets.

    Everything there is to observe is observed of the first, the plainest.
    """
    quick = profile == "quick"
    spec = replace(spec, feeds=tuple(feed for feed in spec.feeds if profile in feed.profiles))
    first = spec.default_feed()
    plainest = plainest_row(spec)
    base = without_omitted(plainest)
    rows = each_value(spec) if quick else covering(spec)
    proper = [(without_omitted(row), row[FEED]) for row in rows]
    proper += [] if quick else [(base, feed) for feed in spec.feeds if not feed.pairwise]
    invalid = [(p.name, value) for p in spec.parameters for value in p.invalid]
    odd = [(without_omitted(plainest | {name: value}), first) for name, value in invalid]
    odd += [] if quick else [(without_omitted(base | dict(more)), first) for more in spec.extra]
    chosen = [] if quick and spec.programs else [*proper, *odd]
    out: dict[str, Case] = {}
    for place, (parameters, feed) in enumerate(chosen):
        case = case_of(spec, parameters, feed, seed)
        key = canonical([case.script, case.parameters, case.feed])
        if key not in out:
            brief = (place > 0 or case.script == GRAPH) if quick else place >= len(proper)
            out[key] = replace(case, observe=observations(spec, case, place, brief, profile))
    return list(out.values())


def observations(spec: Spec, case: Case, place: int, brief: bool, profile: str) -> tuple[str, ...]:
    """What is observed on top of what the script always does, for the case at this place of its corpus."""
    common = randomness(spec, case)
    if place > 0 or brief:
        return (*common, "brief") if brief and case.script in BRIEF else common
    if profile == "full":
        return (*common, *spec.dear, "initial", "thorough")
    dear = tuple(d for d in spec.dear if d not in DEAREST)
    return (*common, *dear, *(("initial",) if spec.random else ()))


def randomness(spec: Spec, case: Case) -> tuple[str, ...]:
    """Whether the case draws at random while training: its subject does, or a parameter makes it."""
    return ("random",) if draws(spec, case.parameters) else ()


def case_of(spec: Spec, parameters: Mapping[str, Any], feed: Feed, seed: int) -> Case:
    """One case of a spec."""
    call = {k: plain(v) for k, v in feed.call.items()}
    return Case(
        subject=spec.subject,
        script=feed.script or spec.script,
        parameters={k: plain(v) for k, v in parameters.items()},
        feed={"inputs": plain(feed.inputs)} | ({"call": call} if call else {}),
        label="" if feed is spec.default_feed() else feed.name,
        seed=seed,
        limit=spec.limit,
    )


def without_omitted(row: Mapping[str, Any]) -> Row:
    """The parameters of a row that are given."""
    return {k: v for k, v in row.items() if v is not OMIT and k != FEED}


def plainest_row(spec: Spec) -> Row:
    """Every parameter at its first value, with the first feed."""
    return {p.name: p.values[0] for p in spec.parameters if p.values} | {FEED: spec.default_feed()}


def is_legitimate(spec: Spec, row: Mapping[str, Any]) -> bool:
    """Whether the spec allows a (possibly partial) row."""
    parameters = without_omitted(row)
    feed = row.get(FEED)
    if feed is not None and feed.when is not None and not _holds(feed.when, parameters):
        return False
    return spec.valid is None or _holds(spec.valid, parameters)


def _holds(rule: Any, parameters: Mapping[str, Any]) -> bool:
    """A rule on parameters; one that needs a parameter not chosen yet does not forbid."""
    try:
        return bool(rule(parameters))
    except (KeyError, TypeError):
        return True


def axes(spec: Spec) -> list[tuple[str, Sequence[Any]]]:
    """The axes of the covering array: parameters with more than one value, and the feeds."""
    out: list[tuple[str, Sequence[Any]]] = [(p.name, p.values) for p in spec.parameters if len(p.values) > 1]
    feeds = [f for f in spec.feeds if f.pairwise]
    if len(feeds) > 1:
        out.append((FEED, feeds))
    return out


def fixed(spec: Spec) -> Row:
    """What never varies."""
    row = {p.name: p.values[0] for p in spec.parameters if len(p.values) == 1}
    return row | {FEED: spec.default_feed()}


def covering(spec: Spec) -> list[Row]:
    """Rows in which every legitimate pair of values of two axes appears; the plainest row comes first."""
    table = axes(spec)
    first = plainest_row(spec)
    if not table:
        return [first]
    names = [name for name, _ in table]
    values = [list(range(len(v))) for _, v in table]

    def as_row(choice: Sequence[int]) -> Row:
        chosen = {name: table[i][1][c] for i, (name, c) in enumerate(zip(names, choice, strict=False))}
        return fixed(spec) | chosen if len(choice) == len(names) else chosen

    if len(table) == 1:
        rows = [as_row([c]) for c in values[0]]
    else:
        found = AllPairs(values, filter_func=lambda choice: is_legitimate(spec, as_row(choice)))
        rows = [as_row(list(choice)) for choice in found]
    rows = [first, *rows, *missing_pairs(spec, [first, *rows])]
    return [row for row in rows if is_legitimate(spec, row)]


def missing_pairs(spec: Spec, rows: Sequence[Row]) -> list[Row]:
    """Rows for legitimate pairs that the rows so far do not hold (rules can hide some from the generator)."""
    table = axes(spec)
    have = {pair for row in rows if is_legitimate(spec, row) for pair in pairs_of(spec, row)}
    extra: list[Row] = []
    for (a, a_values), (b, b_values) in combinations(table, 2):
        for x in a_values:
            for y in b_values:
                if pair_key(a, x, b, y) in have:
                    continue
                row = rescue(spec, plainest_row(spec) | {a: x, b: y}, table, keep=(a, b))
                if is_legitimate(spec, row):
                    extra.append(row)
                    have.update(pairs_of(spec, row))
    return extra


def pairs_of(spec: Spec, row: Mapping[str, Any]) -> list[tuple[str, str, str, str]]:
    """Every pair of values of two axes that a row holds."""
    return [pair_key(a, row[a], b, row[b]) for (a, _), (b, _) in combinations(axes(spec), 2)]


def pair_key(a: str, x: Any, b: str, y: Any) -> tuple[str, str, str, str]:
    """A pair of values as something that can be looked up."""
    return a, value_key(x), b, value_key(y)


def value_key(value: Any) -> str:
    """A value of an axis as text."""
    if value is OMIT:
        return "OMIT"
    if isinstance(value, Feed):
        return "feed:" + value.name
    return type(value).__name__ + canonical(plain(value))


def each_value(spec: Spec) -> list[Row]:
    """Rows in which every value of every axis appears at least once; the plainest row comes first."""
    rows = [plainest_row(spec)]
    covered = {(name, value_key(rows[0][name])) for name, _ in axes(spec)}
    table = axes(spec)
    for place, (name, values) in enumerate(table):
        for value in values:
            if (name, value_key(value)) in covered:
                continue
            row = fill(spec, table, place, value, covered)
            if is_legitimate(spec, row):
                rows.append(row)
                covered.update((n, value_key(row[n])) for n, _ in table)
    return rows


def fill(
    spec: Spec,
    table: Sequence[tuple[str, Sequence[Any]]],
    place: int,
    value: Any,
    covered: set[tuple[str, str]],
) -> Row:
    """A row with one wanted value and as many other values not tried yet as the spec's rules allow."""
    row = plainest_row(spec) | {table[place][0]: value}
    if not is_legitimate(spec, row):
        return rescue(spec, row, table, keep=(table[place][0],))
    for name, values in table[place + 1 :]:
        for other in values:
            if (name, value_key(other)) not in covered and is_legitimate(spec, row | {name: other}):
                row[name] = other
                break
    return row


def rescue(spec: Spec, row: Row, table: Sequence[tuple[str, Sequence[Any]]], *, keep: Sequence[str]) -> Row:
    """The row, or a legitimate one that differs in one axis not to be kept; the row if there is none."""
    if is_legitimate(spec, row):
        return row
    for name, values in table:
        for other in values if name not in keep else ():
            if is_legitimate(spec, row | {name: other}):
                return row | {name: other}
    return row


def exercised(parameters: Sequence[Parameter], cases: Iterable[Case]) -> dict[str, int]:
    """How many values of each parameter the cases try, leaving it out being one."""
    seen: dict[str, set[str]] = {p.name: set() for p in parameters}
    for case in cases:
        for name, values in seen.items():
            values.add(canonical(case.parameters[name]) if name in case.parameters else "OMIT")
    return {name: len(values) for name, values in seen.items()}
