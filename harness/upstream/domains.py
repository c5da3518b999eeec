"""What our cases try of a subject: the kinds of values of each argument, and of what is fed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from harness.model import Case, Plain
from harness.upstream.kinds import Kind, Undecided, fed_kind, kind_of

SCRIPTS = (
    "layer",
    "activation",
    "loss",
    "metric",
    "initializer",
    "penalty",
    "optimizer",
    "schedule",
    "function",
    "utility",
    "lookup",
    "configuration",
)
"""Case scripts, with their further functions, that call their subject with the case's own parameters."""

FIRST = "$first"
"""The parameter of a case that is passed by position, because implementations call it differently."""


@dataclass
class Domain:
    """The kinds tried of one subject."""

    parameters: dict[str, set[Kind]] = field(default_factory=lambda: defaultdict(set))
    call: dict[str, set[Kind]] = field(default_factory=lambda: defaultdict(set))
    inputs: set[Kind] = field(default_factory=set)
    omitted: set[str] = field(default_factory=set)
    """Parameters that some case leaves out, so that their default applies."""


def domains(cases: Iterable[Case]) -> dict[str, Domain]:
    """The domain of every subject."""
    out: dict[str, Domain] = defaultdict(Domain)
    known: dict[str, set[str]] = defaultdict(set)
    listed = [case for case in cases if case.script.partition(":")[0] in SCRIPTS]
    for case in listed:
        known[case.subject] |= set(case.parameters)
    for case in listed:
        domain = out[case.subject]
        for name, value in case.parameters.items():
            domain.parameters[name] |= kinds_of(value, name)
        domain.omitted |= known[case.subject] - set(case.parameters)
        _feed(domain, case)
    return out


def kinds_of(value: Plain, name: str = "", *, fed: bool = False) -> set[Kind]:
    """The kind of a value of ours, or none where it has none of upstream's."""
    try:
        return {fed_kind(value) if fed else kind_of(value, name)}
    except Undecided:
        return set()


def _feed(domain: Domain, case: Case) -> None:
    """What a case feeds, and the further arguments of its call."""
    fed = case.feed if isinstance(case.feed, Mapping) else {}
    inputs = fed.get("inputs")
    call = fed.get("call", {})
    if isinstance(inputs, Mapping) and "$arguments" in inputs:
        inputs = inputs["$arguments"][0] if len(inputs["$arguments"]) == 1 else inputs["$arguments"]
    if case.script == "schedule" and isinstance(inputs, Mapping):
        domain.inputs |= {fed_kind(0)}
        inputs = inputs.get("steps")
    if case.script == "initializer" and isinstance(inputs, Mapping):
        inputs = inputs.get("shape")
    updates = inputs if case.script == "metric" and isinstance(inputs, list) else [inputs]
    for one in updates:
        domain.inputs |= kinds_of(one, fed=True)
        domain.inputs |= kinds_of(unwrapped(one), fed=True)
    for name, value in call.items() if isinstance(call, Mapping) else ():
        domain.call[name.removeprefix("$")] |= kinds_of(value, fed=True)
    if case.script == "layer":
        domain.call["training"] |= {fed_kind(True)}


def unwrapped(value: Plain) -> Plain:
    """A one-element list of arrays is fed as the array itself."""
    return value[0] if isinstance(value, list) and len(value) == 1 else value
