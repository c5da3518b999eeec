"""What a person sees in the terminal. Only the command line uses it; text from a target is shown inert."""

from __future__ import annotations

import io
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as RichProgress
from rich.table import Table
from rich.text import Text

from harness.classify.divergences import visible
from harness.environments import PairRow, State, TargetRow
from harness.errors import WrongUse
from harness.model import CaseStatus, Cause, Severity
from harness.report.records import UNEXPECTED, NotRun, RunRecord, Timing

PLAIN_SECONDS = 10.0
"""Without a terminal: seconds between two lines of progress of one target."""
TITLE = 110
FAULTS = 12
"""How many harness faults the summary shows; the report has all."""


class Screen:
    """The terminal, or what stands in for it."""

    def __init__(self, console: Console | None = None) -> None:
        self.out = console or Console(highlight=False, soft_wrap=True)
        self.err = console or Console(stderr=True, highlight=False, soft_wrap=True)

    def say(self, line: str) -> None:
        """One line."""
        self.out.print(Text(visible(line, 2000)))

    def error(self, message: str) -> None:
        """What went wrong, and the way out."""
        for line in message.splitlines()[:40]:
            self.err.print(Text(visible(line, 2000)))

    def progress(self) -> Bars | Lines:
        """Progress of a run: bars in a terminal, plain lines elsewhere."""
        return Bars(self.out) if self.out.is_terminal else Lines(self.out)

    def silence(self) -> Lines:
        """Progress of measurements: lines beside the output, which holds figures only."""
        return Lines(self.err)

    def pairs(self, rows: Iterable[PairRow]) -> None:
        """The named pairs."""
        table = Table("pair", "reference", "candidate", "state", "about", box=None, pad_edge=False)
        for row in rows:
            about = sentences(row.about, row.reason, row.fix if row.state is not State.READY else "")
            table.add_row(*map(Text, (row.name, row.reference, row.candidate, str(row.state), about)))
        self.out.print(table)

    def targets(self, rows: Sequence[TargetRow]) -> None:
        """Every target and its state."""
        table = Table("target", "backend", "python", "state", "what to do", box=None, pad_edge=False)
        for row in rows:
            advice = sentences(row.reason, row.fix)
            table.add_row(*map(Text, (row.id, row.backend, row.python, str(row.state), advice)))
        self.out.print(table)
        counts = Counter(str(row.state) for row in rows)
        self.out.print(Text(", ".join(f"{n} {state}" for state, n in counts.items())))

    def ask(self, question: str) -> str:
        """Put a question; the answer without spaces around it. Raises `WrongUse` where nobody can answer."""
        try:
            return input(question).strip()
        except EOFError as error:
            raise WrongUse(
                "Expected an answer in a terminal. Received: the end of the input. "
                "Use `--accept`, `--accept-all-from` or `--refresh` where there is no terminal."
            ) from error

    def cause(self, cause: Cause, number: int, of: int) -> None:
        """One cause to decide on: title, severity, blame, subjects, an example."""
        first = cause.divergences[0]
        lines = (
            f"{number} of {of}  {cause.severity}  ({cause.verdict})",
            cause.title,
            f"cause: {cause.fingerprint}",
            f"subjects: {', '.join(cause.subjects[:6])}{' …' if len(cause.subjects) > 6 else ''}",
            f"example: {first.case.address}",
            f"  {first.summary}",
            f"blame: {cause.blame}. {cause.blame_evidence}",
        )
        self.say("")
        for line in lines:
            self.say(line)

    def summary(self, record: RunRecord) -> str:
        """How a run ended: subjects by outcome, causes by severity, what went wrong; returns what it said."""
        parts: list[Text | Table] = [
            Text(f"\n{record.pair}: {side(record.reference)}  against  {side(record.candidate)}")
        ]
        for same in record.same_code:
            parts.append(Text(f"  {same.reference} and {same.candidate} are one code under two names here."))
        parts.append(outcome_table(record))
        if record.causes:
            parts.append(cause_table(record))
        for fault in record.faults[:FAULTS]:
            count = f" ({counted(fault.cases, 'case')} not observed)" if fault.cases else ""
            told = sentences(f"harness fault: {fault.target}: {fault.what}{count}", fault.fix)
            parts.append(Text(visible(told, 600)))
        if len(record.faults) > FAULTS:
            more = counted(len(record.faults) - FAULTS, "more harness fault")
            parts.append(Text(f"and {more}, which the report lists"))
        for stale in record.stale:
            parts.append(Text(visible(f"stale expectation: {stale.expectation}: {stale.why}", 300)))
        written = Console(file=io.StringIO(), width=self.out.width, highlight=False, soft_wrap=True)
        for console in (self.out, written):
            console.print(*parts, sep="\n")
        return str(written.file.getvalue())  # type: ignore[attr-defined]

    def again(self, told: str, run: str) -> None:
        """What was said of a run whose report stands."""
        self.out.print(Text(told.removesuffix("\n")))
        self.say(f"nothing has changed since {run}: its report stands")

    def cost(self, timings: Iterable[Timing], index: Path) -> None:
        """What a run cost on each target, and where its report is."""
        for timing in timings:
            line = (
                f"{timing.target}: {counted(timing.cases, 'case')} performed, {timing.cached} from the store"
            )
            if timing.cases:
                line += f"; {timing.total:.1f} s, of these start-up {timing.start:.1f} s,"
                line += f" inside {timing.inside:.1f} s"
            self.out.print(Text(line))
        self.out.print(Text(f"report: {index}"))


def sentences(*parts: str) -> str:
    """Texts one after the other, each ended as a sentence where another follows; empty ones left out."""
    said = [part for part in parts if part]
    ended = [part if part.endswith((".", "!", "?", ":")) else f"{part}." for part in said[:-1]]
    return " ".join((*ended, *said[-1:]))


def counted(number: int, what: str) -> str:
    """A number of things, in the singular for one."""
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


def side(target: object) -> str:
    """One side in few words."""
    if isinstance(target, NotRun):
        return f"{target.id} (not run: {target.fault.what})"
    return f"{getattr(target, 'id', '')} (Python {getattr(target, 'python', '')})"


def outcome_table(record: RunRecord) -> Table:
    """Cases and subjects by how they ended."""
    cases = Counter(j.status for j in record.judged)
    subjects: dict[str, set[CaseStatus]] = {}
    for judged in record.judged:
        subjects.setdefault(judged.case.subject, set()).add(judged.status)
    worst = Counter(subject_status(found) for found in subjects.values())
    table = Table("", "cases", "subjects", box=None, pad_edge=False)
    for status in CaseStatus:
        if cases[status] or worst[status]:
            table.add_row(str(status), str(cases[status]), str(worst[status]))
    table.add_row("all", str(len(record.judged)), str(len(subjects)))
    return table


def subject_status(found: set[CaseStatus]) -> CaseStatus:
    """A subject is as bad as its worst case; one with nothing compared at all is inconclusive or not run."""
    order = (
        CaseStatus.DIVERGE,
        CaseStatus.ROUNDING,
        CaseStatus.AGREE,
        CaseStatus.INCONCLUSIVE,
        CaseStatus.NOT_RUN,
    )
    return next(s for s in order if s in found)


def cause_table(record: RunRecord) -> Table:
    """Causes by severity, with the largest of each."""
    table = Table("causes by severity", "all", "unexpected", "for example", box=None, pad_edge=False)
    for severity in Severity:
        found = [c for c in record.causes if c.severity is severity]
        if found:
            new = [c for c in found if c.verdict in UNEXPECTED]
            table.add_row(str(severity), str(len(found)), str(len(new)), Text(example(new or found)))
    total = len(record.causes)
    table.add_row("all", str(total), str(sum(c.verdict in UNEXPECTED for c in record.causes)), "")
    return table


def example(found: Sequence[Cause]) -> str:
    """The title of the first cause."""
    return visible(found[0].title, TITLE)


class Bars:
    """A bar per target, with how long it will still take."""

    def __init__(self, console: Console) -> None:
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        self._rich = RichProgress(*columns, TimeElapsedColumn(), TimeRemainingColumn(), console=console)
        self._tasks: dict[str, TaskID] = {}

    def __enter__(self) -> Bars:
        self._rich.start()
        return self

    def __exit__(self, *unused: object) -> None:
        self._rich.stop()

    def begin(self, target: str, what: str, total: int, known: int) -> None:
        """A bar for this work; one for the same target and work grows."""
        key = target
        if key in self._tasks:
            task = self._rich.tasks[self._tasks[key]]
            self._rich.update(
                task.id, total=(task.total or 0) + total, advance=known, description=f"{target} {what}"
            )
        else:
            self._tasks[key] = self._rich.add_task(f"{target} {what}", total=total, completed=known)

    def advance(self, target: str) -> None:
        """One more case."""
        self._rich.advance(self._tasks[target])

    def say(self, line: str) -> None:
        """A line above the bars."""
        self._rich.console.print(Text(visible(line, 600)))


@dataclass
class _Pace:
    """How far the work on a target is; its pace counts from the first case, for before that it starts up."""

    total: int
    said: float
    done: int = 0
    first: float = 0.0


class Lines:
    """Now and then a line, for logs."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._state: dict[str, _Pace] = {}

    def __enter__(self) -> Lines:
        return self

    def __exit__(self, *unused: object) -> None:
        return None

    def begin(self, target: str, what: str, total: int, known: int) -> None:
        """Say what is to be done; more of the same target adds to it."""
        self.say(f"{target}: {total} {what}, {known} of them in the store")
        pace = self._state.get(target)
        if pace is None or pace.done >= pace.total:
            self._state[target] = _Pace(total - known, said=self._clock())
        else:
            pace.total += total - known

    def advance(self, target: str) -> None:
        """Say how far it is, not too often."""
        pace, now = self._state[target], self._clock()
        pace.done += 1
        if pace.done == 1:
            pace.first = now
        elif now - pace.said >= PLAIN_SECONDS and pace.done < pace.total:
            pace.said = now
            left = (now - pace.first) / (pace.done - 1) * (pace.total - pace.done)
            self.say(f"{target}: {pace.done} of {pace.total}, about {left:.0f} s left")

    def say(self, line: str) -> None:
        """A line."""
        self._console.print(Text(visible(line, 600)))
