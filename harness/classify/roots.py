"""From one precise difference to the cause above it: what a maintainer would mend, or migrate, in one go.

A fingerprint says exactly what differs and where; thousands of them come from a few hundred roots. A root is
read from the fields of a divergence alone: its kind, its severity, its step, how both sides ended, the area
of the API its subject is in, the parameter of a signature, the key of a config. But for namespaces
that one Keras alone has, and functions that are two formulas, no subject is listed here; and nothing depends
on what else a run found: the cause of a divergence is the same in every run.

The severity is part of every root: a mild difference never stands before a severe one.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from harness.classify import severity as severities
from harness.classify import templates
from harness.classify.areas import DOING, NAMESPACES, area, coarse, phase, scenario, stem
from harness.classify.severity import status
from harness.compare import paths
from harness.compare.values import SIGN_OF_ZERO
from harness.model import ABSENT, Case, Difference, Kind, Severity

COMMON = frozenset({"name", "dtype", "trainable", "seed", "batch_input_shape", "kwargs", "args"})
"""Arguments and config keys that the whole API shares: one that moved, moved everywhere for one reason."""

SHARED_STEPS = frozenset(
    {"functional call", "losses", "initial", "learning rate after", "predict", "jit"}
    | {"train SGD", "train Adam", "slots Adam"}
)
"""Steps that show what a whole area does, not what its subjects compute."""

RESULTS = frozenset({"forward", "call"})
"""Steps that give a metric's result."""

FORMULAS = frozenset({"hard_sigmoid"})
"""Names of functions that are another formula in Keras 2 than in Keras 3, and that parameters name."""

TRAINING, STATE = "training", "state"
"""A call while training, and the weights it changed: none where it failed."""

MEMBERS = "members"
"""The step that lists what an instance offers."""


@dataclass(frozen=True)
class Root:
    """What several divergences have in common."""

    key: str
    """Fingerprint of the cause."""
    title: str
    """One sentence, without its full stop and without counts."""


def roots(case: Case, differences: Sequence[Difference]) -> tuple[tuple[Root, Severity], ...]:
    """The root and the severity of each difference of one case, in order.

    A step that one side never came to because an earlier step had failed there is no finding of its own:
    it takes the root, and the severity, of that failure. Numbers that stand at another place because the
    state is arranged otherwise take the root of the arrangement.
    """
    out = []
    for difference in differences:
        telling = origin(difference, differences)
        severity = severities.severity(telling)
        if moved(difference, differences):
            out.append((_made(severity, "state order", area(case), text=MOVED), severity))
        elif telling.kind in (Kind.VALUE, Kind.SPECIAL) and reshaped(telling, differences):
            text = f"{area(case)}: numbers differ because results have another shape"
            out.append((_made(severity, "another shape", area(case), text=text), severity))
        elif inward(case, difference, differences):
            text = "metrics: the state holds other numbers for the same results"
            out.append((_made(severity, "metrics", "state of the same results", text=text), severity))
        else:
            out.append((root(case, telling), severity))
    return tuple(out)


MOVED = "state variables are in another order, so that their values stand at other places"


def origin(difference: Difference, differences: Sequence[Difference]) -> Difference:
    """The failure a missing step or an unchanged state follows from; without one the difference itself."""
    unmoved = difference.kind is Kind.STRUCTURE and difference.step == STATE
    if difference.kind is not Kind.OUTCOME and not unmoved:
        return difference
    absent = [side is ABSENT for side in (difference.reference, difference.candidate)]
    if not any(absent):
        return difference
    place = absent.index(True)
    failed = ("raised", "missing", "timed out", "crashed")
    for other in differences:
        if unmoved and other.step != TRAINING:
            continue
        if other.kind is Kind.OUTCOME and status((other.reference, other.candidate)[place]) in failed:
            return other
    return difference


def moved(difference: Difference, differences: Sequence[Difference]) -> bool:
    """Whether values of a state differ in a case in which its variables stand in another order."""
    if difference.step != STATE or difference.kind not in (Kind.VALUE, Kind.SPECIAL):
        return False
    names = [d for d in differences if d.step == "variables" and d.path.endswith(".name")]
    one, two = sorted(str(d.reference) for d in names), sorted(str(d.candidate) for d in names)
    return bool(names) and one == two


def inward(case: Case, difference: Difference, differences: Sequence[Difference]) -> bool:
    """Whether a metric's state holds other numbers although every result of the case is the same."""
    if area(case) != "metrics" or difference.step != STATE or difference.kind is not Kind.VALUE:
        return False
    return not any(d.step in RESULTS for d in differences)


def reshaped(difference: Difference, differences: Sequence[Difference]) -> bool:
    """Whether values differ in a step that comes after one whose result has another shape."""
    place = next(i for i, d in enumerate(differences) if d is difference)
    return any(d.kind is Kind.SHAPE and d.step != difference.step for d in differences[:place])


def root(case: Case, difference: Difference) -> Root:
    """The root of one difference by itself."""
    severity = severities.severity(difference)
    make = {
        Kind.OUTCOME: _outcome,
        Kind.ERROR: _error,
        Kind.WARNINGS: _warnings,
        Kind.SIGNATURE: _signature,
        Kind.CONFIG: _config,
        Kind.NAMES: _names,
        Kind.EVENTS: _recorded,
        Kind.FILE: _recorded,
        Kind.DTYPE: _dtype,
        Kind.STRUCTURE: _structure,
        Kind.SHAPE: _result,
    }.get(difference.kind, _result)
    return make(case, difference, severity)


def _made(severity: Severity, *parts: str, text: str) -> Root:
    return Root("|".join((severity.name.lower(), *(p for p in parts if p))), text)


def _result(case: Case, difference: Difference, severity: Severity) -> Root:
    """Numbers and shapes: the formula they come from, or the step or the feed that many subjects share."""
    where = area(case)
    if difference.note == SIGN_OF_ZERO:
        return _made(severity, "sign of zero", text="zeros have another sign")
    if difference.kind is Kind.SHAPE and (scenario(case) or where != "layers"):
        return _structure(case, difference, severity)
    what = WRONG.get(difference.kind, "numbers differ")
    kind = "distribution" if difference.kind is Kind.DISTRIBUTION else ""
    common, said = _common(case, difference)
    if common:
        where = "" if common == RANKS else where
        return _made(severity, kind, where, common, text=f"{where}: {what} {said}".removeprefix(": "))
    formula = next(named(case.parameters), "") if difference.kind in (Kind.VALUE, Kind.SPECIAL) else ""
    if formula:
        return _made(severity, formula, text=f"{formula}: {what}")
    identifier = case.parameters.get("identifier")
    name = stem(identifier if isinstance(identifier, str) else case.subject)
    return _made(
        severity,
        kind or difference.kind.value * (difference.kind is Kind.SHAPE),
        name,
        text=f"{name}: {what}",
    )


def named(value: Any) -> Iterator[str]:
    """Functions of `FORMULAS` that parameters name, at any depth."""
    if isinstance(value, Mapping):
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from named(inner)
    elif isinstance(value, str) and value.rsplit(".", 1)[-1] in FORMULAS:
        yield value.rsplit(".", 1)[-1]


def _common(case: Case, difference: Difference) -> tuple[str, str]:
    """What a result shares with other subjects of its area: a scenario, a step, a feed, a given dtype."""
    where = area(case)
    if scenario(case):
        return scenario(case), f"in `{scenario(case)}`"
    if difference.step in SHARED_STEPS:
        return difference.step, f"in `{difference.step}`"
    if case.label in FEEDS and difference.kind is not Kind.SHAPE and difference.step != "learning rate":
        return FEEDS[case.label], f"when fed {FEEDS[case.label]}"
    if where == "layers" and case.label in MERGED and difference.kind is not Kind.SHAPE:
        return MERGED[case.label], f"when fed {MERGED[case.label]}"
    if where == "metrics" and case.parameters.get("dtype", "float32") not in ("float32", None):
        return "dtype", "when a metric is asked for another dtype than float32"
    if where == "metrics" and case.label == "rank 3":
        return "rank 3", "when fed arrays of rank 3"
    return "", ""


WRONG: Mapping[Kind, str] = {
    Kind.SPECIAL: "NaN or infinity stand at other places",
    Kind.DISTRIBUTION: "random numbers are distributed otherwise",
    Kind.SHAPE: "the shape of the result differs",
    Kind.PRECISION: "one side is far less accurate",
}

RANKS = "targets and predictions whose ranks differ by one"
"""What losses and metrics treat alike."""

FEEDS: Mapping[str, str] = {
    "column for vector": RANKS,
    "vector for column": RANKS,
    "integers": "whole numbers",
    "int64": "whole numbers",
    "uint8": "whole numbers",
    "whole numbers": "whole numbers",
    "nothing but masked": "nothing but masked values",
    "sparse": "sparse gradients",
    "sparse twice": "sparse gradients",
    "excluded": "variables left out of weight decay",
}
"""Names of feeds → the one property by which they stand apart from an ordinary feed."""


MERGED: Mapping[str, str] = {
    "column": "inputs that broadcast",
    "one masked input": "several inputs of which one is masked",
    "other masked input": "several inputs of which one is masked",
}
"""The same of layers, whose feeds have names of their own."""


def _dtype(case: Case, difference: Difference, severity: Severity) -> Root:
    """Results of another dtype: by area, and by what became what."""
    if scenario(case):
        return _structure(case, difference, severity)
    one, two = (_sort(side) for side in (difference.reference, difference.candidate))
    where = area(case)
    fed = FEEDS.get(case.label)
    if (one, two) == ("float", "integer") and where != "metrics" and fed == "whole numbers":
        text = "results are whole numbers where the reference gives floating-point ones"
        return _made(severity, "dtype", "float → integer", text=text)
    change = f"{one} → {two}" if one != two else "another width"
    return _made(severity, "dtype", where, change, text=f"{where}: results have another dtype ({change})")


def _sort(dtype: Any) -> str:
    text = str(dtype)
    return "float" if "float" in text else "integer" if "int" in text else text


def _structure(case: Case, difference: Difference, severity: Severity) -> Root:
    where = area(case)
    if difference.kind is Kind.SHAPE:
        return _made(severity, "shape", where, text=f"{where}: the shape of a result differs")
    if scenario(case):
        return _made(severity, "structure", where, text=f"{where}: what comes back is built otherwise")
    named = [s for s in paths.segments(difference.path) if isinstance(s, str)]
    place = difference.step + (f".{named[-1]}" if named and difference.step != "slots" else "")
    return _made(severity, "structure", where, place, text=f"{where}: `{place}` is arranged otherwise")


def _outcome(case: Case, difference: Difference, severity: Severity) -> Root:
    sides = {"reference": difference.reference, "candidate": difference.candidate}
    ends = {side: status(told) for side, told in sides.items()}
    for end in ("crashed", "timed out", "missing", "raised"):
        failed = [side for side in sides if ends[side] == end]
        if failed:
            return _failed(case, difference, severity, end=end, side=failed[0], told=sides[failed[0]])
    only = "candidate" if difference.reference is ABSENT else "reference"
    if scenario(case):
        return _structure(case, difference, severity)
    return _made(severity, "step", only, text=f"a step comes about in the {only} only, and nothing says why")


def _failed(
    case: Case, difference: Difference, severity: Severity, *, end: str, side: str, told: Mapping[str, Any]
) -> Root:
    where = area(case)
    if end == "missing":
        member = "" if difference.step in ("case", "symbol", "parameters") else difference.step
        if scenario(case):
            member = ""
        elif not member and where in NAMESPACES:
            text = f"whole namespaces: names the {side} does not have"
            return _made(severity, "namespaces", f"not in the {side}", text=text)
        text = (
            f"{where}: the {side} lacks `{member}`" if member else f"{where}: names the {side} does not have"
        )
        return _made(severity, where, member, f"not in the {side}", text=text)
    if end in ("crashed", "timed out"):
        return _made(severity, where, stem(case.subject), f"{side} {end}", text=f"{where}: the {side} {end}")
    kind = str(told.get("type", ""))[:60]
    if kind == "AttributeError" and scenario(case):
        return _made(severity, "attribute", side, text=f"attributes and methods the {side} does not have")
    if scenario(case):
        where = where if side == "reference" else "scenarios"
        return _made(severity, where, side, text=f"{where}: the {side} raises where the other does the work")
    doing = phase(difference.step)
    if doing == "serialize":
        text = f"configs, names and files which the {side} refuses and the other side reads or writes"
        return _made(severity, doing, side, text=text)
    where = coarse(case)
    return _made(
        severity, where, doing, side,
        text=f"{where}: the {side} raises when {DOING[doing]}, the other does not",
    )  # fmt: skip


def _error(case: Case, difference: Difference, severity: Severity) -> Root:
    """Both refuse, with other exception classes."""
    where = "scenarios" if scenario(case) else ""
    doing = "" if scenario(case) else phase(difference.step)
    text = f"both sides refuse{f' when {DOING[doing]}' if doing else ''}, with other exception classes"
    return _made(severity, "error", doing or where, text=text)


def _warnings(case: Case, difference: Difference, severity: Severity) -> Root:
    one, two = (_categories(side) for side in (difference.reference, difference.candidate))
    who = "reference" if one - two else "candidate"
    more = ", ".join(sorted(one ^ two))
    if "DeprecationWarning" in one ^ two:
        return _made(severity, "warnings", who, more, text=f"the {who} alone issues {more}")
    where = coarse(case) if coarse(case) in ("layers", "optimizers", "scenarios") else "other families"
    return _made(severity, "warnings", where, who, text=f"{where}: the {who} alone warns ({more})")


def _categories(side: Any) -> set[str]:
    return {str(w["category"])[:60] for w in side} if isinstance(side, list) else set()


def _signature(case: Case, difference: Difference, severity: Severity) -> Root:
    """A parameter of a signature: gone on a side, at another place, of another default or kind."""
    if difference.step == MEMBERS:
        return _member(case, difference, severity)
    parts = [str(s) for s in paths.segments(difference.path)]
    name, aspect = (*parts, "", "")[:2]
    if not aspect and difference.reference is ABSENT:
        what, said = "only in the candidate", "parameters only the candidate takes"
    elif not aspect and difference.candidate is ABSENT:
        what, said = "only in the reference", "parameters only the reference takes"
    else:
        what = aspect or "other"
        one_side = difference.reference is ABSENT or difference.candidate is ABSENT
        said = {
            "place": "parameters stand at other places",
            "default": "parameters have other defaults",
            "kind": "parameters are positional on one side, keyword-only on the other",
        }.get(what, "signatures differ")
        if one_side:
            said = {
                "place": "parameters have a place on one side and are keyword-only on the other",
                "default": "parameters have a default on one side and must be given on the other",
            }.get(what, said)
    only = what.rsplit(" ", 1)[-1]
    if name in ("args", "kwargs") and what.startswith("only"):
        return _made(severity, "signature", "any", what, text=f"the {only} alone takes any further arguments")
    if name in COMMON and name != "trainable" and what.startswith("only"):
        return _made(severity, "signature", name, what, text=f"`{name}` is a parameter of the {only} only")
    if not what.startswith("only"):
        return _made(severity, "signature", what, text=said)
    where = coarse(case) if coarse(case) in ("layers", "models", "optimizers") else "other families"
    return _made(severity, "signature", where, what, text=f"{where}: {said}")


def _member(case: Case, difference: Difference, severity: Severity) -> Root:
    """A public member of an instance: on one side only, or holding something else."""
    where = "layers" if coarse(case) == "layers" else "other families"
    absent = difference.reference is ABSENT or difference.candidate is ABSENT
    if absent and len(paths.segments(difference.path)) == 1:
        side = "candidate" if difference.reference is ABSENT else "reference"
        text = f"{where}: public members that only instances of the {side} have"
        return _made(severity, "members", where, side, text=text)
    text = f"public members of instances hold {'more on one side' if absent else 'something else'}"
    return _made(severity, "members", "held", text=text)


def _config(case: Case, difference: Difference, severity: Severity) -> Root:
    """A config or an attribute: a key that one side lacks, or what stands under it."""
    where = coarse(case)
    one, two = difference.reference, difference.candidate
    segments = [s for s in paths.segments(difference.path) if isinstance(s, str)]
    place = templates.place(difference.step, difference.path)
    key = segments[-1] if segments else difference.step
    if ".*." in place and where != "scenarios":
        return _made(severity, "config", "objects", text="objects inside a config are serialised otherwise")
    if one is ABSENT or two is ABSENT:
        side = "candidate" if one is ABSENT else "reference"
        if key in COMMON and where != "scenarios":
            return _made(severity, "config", key, side, text=f"`{key}` is in the config of the {side} only")
        return _made(
            severity,
            "config",
            where,
            side,
            text=f"{where}: keys and attributes of the {side} only in configs",
        )
    change = f"{_make(one)} → {_make(two)}"
    if key.endswith("dtype") and where != "scenarios":
        return _made(severity, "config", "dtype", change, text=f"`{key}` is serialised otherwise ({change})")
    if key in COMMON and where != "scenarios":
        return _made(severity, "config", key, "otherwise", text=f"`{key}` is serialised otherwise")
    if where == "layers" and change == "text → text":
        return _made(severity, "config", where, key, text=f"layers: `{key}` is another text in the config")
    return _made(severity, "config", where, "values", text=f"{where}: configs hold other values")


def _make(value: Any) -> str:
    """The make of a config's value in one word."""
    if isinstance(value, bool) or value is None:
        return "constant"
    if isinstance(value, int | float):
        return "number"
    return "text" if isinstance(value, str) else "list or dict"


def _names(case: Case, difference: Difference, severity: Severity) -> Root:
    where = area(case)
    if scenario(case):
        return _made(severity, "names", "scenarios", text="scenarios: names are made otherwise")
    return _made(
        severity,
        "names",
        where,
        difference.step,
        text=f"{where}: names in `{difference.step}` are made otherwise",
    )


def _recorded(case: Case, difference: Difference, severity: Severity) -> Root:
    what = "events come otherwise" if difference.kind is Kind.EVENTS else "files are written otherwise"
    place = scenario(case) or difference.step
    if difference.kind is Kind.FILE and scenario(case):
        return _made(severity, "file", area(case), text=f"{area(case)}: {what}")
    return _made(
        severity, difference.kind.value, area(case), place, text=f"{area(case)}: {what} in `{place}`"
    )
