"""From the run's record to page records: the front page, the list of causes, the environment."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from harness.model import CaseStatus, Cause, Fault, Judged, Severity, TargetInfo
from harness.report import dates
from harness.report.agreement import Stand, api_family
from harness.report.filters import filters, token
from harness.report.layout import Layout, cause_key
from harness.report.page_parts import CauseRow, Count, FaultRow, Figure, Note, SeverityGroup, TargetCard
from harness.report.pages import CausesPage, EnvironmentPage, FrontPage
from harness.report.picture import picture
from harness.report.records import SIDES, UNEXPECTED, RunRecord, Side, unexpected, worst_first
from harness.report.untrusted import one_line
from harness.report.values import brief
from harness.report.wording import (
    MEANING,
    STATUS_MEANING,
    TONE,
    blame_text,
    plural,
    share,
    target_title,
)

FRONT_CAUSES = 8
"""Causes of one severity on the front page; the page of all causes has the rest."""
FRONT_NOTES = 40
WHY = 200
"""Characters of a reason by which cases are grouped."""
TITLE = 160
"""Characters of a cause's title in a list."""
UNCOMPARED = (CaseStatus.INCONCLUSIVE, CaseStatus.NOT_RUN)


def front(run: RunRecord, layout: Layout, standing: Sequence[Stand]) -> FrontPage:
    """The page that tells in ten seconds what was found."""
    found = unexpected(run.causes)
    tally = Counter(judged.status for judged in run.judged)
    tone, headline, sentence = verdict(run, tally, found)
    uncompared, more = not_compared(run)
    notes, notes_more = remarks(run.judged)
    return FrontPage(
        run=run.run,
        pair=run.pair,
        sides=(card(run, "reference"), card(run, "candidate")),
        tone=tone,
        headline=headline,
        sentence=sentence,
        same_code=tuple(one_code(run)),
        faults=tuple(fault_row(fault) for fault in run.faults),
        counts=counts(tally),
        groups=groups(run, layout, found, FRONT_CAUSES),
        known=len(run.causes) - len(found),
        gone=None if run.previous is None else len(run.previous - {c.fingerprint for c in run.causes}),
        stale=tuple(Note(s.expectation, s.why, 1) for s in run.stale),
        picture=picture(standing, layout.subjects),
        coverage=coverage(run),
        before=run.before.run if run.before else "",
        appeared=tuple(
            cause_row(run, layout, c, "")
            for c in found
            if run.before and c.fingerprint not in run.before.causes
        )[:FRONT_CAUSES],
        subjects=len(layout.subjects),
        not_compared=uncompared,
        not_compared_more=more,
        notes=notes,
        notes_more=notes_more,
        no_oracle=sum(1 for facts in run.subjects if not facts.oracle),
        facts=facts_of(run),
        timings=tuple(
            (t.target, f"{t.cases:,}", f"{t.cached:,}", f"{t.start:.1f}", f"{t.inside:.1f}", f"{t.total:.1f}")
            for t in run.timings
        ),
        left_out=left_out(layout),
    )


def coverage(run: RunRecord) -> tuple[Figure, ...]:
    """How much of the API this run looked at; symbols by the ledger, cases by the run itself."""
    out = []
    if run.surface is not None:
        s = run.surface
        out = [
            Figure(f"{s.shared:,}", "symbols on both sides", f"of {s.either:,} on either side"),
            Figure(
                f"{s.specs + s.aliases:,}",
                "of them performed",
                f"{s.specs:,} by a spec of their own, {s.aliases:,} as another name of one",
            ),
            Figure(
                f"{s.signatures:,}", "held to their signature only", "they exist, and take the same arguments"
            ),
            Figure(f"{s.out_of_scope:,}", "out of scope", "with a reason each"),
            Figure(f"{s.oracles:,}", "with an oracle", "so that a side can be blamed"),
        ]
    tried = sum(len(values) for facts in run.subjects for values in facts.exercised.values())
    parameters = sum(len(facts.exercised) for facts in run.subjects)
    out.append(
        Figure(
            f"{tried:,}",
            "parameter values tried",
            f"of {plural(parameters, 'parameter')} of {plural(len(run.subjects), 'subject')}",
        )
    )
    return tuple(out)


def verdict(run: RunRecord, tally: Mapping[CaseStatus, int], found: Sequence[Cause]) -> tuple[str, str, str]:
    """Tone, headline and one sentence. Nothing compared is never success."""
    compared = sum(n for status, n in tally.items() if status not in UNCOMPARED)
    if not all(isinstance(run.target(side), TargetInfo) for side in SIDES):
        missing = [run.target(side).id for side in SIDES if not isinstance(run.target(side), TargetInfo)]
        return "unsure", "Not compared", f"{' and '.join(missing)} could not be run, so nothing was compared."
    if compared == 0:
        return "unsure", "Inconclusive", "Not one case could be compared."
    agree = tally[CaseStatus.AGREE] + tally[CaseStatus.ROUNDING]
    cases = f"{agree:,} of {plural(compared, 'compared case')} agree ({share(agree, compared)})."
    if found:
        subjects = {subject for cause in found for subject in cause.subjects}
        headline = f"{plural(len(found), 'unexpected cause')} of divergence"
        touched = f"The worst: {found[0].severity}. {plural(len(subjects), 'subject')} touched."
        return "bad", headline, f"{touched} {cases}"
    if run.faults:
        return "unsure", "Nothing unexpected, but not everything was observed", cases
    known = f" {plural(len(run.causes), 'known cause')} in the baseline." if run.causes else ""
    return "good", "Nothing unexpected", cases + known


def card(run: RunRecord, side: Side) -> TargetCard:
    """One side of the pair."""
    target = run.target(side)
    if isinstance(target, TargetInfo):
        detail = f"{target.backend} · Python {target.python} · imported as {target.namespace}"
        return TargetCard(side, target.id, target_title(run, side), detail, True)
    fault = target.fault
    return TargetCard(side, target.id, target.id, "not run", False, fault.what, fault.fix)


def one_code(run: RunRecord) -> Iterable[str]:
    """What must be said first where both sides are the same code."""
    for same in run.same_code:
        yield (
            f"{same.reference} (reference) and {same.candidate} (candidate) are one code object under two "
            "names. Agreement between them says nothing about two implementations."
        )


def fault_row(fault: Fault) -> FaultRow:
    """A harness fault as a row."""
    return FaultRow(fault.target, fault.what, fault.evidence, fault.fix, fault.cases)


def counts(tally: Mapping[CaseStatus, int]) -> tuple[Count, ...]:
    """Cases by status."""
    total = sum(tally.values())
    return tuple(
        Count(str(s), tally.get(s, 0), share(tally.get(s, 0), total), TONE[s], STATUS_MEANING[s])
        for s in CaseStatus
    )


def groups(
    run: RunRecord, layout: Layout, causes: Sequence[Cause], limit: int | None, root: str = ""
) -> tuple[SeverityGroup, ...]:
    """Causes by severity, worst first; severities without a cause are left out."""
    out = []
    for severity in Severity:
        these = [c for c in causes if c.severity is severity]
        if these:
            shown = these if limit is None else these[:limit]
            out.append(
                SeverityGroup(
                    name=str(severity),
                    rank=severity.rank,
                    meaning=MEANING[severity],
                    causes=len(these),
                    cases=len({d.case.hash for c in these for d in c.divergences}),
                    rows=tuple(cause_row(run, layout, cause, root) for cause in shown),
                    more=len(these) - len(shown),
                )
            )
    return tuple(out)


def cause_row(run: RunRecord, layout: Layout, cause: Cause, root: str) -> CauseRow:
    """A cause in a list."""
    subjects = cause.subjects
    named = ", ".join(subjects[:2])
    return CauseRow(
        title=one_line(cause.title, TITLE),
        href=root + layout.causes[cause_key(cause)],
        kind=str(cause.kind),
        subjects=named if len(subjects) <= 2 else f"{named} and {len(subjects) - 2:,} more",
        cases=len(cause.divergences),
        blame=blame_text(run, cause.blame),
        verdict=str(cause.verdict),
        since_last_run=run.previous is not None and cause.fingerprint not in run.previous,
        since=dates.short(run.since[cause.fingerprint]) if cause.fingerprint in run.since else "",
        tokens=token(cause),
        family=" ".join(sorted({api_family(subject) for subject in subjects})),
    )


def causes_page(run: RunRecord, layout: Layout) -> CausesPage:
    """Every cause."""
    found = unexpected(run.causes)
    known = [c for c in worst_first(run.causes) if c.verdict not in UNEXPECTED]
    families = sorted({api_family(subject) for cause in run.causes for subject in cause.subjects})
    return CausesPage(
        filters(run, families, run.causes),
        len(run.causes),
        groups(run, layout, found, None),
        groups(run, layout, known, None),
    )


def not_compared(run: RunRecord, limit: int | None = FRONT_NOTES) -> tuple[tuple[Note, ...], int]:
    """What this run says nothing about, by reason, and how many reasons are not shown.

    Reasons the record counts already are not counted again from its cases.
    """
    counted = {(row.what.removeprefix("cases "), row.why[:WHY]) for row in run.not_compared}
    found: Counter[tuple[CaseStatus, str]] = Counter()
    for judged in run.judged:
        if judged.status in UNCOMPARED:
            found[(judged.status, (judged.notes[0] if judged.notes else outcomes(judged))[:WHY])] += 1
    rows = [Note(n.what, n.why, n.count) for n in run.not_compared]
    rows += [
        Note(f"cases {status}", why, count)
        for (status, why), count in found.most_common()
        if (str(status), why) not in counted
    ]
    shown = rows if limit is None else rows[:limit]
    return tuple(shown), len(rows) - len(shown)


def outcomes(judged: Judged) -> str:
    """Both sides' outcomes in a few words."""
    left = judged.reference or "not observed"
    right = judged.candidate or "not observed"
    return f"both {left}" if left == right else f"reference {left}, candidate {right}"


def remarks(judged: Iterable[Judged]) -> tuple[tuple[Note, ...], int]:
    """What was said of cases that were compared: steps passed over, rounding explained."""
    found = Counter(note for j in judged if j.status not in UNCOMPARED for note in j.notes)
    rows = [Note(note, "", count) for note, count in found.most_common(FRONT_NOTES)]
    return tuple(rows), max(0, len(found) - FRONT_NOTES)


def facts_of(run: RunRecord) -> tuple[tuple[str, str], ...]:
    """How to do this run again."""
    settings = [(f"--{name.replace('_', '-')}", brief(value)) for name, value in run.settings.items()]
    return (
        ("Pair", run.pair),
        ("Profile", run.profile),
        ("Seed", str(run.seed)),
        ("Started", run.started),
        ("Ended", run.ended),
        *settings,
    )


def left_out(layout: Layout) -> str:
    """Says aloud which divergences have no page of their own."""
    missing = layout.total - len(layout.divergences)
    if missing <= 0:
        return ""
    return (
        f"{len(layout.divergences):,} of {plural(layout.total, 'divergence')} have a page of their own: of "
        "each cause the first, the worst and a few more. The others are listed with their cause and "
        "subject, and divergences.json holds all of them."
    )


def environment(run: RunRecord) -> EnvironmentPage:
    """Both targets side by side: what differs first."""
    left, right = (run.target(side) for side in SIDES)

    def both(name: str) -> tuple[str, str]:
        return _fact(left, name), _fact(right, name)

    labels = {
        "Implementation": "implementation",
        "Version": "version",
        "Backend": "backend",
        "Python": "python",
        "Imported as": "namespace",
        "Fingerprint": "fingerprint",
    }
    return EnvironmentPage(
        sides=(card(run, "reference"), card(run, "candidate")),
        facts=tuple((label, *both(name)) for label, name in labels.items()),
        settings=_union(_flat(_mapping(left, "settings")), _flat(_mapping(right, "settings"))),
        packages=_union(_mapping(left, "packages"), _mapping(right, "packages")),
        identity=tuple(
            (target.id, name, ", ".join(names) or "nothing else")
            for target in (left, right)
            if isinstance(target, TargetInfo)
            for name, names in sorted(target.identity.items())
        ),
    )


def _fact(target: object, name: str) -> str:
    return str(getattr(target, name)) if isinstance(target, TargetInfo) else "not run"


def _mapping(target: object, name: str) -> Mapping[str, object]:
    return dict(getattr(target, name)) if isinstance(target, TargetInfo) else {}


def _flat(settings: Mapping[str, object]) -> dict[str, object]:
    """Nested settings on one level."""
    out: dict[str, object] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            out |= {f"{name} {inner}": v for inner, v in value.items()}
        else:
            out[name] = value
    return out


def _union(left: Mapping[str, object], right: Mapping[str, object]) -> tuple[tuple[str, str, str], ...]:
    """Rows of both mappings: those that differ first, each part by name."""
    rows = [
        (name, brief(left[name]) if name in left else "–", brief(right[name]) if name in right else "–")
        for name in sorted({*left, *right}, key=lambda n: (n.lower(), n))
    ]
    return tuple(sorted(rows, key=lambda row: row[1] == row[2]))
