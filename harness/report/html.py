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
from harness.report.agreement import stands
from harness.report.compose import causes_page, environment, front
from harness.report.compose_api import api_page
from harness.report.compose_changes import changes_page
from harness.report.compose_details import (
    cause_page,
    divergence_page,
    facts_by_subject,
    program_file,
    subject_page,
)
from harness.report.compose_reading import reading_page
from harness.report.finding import issue_file, repro_file
from harness.report.layout import Layout, cause_key
from harness.report.pages_details import DivergencePage
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
    text = clean(text, PRINTED)
    if "`" not in text:
        return escape(text)
    parts = text.split("`")
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


SCRIPTS = {
    "api.html": ("copy.js", "filter.js"),
    "causes.html": ("copy.js", "filter.js"),
    "cause.html": ("copy.js",),
    "divergence.html": ("copy.js",),
}
"""Kind of page → what it carries to be handier; every page says all it has to say without."""


@cache
def script(template: str) -> str:
    """The script of a kind of page, empty for most."""
    return "".join((TEMPLATES / name).read_text("utf-8") for name in SCRIPTS.get(template, ()))


@cache
def policy(template: str = "") -> str:
    """Content-Security-Policy: nothing at all but the page's own style and script, by their hashes."""
    allowed = [f"style-src {hashed(style())}"]
    if script(template):
        allowed.append(f"script-src {hashed(script(template))}")
    return "; ".join(["default-src 'none'", *allowed, "base-uri 'none'", "form-action 'none'"])


def hashed(text: str) -> str:
    """What a policy calls a text that stands in the page."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


class Pages:
    """Writes the pages of one run below a folder."""

    def __init__(self, run: RunRecord, layout: Layout, directory: Path) -> None:
        self.run = run
        self.layout = layout
        self.directory = directory
        for folder in ("causes", "subjects", "divergences", "repro"):
            (directory / folder).mkdir(parents=True, exist_ok=True)

    def write(self) -> Path:
        """Write every page but those of the subjects; returns the front page's path."""
        self._causes()
        self._page("environment.html", "environment.html", environment(self.run))
        self._page("causes.html", "causes.html", causes_page(self.run, self.layout))
        self._page("changes.html", "changes.html", changes_page(self.run, self.layout))
        self._page("reading.html", "reading.html", reading_page())
        standing = stands(self.run, tuple(self.layout.subjects))
        self._page("api.html", "api.html", api_page(self.run, self.layout, standing))
        return self._page("index.html", "index.html", front(self.run, self.layout, standing))

    def _causes(self) -> None:
        causes = worst_first(self.run.causes)
        for before, cause, after in zip([None, *causes], causes, [*causes[1:], None], strict=False):
            for divergence in cause.divergences:
                if divergence.id in self.layout.divergences:
                    page = divergence_page(self.run, self.layout, divergence, cause)
                    file = self.layout.divergences[divergence.id]
                    self._page("divergence.html", file, page)
                    self._programs(file, page)
            whole = cause_page(self.run, self.layout, cause, before=before, after=after)
            self._page("cause.html", self.layout.causes[cause_key(cause)], whole)
            self._minimal(self.layout.causes[cause_key(cause)], cause)

    def _minimal(self, page: str, cause: Cause) -> None:
        found = self.run.minimal.get(cause_key(cause))
        if found is not None and found.repro is not None and found.repro.text:
            self._file(repro_file(page), found.repro.text)
        if found is not None and found.issue:
            self._file(issue_file(page), found.issue)

    def _programs(self, file: str, page: DivergencePage) -> None:
        for side, program in zip(SIDES, page.programs, strict=True):
            if program.text:
                self._file(program_file(file, side), program.text)

    def write_subjects(self) -> None:
        """Write the pages of the subjects."""
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
                script=Markup(script(template)),
                policy=policy(template),
            )
        )
        return self._file(file, text)

    def _file(self, file: str, text: str) -> Path:
        path = self.directory / file
        path.write_text(text, encoding="utf-8", newline="\n")
        return path
