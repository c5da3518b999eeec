"""What differs between a release and the one before it, gathered over all cases into changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from harness.matrix.relating import Behaviour
from harness.model import Case, Divergence
from harness.report.matrix_records import MISSING, NOT_RUN, UNSUPPORTED, Change, Lineage

SILENT = (NOT_RUN, UNSUPPORTED)
"""Marks of columns that say nothing about a change."""
COMPARED = "{before}..{after}"


@dataclass(frozen=True)
class Passage:
    """Two consecutive columns of a lineage that say something of a case."""

    before: int
    after: int
    skipped: tuple[int, ...]
    """Columns between them that were not observed."""
    back: bool
    """Whether the behaviour after was seen earlier in the lineage."""
    until: int | None
    """The column in which the behaviour of before returns."""


def passages(walk: Sequence[int], marks: str) -> Iterator[Passage]:
    """The places along a lineage where the mark of a case changes, a symbol that comes or goes included."""
    heard = [place for place in walk if marks[place] not in SILENT]
    for step, (before, after) in enumerate(pairwise(heard)):
        if marks[before] == marks[after]:
            continue
        between = walk[walk.index(before) + 1 : walk.index(after)]
        earlier = {marks[place] for place in heard[: step + 1]}
        until = next((p for p in heard[step + 2 :] if marks[p] == marks[before]), None)
        yield Passage(before, after, tuple(between), marks[after] in earlier, until)


def came_or_went(subject: str, passage: Passage, marks: str) -> str:
    """The fingerprint of a symbol that comes or goes, whatever its cases do; empty for another change."""
    if marks[passage.before] == MISSING:
        return f"symbol|{subject}|came"
    return f"symbol|{subject}|went" if marks[passage.after] == MISSING else ""


@dataclass
class _Growing:
    """A change as it is gathered."""

    first: Divergence
    example: Case
    until: int | None
    subjects: set[str] = field(default_factory=set)
    cases: int = 0
    back: bool = True
    skipped: set[int] = field(default_factory=set)

    @property
    def rank(self) -> tuple[int, str]:
        """The plainer the example, the smaller."""
        return len(self.example.parameters), self.example.address

    def add(self, case: Case, divergence: Divergence, passage: Passage) -> None:
        """One more case that shows it; the plainest one becomes the example."""
        if (len(case.parameters), case.address) < self.rank:
            self.first, self.example, self.until = told(divergence), case, passage.until
        self.subjects.add(case.subject)
        self.cases += 1
        self.back &= passage.back
        self.skipped.update(passage.skipped)

    def join(self, other: _Growing) -> None:
        """The cases another one gathered, which come after these."""
        if other.rank < self.rank:
            self.first, self.example, self.until = other.first, other.example, other.until
        self.subjects |= other.subjects
        self.cases += other.cases
        self.back &= other.back
        self.skipped |= other.skipped


def told(divergence: Divergence) -> Divergence:
    """A divergence as it is kept: without what was observed, which nothing asks for any more."""
    return replace(divergence, differences=())


Key = tuple[str, int, int, str]
"""Lineage, column before, column after, fingerprint."""


class Gathering:
    """The changes of all cases seen so far."""

    def __init__(self, lineages: Sequence[Lineage], ids: Sequence[str]) -> None:
        self.lineages = lineages
        self.ids = ids
        places = {id: place for place, id in enumerate(ids)}
        self.walks = {line.name: tuple(places[id] for id in line.columns) for line in lineages}
        self._found: dict[Key, _Growing] = {}

    def add(self, behaviour: Behaviour, marks: str) -> None:
        """Take in what one case shows; what two lineages show alike is looked at once."""
        seen: dict[tuple[str, str], tuple[Divergence, ...]] = {}
        for name, walk in self.walks.items():
            for passage in passages(walk, marks):
                pair = passage.before, passage.after
                payloads = behaviour.payloads[pair[0]], behaviour.payloads[pair[1]]
                if payloads not in seen:
                    label = COMPARED.format(before=self.ids[pair[0]], after=self.ids[pair[1]])
                    seen[payloads] = behaviour.divergences(*pair, label)
                for divergence in seen[payloads]:
                    cause = came_or_went(behaviour.case.subject, passage, marks) or divergence.fingerprint
                    self._take(behaviour.case, (name, *pair, cause), divergence, passage)

    def ask(self, behaviour: Behaviour, marks: str) -> None:
        """Have the evidence asked for that is lacking to tell what one case shows."""
        pairs = {(p.before, p.after) for walk in self.walks.values() for p in passages(walk, marks)}
        seen = {(behaviour.payloads[one], behaviour.payloads[two]): (one, two) for one, two in sorted(pairs)}
        for pair in seen.values():
            behaviour.ask_of_change(*pair)

    def _take(self, case: Case, key: Key, divergence: Divergence, passage: Passage) -> None:
        if key not in self._found:
            self._found[key] = _Growing(told(divergence), case, passage.until)
        self._found[key].add(case, divergence, passage)

    def take_in(self, other: Gathering) -> None:
        """The changes of cases that come after all seen so far, gathered over the same columns."""
        for key, found in other._found.items():
            if key in self._found:
                self._found[key].join(found)
            else:
                self._found[key] = found

    def changes(self) -> tuple[Change, ...]:
        """Every change: along each lineage, the worst first."""
        order = {line.name: place for place, line in enumerate(self.lineages)}
        made = [self._change(key, found) for key, found in self._found.items()]
        return tuple(
            sorted(
                made,
                key=lambda c: (
                    order[c.lineage],
                    self.ids.index(c.after),
                    c.severity.rank,
                    -len(c.subjects),
                    -c.cases,
                    c.fingerprint,
                ),
            )
        )

    def _change(self, key: Key, found: _Growing) -> Change:
        lineage, before, after, fingerprint = key
        first = found.first
        return Change(
            lineage=lineage,
            before=self.ids[before],
            after=self.ids[after],
            fingerprint=fingerprint,
            kind=first.kind,
            severity=first.severity,
            title=title(first, found.subjects),
            subjects=tuple(sorted(found.subjects)),
            cases=found.cases,
            example=found.example.address,
            example_hash=found.example.hash,
            summary=first.summary,
            back=found.back,
            until="" if found.until is None else self.ids[found.until],
            skipped=tuple(self.ids[place] for place in sorted(found.skipped)),
        )


def title(first: Divergence, subjects: Iterable[str]) -> str:
    """What changed, in one sentence; its subject where there is one only."""
    count = len(set(subjects))
    said = first.summary.removeprefix(f"{first.subject}: ")
    return first.summary if count == 1 else f"{said}; {count} subjects"


def by_release(changes: Iterable[Change]) -> Mapping[tuple[str, str], list[Change]]:
    """Changes by lineage and the column in which they appear."""
    out: dict[tuple[str, str], list[Change]] = {}
    for change in changes:
        out.setdefault((change.lineage, change.after), []).append(change)
    return out
