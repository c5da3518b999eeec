"""One cell of the matrix: from two observations to its result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from harness.crossload.comparing import Compared, Sides, compare
from harness.crossload.parts import REBUILT, part_of
from harness.crossload.records import Cell, Finding, Result
from harness.crossload.table import Format
from harness.model import Blame, Observation, Outcome, Severity, Step, StepStatus

ORIGIN = {"keras", "h5", "keras-after-h5", "folder", "pickle", "copy", "checkpoint"}
"""Formats after which a further training step is compared."""


def blank(writer: str, reader: str, format: str, model: str, result: Result, summary: str) -> Cell:
    """A cell in which nothing was loaded."""
    return Cell(writer, reader, format, model, result, summary)


def judge(cell: Cell, sides: Sides, format: Format) -> tuple[Cell, bool]:
    """The cell with its result, and whether more evidence could still decide something."""
    broken = not_loaded(cell, sides.read)
    if broken is not None:
        return broken, False
    found = compare(sides, format.carries, has_step=format.name in ORIGIN)
    told = warnings_of(sides.read)
    cell = replace(
        cell,
        findings=tuple(sorted(found.findings, key=lambda f: f.severity.rank)),
        lost=tuple(found.lost),
        notes=tuple(found.notes),
        warnings=told,
    )
    return settled(cell, found), bool(found.undecided)


def not_loaded(cell: Cell, read: Observation) -> Cell | None:
    """The cell of a reader that has no model in the end; None when it has."""
    if read.outcome in (Outcome.CRASHED, Outcome.TIMED_OUT):
        last = read.evidence.strip().splitlines()
        summary = f"the process {read.outcome}: {last[0] if last else ''}"
        return replace(
            cell, result=Result.CRASH, severity=Severity.CRASH, summary=summary, message=read.evidence
        )
    load = read.step("load") or next((s for s in read.steps if s.status is not StepStatus.RETURNED), None)
    if load is None:
        return replace(cell, result=Result.NOT_RUN, summary="the reader recorded nothing")
    if load.status is StepStatus.RETURNED:
        return None
    if load.status is not StepStatus.RAISED or load.name != "load":
        reason = load.reason or (f"{load.raised.type}: {load.raised.message}" if load.raised else "")
        what = f"no {reason}" if load.status is StepStatus.MISSING else reason
        return replace(cell, result=Result.UNSUPPORTED_READER, severity=Severity.MISSING, summary=what)
    return refused(cell, read, load)


def refused(cell: Cell, read: Observation, load: Step) -> Cell:
    """The cell of a reader that raised, with what a user tries next."""
    assert load.raised is not None
    tries = []
    for name in ("load uncompiled", "load unsafely"):
        step = read.step(name)
        if step is not None and step.status is StepStatus.RETURNED:
            tries.append(f"{name}: gives a {step.value}")
        elif step is not None and step.raised is not None:
            tries.append(f"{name}: {step.raised.type}: {step.raised.message.splitlines()[0][:200]}")
    first = (load.raised.message.strip().splitlines() or [""])[0]
    frames = read.evidence.split("load:\n", 1)[-1].splitlines()
    part = part_of(read)
    told = f"{load.raised.type}: {first}"
    if part == REBUILT:
        summary = f"the reader cannot build the model: {told}"
        return replace(cell, result=Result.UNSUPPORTED_READER, severity=Severity.MISSING, summary=summary)
    return replace(
        cell,
        result=Result.ERROR,
        severity=Severity.RAISES,
        summary=f"at {part}: {told}" if part else told,
        error_type=load.raised.type,
        error_part=part,
        message=load.raised.message,
        place=frames[min(5, len(frames) - 1)] if "load:\n" in read.evidence and frames else "",
        second_tries=tuple(tries),
        warnings=warnings_of(read),
    )


PASSING = frozenset({"DeprecationWarning", "PendingDeprecationWarning", "FutureWarning", "ImportWarning"})
"""Categories that speak of the libraries' own code, once per process: they say nothing of a file."""


def warnings_of(read: Observation) -> tuple[str, ...]:
    """What the reader said while loading: Python warnings and log lines of level warning or worse."""
    load, logged = read.step("load"), read.step("logged")
    told = load.warnings if load is not None else ()
    out = [f"{w.category}: {w.text}" for w in told if w.category not in PASSING]
    out += [str(line) for line in logged.value] if logged is not None and logged.value else []
    return tuple(out)


def settled(cell: Cell, found: Compared) -> Cell:
    """The result of a cell whose file was loaded."""
    if cell.findings:
        worst = cell.findings[0]
        parts = list(dict.fromkeys(f.part for f in cell.findings))
        summary = f"{', '.join(parts)}: {worst.what}"
        if cell.lost:
            summary += f"; without {', '.join(cell.lost)}"
        return replace(cell, result=Result.DIFFERS, severity=worst_of(cell.findings), summary=summary)
    if found.undecided:  # state that did not arrive is a loss only if what follows is decided to differ
        places = ", ".join(dict.fromkeys(found.undecided))
        return replace(cell, result=Result.UNDECIDED, summary=f"no evidence to judge by: {places}")
    if found.unsteady:
        places = ", ".join(dict.fromkeys(found.unsteady))
        told = f"a target that is asked the same twice says two things: {places}"
        return replace(cell, result=Result.UNDECIDED, summary=told)
    if cell.lost:
        summary = f"without {', '.join(cell.lost)}"
        if cell.warnings:
            summary += ", with a warning"
        return replace(cell, result=Result.WITHOUT, severity=Severity.STRUCTURE, summary=summary)
    if not found.compared:
        return replace(cell, result=Result.UNDECIDED, summary="nothing could be compared")
    if cell.warnings:
        return replace(cell, result=Result.WARNING, severity=Severity.NAMES, summary=cell.warnings[0])
    return replace(cell, result=Result.EQUAL, summary="equal")


def blamed(cells: Sequence[Cell]) -> list[Cell]:
    """The cells with the side that departs, where the promise of the format decides.

    Every format promises that what was saved comes back. Where a writer does not get it back itself the
    file or the writer is at fault; where it does, a reader that loads the file without an error and has
    something else departs. A refusal is no departure: no release promises to read every other one.
    """
    own = {(c.writer, c.format, c.model): c.result for c in cells if c.writer == c.reader}
    return [blame(cell, own.get((cell.writer, cell.format, cell.model))) for cell in cells]


def blame(cell: Cell, own: Result | None) -> Cell:
    """One cell with its blame; `own` is what its writer makes of the file itself."""
    if cell.result not in (Result.DIFFERS, Result.WITHOUT) or cell.severity is None:
        return cell
    if cell.severity.rank > Severity.STRUCTURE.rank:
        return cell
    if own in (Result.EQUAL, Result.WARNING) and cell.writer != cell.reader:
        told = "the writer gets from this file what it saved; the reader accepts it and has something else"
        return replace(cell, blame=Blame.CANDIDATE, blame_evidence=told)
    if own in (Result.DIFFERS, Result.WITHOUT):
        told = "the writer itself does not get back from this file what it saved"
        return replace(cell, blame=Blame.REFERENCE, blame_evidence=told)
    return cell


def worst_of(findings: tuple[Finding, ...]) -> Severity:
    """The severity of the worst finding."""
    return min((f.severity for f in findings), key=lambda s: s.rank)
