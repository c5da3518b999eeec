"""What makes one case simpler than another, and the steps that may make it so.

`moves` proposes; whether a proposal still shows the divergence is for the targets to say. A proposal that
makes no sense (a shape the subject refuses) needs no rule here: it shows another divergence, or none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import combinations

from harness.model import Case, Plain, canonical
from harness.plan import plainest_row, randomness, without_omitted
from harness.specs.declaration import OMIT, Parameter, Spec, plain

SIMPLEST = ("zeros", "ones", "integers", "bools", "signs", "uniform", "normal")
"""Kinds of values from the plainest on; any other kind counts as less plain than these."""
LEAST = ("ones", "normal", "zeros")
"""Kinds of values that are tried in place of others."""
PAIRS = 4
"""Up to how many parameters all pairs are tried at once; beyond, they go one by one."""
DIMENSIONS = (1, 2)
"""Lengths of an axis that are tried."""
ALTERNATIVES = 2
"""Values of a parameter's domain tried in place of another."""

Simplicity = tuple[int, int, int, int, int, int, int]
Reshape = Callable[[list[int]], list[int]]
Change = Callable[[Mapping[str, Plain]], Plain]


def plainest(spec: Spec | None) -> dict[str, Plain]:
    """The parameters of a subject's plainest case."""
    return {} if spec is None else {k: plain(v) for k, v in without_omitted(plainest_row(spec)).items()}


def trigger(case: Case, spec: Spec | None) -> dict[str, Plain]:
    """The parameters of a case that are other than in the plainest one."""
    base = plainest(spec)
    return {k: v for k, v in case.parameters.items() if k not in base or not equal(base[k], v)}


def equal(one: Plain, two: Plain) -> bool:
    """Whether two values are the same on the wire; 1, 1.0 and True are three values."""
    return type(one) is type(two) and canonical(one) == canonical(two)


def simplicity(case: Case, spec: Spec | None) -> Simplicity:
    """Smaller is simpler: fewer parameters that matter, less in them, plainer and smaller inputs, fewer
    observations."""
    arrays = list(recipes(case.feed))
    default = spec is None or equal(case.feed, fed_by(spec))
    call = case.feed.get("call", {}) if isinstance(case.feed, Mapping) else {}
    return (
        len(trigger(case, spec)),
        len(call) + (0 if default or not case.label else 1),
        len(canonical(dict(case.parameters))),
        len(arrays) + sum(len(a.get("shape", ())) for a in arrays),
        sum(size(a) for a in arrays),
        sum(strangeness(a) for a in arrays),
        0 if "brief" in case.observe else 1 + len(case.observe),
    )


def fed_by(spec: Spec) -> Plain:
    """What the plainest feed of a spec feeds."""
    feed = spec.default_feed()
    call = {k: plain(v) for k, v in feed.call.items()}
    return {"inputs": plain(feed.inputs)} | ({"call": call} if call else {})


def size(recipe: Mapping[str, Plain]) -> int:
    """Elements of an array, an axis of none counting as dear: emptiness is peculiar."""
    if "literal" in recipe:
        return len(canonical(recipe["literal"]))
    return math.prod(d if d else 50 for d in recipe.get("shape", ()))


def strangeness(recipe: Mapping[str, Plain]) -> int:
    """How far the values of an array are from plain ones."""
    values = str(recipe.get("values", "normal"))
    kind = SIMPLEST.index(values) if values in SIMPLEST else len(SIMPLEST)
    scaled = recipe.get("scale", 1.0) != 1.0 or recipe.get("shift", 0.0) != 0.0
    return kind + (3 if scaled else 0) + (0 if recipe.get("dtype", "float32") == "float32" else 1)


def recipes(value: Plain) -> Iterator[Mapping[str, Plain]]:
    """Every recipe of an array inside plain data."""
    if isinstance(value, Mapping):
        if "$array" in value:
            yield value
        else:
            for inner in value.values():
                yield from recipes(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from recipes(inner)


def rewritten(value: Plain, change: Change) -> Plain:
    """Plain data with every recipe of an array changed."""
    if isinstance(value, Mapping):
        if "$array" in value:
            return change(value)
        return {k: rewritten(v, change) for k, v in value.items()}
    return [rewritten(v, change) for v in value] if isinstance(value, list) else value


UNFED = frozenset(
    ("case", "parameters", "construct", "attributes", "config", "returned", "variables", "result before")
)
"""Steps that case scripts take before they feed anything: for a divergence there, what is fed does not
matter."""


def moves(case: Case, spec: Spec | None, step: str = "") -> list[Case]:
    """Simpler cases to try, the simplest first; none twice.

    step: where the divergence shows. Observing less comes before everything else, so that the rest is cheap.
    """
    return simpler(case, spec, lesser_observations(case)) + simpler(case, spec, _moves(case, spec, step))


def simpler(case: Case, spec: Spec | None, tries: Iterable[Case]) -> list[Case]:
    """Those of some cases that are simpler than one, the simplest first."""
    found: dict[str, Case] = {}
    bound = simplicity(case, spec)
    for tried in tries:
        tried = settled(tried, spec)
        if tried.hash != case.hash and simplicity(tried, spec) < bound:
            found.setdefault(tried.hash, tried)
    return sorted(found.values(), key=lambda c: (simplicity(c, spec), c.hash))


def settled(case: Case, spec: Spec | None) -> Case:
    """The case with the observation of random outputs where, and only where, it draws."""
    if spec is None:
        return case
    others = tuple(o for o in case.observe if o != "random")
    return replace(case, observe=(*randomness(spec, case), *others))


def _moves(case: Case, spec: Spec | None, step: str) -> Iterator[Case]:
    feeds = [case]
    if spec is not None and not equal(case.feed, fed_by(spec)):
        script = spec.default_feed().script or spec.script
        if script == case.script:
            feeds.append(replace(case, feed=fed_by(spec), label=""))
            yield feeds[-1]
    for fed in feeds:
        yield from fewer_parameters(fed, spec)
    yield from plainer_parameters(case, spec)
    if step not in UNFED:
        yield from smaller_feeds(case)


def lesser_observations(case: Case) -> Iterator[Case]:
    """The case observed less; a scenario observes what it observes."""
    if case.script.startswith("scenarios_"):
        return
    if "brief" not in case.observe:
        yield replace(case, observe=("brief",))
    if case.observe and case.observe != ("brief",):
        yield replace(case, observe=())
        for one in case.observe:
            if one not in ("brief", "random"):
                yield replace(case, observe=(one,))


def fewer_parameters(case: Case, spec: Spec | None) -> Iterator[Case]:
    """Parameters back to the plainest case: all, all but one, all but two, one at a time; then left out."""
    base = plainest(spec)
    ours = trigger(case, spec)
    for count in range(3 if len(ours) <= PAIRS else 2):
        for kept in combinations(ours, count):
            yield replace(case, parameters={**base, **{k: ours[k] for k in kept}})
    for name in case.parameters:
        rest = {k: v for k, v in case.parameters.items() if k != name}
        yield replace(case, parameters=rest)
        if name in ours and name in base:
            yield replace(case, parameters={**case.parameters, name: base[name]})


def plainer_parameters(case: Case, spec: Spec | None) -> Iterator[Case]:
    """One parameter with a plainer value of its domain, or an object inside it told less."""
    domain = {} if spec is None else {p.name: p for p in spec.parameters}
    for name, value in case.parameters.items():
        for other in [*inner(value), *plainer(domain.get(name), value)]:
            yield replace(case, parameters={**case.parameters, name: other})


def plainer(parameter: Parameter | None, value: Plain) -> list[Plain]:
    """Values that stand before one in its domain."""
    if parameter is None:
        return []
    values = [plain(v) for v in (*parameter.values, *parameter.invalid) if v is not OMIT]
    place = next((i for i, v in enumerate(values) if equal(v, value)), 0)
    return values[:place][:ALTERNATIVES]


def inner(value: Plain) -> Iterator[Plain]:
    """An object's own parameters, one left out or made plainer at a time; a list with one fewer."""
    if isinstance(value, Mapping) and "$object" in value:
        own = value.get("parameters", {})
        for name in own:
            yield {**value, "parameters": {k: v for k, v in own.items() if k != name}}
            for less in inner(own[name]):
                yield {**value, "parameters": {**own, name: less}}
    elif isinstance(value, list) and len(value) > 1:
        for place in range(len(value)):
            yield value[:place] + value[place + 1 :]


def smaller_feeds(case: Case) -> Iterator[Case]:
    """Smaller and plainer inputs; lengths that are alike stay alike, so that what belongs together fits."""
    feed = case.feed
    if not isinstance(feed, Mapping):
        return
    for name in (n for n in feed.get("call", {}) if not n.startswith("$")):  # those are no arguments
        rest = {k: v for k, v in feed["call"].items() if k != name}
        yield replace(case, feed={k: v for k, v in {**feed, "call": rest}.items() if k != "call" or rest})
    inputs = feed.get("inputs")
    if (
        isinstance(inputs, list)
        and len(inputs) > 1
        and (case.script == "layer" or isinstance(inputs[0], list))
    ):
        for place in (len(inputs) - 1, 0):
            yield replace(case, feed={**feed, "inputs": inputs[:place] + inputs[place + 1 :]})
    shaped = [a for a in recipes(feed) if "shape" in a]
    for reshape in reshapings([a["shape"] for a in shaped]):
        yield replace(case, feed=rewritten(feed, partial(reshaped, reshape=reshape)))
    for change in revaluings(shaped):
        yield replace(case, feed=rewritten(feed, change))


def reshapings(shapes: Sequence[list[int]]) -> Iterator[Reshape]:
    """Ways to make all arrays of a feed smaller together."""
    for to in DIMENSIONS:
        yield partial(capped, to=to, axes=slice(None))
        yield partial(capped, to=to, axes=slice(1))
    for length in sorted({d for shape in shapes for d in shape if d > 1}, reverse=True):
        for to in (*DIMENSIONS, length // 2):
            if to < length:
                yield partial(exchanged, length=length, to=to)
    for axis in range(1, min(map(len, shapes), default=0)):
        yield partial(without_axis, axis=axis)


def capped(shape: list[int], to: int, axes: slice) -> list[int]:
    """A shape whose lengths along some axes are at most so much."""
    return [*(min(d, to) for d in shape[axes]), *shape[len(shape[axes]) :]]


def exchanged(shape: list[int], length: int, to: int) -> list[int]:
    """A shape with one length in place of another."""
    return [to if d == length else d for d in shape]


def without_axis(shape: list[int], axis: int) -> list[int]:
    """A shape with an axis fewer."""
    return shape[:axis] + shape[axis + 1 :]


def reshaped(recipe: Mapping[str, Plain], reshape: Reshape) -> Plain:
    """A recipe with another shape; a literal stays."""
    return {**recipe, "shape": reshape(list(recipe["shape"]))} if "shape" in recipe else recipe


def revaluings(arrays: Sequence[Mapping[str, Plain]]) -> Iterator[Change]:
    """Ways to make the values of the arrays plainer: of all floating-point ones, then of one."""
    for values in LEAST:
        yield partial(valued, values=values)
    yield unscaled
    yield as_float32
    for one in arrays:
        for values in LEAST:
            yield partial(valued, values=values, only=one)


def unscaled(recipe: Mapping[str, Plain]) -> Plain:
    """A recipe without scale and shift."""
    return {k: v for k, v in recipe.items() if k not in ("scale", "shift")}


def as_float32(recipe: Mapping[str, Plain]) -> Plain:
    """A floating-point recipe of another width as float32."""
    return {**recipe, "dtype": "float32"} if "float" in str(recipe.get("dtype", "float32")) else recipe


def valued(recipe: Mapping[str, Plain], values: str, only: Mapping[str, Plain] | None = None) -> Plain:
    """A floating-point recipe with other values; whole numbers and truth values stay: they mean something.

    only: the one recipe to change, where not all are.
    """
    if only is not None and recipe is not only:
        return recipe
    if "literal" in recipe or "float" not in str(recipe.get("dtype", "float32")):
        return recipe
    return {k: v for k, v in recipe.items() if k not in ("scale", "shift", "high")} | {"values": values}
