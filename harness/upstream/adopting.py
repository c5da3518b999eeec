"""Calls of upstream's tests made into cases, where they pass a kind of value that no case of ours did.

Only what is passed is taken over: parameters, shapes, dtypes. The numbers fed are drawn as the spec's
plainest feed draws them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from math import prod

from harness.model import Case, Plain, canonical
from harness.plan import case_of, observations, plainest_row, without_omitted
from harness.specs.declaration import Feed, Spec, plain
from harness.upstream.comparing import subject_of
from harness.upstream.domains import FIRST, SCRIPTS, domains
from harness.upstream.facts import Fact, Program
from harness.upstream.kinds import DTYPES, Kind, Undecided, array_parts, fed_kind, kind_of

ELEMENTS = 20_000
"""How many numbers an array may hold before its axes are cut to `LONGEST`."""
LONGEST = 12
UNKNOWN_LENGTH = 3
"""What stands for an axis whose length the test leaves open."""
OWN_FUNCTIONS = ("activation", "constraint", "regularizer", "initializer", "function", "layer", "mask")
"""Endings of parameters a user's function of one argument may be given to."""
RAGGED: Mapping[int, Plain] = {2: [[1, 2], [3]], 3: [[[1, 2]], [[0, 1], [2, 3]]]}
"""Ragged rows by rank."""

OWN_FEED = ("schedule", "initializer", "optimizer", "lookup")
"""Scripts that feed steps, shapes or gradients of their own."""

Gap = tuple[str, str, str, Kind]


class NotOurs(Exception):
    """Something a case cannot pass; says what."""


@dataclass(frozen=True)
class Adopted:
    """A case made of a call of upstream's, and the gaps it closes."""

    case: Case
    closes: frozenset[Gap]
    program: Program


def gap_of(fact: Fact) -> Gap:
    """What is missing where a fact lies outside."""
    subject = subject_of(fact.subject)
    if fact.role == "parameter":
        return subject, fact.role, fact.name, kind_of(fact.value, fact.name)
    return subject, fact.role, fact.name, fed_kind(fact.value)


def adopt(outside: Iterable[Fact], programs: Iterable[Program], specs: Iterable[Spec]) -> list[Adopted]:
    """The fewest cases, greedily, that close as many gaps as calls of upstream's can."""
    by_subject = {s.subject: s for s in specs if s.script.partition(":")[0] in SCRIPTS}
    left = {gap_of(fact) for fact in outside}
    wanted = {gap[0] for gap in left}
    offers: dict[str, Adopted] = {}
    for one_program in programs:
        program = replace(one_program, subject=subject_of(one_program.subject))
        if program.subject in wanted and program.subject in by_subject:
            for one in attempts(program, by_subject[program.subject]):
                closes = closed_by(one, tuple(program.parameters)) & left
                if closes:
                    offers.setdefault(one.hash, Adopted(one, frozenset(closes), program))
    out: list[Adopted] = []
    waiting = sorted(
        offers.values(), key=lambda a: (-len(a.closes), len(canonical(a.case.plain())), a.case.hash)
    )
    while waiting:
        best = max(waiting, key=lambda a: len(a.closes & left))
        if not best.closes & left:
            break
        out.append(Adopted(best.case, frozenset(best.closes & left), best.program))
        left -= best.closes
        waiting.remove(best)
    return out


def attempts(program: Program, spec: Spec) -> Iterator[Case]:
    """The cases that could be made of a call: as it is, and with our own feed where its own cannot be fed.

    An RNN of a list of cells is not made stateful: its states nest, and the case script sets states one level
    deep.
    """
    required = {k: plain(v) for k, v in without_omitted(plainest_row(spec)).items()}
    parameters = dict(required)
    known = {p.name for p in spec.parameters}
    for name, value in program.parameters.items():
        with suppress(NotOurs):
            parameters[FIRST if FIRST in known and name not in known else name] = ours(value, name)
    if isinstance(parameters.get("cell"), list):
        parameters.pop("stateful", None)
    default = spec.default_feed()
    feeds = [Feed("learnt", default.inputs, call=default.call)]
    with suppress(NotOurs):
        feeds.insert(0, feed_of(program, spec))
    for feed in feeds:
        case = case_of(spec, {}, default, 0)
        content = {"inputs": plain(feed.inputs)} | (
            {"call": {k: plain(v) for k, v in feed.call.items()}} if feed.call else {}
        )
        made = Case(case.subject, case.script, parameters, content, limit=spec.limit)
        yield Case(
            made.subject, made.script, parameters, content, observe=observations(spec, made, 9, True, "quick")
        )


def closed_by(case: Case, named: tuple[str, ...]) -> set[Gap]:
    """The gaps a case closes.

    named: what upstream's call gives by name, of which ours may pass one by position.
    """
    domain = domains([case])[case.subject]
    out: set[Gap] = set()
    for name, kinds in domain.parameters.items():
        for shown in named if name == FIRST else (name,):
            out |= {(case.subject, "parameter", shown, kind) for kind in kinds}
    out |= {(case.subject, "input", "", kind) for kind in domain.inputs}
    for name, kinds in domain.call.items():
        out |= {
            (case.subject, *(("adapt", "") if name == "adapt" else ("call", name)), kind) for kind in kinds
        }
    return out


def feed_of(program: Program, spec: Spec) -> Feed:
    """What the test feeds, with values as our plainest feed has them."""
    if (program.inputs is None and not program.call) or spec.script in OWN_FEED:
        raise NotOurs("nothing is fed that is not our own")
    default = spec.default_feed()
    call = {k: fed(v, None) for k, v in program.call.items() if k != "training"}
    pattern = plain(default.inputs)
    if program.inputs is None:
        return Feed("learnt", pattern, call=call)
    if program.subject.startswith("metrics."):
        return Feed("learnt", [as_update(fed(program.inputs, pattern[0]))], call=call)
    return Feed("learnt", fed(program.inputs, pattern), call=call)


def as_update(value: Plain) -> Plain:
    """What a metric is given in one update: a list of arrays."""
    return value if isinstance(value, list) else [value]


def ours(value: Plain, name: str = "") -> Plain:
    """A value of upstream's as one of ours."""
    if isinstance(value, list):
        return [ours(v, name) for v in value]
    if not isinstance(value, Mapping):
        return value
    if "$opaque" in value or "$float" in value:
        raise NotOurs("what is computed")
    if "$function" in value:
        if value["$function"] == "class" or not name.endswith(OWN_FUNCTIONS):
            raise NotOurs("code of the test")
        return {"$function": "double"}
    if "$attribute" in value:
        return _symbol(str(value["$attribute"]))
    if "$array" in value:
        return fed(value, None)
    if "$object" in value:
        made = {k: ours(v, k) for k, v in value["parameters"].items()}
        return {"$object": value["$object"], "parameters": made}
    return {k: ours(v, k) for k, v in value.items()}


def _symbol(name: str) -> Plain:
    last = name.rsplit(".", 1)[-1]
    if last in DTYPES:
        return last
    if name.startswith(("tensorflow", "numpy", "builtins", "keras.", "tf_keras.")):
        raise NotOurs("a function of another library")
    return {"$attribute": name}


def fed(value: Plain, pattern: Plain) -> Plain:
    """What is fed, as recipes; pattern: the recipe our plainest feed has at this place."""
    if isinstance(value, list):
        below = pattern if isinstance(pattern, list) and len(pattern) == len(value) else [None] * len(value)
        return [fed(v, p) for v, p in zip(value, below, strict=True)]
    if not isinstance(value, Mapping):
        return value
    if "$tuple" in value:
        return {"$tuple": [fed(v, None) for v in value["$tuple"]]}
    if "$array" not in value:
        if any(key.startswith("$") for key in value):
            raise NotOurs("no array")
        return {k: fed(v, pattern.get(k) if isinstance(pattern, Mapping) else None) for k, v in value.items()}
    return _recipe(value, pattern if isinstance(pattern, Mapping) else {})


def _recipe(value: Mapping[str, Plain], pattern: Mapping[str, Plain]) -> Plain:
    try:
        kind, rank, _, form = array_parts(value)
    except Undecided as why:
        raise NotOurs(str(why)) from why
    if form == "ragged" and rank in RAGGED and kind in ("int", "float"):
        return {"$ragged": RAGGED[rank], "dtype": "int32" if kind == "int" else "float32"}
    if form != "dense":
        raise NotOurs(f"a {form} tensor of rank {rank}")
    shape = [UNKNOWN_LENGTH if n is None else n for n in value["shape"]]
    if prod(shape) > ELEMENTS:
        shape = [min(n, LONGEST) for n in shape]
    if kind == "string":
        return {"$array": True, "dtype": "string", "literal": _words(shape)}
    dtype = value["dtype"] if value["dtype"] in DTYPES else "float32"
    values = {"int": "integers", "bool": "bools"}.get(kind, str(pattern.get("values", "normal")))
    recipe = {"$array": True, "dtype": dtype, "shape": shape, "values": values}
    return recipe | ({"high": pattern["high"]} if values == "integers" and "high" in pattern else {})


def _words(shape: list[int]) -> Plain:
    return [_words(shape[1:]) for _ in range(shape[0])] if shape else "a"
