"""Page records of a matrix to HTML files: the templates of the report with grids of their own.

Grids are put together here, a row at a time and each row of marks once: a page may hold tens of thousands
of cells.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

from markupsafe import Markup, escape

from harness.report.html import TEMPLATES, environment_of_templates, printed
from harness.report.matrix_compose import Composer
from harness.report.matrix_pages import ChangeRow, Grid, Head
from harness.report.matrix_records import MISSING, NOT_RUN, UNSUPPORTED, MatrixRecord

COLOURS = 12
"""Colours of classes; letters tell apart what shares one."""
SAID: Mapping[str, tuple[str, str, str]] = {
    NOT_RUN: ("not", "?", "not run"),
    MISSING: ("gone", "–", "does not have it"),
    UNSUPPORTED: ("mute", "·", "cannot be observed"),
    " ": ("", "", ""),
}
"""Class, text and meaning of the marks that are no letters."""


@cache
def cells(marks: str) -> Markup:
    """The cells of one row of a grid. A letter that differs from the one before it is marked as a change."""
    out = []
    before = ""
    for mark in marks:
        if mark in SAID:
            name, text, meaning = SAID[mark]
            out.append(f'<td class="{name}" title="{meaning}">{text}' if name else "<td>")
            before = mark if mark == MISSING else before
            continue
        flip = " f" if before and mark != before else ""
        out.append(f'<td class="k{(ord(mark) - 65) % COLOURS}{flip}">{mark}')
        before = mark
    return Markup("".join(out))


def shown(text: str) -> str:
    """A text as the templates print it."""
    return escape(printed(text))


class Shared:
    """What many pages hold in common is put together once: columns' heads, and the line of a change.

    Both are known by their identity: the composer gives the same one wherever the same is meant.
    """

    def __init__(self) -> None:
        self._parts: Any = environment_of_templates().get_template("matrix_parts.html").module
        self._heads: dict[int, tuple[tuple[Head, ...], Markup]] = {}
        self._changes: dict[tuple[int, bool], tuple[ChangeRow, Markup]] = {}

    def heads(self, heads: tuple[Head, ...]) -> Markup:
        """The heads of a lineage's columns."""
        if id(heads) not in self._heads:
            self._heads[id(heads)] = heads, self._parts.heads(heads)
        return self._heads[id(heads)][1]

    def change(self, row: ChangeRow, between: bool) -> Markup:
        """The line of a change; `between` says between which releases it is."""
        key = id(row), between
        if key not in self._changes:
            self._changes[key] = row, self._parts.change(row, between)
        return self._changes[key][1]

    def rows(self, grid: Grid) -> Markup:
        """The lines of a grid."""
        out = []
        for row in grid.rows:
            name = shown(row.name.text)
            if row.name.href:
                name = f'<a href="{shown(row.name.href)}">{name}</a>'
            note = f'<td class="note">{shown(row.note)}</td>' if grid.last else ""
            out.append(f'<tr><th scope="row">{name}</th>{cells(row.marks)}{note}</tr>\n')
        return Markup("".join(out))


@cache
def style() -> str:
    """The style sheet of the report and that of grids, without line breaks."""
    text = "".join((TEMPLATES / name).read_text("utf-8") for name in ("style.css", "matrix.css"))
    return re.sub(r"\s*\n\s*", " ", text).strip()


@cache
def policy() -> str:
    """Content-Security-Policy: nothing at all but the one style sheet, known by its hash."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


@dataclass(frozen=True)
class Page:
    """One page to be written."""

    template: str
    file: str
    compose: Callable[[], Any]
    """Makes what it says, as a record."""


def pages(compose: Composer) -> Iterator[Page]:
    """Every page of a matrix, the front page last."""
    for line in compose.histories():
        for family in compose.families:
            file = compose.lineage_file(line.name, family)
            yield Page("matrix_lineage.html", file, partial(compose.lineage_page, line, family))
    for lineage, id in compose.by_release:
        file = compose.release_file(lineage, id)
        yield Page("matrix_release.html", file, partial(compose.release_page, lineage, id))
    for subject in compose.by_subject:
        yield Page("matrix_subject.html", compose.subject_file(subject), partial(compose.history, subject))
    yield Page("matrix_index.html", "index.html", compose.front)


def write(record: MatrixRecord, directory: Path, *, part: int = 0, parts: int = 1) -> Path:
    """Write the pages of a matrix, or one of several parts of them; returns the front page's path."""
    compose, shared = Composer(record), Shared()
    for folder in ("lineages", "releases", "subjects"):
        (directory / folder).mkdir(parents=True, exist_ok=True)
    for page in islice(pages(compose), part, None, parts):
        text = (
            environment_of_templates()
            .get_template(page.template)
            .render(
                page=page.compose(),
                root="../" if "/" in page.file else "",
                run=record.run,
                style=Markup(style()),
                policy=policy(),
                shared=shared,
            )
        )
        (directory / page.file).write_text(text, encoding="utf-8", newline="\n")
    return directory / "index.html"
