"""Cases beyond the corpus, drawn by Hypothesis from what the specs declare.

Targets answer in batches, and starting both costs as much as a hundred light cases do. So one example of
Hypothesis is a whole batch of cases: it fails when any of them shows something new, and is then kept in the
example database, where the same round of the next search finds it. What fails is shrunk by
`harness.minimise.shrink`, many cases at once, not by Hypothesis, whose shrinker needs each answer before it
asks again.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path

from hypothesis import Phase, find, settings
from hypothesis import strategies as st
from hypothesis.database import DirectoryBasedExampleDatabase
from hypothesis.errors import HypothesisWarning, NoSuchExample

from harness.minimise.simplicity import exchanged, recipes, reshaped, rewritten, settled
from harness.model import Case, Plain, digest
from harness.plan import FEED, case_of, is_legitimate, plainest_row, without_omitted
from harness.specs.declaration import Feed, Parameter, Spec

KINDS = ("normal", "uniform", "large", "tiny", "kinks", "zeros", "ones", "special", "offset")
SCALES = (1.0, 1e-30, 1e-6, 1e6, 1e30)
LENGTHS = tuple(range(1, 8))
BATCH = 120
"""Cases of one batch: as many as Hypothesis draws for one example without running out of choices."""
BATCHES = 4
"""Batches of a round in which nothing new shows."""
SCRIPTS = ("layer", "loss", "metric", "activation", "function", "penalty", "optimizer", "schedule")
"""Scripts whose cases are fed arrays and told parameters; the others are programs of their own."""


def searchable(specs: Sequence[Spec]) -> list[Spec]:
    """The specs that cases can be drawn from."""
    return [s for s in specs if s.script in SCRIPTS and (s.parameters or len(s.feeds) > 1)]


def cases(specs: Sequence[Spec]) -> st.SearchStrategy[Case]:
    """Cases of any of the specs."""
    return st.sampled_from(specs).flatmap(cases_of)


@st.composite
def cases_of(draw: st.DrawFn, spec: Spec) -> Case:
    """A case of one spec: any combination of values of its domain, one number of them perhaps another; any
    feed, with other lengths, values and scales."""
    row = plainest_row(spec)
    for parameter in spec.parameters:
        if parameter.values and draw(st.integers(0, 2)) == 0:  # many at once only hide one another
            row[parameter.name] = draw(st.sampled_from(parameter.values))
    if not is_legitimate(spec, {k: v for k, v in row.items() if k != FEED}):
        row = plainest_row(spec)
    parameters = without_omitted(row)
    numbers = [p for p in spec.parameters if is_number(parameters.get(p.name))]
    if numbers and draw(st.integers(0, 3)) == 0:
        chosen = draw(st.sampled_from(numbers))
        parameters[chosen.name] = draw(neighbours(chosen, parameters[chosen.name]))
    feeds = [f for f in spec.feeds if may_feed(spec, f, parameters)] or [spec.default_feed()]
    case = case_of(spec, parameters, draw(st.sampled_from(feeds)), 0)
    observe = draw(st.sampled_from((("brief",), ())))
    fed = replace(case, feed=draw(other_feeds(case.feed)), observe=observe)
    return settled(fed, spec)


def is_number(value: object) -> bool:
    """Whether a value of a parameter has neighbours."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def may_feed(spec: Spec, feed: Feed, parameters: Mapping[str, Plain]) -> bool:
    """Whether a feed makes sense with parameters, as far as the spec says."""
    return is_legitimate(spec, {**parameters, FEED: feed})


def neighbours(parameter: Parameter, value: object) -> st.SearchStrategy[Plain]:
    """Numbers of the same type as one of a parameter's, in and out of its usual range."""
    if isinstance(value, int):
        return st.integers(-1, 9)
    return st.sampled_from((0.0, 1e-7, 0.1, 0.5, 1.0, 2.0, 100.0, -0.5, 1e7))


@st.composite
def other_feeds(draw: st.DrawFn, feed: Plain) -> Plain:
    """A feed like one given: lengths that are alike stay alike; floating-point values of any kind."""
    arrays = [a for a in recipes(feed) if "shape" in a]
    if draw(st.booleans()):
        for length in sorted({d for a in arrays for d in a["shape"][1:] if d > 1}):
            if draw(st.booleans()):
                to = draw(st.sampled_from(LENGTHS))
                feed = rewritten(feed, partial(relengthened, length=length, to=to))
    if draw(st.booleans()):
        kind, scale = draw(st.sampled_from(KINDS)), draw(st.sampled_from(SCALES))
        feed = rewritten(feed, partial(revalued, kind=kind, scale=scale))
    return feed


def relengthened(recipe: Mapping[str, Plain], length: int, to: int) -> Plain:
    """A recipe with one length in place of another."""
    return reshaped(recipe, partial(exchanged, length=length, to=to))


def revalued(recipe: Mapping[str, Plain], kind: str, scale: float) -> Plain:
    """A recipe of ordinary floating-point numbers with other ones; what means something stays."""
    ordinary = str(recipe.get("values", "normal")) in KINDS and "literal" not in recipe
    if not ordinary or not str(recipe.get("dtype", "float32")).startswith("float"):
        return recipe
    changed = {k: v for k, v in recipe.items() if k not in ("scale", "shift")} | {"values": kind}
    return changed | ({"scale": scale} if scale != 1.0 else {})


def batches(
    specs: Sequence[Spec], number: int, folder: Path, fails: Callable[[Sequence[Case]], bool]
) -> None:
    """One round: the batch that this round of an earlier search ended with, then new ones.

    fails: performs a batch and says whether it shows something new; the first that does ends the round and is
    kept in `folder`. It is asked once about a batch.
    """
    told: dict[str, bool] = {}

    def condition(batch: list[Case]) -> bool:
        key = digest([case.hash for case in batch])
        if key not in told:
            told[key] = fails(list({case.hash: case for case in batch}.values()))
        return told[key]

    with suppress(NoSuchExample), warnings.catch_warnings():
        warnings.simplefilter("ignore", HypothesisWarning)  # a batch is long to print
        find(
            st.lists(cases(specs), min_size=BATCH, max_size=BATCH),
            condition,
            settings=settings(
                max_examples=BATCHES,
                database=DirectoryBasedExampleDatabase(folder),
                phases=(Phase.reuse, Phase.generate),
                deadline=None,
            ),
            database_key=f"hunt {number}".encode(),
        )
