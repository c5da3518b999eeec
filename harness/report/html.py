"""Page records to HTML files: Jinja2 with autoescape, and nothing undefined passes.

Every text that is printed goes through `clean` once more, whichever way it came. The pages carry
their style, need no script and load nothing; the policy in their head forbids it.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from harness.model import Cause, Judged
from harness.report.compose import causes_page, environment, front
from harness.report.compose_details import (
    cause_page,
    divergence_page,
    facts_by_subject,
    program_file,
    subject_page,
)
from harness.report.compose_minimal import issue_file, repro_file
from harness.report.layout import Layout, cause_key
from harness.report.pages import DivergencePage
from harness.report.records import SIDES, RunRecord, worst_first
from harness.report.untrusted import clean

TEMPLATES = Path(__file__).parent / "templates"
PRINTED = 50_000
"""Characters one printed text may have after cleaning, which can make it longer."""


def printed(value: Any) -> Any:
    """What the templates do with every value they print: text is cleaned before it is escaped."""
    if isinstance(value, str) and not isinstance(value, Markup):
        return clean(value, PRINTED)
    return value


def headed(text: str) -> str:
    """A phrase of the vocabulary as a heading."""
    return text[:1].upper() + text[1:]


def ticks(text: str) -> Markup:
    """A sentence in which what stands between backticks is code."""
    parts = clean(text, PRINTED).split("`")
    if len(parts) % 2 == 0:
        return escape("`".join(parts))
    return Markup().join(
        Markup("<code>{}</code>").format(part) if place % 2 else escape(part)
        for place, part in enumerate(parts)
    )


@cache
def environment_of_templates() -> Environment:
    """The templates, made once."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=printed,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {"headed": headed, "ticks": ticks}
    return made


@cache
def style() -> str:
    """The style sheet without its line breaks."""
    return re.sub(r"\s*\n\s*", " ", (TEMPLATES / "style.css").read_text("utf-8")).strip()


@cache
def policy() -> str:
    """Content-Security-Policy: nothing at all but the one style sheet, known by its hash."""
    digest = base64.b64encode(hashlib.sha256(style().encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


class Pages:
    """Writes the pages of one run below a folder."""

    def __init__(self, run: RunRecord, layout: Layout, directory: Path) -> None:
        self.run = run
        self.layout = layout
        self.directory = directory

    def write(self) -> Path:
        """Write every page; returns the front page's path."""
        for folder in ("causes", "subjects", "divergences", "repro"):
            (self.directory / folder).mkdir(parents=True, exist_ok=True)
        self._causes()
        self._subjects()
        self._page("environment.html", "environment.html", environment(self.run))
        self._page("causes.html", "causes.html", causes_page(self.run, self.layout))
        return self._page("index.html", "index.html", front(self.run, self.layout))

    def _causes(self) -> None:
        for cause in worst_first(self.run.causes):
            for divergence in cause.divergences:
                if divergence.id in self.layout.divergences:
                    page = divergence_page(self.run, self.layout, divergence, cause)
                    file = self.layout.divergences[divergence.id]
                    self._page("divergence.html", file, page)
                    self._programs(file, page)
            file = self.layout.causes[cause_key(cause)]
            self._page("cause.html", file, cause_page(self.run, self.layout, cause))
            self._minimal(file, cause)

    def _minimal(self, page: str, cause: Cause) -> None:
        found = self.run.minimal.get(cause.fingerprint)
        if found is not None and found.repro is not None and found.repro.text:
            self._file(repro_file(page), found.repro.text)
        if found is not None and found.issue:
            self._file(issue_file(page), found.issue)

    def _programs(self, file: str, page: DivergencePage) -> None:
        for side, program in zip(SIDES, page.programs, strict=True):
            if program.text:
                self._file(program_file(file, side), program.text)

    def _subjects(self) -> None:
        judged: dict[str, list[Judged]] = defaultdict(list)
        for one in self.run.judged:
            judged[one.case.subject].append(one)
        causes: dict[str, list[Cause]] = defaultdict(list)
        for cause in self.run.causes:
            for subject in cause.subjects:
                causes[subject].append(cause)
        for subject, facts in facts_by_subject(self.run, self.layout).items():
            page = subject_page(self.run, self.layout, facts, judged[subject], causes[subject])
            self._page("subject.html", self.layout.subjects[subject], page)

    def _page(self, template: str, file: str, page: Any) -> Path:
        text = (
            environment_of_templates()
            .get_template(template)
            .render(
                page=page,
                root="../" if "/" in file else "",
                run=self.run.run,
                pair=self.run.pair,
                style=Markup(style()),
                policy=policy(),
            )
        )
        return self._file(file, text)

    def _file(self, file: str, text: str) -> Path:
        path = self.directory / file
        path.write_text(text, encoding="utf-8", newline="\n")
        return path
