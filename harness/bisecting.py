"""The exact releases in which the sides of a pair came to behave as they do.

First targets of the table along the sides' lineages are asked (`harness.matrix.since`): a history that goes
to and fro is then seen as such, as far as these show it. Each change lies between two targets; the releases
between them are then asked, each made on demand (`harness.narrowing`). Everything observed is in the store
and every environment stays, so a search that was interrupted goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from harness import environments, releases
from harness.errors import HarnessFault, WrongUse
from harness.examples import Example
from harness.matrix import performing, since
from harness.matrix.dating import place_of, touches
from harness.matrix.performing import Clock
from harness.matrix.relating import Behaviour
from harness.matrix.room import Room
from harness.narrowing import Narrowing, along
from harness.observing import Observer, Progress
from harness.report.dates import Dated, Mark, sentence
from harness.store import Store
from harness.targets import Target

Publish = Callable[[Target], list[str]]
Derive = Callable[[Target, str], Target]
OWN = {"reference": Mark.REFERENCE, "candidate": Mark.CANDIDATE}


@dataclass(frozen=True)
class Boundary:
    """One change of one side's lineage, as closely as it could be told."""

    side: str
    """``reference`` or ``candidate``."""
    lineage: str
    before: str
    """The last release that behaved otherwise, and how."""
    before_mark: Mark
    after: str
    """The first release that behaves differently, and how."""
    after_mark: Mark
    asked: tuple[tuple[str, Mark], ...]
    """Every release that was asked between the targets of the table, in order, and how it behaves."""
    left: tuple[str, ...] = ()
    """Releases between `before` and `after` that could not be asked."""
    evidence: str = ""
    """What differs between the two releases themselves, at the place of the cause."""
    parts: tuple[tuple[str, Mark], ...] = ()
    """How `before` behaves with one distribution of `after`, where several differ that carry a Keras."""
    links: tuple[str, ...] = ()
    listed: bool = True
    """Whether it is known which releases lie between the two."""
    latest: bool = True
    """Whether this is the last change of its side: since then it behaves as it does now."""

    @property
    def exact(self) -> bool:
        """Whether no release lies between the two."""
        return self.listed and not self.left


@dataclass(frozen=True)
class Bisected:
    """What a search found for one cause."""

    cause: str
    title: str
    case: str
    coarse: Dated
    boundaries: tuple[Boundary, ...]
    """The newest first, the reference's before the candidate's."""
    troubles: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The date by the targets of the table."""
        return sentence(self.coarse)


@dataclass
class Search:
    """What a search works with."""

    sides: tuple[str, str]
    """Ids of reference and candidate."""
    store: Store
    progress: Progress
    table: Mapping[str, Target]
    jobs: int = 2
    clock: Clock = field(default_factory=Clock)
    make: bool = True
    """Whether environments that are missing are made."""
    apart: bool = True
    """Whether it is told which distribution brought a change, where several differ."""
    publish: Publish = releases.published
    derive: Derive = releases.made_from
    parts: Callable[[Target, Target], Mapping[str, Target]] = releases.parts
    exact: Callable[[Target], str] = releases.version_of
    links: Callable[[Target, Target], tuple[str, ...]] = releases.comparisons
    prepare: Callable[..., environments.Environment] = environments.prepare
    origins: dict[str, Target] = field(default_factory=dict)
    """Id of a release that was made → the target it was made of."""

    def marks(self, example: Example, targets: Sequence[Target]) -> tuple[Dated | None, list[str]]:
        """How targets behave at the place of a cause; both sides of the pair have to be among them."""
        observer = Observer(self.store, jobs=self.jobs, progress=self.progress)
        room = Room(self.progress, make=self.make, until=self.clock.until, prepare=self.made)
        seen = performing.observe_targets(targets, [example.case], observer, clock=self.clock, room=room)
        made, troubles = since.dated_by([example], seen, self.sides, observer, self.clock)
        faults = [f"{fault.target}: {fault.what}" for fault in seen.faults]
        faults += [f"{c.id}: {c.why}" for c in seen.columns if c.why and c.id not in self.sides]
        return (made[0] if made else None), list(dict.fromkeys([*troubles, *faults]))

    def made(self, target: Target, **more: Any) -> environments.Environment:
        """A target's environment; that of a release begins as a copy of the one it is made of."""
        origin = self.origins.get(target.id)
        return self.prepare(target, **more, **({"neighbour": origin} if origin else {}))

    def evidence(self, example: Example, before: Target, after: Target) -> str:
        """What differs between two releases at the place of a cause, told from the store."""
        both = [self.table[id] for id in self.sides]
        targets = list({t.id: t for t in (*both, before, after)}.values())
        seen = performing.known_columns(targets, self.store)
        places = {c.id: place for place, c in enumerate(seen.columns)}
        behaviour = Behaviour(example.case, since.shelf_of([example], seen, self.store))
        if any(row is None for row in behaviour.rows):
            return ""
        shown = behaviour.divergences(places[self.sides[0]], places[self.sides[1]], "")
        found = behaviour.divergences(places[before.id], places[after.id], "")
        for cause in (d for d in shown if example.cause in (d.cause, d.fingerprint)):
            where, kind = place_of(cause), cause.differences[0].kind
            at_it = [d for d in found if any(touches(each, where, kind) for each in d.differences)]
            for each in sorted(at_it, key=lambda d: d.kind is not cause.kind):
                return each.summary
        return found[0].summary if found else ""

    def ordered(self, lineage: str, targets: Sequence[Target]) -> list[Target]:
        """The targets that are releases of a lineage, oldest first."""
        return sorted((t for t in targets if t.lineage[:1] == (lineage,)), key=lambda t: t.order)


def bisect(example: Example, targets: Sequence[Target], search: Search) -> Bisected:
    """The releases in which the sides of a pair came to differ by a cause.

    targets: the targets of the table to ask first, both sides included.

    Raises:
        WrongUse: the cause does not show on the two sides as they are now, or they were not run.
    """
    search.store.keep_cases([example.case])
    coarse, troubles = search.marks(example, targets)
    if coarse is None:
        raise WrongUse(
            f"Expected '{example.title}' to show on both sides and some release to be observed. "
            f"Received: {'; '.join(troubles) or 'nothing'}. Run `harness compare` again."
        )
    found: list[Boundary] = []
    done: set[tuple[str, str]] = set()
    for side in ("reference", "candidate"):
        span = getattr(coarse, side)
        known = search.ordered(span.lineage, targets)
        until = search.table[span.side].order
        line = [t.id for t in known if t.order <= until]
        changes = [pair for pair in along(line, dict(coarse.marks)) if pair not in done]
        done.update(changes)
        newest = True
        for low, high in changes:
            more, told = narrowed(example, side, (low, high), coarse, search)
            found += [replace(each, latest=newest and not place) for place, each in enumerate(more)]
            troubles += told
            newest = False
    made = tuple(found)
    return Bisected(example.cause, example.title, example.case.address, coarse, made, tuple(troubles))


def narrowed(
    example: Example, side: str, between: tuple[str, str], coarse: Dated, search: Search
) -> tuple[list[Boundary], list[str]]:
    """The changes between two targets of the table, the newest first; and what could not be asked and why."""
    low, high = (search.table[id] for id in between)
    lineage = getattr(coarse, side).lineage
    both = [search.table[id] for id in search.sides]
    marks = dict(coarse.marks)
    candidates, troubles = in_between(lineage, low, high, search)
    listed = not troubles
    ends = {search.exact(low): marks[low.id], search.exact(high): marks[high.id]}
    order = [search.exact(low), *candidates, search.exact(high)]
    search_of = Narrowing(order, ends)
    made = {search.exact(low): low, search.exact(high): high}

    def ask(version: str) -> Mark:
        target = made[version] = candidates[version]()
        dated, told = search.marks(example, list({t.id: t for t in (*both, target)}.values()))
        mark = dict(dated.marks).get(target.id, Mark.NOT_RUN) if dated else Mark.NOT_RUN
        search.progress.say(f"{target.id}: {mark.name.lower().replace('_', ' ')}")
        if mark is Mark.NOT_RUN:
            troubles.extend(told or [f"{target.id}: not run"])
        return mark

    search_of.narrow(ask, lambda: search.clock.up)
    asked = tuple((v, search_of.asked[v]) for v in order if v in search_of.asked)
    found = []
    for change in search_of.changes():
        before, after = made[change.before], made[change.after]
        parts, told = parted(example, before, after, search)
        troubles += told
        found.append(
            Boundary(
                side, lineage, change.before, change.before_mark, change.after, change.after_mark,
                asked=asked, left=change.left, listed=listed, parts=parts,
                evidence=search.evidence(example, before, after),
                links=linked(before, after, search),
            )
        )  # fmt: skip
    return found, troubles


def in_between(
    lineage: str, low: Target, high: Target, search: Search
) -> tuple[dict[str, Callable[[], Target]], list[str]]:
    """How to have each release between two targets, oldest first; and why some may be lacking.

    What the index has is asked for the Python of every target of the stretch: a release that the newer one's
    cannot install, the older one's may.
    """
    stretch = [
        t for t in search.ordered(lineage, list(search.table.values())) if low.order <= t.order <= high.order
    ]
    first, last = search.exact(low), search.exact(high)
    ways: dict[str, Callable[[], Target]] = {}
    makers: dict[str, list[Target]] = {}
    troubles: list[str] = []
    for target in stretch:
        if search.clock.up:
            troubles.append("which releases there are was not asked: the time given was up")
            break
        try:
            for version in releases.between(search.publish(target), first, last):
                makers.setdefault(version, []).append(target)
        except HarnessFault as fault:
            troubles.append(str(fault))
    for version, neighbours in makers.items():
        ways[version] = partial(made_of, version, neighbours, search)
    own = {search.exact(t): t for t in stretch[1:-1]}
    for version in releases.between(own, first, last):
        ways[version] = partial(own.__getitem__, version)
    return {v: ways[v] for v in releases.between(ways, first, last)}, list(dict.fromkeys(troubles))


def made_of(version: str, neighbours: Sequence[Target], search: Search) -> Target:
    """A release made of the nearest of the targets whose Python has it."""
    neighbour = releases.nearest(neighbours, version)
    made = search.derive(neighbour, version)
    search.origins[made.id] = neighbour
    return made


def parted(
    example: Example, before: Target, after: Target, search: Search
) -> tuple[tuple[tuple[str, Mark], ...], list[str]]:
    """How the older of two releases behaves with one distribution of the newer, where several differ."""
    if not search.apart or search.clock.up:
        return (), []
    try:
        mixed = search.parts(before, after)
    except HarnessFault as fault:
        return (), [str(fault)]
    if not mixed:
        return (), []
    search.origins.update((target.id, before) for target in mixed.values())
    both = [search.table[id] for id in search.sides]
    dated, troubles = search.marks(example, list({t.id: t for t in (*both, *mixed.values())}.values()))
    marks = dict(dated.marks) if dated else {}
    return tuple((name, marks.get(t.id, Mark.NOT_RUN)) for name, t in mixed.items()), troubles


def linked(before: Target, after: Target, search: Search) -> tuple[str, ...]:
    """Where two releases can be read side by side; nothing where it is not known what they consist of."""
    try:
        return search.links(before, after)
    except HarnessFault:
        return ()
