"""What was worked out about a cause beyond comparing: its smallest case, its program, since when it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.minimise.records import Minimal, Repro
from harness.model import Cause, Plain
from harness.report import dates
from harness.report.records import RunRecord
from harness.report.untrusted import clean, one_line
from harness.report.values import jsonable

OUTPUT = 4000
"""Characters of a program's output."""


@dataclass(frozen=True)
class Executed:
    """A program that shows a cause without the harness, and what came of running it on both targets."""

    text: str
    outputs: tuple[str, str]
    """What it printed on the reference and on the candidate."""
    reproduces: bool
    standing: str
    """Whether it was run, and what came of it, in one sentence."""


@dataclass(frozen=True)
class Finding:
    """What was worked out about a cause. Each part may be absent and then is not shown."""

    minimal: str = ""
    """Address of the smallest case that still shows the cause."""
    trigger: Mapping[str, Plain] | None = None
    """Parameters that must stay other than their default; empty when none must."""
    attributions: Sequence[str] = ()
    """What a retry proved: "explained by default `epsilon`: 0.001 → 1e-07"."""
    program: Executed | None = None
    issue: str = ""
    """A text for an issue tracker, in Markdown."""
    since: str = ""
    """Since when, and which side changed."""


def finding_of(run: RunRecord, cause: Cause) -> Finding:
    """Everything that was worked out about a cause of this run."""
    date = run.since.get(cause.fingerprint)
    since = dates.sentence(date) if date else ""
    found = run.minimal.get(cause.fingerprint)
    if found is None:
        return Finding(since=since)
    repro = found.repro
    return Finding(
        minimal=found.address,
        trigger=found.trigger,
        attributions=tuple(a.statement for a in found.attributions),
        program=executed(repro) if repro is not None and repro.text else None,
        issue=found.issue,
        since=since,
    )


def executed(repro: Repro) -> Executed:
    """A program as a page shows it."""
    one, two = (output[:OUTPUT] for output in repro.outputs)
    return Executed(repro.text, (one, two), repro.reproduces, standing(repro))


def releases(run: RunRecord, cause: Cause) -> tuple[tuple[str, str], ...]:
    """Every release that was asked about a cause, and how it behaves."""
    date = run.since.get(cause.fingerprint)
    return tuple((id, dates.MEANING[mark]) for id, mark in date.marks) if date else ()


def standing(repro: Repro) -> str:
    """Whether a program was run, and what came of it."""
    if not repro.text:
        return f"There is none. {repro.why}"
    if repro.reproduces:
        return "It was run on both targets and shows the divergence."
    if repro.executed:
        return f"It was run on both targets and does not show the divergence: {repro.why}."
    return f"It was not run: {repro.why}."


def repro_file(page: str) -> str:
    """The file of a cause's program, from the file of its page."""
    return page.replace("causes/", "repro/", 1).removesuffix(".html") + ".py"


def issue_file(page: str) -> str:
    """The file of a cause's issue text, from the file of its page."""
    return page.replace("causes/", "repro/", 1).removesuffix(".html") + ".md"


def minimal_json(found: Minimal | None, page: str) -> Plain:
    """The smallest case as ``divergences.json`` has it."""
    if found is None:
        return None
    repro = found.repro or Repro("", why="no program was tried")
    return {
        "case": one_line(found.address, 1000),
        "script": one_line(str(found.case["script"])),
        "parameters": jsonable(found.case["parameters"]),
        "feed": jsonable(found.case["feed"]),
        "trigger": [one_line(name) for name in found.trigger],
        "summary": one_line(found.summary, 400),
        "fingerprint": found.fingerprint,
        "finished": found.finished,
        "attributions": [
            {
                "aspect": a.aspect,
                "statement": one_line(a.statement, 400),
                "before": one_line(a.before, 1000),
                "after": one_line(a.after, 1000),
            }
            for a in found.attributions
        ],
        "repro": {
            "file": repro_file(page) if repro.text else "",
            "executed": repro.executed,
            "reproduces": repro.reproduces,
            "why": clean(repro.why, 400),
            "reference": clean(repro.outputs[0], OUTPUT),
            "candidate": clean(repro.outputs[1], OUTPUT),
        },
    }
