"""The exact release in which one side of a pair changed.

First targets of the table along the sides' lineages are asked (`harness.matrix.since`): a history that
goes to and fro is then seen as such, as far as these show it. Each change lies between two targets; the
releases between them are then halved, each made and asked on demand. Everything observed is in the store and
every environment stays, so a search that was interrupted goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from harness import releases
from harness.errors import HarnessFault, WrongUse
from harness.matrix import performing, since
from harness.matrix.dating import UNHEARD, plainest
from harness.matrix.performing import Clock
from harness.model import Case, Cause
from harness.observing import Observer, Progress
from harness.report.dates import Dated, Mark, sentence
from harness.report.records import RunRecord
from harness.store import Store
from harness.targets import Target

Publish = Callable[[Target], list[str]]
Derive = Callable[[Target, str], Target]
OWN = {"reference": Mark.REFERENCE, "candidate": Mark.CANDIDATE}


@dataclass(frozen=True)
class Boundary:
    """One change of one side's behaviour, as closely as it could be told."""

    side: str
    """``reference`` or ``candidate``."""
    lineage: str
    before: str
    """The last release that behaved otherwise, and how."""
    before_mark: Mark
    after: str
    """The first release that behaves as the side does."""
    asked: tuple[tuple[str, Mark], ...]
    """Every release that was asked between the targets of the table, in order, and how it behaves."""
    left: tuple[str, ...] = ()
    """Releases between `before` and `after` that could not be asked."""
    link: str = ""
    listed: bool = True
    """Whether it is known which releases lie between the two."""

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
    troubles: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """The date by the targets of the table."""
        return sentence(self.coarse)


@dataclass
class Search:
    """What a search works with."""

    record: RunRecord
    store: Store
    progress: Progress
    table: Mapping[str, Target]
    jobs: int = 2
    clock: Clock | None = None
    publish: Publish = releases.published
    derive: Derive = releases.made_from
    prepare: Callable[..., object] | None = None
    exact: Callable[[Target], str] = releases.version_of
    carrier: Callable[[Target], str] = releases.distribution

    def target(self, lineage: str, version: str) -> Target | None:
        """The target of the table that is a release of a lineage, where there is one."""
        found = (t for t in self.table.values() if t.lineage[:1] == (lineage,))
        return next((t for t in found if self.exact(t) == version), None)

    def marks(self, cause: Cause, case: Case, targets: Sequence[Target]) -> tuple[Dated | None, list[str]]:
        """How targets behave at the place of a cause; both sides of the pair have to be among them."""
        observer = Observer(self.store, jobs=self.jobs, progress=self.progress)
        more = {"prepare": self.prepare} if self.prepare else {}
        request = since.SinceRequest(self.record.pair, targets=tuple(targets), jobs=self.jobs)
        clock = self.clock or Clock()
        seen = performing.observe_targets(targets, [case], observer, clock=clock, **more)  # type: ignore[arg-type]
        made, troubles = since.dated_by(
            {cause.fingerprint: case}, seen, self.record, observer, clock, request
        )
        faults = [f"{fault.target}: {fault.what}" for fault in seen.faults]
        return (made[0] if made else None), [*troubles, *faults]


def bisect(cause: Cause, targets: Sequence[Target], search: Search) -> Bisected:
    """The releases in which the sides of a pair came to differ by a cause.

    targets: the targets of the table to ask first, both sides included.

    Raises:
        WrongUse: the cause does not show on the two sides as they are now.
    """
    case = plainest(cause).case
    search.store.keep_cases([case])
    coarse, troubles = search.marks(cause, case, targets)
    if coarse is None:
        raise WrongUse(
            f"Expected '{cause.title}' to show on both sides and some release to be observed. "
            f"Received: {'; '.join(troubles) or 'nothing'}. Run `harness compare` again."
        )
    found = []
    for side in ("reference", "candidate"):
        span = getattr(coarse, side)
        if span.before and span.before_mark not in (None, *UNHEARD):
            boundary, more = narrowed(cause, case, side, coarse, search)
            found.append(boundary)
            troubles += more
    return Bisected(cause.fingerprint, cause.title, case.address, coarse, tuple(found), tuple(troubles))


def narrowed(
    cause: Cause, case: Case, side: str, coarse: Dated, search: Search
) -> tuple[Boundary, list[str]]:
    """A change between two targets of the table, narrowed down by the releases between them."""
    span = getattr(coarse, side)
    low, high = search.table[span.before], search.table[span.since]
    both = [search.table[id] for id in since.sides(search.record)]
    known = dict(coarse.marks)
    asked: dict[str, Mark] = {}
    troubles: list[str] = []
    try:
        name = search.carrier(high)
        left = releases.between(search.publish(high), search.exact(low), search.exact(high))
    except HarnessFault as fault:
        left, name = [], ""
        troubles.append(str(fault))
    first, last, last_mark = search.exact(high), search.exact(low), known[span.before]
    out_of_reach: list[str] = []
    while left and not (search.clock and search.clock.up):
        version = left[len(left) // 2]
        target = search.target(span.lineage, version) or search.derive(
            releases.nearest([low, high], version), version
        )
        dated, more = search.marks(cause, case, [*both, target])
        mark = dict(dated.marks).get(target.id, Mark.NOT_RUN) if dated else Mark.NOT_RUN
        asked[version] = mark
        search.progress.say(f"{target.id}: {mark.name.lower().replace('_', ' ')}")
        if mark in UNHEARD:
            out_of_reach.append(version)
            troubles += more
            left.remove(version)
        elif mark is OWN[side]:
            first, left = version, left[: left.index(version)]
        else:
            last, last_mark, left = version, mark, left[left.index(version) + 1 :]
    unasked = releases.between([*out_of_reach, *left], last, first)
    boundary = Boundary(
        side=side,
        lineage=span.lineage,
        before=last,
        before_mark=last_mark,
        after=first,
        asked=tuple((v, asked[v]) for v in releases.between(asked, "0", "9999")),
        left=tuple(unasked),
        link=releases.comparison(name, last, first) if name else "",
        listed=bool(name),
    )
    return boundary, troubles
