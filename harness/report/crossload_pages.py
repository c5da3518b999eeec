"""Page records of the cross-load matrix: what a page shows, without HTML."""

from __future__ import annotations

import difflib
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from harness.crossload.hostile import TRAPS
from harness.crossload.records import (
    MARKS,
    Cell,
    MatrixRecord,
    Opened,
    Result,
    TargetFacts,
    Treated,
    Written,
)
from harness.crossload.table import Format, format_named, models
from harness.model import Severity
from harness.report.untrusted import slug

DIFF_LINES = 80
"""Lines of one difference between two listings."""
TOLD = 40
"""Rows of the front page's table of what loads and differs."""


@dataclass(frozen=True)
class Sign:
    """One result in a cell of a matrix, with how many models have it."""

    mark: str
    name: str
    count: int
    tone: str


@dataclass(frozen=True)
class Square:
    """One writer × reader of one format."""

    reader: str
    href: str
    signs: tuple[Sign, ...]


@dataclass(frozen=True)
class Row:
    """One writer."""

    writer: str
    squares: tuple[Square, ...]


@dataclass(frozen=True)
class Grid:
    """One format's matrix."""

    format: Format
    anchor: str
    rows: tuple[Row, ...]
    models: tuple[str, ...]
    inside: str
    """Page of what is inside the files."""


@dataclass(frozen=True)
class Legend:
    """What a sign means."""

    mark: str
    name: str
    count: int
    tone: str


@dataclass(frozen=True)
class Told:
    """One row of the table of findings: what differs, and in how many cells."""

    summary: str
    severity: str
    rank: int
    model: str
    format: str
    writers: str
    readers: str
    cells: int
    href: str


TONES: Mapping[Result, str] = {
    Result.CRASH: "bad",
    Result.DIFFERS: "bad",
    Result.WITHOUT: "unsure",
    Result.ERROR: "unsure",
    Result.WARNING: "near",
    Result.EQUAL: "good",
    Result.UNSUPPORTED_WRITER: "none",
    Result.UNSUPPORTED_READER: "none",
    Result.UNDECIDED: "unsure",
    Result.NOT_RUN: "none",
}


def detail_file(format: str, writer: str) -> str:
    """The page of everything one writer's files of one format did."""
    return f"crossload/{slug(f'{format} {writer}')}.html"


def inside_file(format: str) -> str:
    """The page of what is inside the files of one format."""
    return f"crossload/inside-{slug(format)}.html"


def program_file(model: str, format: str, side: str) -> str:
    """The file of one program: `side` is ``write`` or ``read``."""
    return f"crossload/programs/{model}-{format.replace('.', '-')}-{side}.py"


def anchor(cell: Cell) -> str:
    """The place of a cell on its page."""
    return slug(f"{cell.reader} {cell.model}", length=80)


def squares(cells: Sequence[Cell]) -> tuple[Sign, ...]:
    """The results of some cells, worst first."""
    counts = Counter(cell.result for cell in cells)
    return tuple(Sign(MARKS[r], str(r), counts[r], TONES[r]) for r in Result if counts[r])


def grids(record: MatrixRecord) -> tuple[Grid, ...]:
    """One matrix per format."""
    by_place: dict[tuple[str, str, str], list[Cell]] = defaultdict(list)
    for cell in record.cells:
        by_place[(cell.format, cell.writer, cell.reader)].append(cell)
    out = []
    for name in record.formats:
        rows = []
        for writer in record.targets:
            row = tuple(
                Square(
                    reader.id,
                    f"{detail_file(name, writer.id)}#{slug(reader.id)}",
                    squares(by_place[(name, writer.id, reader.id)]),
                )
                for reader in record.targets
            )
            rows.append(Row(writer.id, row))
        through = {cell.model for cell in record.cells if cell.format == name}
        names = tuple(model for model in record.models if model in through)
        mark = f"format-{slug(name)}"
        out.append(Grid(format_named(name), mark, tuple(rows), names, inside_file(name)))
    return tuple(out)


def legend(record: MatrixRecord) -> tuple[Legend, ...]:
    """Every sign with how many cells have it."""
    counts = Counter(cell.result for cell in record.cells)
    return tuple(Legend(MARKS[r], str(r), counts[r], TONES[r]) for r in Result)


def told(record: MatrixRecord) -> tuple[Told, ...]:
    """What loads and differs or lacks something, cells with one finding together, worst first."""
    groups: dict[tuple[str, str, str, str], list[Cell]] = defaultdict(list)
    for cell in record.cells:
        if cell.result in (Result.DIFFERS, Result.WITHOUT, Result.CRASH):
            parts = ", ".join(dict.fromkeys(f.part for f in cell.findings)) or ", ".join(cell.lost)
            groups[(cell.format, cell.model, str(cell.severity), parts)].append(cell)
    ids = tuple(t.id for t in record.targets)
    rows = [row(format, model, cells, ids) for (format, model, _, _), cells in groups.items()]
    return tuple(sorted(rows, key=lambda r: (r.rank, -r.cells)))


def listed(found: Iterable[str], ids: Sequence[str]) -> str:
    """Some targets, in the order of the matrix; all of them in a word."""
    some = set(found)
    return f"all {len(ids)}" if some == set(ids) else ", ".join(id for id in ids if id in some)


def row(format: str, model: str, cells: Sequence[Cell], ids: Sequence[str]) -> Told:
    """One row for cells that have one thing to say. ids: the targets of the matrix."""
    first = cells[0]
    severity = first.severity or Severity.NAMES
    return Told(
        first.summary,
        str(severity),
        severity.rank,
        model,
        format,
        listed((c.writer for c in cells), ids),
        listed((c.reader for c in cells), ids),
        len(cells),
        f"{detail_file(format, first.writer)}#{anchor(first)}",
    )


@dataclass(frozen=True)
class Change:
    """How the inside of one model's file changed from one writer to the next."""

    model: str
    before: str
    after: str
    lines: tuple[str, ...]
    cut: int


def changes(record: MatrixRecord, format: str) -> tuple[Change, ...]:
    """The listings of neighbouring writers, compared; what another model shows too is said once."""
    found = {(w.model, w.writer): w for w in record.written if w.format == format and w.inside}
    out: list[Change] = []
    said: set[tuple[str, str, tuple[str, ...]]] = set()
    for model in record.models:
        writers = [t.id for t in record.targets if (model, t.id) in found]
        for before, after in itertools.pairwise(writers):
            lines = difference(found[(model, before)], found[(model, after)])
            if lines and (before, after, lines) not in said:
                said.add((before, after, lines))
                out.append(Change(model, before, after, lines[:DIFF_LINES], max(0, len(lines) - DIFF_LINES)))
    return tuple(out)


def difference(before: Written, after: Written) -> tuple[str, ...]:
    """Lines only one of two listings has, in the form of a unified diff without context."""
    lines = difflib.unified_diff(before.inside, after.inside, lineterm="", n=0)
    return tuple(line for line in lines if not line.startswith(("---", "+++", "@@")))


@dataclass(frozen=True)
class TrapRows:
    """One kind of untrusted file, and what every reader did."""

    name: str
    about: str
    rows: tuple[Opened, ...]


TRAP_TONES: Mapping[Treated, str] = {
    Treated.EXECUTED: "bad",
    Treated.CRASHED: "bad",
    Treated.LOADED: "near",
    Treated.REFUSED: "good",
    Treated.NO_WAY: "none",
    Treated.NOT_MADE: "none",
}


TRAP_MARKS: Mapping[Treated, str] = {
    Treated.EXECUTED: "!!",
    Treated.CRASHED: "✝",
    Treated.LOADED: "L",
    Treated.REFUSED: "E",
    Treated.NO_WAY: "r",
    Treated.NOT_MADE: "·",
}
"""One sign per way of dealing with an untrusted file, worst first."""


@dataclass(frozen=True)
class TrapSquare:
    """One kind of untrusted file at one reader: the worst that any way of opening it came to."""

    result: Treated
    how: str


def trap_grid(record: MatrixRecord) -> tuple[tuple[str, tuple[TrapSquare | None, ...]], ...]:
    """Kinds of untrusted files down, readers across; None where a reader was not asked."""
    worst: dict[tuple[str, str], Opened] = {}
    rank = list(TRAP_MARKS)
    for one in record.opened:
        place = one.trap, one.reader
        if place not in worst or rank.index(one.result) < rank.index(worst[place].result):
            worst[place] = one
    out = []
    for trap in TRAPS:
        row = [worst.get((trap.name, t.id)) for t in record.targets]
        if any(row):
            squares = (TrapSquare(o.result, f"{o.way}: {o.result}: {o.how}") if o else None for o in row)
            out.append((trap.name, tuple(squares)))
    return tuple(out)


def traps(record: MatrixRecord) -> tuple[TrapRows, ...]:
    """Untrusted files by kind; kinds that nobody opened are left out."""
    found = ((t, tuple(o for o in record.opened if o.trap == t.name)) for t in TRAPS)
    return tuple(TrapRows(t.name, t.about, rows) for t, rows in found if rows)


def about(model: str) -> str:
    """The feature of a model."""
    return next((m.about for m in models() if m.name == model), "")


def facts(record: MatrixRecord, id: str) -> TargetFacts:
    """A target of the matrix."""
    return next(t for t in record.targets if t.id == id)
