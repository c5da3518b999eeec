"""From what minimising left to what a cause's page and ``divergences.json`` say of it."""

from __future__ import annotations

from harness.minimise.records import Minimal, Repro
from harness.model import Cause, Plain
from harness.report.layout import Layout, cause_key
from harness.report.pages import MinimalView
from harness.report.records import RunRecord
from harness.report.untrusted import clean, one_line
from harness.report.values import brief, jsonable

ROOT = "../"
OUTPUT = 4000
"""Characters of a program's output."""


def minimal_view(run: RunRecord, layout: Layout, cause: Cause) -> MinimalView | None:
    """The smallest case of a cause as its page shows it; None where none was looked for."""
    found = run.minimal.get(cause.fingerprint)
    if found is None:
        return None
    repro = found.repro or Repro("", why="no program was tried")
    page = layout.causes[cause_key(cause)]
    sides = (run.reference.id, run.candidate.id)
    outputs = tuple((s, o[:OUTPUT]) for s, o in zip(sides, repro.outputs, strict=True))
    return MinimalView(
        summary=found.summary,
        address=found.address,
        before=found.before,
        tried=found.tried,
        finished=found.finished,
        trigger=tuple((name, brief(value)) for name, value in found.trigger.items()),
        attributions=tuple((a.aspect, a.statement, a.after) for a in found.attributions),
        standing=standing(repro),
        program=repro.text,
        outputs=outputs if repro.executed else (),
        href=ROOT + repro_file(page) if repro.text else "",
        issue_href=ROOT + issue_file(page) if found.issue else "",
    )


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
