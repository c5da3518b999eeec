"""Writes everything a run leaves for people and machines into one folder."""

from __future__ import annotations

from pathlib import Path

from harness.errors import HarnessFault
from harness.report import html, jsonfile, junit, markdown
from harness.report.beside import beside
from harness.report.layout import PER_CAUSE, lay_out
from harness.report.records import RunRecord

OWN = ("causes/*.html", "subjects/*.html", "divergences/*.html", "repro/*.py", "repro/*.md")
"""Files of an earlier report of the same run, which may have had other pages."""


def write(run: RunRecord, directory: Path, *, per_cause: int = PER_CAUSE) -> Path:
    """Write the report of a run into `directory`; returns the path of its ``index.html``.

    per_cause: how many divergences of one cause get a page of their own.
    Raises `HarnessFault` when the folder cannot be written.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for pattern in OWN:
            for old in directory.glob(pattern):
                old.unlink()
        layout = lay_out(run, per_cause=per_cause)
        pages = html.Pages(run, layout, directory)

        def others() -> None:
            pages.write_subjects()
            jsonfile.write(run, layout, directory / "divergences.json")
            junit.write(run, directory / "junit.xml")
            markdown.write(run, directory / "summary.md")

        with beside(others):
            index = pages.write()
    except OSError as error:
        raise HarnessFault(
            f"Expected to write the report into {str(directory)!r}. Received: {error}. What was observed "
            "is in the store: free some space or name another folder, and rebuild the report from it."
        ) from error
    return index
