"""From the record of a matrix to page records."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, cached_property
from itertools import pairwise

from harness.model import Severity
from harness.report.matrix_pages import (
    ChangeRow,
    ColumnRow,
    Grid,
    GridRow,
    Head,
    HistoryPage,
    LineagePage,
    LineageRows,
    MatrixFront,
    ReleasePage,
    ReleaseRow,
)
from harness.report.matrix_records import (
    LETTERS,
    MISSING,
    NOT_RUN,
    SPECIAL,
    UNSUPPORTED,
    CaseRow,
    Change,
    Column,
    Lineage,
    MatrixRecord,
)
from harness.report.page_parts import FaultRow, Link
from harness.report.untrusted import one_line, slug
from harness.report.wording import plural

CHANGES = 250
"""Changes listed on one page; ``matrix.json`` has them all."""
ROWS = 120
"""Lines of a subject's grid."""
SUBJECTS = 6
"""Subjects named in one line of a list."""
NO_CODE = " "


class Composer:
    """Makes the pages of one matrix; what several pages need is worked out once."""

    def __init__(self, record: MatrixRecord) -> None:
        self.record = record
        self.ids = [c.id for c in record.columns]
        self.places = {id: place for place, id in enumerate(self.ids)}
        self.columns = {c.id: c for c in record.columns}
        self._heads: dict[str, tuple[Head, ...]] = {}
        self._change_rows: dict[int, ChangeRow] = {}

    @cached_property
    def by_subject(self) -> Mapping[str, list[CaseRow]]:
        """The cases of every subject."""
        out: dict[str, list[CaseRow]] = defaultdict(list)
        for row in self.record.cases:
            out[row.subject].append(row)
        return out

    @cached_property
    def marks(self) -> Mapping[str, str]:
        """One mark a column for every subject as a whole."""
        walks = [[self.places[id] for id in line.columns] for line in self.record.lineages]
        return {subject: whole(rows, walks, len(self.ids)) for subject, rows in self.by_subject.items()}

    @cached_property
    def by_release(self) -> Mapping[tuple[str, str], list[Change]]:
        """Changes by lineage and the release that shows them first."""
        out: dict[tuple[str, str], list[Change]] = defaultdict(list)
        for change in self.record.changes:
            out[change.lineage, change.after].append(change)
        return out

    @cached_property
    def of_subject(self) -> Mapping[str, list[Change]]:
        """Changes by subject."""
        out: dict[str, list[Change]] = defaultdict(list)
        for change in self.record.changes:
            for subject in change.subjects:
                out[subject].append(change)
        return out

    @cached_property
    def alone(self) -> Counter[int]:
        """In how many cases each column stands alone, by place."""
        return Counter(place for row in self.record.cases for place in loners(row.marks))

    def lineage_file(self, lineage: str, family: str) -> str:
        """The file of the grid of a family along a lineage."""
        return f"lineages/{stem(f'{lineage} {family}')}.html"

    def release_file(self, lineage: str, column: str) -> str:
        """The file of what a release changed."""
        return f"releases/{stem(f'{column}', f'{lineage}/{column}')}.html"

    def subject_file(self, subject: str) -> str:
        """The file of a subject's history."""
        return f"subjects/{stem(subject)}.html"

    @cached_property
    def families(self) -> tuple[str, ...]:
        """The families of subjects, the largest first."""
        counts = Counter(subject.split(".")[0] for subject in self.by_subject)
        return tuple(name for name, _ in counts.most_common())

    def histories(self) -> list[Lineage]:
        """Lineages along which something can change: those with two columns that were observed."""
        ran = {c.id for c in self.record.columns if c.ran}
        return [line for line in self.record.lineages if len(ran & set(line.columns)) > 1]

    def front(self) -> MatrixFront:
        """The page that tells what the matrix found."""
        record = self.record
        ran = [c for c in record.columns if c.ran]
        steady = sum(len(set(row.marks) - set(SPECIAL)) == 1 for row in record.cases)
        counts = Counter(c.severity for c in record.changes)
        lines = self.histories()
        worst = ", ".join(f"{counts[s]:,} {s}" for s in Severity if counts[s])
        return MatrixFront(
            headline=f"{plural(len(record.changes), 'change')} along {plural(len(lines), 'lineage')}",
            sentence=(
                f"{plural(len(record.cases), 'case')} over {len(ran)} of "
                f"{plural(len(record.columns), 'target')}; "
                f"{steady:,} of them behave alike wherever they were observed. "
                + (f"Changes: {worst}." if worst else "")
            ),
            cut_short=record.cut_short,
            faults=tuple(FaultRow(f.target, f.what, f.evidence, f.fix, f.cases) for f in record.faults),
            lineages=tuple(map(self.lineage_rows, lines)),
            codes=self.codes(),
            columns=tuple(self.column_row(c) for c in record.columns),
            facts=(
                ("Run", record.run),
                ("Started", record.started),
                ("Ended", record.ended),
                ("Profile", record.profile),
                ("Seed", str(record.seed)),
            ),
            timings=tuple(
                tuple(f"{x:,}" if isinstance(x, int) else str(x) for x in row) for row in record.timings
            ),
        )

    def lineage_rows(self, line: Lineage) -> LineageRows:
        """A lineage with what each of its releases changed."""
        grids = tuple(Link(family, self.lineage_file(line.name, family)) for family in self.families)
        return LineageRows(line.name, grids, tuple(self.release_row(line, id) for id in line.columns))

    def release_row(self, line: Lineage, id: str) -> ReleaseRow:
        """One release of a lineage."""
        column = self.columns[id]
        found = self.by_release.get((line.name, id), [])
        back = sum(c.back for c in found)
        worst = min((c.severity for c in found), key=lambda s: s.rank, default=None)
        first = next((i for i in line.columns if self.columns[i].ran), None)
        note = f"not run: {column.why}" if not column.ran else "the first one observed" if id == first else ""
        return ReleaseRow(
            name=Link(id, self.release_file(line.name, id) if found else ""),
            appeared=len(found) - back,
            went=back,
            subjects=len({s for c in found for s in c.subjects}),
            worst=str(worst) if worst else "",
            rank=worst.rank if worst else 99,
            note=note,
        )

    def column_row(self, column: Column) -> ColumnRow:
        """A target of the matrix."""
        place = self.places[column.id]
        seen = sum(row.marks[place] != NOT_RUN for row in self.record.cases)
        detail = f"{column.implementation} {column.version} on {column.backend}"
        detail += f", Python {column.python}" if column.python else ""
        return ColumnRow(column.id, detail, column.ran, seen, self.alone[place], column.why, column.fix)

    def codes(self) -> Grid:
        """Which names are one code in which target, told by object identity inside the targets."""
        found = [c for c in self.record.columns if c.ran and (c.same or c.different)]
        names = sorted({n for c in found for n in (*c.same, *c.different)})
        rows = []
        for column in found:
            letters = {**dict.fromkeys(column.different, "B"), **dict.fromkeys(column.same, "A")}
            marks = "".join(letters.get(name, NO_CODE) for name in names)
            rows.append(GridRow(Link(column.id), marks, column.origin))
        return Grid(
            "One letter in a line: one code under these names. A is what was observed, B other code beside "
            "it; a blank name cannot be imported there",
            "Target",
            tuple(Head(name) for name in names),
            tuple(rows),
            last="Where its code is",
        )

    def heads(self, line: Lineage) -> tuple[Head, ...]:
        """The heads of a lineage's columns, on a page below the front page; the same ones every time."""
        if line.name not in self._heads:
            self._heads[line.name] = tuple(self.head(line, self.columns[id]) for id in line.columns)
        return self._heads[line.name]

    def head(self, line: Lineage, column: Column) -> Head:
        """The head of one column of a lineage."""
        found = (line.name, column.id) in self.by_release
        title = column.id if column.ran else f"{column.id}: not run: {column.why}"
        return Head(label(column), "../" + self.release_file(line.name, column.id) if found else "", title)

    def along(self, line: Lineage, marks: str) -> str:
        """The marks of a lineage's columns, oldest first."""
        return "".join(marks[self.places[id]] for id in line.columns)

    def lineage_page(self, line: Lineage, family: str) -> LineagePage:
        """The subjects of one family along one lineage: those that change most come first."""
        subjects = [s for s in self.by_subject if s.split(".")[0] == family]
        rows = []
        for subject in subjects:
            marks = self.along(line, self.marks[subject])
            count = f"{len(self.by_subject[subject]):,}"
            rows.append(GridRow(Link(subject, "../" + self.subject_file(subject)), marks, count))
        rows.sort(key=lambda r: (-flips(r.marks), r.name.text))
        caption = f"{family} along {line.name}: subjects, and the class of each release"
        grid = Grid(caption, "Subject", self.heads(line), tuple(rows), last="Cases")
        others = [
            Link(
                f"{line.name}: {name}" if name != family else line.name,
                "../" + self.lineage_file(line.name, name),
            )
            for name in self.families
            if name != family
        ]
        return LineagePage(line.name, family, grid, tuple(others))

    def release_page(self, lineage: str, id: str) -> ReleasePage:
        """What one release changed."""
        found = self.by_release[lineage, id]
        went = [c for c in found if c.back]
        appeared = [c for c in found if not c.back]
        befores = Counter(c.before for c in found)
        before = befores.most_common(1)[0][0]
        column = self.columns[id]
        name = f"{column.implementation} {column.version}"
        name += f" on {column.backend}" if column.backend != "tensorflow" else ""
        return ReleasePage(
            title=f"{name}: {plural(len(appeared), 'cause')} appeared, {len(went):,} went",
            sentence=(
                f"Against {before}, the release before it in this matrix, along {lineage}. "
                "In what follows the reference is the release before and the candidate is this one; neither "
                "is presumed right. A cause went when every case of it returns to a behaviour seen earlier."
            ),
            before=before,
            after=id,
            appeared=tuple(self.change_row(c) for c in appeared[:CHANGES]),
            went=tuple(self.change_row(c) for c in went[:CHANGES]),
            more=max(0, len(appeared) - CHANGES) + max(0, len(went) - CHANGES),
        )

    def change_row(self, change: Change) -> ChangeRow:
        """A change in a list, on a page below the front page; the same one every time."""
        if id(change) not in self._change_rows:
            self._change_rows[id(change)] = self.made_row(change)
        return self._change_rows[id(change)]

    def made_row(self, change: Change) -> ChangeRow:
        """The line of a change."""
        named = change.subjects[:SUBJECTS]
        return ChangeRow(
            title=one_line(change.title, 240),
            severity=str(change.severity),
            rank=change.severity.rank,
            kind=str(change.kind),
            subjects=tuple(Link(s, "../" + self.subject_file(s)) for s in named),
            subjects_more=len(change.subjects) - len(named),
            cases=change.cases,
            example=change.example,
            between=f"{change.before} → {change.after}",
            until=change.until,
            skipped=", ".join(change.skipped),
        )

    def history(self, subject: str) -> HistoryPage:
        """The history of one subject along every lineage."""
        rows = self.by_subject[subject]
        found = self.of_subject.get(subject, [])
        alone = Counter(self.ids[p] for row in rows for p in loners(row.marks))
        stand = ", ".join(f"{id} ({n})" for id, n in alone.most_common(8))
        return HistoryPage(
            subject=subject,
            sentence=(
                f"{plural(len(rows), 'case')}. Letters name classes of equal behaviour of one line of cases; "
                "they mean the same in the grid of every lineage."
            ),
            grids=tuple(self.case_grid(line, rows) for line in self.record.lineages),
            changes=tuple(self.change_row(c) for c in found[:CHANGES]),
            more=max(0, len(found) - CHANGES),
            loners=stand,
        )

    def case_grid(self, line: Lineage, rows: Sequence[CaseRow]) -> Grid:
        """The cases of a subject along a lineage; cases with one history share a line."""
        groups: dict[str, list[CaseRow]] = defaultdict(list)
        for row in rows:
            groups[row.marks].append(row)
        made = []
        for whole_marks, group in groups.items():
            marks = self.along(line, whole_marks)
            plain = min(group, key=lambda r: (len(r.address), r.address))
            name = one_line(plain.address.partition("/")[2], 90)
            more = f"and {len(group) - 1:,} like it" if len(group) > 1 else ""
            made.append(GridRow(Link(name), marks, more))
        made.sort(key=lambda r: -flips(r.marks))
        heads = self.heads(line)
        return Grid(line.name, "Case", heads, tuple(made[:ROWS]), max(0, len(made) - ROWS), last="Cases")


stem = cache(slug)
"""A file's stem; the same few thousand are asked for again by every page."""


def label(column: Column) -> str:
    """A column in as few characters as tell it from its neighbours."""
    return column.version if column.implementation != "tf.contrib.keras" else f"contrib {column.version}"


def flips(marks: str) -> int:
    """How often the class changes along a line of marks; what was not observed does not count."""
    seen = [m for m in marks if m not in (NOT_RUN, UNSUPPORTED)]
    return sum(a != b for a, b in pairwise(seen))


def loners(marks: str) -> list[int]:
    """Places of columns that stand alone: the only one of their class, while others agree."""
    counts = Counter(m for m in marks if m not in SPECIAL)
    if max(counts.values(), default=0) < 2:
        return []
    return [place for place, mark in enumerate(marks) if counts.get(mark) == 1]


def whole(rows: Iterable[CaseRow], walks: Sequence[Sequence[int]], width: int) -> str:
    """One mark a column for a subject: columns are alike when they are so in every case both observed."""
    lines = [row.marks for row in rows]
    columns = ["".join(line[place] for line in lines) for place in range(width)]
    out = [""] * width
    found: list[str] = []
    for walk in walks:
        before = None
        for place in walk:
            seen = set(columns[place])
            if seen <= set(SPECIAL):
                out[place] = next(m for m in (UNSUPPORTED, MISSING, NOT_RUN) if m in seen)
                continue
            if not out[place]:
                tried = [*([LETTERS.index(out[before])] if before is not None else []), *range(len(found))]
                number = next((n for n in tried if alike(found[n], columns[place])), len(found))
                if number == len(found):
                    found.append(columns[place])
                out[place] = LETTERS[min(number, len(LETTERS) - 1)]
            before = place
    return "".join(mark or NOT_RUN for mark in out)


def alike(one: str, two: str) -> bool:
    """Whether two columns agree in every case that both observed."""
    return one == two or all(a == b or NOT_RUN in (a, b) for a, b in zip(one, two, strict=True))
