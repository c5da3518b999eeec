"""What was worked out about a cause beyond comparing: its smallest case, its program, since when it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from harness.minimise.records import Environment, Minimal, Repro
from harness.model import Cause, Plain
from harness.report import dates
from harness.report.layout import cause_key
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
    found = run.minimal.get(cause_key(cause))
    if found is None:
        return Finding(since=since)
    repro = found.repro
    return Finding(
        minimal=found.address,
        trigger=found.trigger,
        attributions=tuple(a.statement for a in found.attributions),
        program=executed(run, found) if repro is not None and repro.text else None,
        issue=found.issue,
        since=since,
    )


def executed(run: RunRecord, found: Minimal) -> Executed:
    """A program as a page shows it. It reproduces where it was seen to in the run's own environments."""
    repro = found.repro
    assert repro is not None
    one, two = (output[:OUTPUT] for output in repro.outputs)
    return Executed(repro.text, (one, two), reproduces(run, found), standing(run, found))


def reproduces(run: RunRecord, found: Minimal) -> bool:
    """Whether a program was seen to show its cause in the environments of a run."""
    return found.repro is not None and found.repro.reproduces and found.is_of(run.reference, run.candidate)


def releases(run: RunRecord, cause: Cause) -> tuple[tuple[str, str], ...]:
    """Every release that was asked about a cause, and how it behaves."""
    date = run.since.get(cause.fingerprint)
    return tuple((id, dates.MEANING[mark]) for id, mark in date.marks) if date else ()


def standing(run: RunRecord, found: Minimal) -> str:
    """Whether a program was run, in which environments, when, and what came of it."""
    repro = found.repro
    if repro is None or not repro.executed:
        return f"It was not run: {repro.why if repro else 'no program was tried'}."
    when = f" on {found.date}" if found.date else ""
    shown = "shows the divergence" if repro.reproduces else f"does not show the divergence: {repro.why}"
    if found.is_of(run.reference, run.candidate):
        return f"It was run on {run.reference.id} and {run.candidate.id}{when} and {shown}."
    where = " and ".join(map(named, found.environments or ())) or "other environments"
    return (
        f"It was not run in the environments of this run. It was run{when} on {where}, and there it {shown}."
    )


def named(environment: Environment) -> str:
    """An environment with its versions."""
    versions = ", ".join(f"{name} {version}" for name, version in environment.packages.items())
    return one_line(f"{environment.id} (Python {environment.python}, {versions})", 300)


def repro_file(page: str) -> str:
    """The file of a cause's program, from the file of its page."""
    return page.replace("causes/", "repro/", 1).removesuffix(".html") + ".py"


def issue_file(page: str) -> str:
    """The file of a cause's issue text, from the file of its page."""
    return page.replace("causes/", "repro/", 1).removesuffix(".html") + ".md"


def minimal_json(run: RunRecord, found: Minimal | None, page: str) -> Plain:
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
            "reproduces": reproduces(run, found),
            "why": clean(repro.why, 400),
            "here": found.is_of(run.reference, run.candidate),
            "date": found.date,
            "environments": [environment_json(e) for e in found.environments or ()],
            "reference": clean(repro.outputs[0], OUTPUT),
            "candidate": clean(repro.outputs[1], OUTPUT),
        },
    }


def environment_json(environment: Environment) -> Plain:
    """Where a program was run, as ``divergences.json`` has it."""
    return {
        "target": one_line(environment.id),
        "fingerprint": one_line(environment.fingerprint),
        "python": one_line(environment.python),
        "packages": jsonable(environment.packages),
    }
