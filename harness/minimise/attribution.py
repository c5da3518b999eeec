"""What explains a cause: one thing is changed on both sides, and what that does to the divergence is
observed.

Only what a retry proved is stated. A retry counts when both sides then do what they did not agree on before
(both return) and the divergence is gone; that one of them now refuses proves nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from harness.minimise.asking import Ask, shows
from harness.minimise.records import Attribution
from harness.minimise.simplicity import UNFED, equal, recipes, rewritten, settled
from harness.model import Case, Divergence, Judged, Kind, Observation, Outcome, Plain, StepStatus, short
from harness.plan import cases_of
from harness.specs.declaration import Spec
from harness.specs.registry import spec_of

NUMERIC = (Kind.VALUE, Kind.PRECISION, Kind.SPECIAL, Kind.DTYPE)
MADE = ("layer", "loss", "metric")
"""Scripts whose subjects take `dtype`."""
ENTRIES = ("functional", "predict", "jit")
"""Dear observations that reach the subject another way."""
ENTRY_STEPS = {
    "forward": "a direct call",
    "functional call": "the functional graph",
    "predict": "`predict`",
    "jit": "a compiled call",
}
ITSELF = ("name", "dtype", "trainable")
"""Entries of a config that are no argument of the subject's own, or are looked at apart."""


@dataclass(frozen=True)
class Retry:
    """One thing changed."""

    aspect: str
    statement: str
    """What is proved if the divergence goes."""
    case: Case


@dataclass(frozen=True)
class Found:
    """A minimal case and its divergence."""

    case: Case
    divergence: Divergence
    spec: Spec | None

    @property
    def step(self) -> str:
        """Where it shows first."""
        return self.divergence.differences[0].step


def attribute(found: Sequence[Found], ask: Ask) -> list[tuple[Attribution, ...]]:
    """What retries proved of each minimal case; all retries of all cases are asked at once."""
    signatures = {s.hash: s for f in found if (s := signature_of(f.case)) is not None}
    if signatures:
        ask(list(signatures.values()))
    tries = [(f, list(retries(f, ask)), by_entry(f)) for f in found]
    wanted = {r.case.hash: r.case for _, each, _ in tries for r in each}
    wanted |= {c.hash: c for _, _, c in tries if c is not None}
    answers = ask(list(wanted.values())) if wanted else {}
    out = []
    for one, each, entry in tries:
        proved = [
            Attribution(r.aspect, r.statement, one.case.address, r.case.address)
            for r in each
            if gone(one, r.case, answers.get(r.case.hash), ask)
        ]
        through = entry_points(one, entry, answers.get(entry.hash), ask) if entry is not None else None
        out.append((*once(proved), *([through] if through else [])))
    return out


def once(proved: Sequence[Attribution]) -> list[Attribution]:
    """Each statement once: either side's default may be the one that was pinned."""
    return list({a.statement: a for a in reversed(proved)}.values())[::-1]


def signature_of(case: Case) -> Case | None:
    """The case that observes the subject's signature."""
    spec = spec_of(case.subject, "signature")
    return None if spec is None else cases_of(spec, profile="quick")[0]


def retries(found: Found, ask: Ask) -> Iterator[Retry]:
    """Everything worth changing in a case."""
    case = found.case
    for name, (one, two) in defaults(case, ask).items():
        statement = f"explained by default `{name}`: {short(one)!r} → {short(two)!r}"
        for value in (one, two):
            yield Retry("default", statement, given(case, found.spec, {**case.parameters, name: value}))
    if found.divergence.kind not in NUMERIC:
        return
    if case.script in MADE and "dtype" not in case.parameters:
        for dtype in ("float32", "float64"):
            statement = f"gone when `dtype={dtype!r}` is given"
            yield Retry("dtype", statement, given(case, found.spec, {**case.parameters, "dtype": dtype}))
    if found.step not in UNFED:
        yield from input_types(case)


def given(case: Case, spec: Spec | None, parameters: Mapping[str, Plain]) -> Case:
    """The case with other parameters."""
    return settled(replace(case, parameters=dict(parameters)), spec)


def input_types(case: Case) -> Iterator[Retry]:
    """Inputs as float32, where they are something else."""
    kinds = sorted({str(a.get("dtype", "float32")) for a in recipes(case.feed)} - {"float32", "string"})
    for kind in kinds:

        def change(recipe: Mapping[str, Plain], kind: str = kind) -> Plain:
            return {**recipe, "dtype": "float32"} if recipe.get("dtype") == kind else recipe

        statement = f"shows with inputs of {kind}; gone when they are float32"
        yield Retry("input type", statement, replace(case, feed=rewritten(case.feed, change)))


def defaults(case: Case, ask: Ask) -> dict[str, tuple[Plain, Plain]]:
    """Parameters the case leaves out whose effective defaults differ: name → the two sides' values.

    From the config of the very object, else from the signatures.
    """
    sides = ask.seen(case)
    found = differing(*(value_of(o, "config") for o in sides))
    signature = signature_of(case)
    if signature is not None:
        told = [value_of(o, "parameters") for o in ask.seen(signature)]
        found = differing(*({k: v["default"] for k, v in t.items() if has_default(v)} for t in told)) | found
    return {k: v for k, v in found.items() if k not in case.parameters and k not in ITSELF}


def has_default(entry: Any) -> bool:
    """Whether an entry of a signature has a default that is plain."""
    return isinstance(entry, Mapping) and "default" in entry


def value_of(observation: Observation | None, step: str) -> Mapping[str, Any]:
    """A mapping that a step recorded, or an empty one."""
    found = observation.step(step) if observation is not None else None
    return found.value if found is not None and isinstance(found.value, Mapping) else {}


def differing(one: Mapping[str, Any], two: Mapping[str, Any]) -> dict[str, tuple[Plain, Plain]]:
    """Keys of both whose values are plain and not the same."""
    return {
        str(k): (one[k], two[k])
        for k in one
        if k in two and is_simple(one[k]) and is_simple(two[k]) and not equal(one[k], two[k])
    }


def is_simple(value: Any) -> bool:
    """Whether a value of a config can be given as an argument just so."""
    if isinstance(value, list):
        return all(is_simple(v) for v in value)
    return value is None or isinstance(value, bool | int | float | str)


def gone(found: Found, case: Case, answer: Judged | None, ask: Ask) -> bool:
    """Whether a retry shows both sides doing the step in question, without the divergence."""
    if answer is None or shows(answer, found.divergence.fingerprint):
        return False
    if any(d.kind is found.divergence.kind and d.path == found.divergence.path for d in answer.divergences):
        return False
    if (answer.reference, answer.candidate) != (Outcome.RETURNED, Outcome.RETURNED):
        return False
    return all(did(o, found.step) for o in ask.seen(case))


def did(observation: Observation | None, step: str) -> bool:
    """Whether a step returned."""
    found = observation.step(step) if observation is not None else None
    return found is not None and found.status is StepStatus.RETURNED


def by_entry(found: Found) -> Case | None:
    """The case observed through every entry point; None where that says nothing."""
    numeric = found.divergence.kind in NUMERIC and found.step in ENTRY_STEPS
    if found.case.script != "layer" or not numeric:
        return None
    kept = tuple(o for o in found.case.observe if o == "random")
    return replace(found.case, observe=(*kept, *ENTRIES))


def entry_points(found: Found, case: Case, answer: Judged | None, ask: Ask) -> Attribution | None:
    """Through which entry points the divergence shows, where it does not through all."""
    if answer is None:
        return None
    shown = {
        d.step for one in answer.divergences if one.kind is found.divergence.kind for d in one.differences
    }
    performed = [s for s in ENTRY_STEPS if all(did(o, s) for o in ask.seen(case))]
    yes = [ENTRY_STEPS[s] for s in performed if s in shown]
    no = [ENTRY_STEPS[s] for s in performed if s not in shown]
    if not yes or not no:
        return None
    aspect = "mode" if "a compiled call" in no or yes == ["a compiled call"] else "entry point"
    statement = f"shows through {' and '.join(yes)}; not through {' and '.join(no)}"
    return Attribution(aspect, statement, found.case.address, case.address)
