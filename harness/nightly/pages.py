"""What a night leaves besides the report of each pair: front page, summary, one JUnit file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from jinja2 import ChoiceLoader, FileSystemLoader
from markupsafe import Markup

from harness.model import CaseStatus, Fault
from harness.nightly import matrix
from harness.nightly.figures import Figures, History
from harness.report.html import environment_of_templates, policy, style
from harness.report.junit import legal
from harness.report.markdown import escaped
from harness.report.wording import TONE, share

TEMPLATES = Path(__file__).parent / "templates"
NIGHTS = 30
"""How many nights the front page shows; ``history.json`` has all."""
LISTED = 50
NONE = "–"
"""Stands for a figure that is not known."""
MATRIX = "matrix"
"""Folder of the site that holds the report of the matrix."""


@dataclass(frozen=True)
class PairRow:
    """A pair on the front page."""

    name: str
    page: str
    reference: str
    candidate: str
    verdict: str
    tone: str
    cases: tuple[tuple[str, str, str], ...]
    """Status, number, tone."""
    causes: str
    unexpected: str
    new: str
    gone: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class TrendRow:
    """A night in a pair's trend."""

    night: str
    versions: str
    compared: str
    agree: str
    unexpected: str
    new: str
    width: int
    """Length of the bar, 0 to 20, against the largest number of unexpected causes shown."""


@dataclass(frozen=True)
class NightPage:
    """The front page of a night."""

    night: str
    headline: str
    tone: str
    sentences: tuple[str, ...]
    pairs: tuple[PairRow, ...]
    faults: tuple[Fault, ...]
    issues: tuple[tuple[str, str], ...]
    """File and title."""
    more_issues: int
    trends: tuple[tuple[str, tuple[TrendRow, ...]], ...]
    facts: tuple[tuple[str, str], ...]
    matrix: MatrixRow | None = None


@dataclass(frozen=True)
class MatrixRow:
    """The matrix on the front page."""

    page: str
    sentence: str
    releases: tuple[tuple[str, str, str, str, str, str], ...]
    """Lineage, target, version, causes that appeared, that went, changes that are new."""
    not_run: tuple[tuple[str, str], ...]
    """Target and why."""

    @property
    def sentences(self) -> Iterator[str]:
        """The releases, and the targets that were not run, in a sentence each."""
        for lineage, id, version, appeared, went, new in self.releases:
            more = "" if new == NONE else f", {new} of these on no night before"
            yield f"{lineage} {version} ({id}): {appeared} causes appeared, {went} went{more}"
        for id, why in self.not_run:
            yield f"{id} was not run: {why}"


@dataclass(frozen=True)
class Night:
    """What came of a night."""

    name: str
    figures: tuple[Figures, ...]
    faults: tuple[Fault, ...]
    issues: tuple[tuple[str, str], ...]
    reached: tuple[str, ...]
    """Sentences on what was not reached in the time there was; none when all was."""
    about: Mapping[str, Any]
    matrix: matrix.Figures | None = None


def page(night: Night, history: History) -> NightPage:
    """The front page's record."""
    tone, headline = headline_of(night)
    facts = tuple((key, str(value)) for key, value in night.about.items() if value not in ([], (), None, ""))
    return NightPage(
        night=night.name,
        headline=headline,
        tone=tone,
        sentences=night.reached,
        pairs=tuple(pair_row(figures) for figures in night.figures),
        faults=night.faults[:LISTED],
        issues=night.issues[:LISTED],
        more_issues=max(0, len(night.issues) - LISTED),
        trends=tuple((f.pair, trend(history, f.pair)) for f in night.figures),
        facts=facts,
        matrix=matrix_row(night.matrix) if night.matrix else None,
    )


def headline_of(night: Night) -> tuple[str, str]:
    """Tone and headline: a harness fault is red, whatever else there is."""
    lost = [f for f in night.figures if not f.ran]
    if lost:
        return "bad", f"{len(lost)} of {len(night.figures)} pairs not run"
    if night.matrix and night.matrix.not_run:
        return "bad", f"{len(night.matrix.not_run)} of {night.matrix.columns} targets not run"
    if night.faults:
        return "bad", "Not everything was observed"
    unexpected = sum(f.unexpected or 0 for f in night.figures)
    new = sum(f.new or 0 for f in night.figures)
    if unexpected:
        return "bad", f"{unexpected} unexpected causes, {new} of them new"
    if any(f.stale for f in night.figures):
        return "bad", "Expectations that match nothing any more"
    if night.reached:
        return "unsure", "Nothing unexpected in what was reached"
    return "good", "Nothing unexpected"


def matrix_row(figures: matrix.Figures) -> MatrixRow:
    """The matrix: how much of it there is, what the newest releases changed, what was not run and why."""
    new = "" if figures.new is None else f", {figures.new:,} of them on no night before"
    unsure = f" In {figures.unsure:,} cases nothing decides whether it is rounding." if figures.unsure else ""
    return MatrixRow(
        page=f"{MATRIX}/index.html",
        sentence=(
            f"{figures.cases:,} cases over {figures.observed} of {figures.columns} targets: "
            f"{figures.changes:,} changes between releases{new}.{unsure}"
        ),
        releases=tuple(
            (
                r.lineage,
                r.column,
                r.version,
                f"{r.appeared:,}",
                f"{r.went:,}",
                NONE if r.new is None else f"{r.new:,}",
            )
            for r in figures.releases
        ),
        not_run=tuple(figures.not_run.items()),
    )


def pair_row(figures: Figures) -> PairRow:
    """One pair."""
    cases = [(str(s), f"{figures.cases[str(s)]:,}", TONE[s]) for s in CaseStatus if figures.cases.get(str(s))]
    notes = [f"{id} was not run: {why}" for id, why in figures.not_run.items()]
    if figures.stale:
        notes.append(f"{figures.stale} stale expectations")
    verdict, tone = verdict_of(figures)
    numbers = (figures.causes, figures.unexpected, figures.new, figures.gone)
    causes, unexpected, new, gone = [
        "not run" if not figures.ran else NONE if n is None else f"{n:,}" for n in numbers
    ]
    return PairRow(
        figures.pair,
        f"{figures.pair}/index.html",
        told(figures, figures.reference),
        told(figures, figures.candidate),
        verdict,
        tone,
        tuple(cases),
        causes,
        unexpected,
        new,
        gone,
        tuple(notes),
    )


def verdict_of(figures: Figures) -> tuple[str, str]:
    """A pair in two words."""
    if not figures.ran:
        return "not run", "bad"
    if not figures.compared:
        return "nothing compared", "unsure"
    if figures.unexpected or figures.stale:
        return "unexpected", "bad"
    return ("incomplete", "unsure") if figures.faults else ("as expected", "good")


def told(figures: Figures, id: str) -> str:
    """A target with the version that was really there."""
    if id in figures.not_run:
        return f"{id} (not run)"
    version = figures.versions.get(id, "")
    return f"{id} ({version})" if version else id


def trend(history: History, pair: str) -> tuple[TrendRow, ...]:
    """The last nights of a pair, newest first."""
    nights = history.of_pair(pair)[-NIGHTS:]
    most = max((n["unexpected"] or 0 for _, n in nights), default=0)
    rows = []
    for name, data in reversed(nights):
        figures = Figures(**data)
        unexpected, new = figures.unexpected, figures.new
        agree = sum(figures.cases.get(str(s), 0) for s in (CaseStatus.AGREE, CaseStatus.ROUNDING))
        versions = ", ".join(f"{id} {version}" for id, version in figures.versions.items())
        rows.append(
            TrendRow(
                name,
                versions,
                f"{figures.compared:,}" if figures.ran else "not run",
                share(agree, figures.compared) if figures.ran else "not run",
                "not run" if unexpected is None else f"{unexpected:,}",
                "not run" if new is None else f"{new:,}",
                round(20 * (unexpected or 0) / most) if most else 0,
            )
        )
    return tuple(rows)


def write_index(night: NightPage, path: Path) -> None:
    """Write the front page."""
    environment = environment_of_templates().overlay(
        loader=ChoiceLoader([FileSystemLoader(TEMPLATES), environment_of_templates().loader])  # type: ignore[list-item]
    )
    text = environment.get_template("night.html").render(page=night, style=Markup(style()), policy=policy())
    path.write_text(text, encoding="utf-8", newline="\n")


def summary(night: NightPage) -> Iterator[str]:
    """The front page in short, as Markdown for the summary of a CI step."""
    yield f"## Nightly run {escaped(night.night)}: {escaped(night.headline)}"
    yield ""
    for sentence in night.sentences:
        yield f"> {escaped(sentence, 400)}"
        yield ""
    yield "| pair | reference | candidate | | causes | unexpected | new | gone |"
    yield "|---|---|---|---|---:|---:|---:|---:|"
    for row in night.pairs:
        numbers = " | ".join((row.causes, row.unexpected, row.new, row.gone))
        names = " | ".join(escaped(text) for text in (row.name, row.reference, row.candidate))
        yield f"| {names} | {row.verdict} | {numbers} |"
    yield ""
    if night.matrix:
        yield from matrix_summary(night.matrix)
    for row in night.pairs:
        cases = ", ".join(f"{number} {status}" for status, number, _ in row.cases)
        yield f"- {escaped(row.name)}: {escaped(cases, 300)}"
        for note in row.notes:
            yield f"  - {escaped(note, 400)}"
    if night.faults:
        yield ""
        yield "Harness faults:"
        yield ""
        for fault in night.faults:
            yield f"- {escaped(fault.target)}: {escaped(f'{fault.what}. {fault.fix}', 500)}"
    if night.issues:
        yield ""
        yield "New causes:"
        yield ""
        for _, title in night.issues:
            yield f"- {escaped(title, 200)}"
        if night.more_issues:
            yield f"- and {night.more_issues} more"


def matrix_summary(matrix: MatrixRow) -> Iterator[str]:
    """The matrix in short."""
    yield f"Matrix: {escaped(matrix.sentence, 400)}"
    yield ""
    for sentence in matrix.sentences:
        yield f"- {escaped(sentence, 400)}"
    yield ""


def join_junit(files: Sequence[Path], faults: Sequence[Fault], path: Path) -> None:
    """The JUnit files of all pairs in one, and the faults of no pair as errors."""
    root = ElementTree.Element("testsuites", name="nightly")
    totals = dict.fromkeys(("tests", "failures", "skipped", "errors"), 0)
    for file in files:
        part = ElementTree.parse(file).getroot()
        for name in totals:
            totals[name] += int(part.get(name, "0"))
        root.extend(list(part))
    if faults:
        suite = ElementTree.SubElement(root, "testsuite", name="nightly.harness")
        for name, count in (("tests", len(faults)), ("failures", 0), ("skipped", 0), ("errors", len(faults))):
            suite.set(name, str(count))
        for place, fault in enumerate(faults):
            told = legal(f"{place} {fault.target}", 300)
            case = ElementTree.SubElement(suite, "testcase", classname="nightly.harness", name=told)
            error = ElementTree.SubElement(
                case, "error", type="harness fault", message=legal(fault.what, 500)
            )
            error.text = legal("\n".join(part for part in (fault.evidence, fault.fix) if part))
        totals["tests"] += len(faults)
        totals["errors"] += len(faults)
    for name, count in totals.items():
        root.set(name, str(count))
    ElementTree.ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)
