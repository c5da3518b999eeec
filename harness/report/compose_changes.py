"""From the run's record to the page of runs compared: what appeared, what went, what changed."""

from __future__ import annotations

from collections.abc import Iterator

from harness.classify.divergences import extent
from harness.model import Cause, Severity
from harness.report.agreement import AGREEMENTS, letters
from harness.report.compose import TITLE
from harness.report.layout import Layout, cause_key
from harness.report.page_parts import Link
from harness.report.pages import ChangedCause, ChangedSubject, ChangesPage
from harness.report.records import Before, RunRecord, Told, worst_first
from harness.report.untrusted import one_line
from harness.report.values import number
from harness.report.wording import plural

RANK = {str(severity): severity.rank for severity in Severity}
CLASSES = {agreement.letter: agreement for agreement in AGREEMENTS}


def changes_page(run: RunRecord, layout: Layout) -> ChangesPage:
    """This run held against the one before."""
    earlier = run.before
    if earlier is None:
        return ChangesPage(run=run.run, before="", started="")
    here = {cause.fingerprint for cause in run.causes}
    gone = sorted(
        (told for fingerprint, told in earlier.causes.items() if fingerprint not in here),
        key=lambda told: (RANK.get(told.severity, len(RANK)), -told.subjects, told.title),
    )
    causes = worst_first(run.causes)
    return ChangesPage(
        run=run.run,
        before=earlier.run,
        started=earlier.started,
        appeared=tuple(appeared(layout, c) for c in causes if c.fingerprint not in earlier.causes),
        gone=tuple(
            ChangedCause(Link(told.title), told.severity, RANK.get(told.severity, len(RANK)), extent_of(told))
            for told in gone
        ),
        changed=tuple(changed(layout, causes, earlier)),
        subjects=tuple(moved(run, layout, earlier)),
        same=sum(1 for c in causes if c.fingerprint in earlier.causes),
    )


def extent_of(told: Told) -> str:
    """How far a cause reached."""
    return f"{plural(told.cases, 'case')} in {plural(told.subjects, 'subject')}"


def link(layout: Layout, cause: Cause) -> Link:
    """A cause's title with its address."""
    return Link(one_line(cause.title, TITLE), layout.causes[cause_key(cause)])


def appeared(layout: Layout, cause: Cause) -> ChangedCause:
    """A cause that the run before did not have."""
    reach = f"{plural(len(cause.divergences), 'case')} in {plural(len(cause.subjects), 'subject')}"
    return ChangedCause(link(layout, cause), str(cause.severity), cause.severity.rank, reach)


def changed(layout: Layout, causes: list[Cause], earlier: Before) -> Iterator[ChangedCause]:
    """Causes of both runs whose figures are not the same."""
    for cause in causes:
        told = earlier.causes.get(cause.fingerprint)
        said = "; ".join(differing(told, cause)) if told else ""
        if said:
            yield ChangedCause(link(layout, cause), str(cause.severity), cause.severity.rank, said)


def differing(told: Told, cause: Cause) -> Iterator[str]:
    """What is not the same of a cause, then and now."""
    pairs: tuple[tuple[str, object, object], ...] = (
        ("severity", told.severity, str(cause.severity)),
        ("verdict", told.verdict, str(cause.verdict)),
        ("cases", told.cases, len(cause.divergences)),
        ("subjects", told.subjects, len(cause.subjects)),
    )
    yield from (f"{name}: {then} → {now}" for name, then, now in pairs if then != now)
    size = min(1e300, max(extent(d) for d in cause.divergences))
    if told.extent != size:
        yield f"largest relative difference: {number(told.extent)} → {number(size)}"


def moved(run: RunRecord, layout: Layout, earlier: Before) -> Iterator[ChangedSubject]:
    """Subjects that stand otherwise than before, those that got worse first."""
    found = [
        (CLASSES[now].order - CLASSES[then].order, subject, CLASSES[then], CLASSES[now])
        for subject, now in letters(run).items()
        if (then := earlier.letters.get(subject, now)) != now and then in CLASSES
    ]
    for _, subject, was, stands in sorted(found, key=lambda row: row[:2]):
        yield ChangedSubject(
            Link(one_line(subject), layout.subjects[subject]),
            was.letter,
            was.tone,
            was.name,
            stands.letter,
            stands.tone,
            stands.name,
        )
