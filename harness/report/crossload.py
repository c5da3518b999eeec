"""The report of the cross-load matrix: `crossload.html`, its pages, its programs, `crossload.json`."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from harness.crossload.records import MARKS, Cell, MatrixRecord, Result
from harness.crossload.table import format_named
from harness.errors import HarnessFault
from harness.report import crossload_json, crossload_programs
from harness.report import crossload_pages as pages
from harness.report.html import TEMPLATES, environment_of_templates, hashed
from harness.report.untrusted import slug

OWN = ("crossload/*.html", "crossload/programs/*.py")


def write(record: MatrixRecord, directory: Path) -> Path:
    """Write everything; returns the path of ``crossload.html``. Raises `HarnessFault` when it cannot."""
    try:
        (directory / "crossload" / "programs").mkdir(parents=True, exist_ok=True)
        for pattern in OWN:
            for old in directory.glob(pattern):
                old.unlink()
        programs(record, directory)
        details(record, directory)
        for format in record.formats:
            insides(record, format, directory)
        crossload_json.write(record, directory / "crossload.json")
        return front(record, directory)
    except OSError as error:
        raise HarnessFault(
            f"Expected to write the report into {str(directory)!r}. Received: {error}. The files and "
            "observations are kept: free some space and run the same command again."
        ) from error


def front(record: MatrixRecord, directory: Path) -> Path:
    """The matrix."""
    rows = pages.told(record)
    return page(
        directory,
        "crossload.html",
        "crossload.html",
        record,
        legend=pages.legend(record),
        grids=pages.grids(record),
        told=rows[: pages.TOLD],
        traps=pages.traps(record),
        trap_grid=pages.trap_grid(record),
        trap_marks=pages.TRAP_MARKS,
        trap_tones=pages.TRAP_TONES,
        more=max(0, len(rows) - pages.TOLD),
    )


def details(record: MatrixRecord, directory: Path) -> None:
    """One page per format and writer."""
    by_page: dict[tuple[str, str], list[Cell]] = defaultdict(list)
    for cell in record.cells:
        by_page[(cell.format, cell.writer)].append(cell)
    for (format, writer), cells in by_page.items():
        by_reader: dict[str, list[Cell]] = defaultdict(list)
        for cell in cells:
            by_reader[cell.reader].append(cell)
        groups = [(reader, slug(reader), pages.squares(some), some) for reader, some in by_reader.items()]
        page(
            directory,
            "crossload_writer.html",
            pages.detail_file(format, writer),
            record,
            format=format_named(format),
            writer=pages.facts(record, writer),
            readers=groups,
        )


def insides(record: MatrixRecord, format: str, directory: Path) -> None:
    """What is inside the files of one format, and how it changed."""
    listed = [w for w in record.written if w.format == format and w.inside]
    first = next((m for m in record.models if any(w.model == m for w in listed)), "")
    whole = [w for w in listed if w.model == first]
    page(
        directory,
        "crossload_inside.html",
        pages.inside_file(format),
        record,
        format=format_named(format),
        model=first,
        whole=whole,
        changes=pages.changes(record, format),
    )


def programs(record: MatrixRecord, directory: Path) -> None:
    """The programs that write and read, for every model and format of the matrix."""
    for name, model in dict.fromkeys((cell.format, cell.model) for cell in record.cells):
        format, about = format_named(name), pages.about(model)
        for side, make in (("write", crossload_programs.writing), ("read", crossload_programs.reading)):
            path = directory / pages.program_file(model, name, side)
            path.write_text(make(model, about, format), encoding="utf-8", newline="\n")


def page(directory: Path, template: str, file: str, record: MatrixRecord, **given: Any) -> Path:
    """Render one page."""
    root = "../" if "/" in file else ""

    def commands(cell: Cell) -> list[tuple[str, str, str]]:
        return [
            (side, root + file, command)
            for side, target in (("write", cell.writer), ("read", cell.reader))
            for file in [pages.program_file(cell.model, cell.format, side)]
            for command in [
                crossload_programs.command(
                    pages.facts(record, target),
                    file.rsplit("/", 1)[-1],
                    namespace_of(pages.facts(record, target).implementation),
                )
            ]
        ]

    text = (
        environment_of_templates()
        .get_template(template)
        .render(
            record=record,
            root=root,
            style=Markup(sheet()),
            policy=allowed(),
            marks=MARKS,
            tones=pages.TONES,
            anchor=pages.anchor,
            about=pages.about,
            commands=commands,
            results=Result,
            **given,
        )
    )
    path = directory / file
    path.write_text(text, encoding="utf-8", newline="\n")
    return path


@cache
def sheet() -> str:
    """The style sheet of the report and that of the matrix, without line breaks."""
    text = "".join((TEMPLATES / name).read_text("utf-8") for name in ("style.css", "crossload.css"))
    return re.sub(r"\s*\n\s*", " ", text).strip()


@cache
def allowed() -> str:
    """Content-Security-Policy: nothing at all but the one style sheet, known by its hash."""
    return f"default-src 'none'; style-src {hashed(sheet())}; base-uri 'none'; form-action 'none'"


def namespace_of(implementation: str) -> str:
    """The import path of an implementation."""
    return {"tf.keras": "tensorflow.keras", "tf.contrib.keras": "tensorflow.contrib.keras"}.get(
        implementation, implementation
    )
