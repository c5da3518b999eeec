"""From the run's record to page records: causes, divergences, subjects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from harness.classify.divergences import example_of
from harness.model import (
    CaseStatus,
    Cause,
    Difference,
    Divergence,
    Judged,
    Kind,
    TargetInfo,
    canonical,
)
from harness.report.agreement import api_family
from harness.report.aligning import aligned
from harness.report.compose import TITLE, cause_row, counts, outcomes
from harness.report.entry import entry
from harness.report.finding import Finding, finding_of, releases
from harness.report.layout import Layout, cause_key
from harness.report.literals import NotWritable
from harness.report.page_parts import Link
from harness.report.pages_details import (
    Aligned,
    CaseLink,
    CaseRow,
    CausePage,
    DifferenceView,
    DivergencePage,
    Program,
    ProgramRun,
    SidedText,
    SubjectPage,
)
from harness.report.plots import plots
from harness.report.programs import program
from harness.report.records import SIDES, RunRecord, Side, SubjectFacts, worst_first
from harness.report.untrusted import one_line
from harness.report.values import brief, number, split_change, whole, worst_elements
from harness.report.wording import MEANING, TONE, blame_sentence, parameters_text

ROOT = "../"
DIFFERENCES = 12
"""Differences of one divergence laid out on its page."""
LISTED = 500
"""Divergences listed on a cause's page."""
IN_A_LIST = 400
"""Characters of a text in that list; the divergence's own page has it in full."""
NUMERIC = (Kind.VALUE, Kind.PRECISION, Kind.SPECIAL, Kind.DISTRIBUTION)


def cause_page(
    run: RunRecord,
    layout: Layout,
    cause: Cause,
    *,
    before: Cause | None = None,
    after: Cause | None = None,
) -> CausePage:
    """One cause, with its first divergence in full. before, after: its neighbours, worst first."""
    example = example_of(cause.divergences)
    rest = [d for d in cause.divergences if d is not example]
    finding = finding_of(run, cause)
    common, varied = shared_parameters(cause)
    return CausePage(
        title=cause.title,
        severity=str(cause.severity),
        rank=cause.severity.rank,
        meaning=MEANING[cause.severity],
        kind=str(cause.kind),
        verdict=str(cause.verdict),
        blame=blame_sentence(run, cause.blame),
        blame_evidence=cause.blame_evidence,
        fingerprint=cause.fingerprint,
        since_last_run=_since(run, cause),
        before=_neighbour(layout, before),
        after=_neighbour(layout, after),
        families=tuple(
            (family, tuple(Link(s, ROOT + layout.subjects[s]) for s in members))
            for family, members in groupby(sorted(cause.subjects, key=api_family), key=api_family)
        ),
        subjects=len(cause.subjects),
        cases=len(cause.divergences),
        common=common,
        varied=varied,
        minimal=finding.minimal or None,
        trigger=None if finding.trigger is None else tuple((k, brief(v)) for k, v in finding.trigger.items()),
        attributions=tuple(finding.attributions),
        known=run.reasons.get(cause.fingerprint),
        since=finding.since or None,
        program=_program_run(run, finding),
        issue=finding.issue or None,
        expectation=entry(cause),
        aligned=_whole_step(run, example),
        example=divergence_page(run, layout, example, cause),
        listed=tuple(_case_link(layout, d) for d in rest[:LISTED]),
        more=max(0, len(rest) - LISTED),
        releases=releases(run, cause),
    )


def _neighbour(layout: Layout, cause: Cause | None) -> Link | None:
    return Link(one_line(cause.title, TITLE), ROOT + layout.causes[cause_key(cause)]) if cause else None


def _program_run(run: RunRecord, finding: Finding) -> ProgramRun | None:
    made = finding.program
    if made is None:
        return None
    sides = zip((run.reference.id, run.candidate.id), made.outputs, strict=True)
    return ProgramRun(made.text, tuple(sides), made.reproduces, made.standing)


def _whole_step(run: RunRecord, divergence: Divergence) -> Aligned | None:
    values = run.steps.get(divergence.id)
    return aligned(*values, divergence.differences[0].step) if values else None


def shared_parameters(cause: Cause) -> tuple[tuple[tuple[str, str], ...], tuple[str, ...]]:
    """Parameters with one value in every case of a cause, with the value; names of those that vary."""
    cases = [d.case.parameters for d in cause.divergences]
    names = {name: None for parameters in cases for name in parameters}
    common, varied = [], []
    for name in names:
        values = {canonical(p[name]) if name in p else None for p in cases}
        if len(values) == 1 and len(cases) > 1:
            common.append((name, brief(cases[0][name])))
        elif len(values) > 1:
            varied.append(name)
    return tuple(common), tuple(sorted(varied))


def _since(run: RunRecord, cause: Cause) -> str:
    if run.previous is None:
        return ""
    return "also in the run before" if cause.fingerprint in run.previous else "not in the run before"


def _case_link(layout: Layout, divergence: Divergence) -> CaseLink:
    href = layout.divergences.get(divergence.id, "")
    return CaseLink(
        address=one_line(parameters_text(divergence.case), IN_A_LIST),
        href=ROOT + href if href else "",
        summary=one_line(divergence.summary, IN_A_LIST),
        subject=Link(divergence.subject, ROOT + layout.subjects[divergence.subject]),
    )


def divergence_page(
    run: RunRecord, layout: Layout, divergence: Divergence, cause: Cause | None
) -> DivergencePage:
    """Everything known of one divergence."""
    case = divergence.case
    left, right = run.reference.id, run.candidate.id
    return DivergencePage(
        id=divergence.id,
        title=divergence.summary,
        subject=Link(divergence.subject, ROOT + layout.subjects[divergence.subject]),
        cause=Link(cause.title, ROOT + layout.causes[cause_key(cause)]) if cause else Link("none"),
        address=case.address,
        severity=str(divergence.severity),
        rank=divergence.severity.rank,
        kind=str(divergence.kind),
        verdict=str(divergence.verdict),
        expectation=divergence.expectation,
        blame=blame_sentence(run, divergence.blame),
        blame_evidence=divergence.blame_evidence,
        fingerprint=divergence.fingerprint,
        origin=divergence.origin,
        parameters=tuple((name, brief(value)) for name, value in case.parameters.items()),
        feed=brief(case.feed, 1000),
        seed=case.seed,
        reference=left,
        candidate=right,
        differences=tuple(difference_view(d, left, right) for d in divergence.differences[:DIFFERENCES]),
        more=max(0, len(divergence.differences) - DIFFERENCES),
        programs=tuple(programs(run, layout, divergence)),
    )


def difference_view(difference: Difference, reference: str, candidate: str) -> DifferenceView:
    """One difference with both values, its size, and the elements farthest apart."""
    left, right = split_change(whole(difference.reference), whole(difference.candidate))
    return DifferenceView(
        where=difference.where,
        kind=str(difference.kind),
        values=SidedText(left, right),
        note=difference.note,
        sizes=tuple(_sizes(difference, reference, candidate)),
        elements=worst_elements(difference.reference, difference.candidate),
        plots=plots(difference.reference, difference.candidate, difference.size),
    )


def _sizes(difference: Difference, reference: str, candidate: str) -> Iterator[tuple[str, str, str]]:
    size = difference.size
    if size is None:
        return
    yield "Elements that differ", f"{size.differing:,} of {size.elements:,}", ""
    yield "Largest absolute difference", number(size.max_abs), ""
    yield "Largest relative difference", number(size.max_rel), ""
    yield "In units in the last place", number(size.max_ulp), "of the coarser of the two dtypes"
    yield "Smallest tolerance that passes", number(size.tolerance), "relative to the largest value"
    if size.band is None:
        yield "Band of rounding", "not measured", "there were no reruns to hold it against"
    elif size.band == 0.0:
        yield "Band of rounding", "0", "the reruns changed nothing"
    else:
        yield "Band of rounding", number(size.band), "what one unit in the last place of the inputs changes"
    if size.shadow is not None:
        yield "Difference in float64", number(size.shadow), "the same case again; near 0 would mean rounding"
    if size.reference_error is not None:
        yield f"Error of {reference}", number(size.reference_error), "absolute distance from the oracle"
    if size.candidate_error is not None:
        yield f"Error of {candidate}", number(size.candidate_error), "absolute distance from the oracle"


def program_file(page: str, side: Side) -> str:
    """The file of a divergence's program for one side, from the file of its page."""
    return page.replace("divergences/", "repro/", 1).removesuffix(".html") + f"-{side}.py"


def programs(run: RunRecord, layout: Layout, divergence: Divergence) -> Iterator[Program]:
    """The case as a program for each side, or the reason why there is none."""
    step = divergence.differences[0].step if divergence.differences else ""
    for side in SIDES:
        target = run.target(side)
        page = layout.divergences.get(divergence.id, "")
        if not isinstance(target, TargetInfo):
            yield Program(target.id, "", "", "The target was not run.")
            continue
        try:
            text = program(divergence.case, target, step=step, comment=divergence.summary)
        except NotWritable as reason:
            yield Program(target.id, "", "", str(reason))
            continue
        yield Program(target.id, ROOT + program_file(page, side) if page else "", text)


def subject_page(
    run: RunRecord, layout: Layout, facts: SubjectFacts, cases: Sequence[Judged], causes: Sequence[Cause]
) -> SubjectPage:
    """One subject with every case."""
    tally = Counter(judged.status for judged in cases)
    rows = [(judged.status, case_row(layout, judged)) for judged in cases]
    calm = (CaseStatus.AGREE, CaseStatus.ROUNDING)
    order = list(TONE)
    loud = sorted((row for row in rows if row[0] not in calm), key=lambda row: -_weight(row[0], order))
    linked = facts.source.startswith("https://")
    return SubjectPage(
        subject=facts.subject,
        family=facts.family,
        source=Link(facts.source, facts.source if linked else ""),
        oracle=facts.oracle,
        no_oracle=facts.no_oracle,
        aliases=tuple(facts.aliases),
        counts=counts(tally),
        exercised=tuple((name, tuple(values)) for name, values in facts.exercised.items()),
        causes=tuple(cause_row(run, layout, cause, ROOT) for cause in worst_first(causes)),
        cases=tuple(row for _, row in loud),
        agreeing=tuple(row for status, row in rows if status in calm),
    )


def _weight(status: CaseStatus, order: Sequence[CaseStatus]) -> int:
    """Diverging cases first, then those that were not compared."""
    return len(order) if status is CaseStatus.DIVERGE else order.index(status)


def case_row(layout: Layout, judged: Judged) -> CaseRow:
    """One case of a subject."""
    links = []
    for divergence in judged.divergences:
        href = layout.divergences.get(divergence.id) or layout.cause_of.get(divergence.id, "")
        links.append(Link(divergence.summary, ROOT + href if href else ""))
    return CaseRow(
        label=parameters_text(judged.case),
        status=str(judged.status),
        tone=TONE[judged.status],
        outcomes=outcomes(judged),
        divergences=tuple(links),
        notes=judged.notes,
    )


def facts_by_subject(run: RunRecord, layout: Layout) -> Mapping[str, SubjectFacts]:
    """Facts of every subject that has a page; a subject only seen in a case has none but its name."""
    known = {facts.subject: facts for facts in run.subjects}
    return {s: known.get(s) or SubjectFacts(s, s.split(".", 1)[0]) for s in layout.subjects}
