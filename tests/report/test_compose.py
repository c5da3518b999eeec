"""What the pages say, before any HTML."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from harness.model import Blame, CaseStatus, Fault, Judged, Outcome, Severity, Size, Verdict
from harness.report.agreement import stands
from harness.report.compose import FRONT_CAUSES, FRONT_NOTES, environment, front, not_compared, outcomes
from harness.report.compose_details import DIFFERENCES, LISTED, cause_page, divergence_page, facts_by_subject
from harness.report.layout import lay_out
from harness.report.records import NotCompared, RunRecord, worst_first
from harness.report.wording import MEANING, STATUS_MEANING, TONE, blame_sentence, blame_text, plural, share

from .records_of_a_run import aliased_record, case, run_record, unavailable_record


def _front(run: RunRecord) -> Any:
    layout = lay_out(run)
    return front(run, layout, stands(run, tuple(layout.subjects)))


@pytest.mark.parametrize(
    ("part", "total", "text"),
    [
        (0, 10, "0%"),
        (10, 10, "100%"),
        (1, 3, "33.3%"),
        (9999, 10000, ">99.9%"),
        (1, 10000, "<0.1%"),
        (99_999_999, 100_000_000, ">99.9%"),
        (0, 0, "–"),
    ],
)
def test_a_share_is_whole_only_when_it_is(part: int, total: int, text: str) -> None:
    """0 % and 100 % are said only when they are exactly so."""
    assert share(part, total) == text


def test_plurals() -> None:
    """One case, many cases, thousands with a comma."""
    assert (plural(1, "case"), plural(1204, "case"), plural(2, "loss", "losses")) == (
        "1 case",
        "1,204 cases",
        "2 losses",
    )


def test_every_word_of_the_model_has_a_meaning() -> None:
    """Each severity and status is explained."""
    assert set(MEANING) == set(Severity)
    assert set(STATUS_MEANING) == set(TONE) == set(CaseStatus)


def test_the_headline_counts_unexpected_causes_only() -> None:
    """Known causes are not in the headline; the worst severity is."""
    run = run_record(hostile=False)
    page = _front(run)
    assert (page.tone, page.headline) == ("bad", "5 unexpected causes of divergence")
    assert "The worst: silent different numbers." in page.sentence
    assert page.known == 1


def test_a_run_without_unexpected_divergences_is_good() -> None:
    """Nothing unexpected is good; it says how many causes are known."""
    run = run_record(hostile=False)
    known = [replace(c, verdict=Verdict.EXPECTED) for c in run.causes]
    page = _front(replace(run, causes=known))
    assert (page.tone, page.headline) == ("good", "Nothing unexpected")
    assert "6 known causes in the baseline." in page.sentence
    assert page.groups == ()


def test_a_fault_keeps_a_run_from_being_good() -> None:
    """With a harness fault nothing unexpected is not a clean bill."""
    run = replace(aliased_record(), faults=(Fault("t", "broke"),))
    assert _front(run).tone == "unsure"


def test_nothing_compared_is_inconclusive() -> None:
    """A run in which not one case was compared is not a success."""
    for status in (CaseStatus.INCONCLUSIVE, CaseStatus.NOT_RUN):
        run = replace(aliased_record(), judged=(Judged(case("Dense", 1), status, None, None),))
        page = _front(run)
        assert (page.tone, page.headline) == ("unsure", "Inconclusive")
    assert _front(replace(aliased_record(), judged=())).headline == "Inconclusive"
    assert _front(unavailable_record()).headline == "Not compared"


def test_causes_are_worst_first() -> None:
    """By severity; within one by how many subjects they touch."""
    causes = worst_first(run_record().causes)
    keys = [(c.severity.rank, -len(c.subjects)) for c in causes]
    assert keys == sorted(keys)


def test_the_front_page_says_how_many_causes_it_left_out() -> None:
    """Of each severity the first few are listed, the number of the others is given."""
    run = run_record(hostile=False)
    first = run.causes[0]
    many = [replace(first, fingerprint=f"{n:08x}", title=f"cause {n}") for n in range(FRONT_CAUSES + 3)]
    group = _front(replace(run, causes=many)).groups[0]
    assert (len(group.rows), group.more, group.causes) == (FRONT_CAUSES, 3, FRONT_CAUSES + 3)


def test_causes_are_compared_with_the_run_before() -> None:
    """A new cause is marked, one that is gone is counted; without a run before neither."""
    run = run_record(hostile=False)
    page = _front(run)
    assert {row.since_last_run for group in page.groups for row in group.rows} == {True, False}
    assert page.gone == 1
    page = _front(replace(run, previous=None))
    assert {row.since_last_run for group in page.groups for row in group.rows} == {False}
    assert page.gone is None


def test_what_was_not_compared_is_grouped_by_reason() -> None:
    """Cases that were not compared are counted by their reason; without one by their outcomes."""
    judged = [
        Judged(case("Dense", 1), CaseStatus.NOT_RUN, None, None),
        Judged(case("Dense", 2), CaseStatus.INCONCLUSIVE, Outcome.UNSUPPORTED, Outcome.RETURNED),
        Judged(
            case("Dense", 3), CaseStatus.INCONCLUSIVE, Outcome.RETURNED, Outcome.RETURNED, (), ("random",)
        ),
        Judged(
            case("Dense", 4), CaseStatus.INCONCLUSIVE, Outcome.RETURNED, Outcome.RETURNED, (), ("random",)
        ),
    ]
    rows, more = not_compared(replace(aliased_record(), judged=judged))
    assert [(row.what, row.why, row.count) for row in rows] == [
        ("cases inconclusive", "random", 2),
        ("cases not run", "both not observed", 1),
        ("cases inconclusive", "reference unsupported, candidate returned", 1),
    ]
    assert more == 0
    assert outcomes(judged[2]) == "both returned"


def test_a_reason_is_not_counted_twice() -> None:
    """What the record says was not compared is not found again in its cases."""
    judged = (Judged(case("Dense", 1), CaseStatus.INCONCLUSIVE, None, None, (), ("random",)),)
    run = replace(aliased_record(), judged=judged, not_compared=(NotCompared("inconclusive", "random"),))
    assert [row.what for row in not_compared(run)[0]] == ["inconclusive"]


def test_reasons_that_are_not_shown_are_counted() -> None:
    """A long list is cut aloud, and whole where it is asked for."""
    run = replace(
        aliased_record(), not_compared=[NotCompared(f"w{n}", "why") for n in range(FRONT_NOTES + 5)]
    )
    rows, more = not_compared(run)
    assert (len(rows), more) == (FRONT_NOTES, 5)
    assert len(not_compared(run, limit=None)[0]) == FRONT_NOTES + 5


def test_subjects_without_a_case_are_on_the_map() -> None:
    """A subject whose cases were all left out still has its tile and its page."""
    run = replace(run_record(hostile=False), judged=(), causes=())
    page = _front(run)
    assert page.subjects == len(run.subjects)
    assert {tile.letter for block in page.picture.blocks for tile in block.tiles} == {"–"}


def test_blame_is_told_by_the_targets_names() -> None:
    """The reader sees which target departs, not which side."""
    run = run_record(hostile=False)
    assert [blame_text(run, blame) for blame in Blame] == [
        "keras-3.15.1-tensorflow",
        "tf.keras-2.21",
        "both",
        "neither",
        "not known",
    ]
    assert len({blame_sentence(run, blame) for blame in Blame}) == 5


def test_a_cause_says_how_many_it_does_not_list() -> None:
    """The list of a cause's other divergences is cut aloud."""
    run = run_record(hostile=False)
    first = run.causes[0]
    many = tuple(replace(first.divergences[0], id=f"{n:012x}") for n in range(LISTED + 4))
    run = replace(run, causes=[replace(first, divergences=many)], judged=())
    page = cause_page(run, lay_out(run), run.causes[0])
    assert (len(page.listed), page.more, page.cases) == (LISTED, 3, LISTED + 4)


def test_a_divergence_says_how_many_differences_it_does_not_show() -> None:
    """Differences beyond the first dozen are counted."""
    run = run_record(hostile=False)
    first = run.causes[0].divergences[0]
    wide = replace(first, differences=first.differences * 10)
    page = divergence_page(run, lay_out(run), wide, None)
    assert (len(page.differences), page.more) == (DIFFERENCES, len(wide.differences) - DIFFERENCES)
    assert page.cause.href == ""


@pytest.mark.parametrize(("band", "said"), [(None, "not measured"), (0.0, "0"), (1e-6, "1e-06")])
def test_a_band_of_zero_is_told_from_none(band: float | None, said: str) -> None:
    """No reruns are told from reruns that changed nothing; other lines stand only where there is a figure."""
    run = run_record(hostile=False)
    first = run.causes[0].divergences[0]
    size = Size(1.0, 0.5, 3.0, 4, 2, 0.1, band=band)
    bare = replace(first, differences=(replace(first.differences[0], size=size),))
    sizes = divergence_page(run, lay_out(run), bare, None).differences[0].sizes
    assert sizes[-1][:2] == ("Band of rounding", said)
    assert len(sizes) == 6


def test_a_divergence_of_a_graph_says_where_the_sides_part() -> None:
    """The node that was found is handed to the page of the divergence and to that of its cause."""
    run = run_record(hostile=False)
    first = replace(run.causes[0].divergences[0], origin="dense_1")
    assert divergence_page(run, lay_out(run), first, None).origin == "dense_1"
    run = replace(run, causes=[replace(run.causes[0], divergences=(first,))], judged=())
    assert cause_page(run, lay_out(run), run.causes[0]).example.origin == "dense_1"


def test_without_a_run_before_a_cause_says_nothing_of_it() -> None:
    """New or old is said only where there was a run before."""
    run = run_record(hostile=False)
    layout = lay_out(run)
    said = {cause_page(r, layout, run.causes[1]).since_last_run for r in (run, replace(run, previous=None))}
    assert said == {"not in the run before", ""}


def test_a_divergence_without_a_cause_is_not_lost() -> None:
    """What a case diverged in is in the run's divergences also where no cause holds it."""
    run = replace(run_record(hostile=False), causes=())
    assert len(list(run.divergences())) == 144


def test_a_target_that_did_not_run_has_no_program_but_a_reason() -> None:
    """For a side that was not run the reason stands where its program would."""
    run = run_record(hostile=False)
    run = replace(run, candidate=unavailable_record().candidate)
    page = divergence_page(run, lay_out(run), run.causes[0].divergences[0], run.causes[0])
    assert [bool(program.text) for program in page.programs] == [True, False]
    assert page.programs[1].why_none == "The target was not run."


def test_a_case_without_a_program_says_why() -> None:
    """Where a case has no short form the page gives the reason."""
    run = run_record(hostile=False)
    first = run.causes[0].divergences[0]
    made = replace(first, case=replace(first.case, subject="callbacks.X", script="callback"))
    run = replace(run, causes=[replace(run.causes[0], divergences=(made,))], judged=())
    page = divergence_page(run, lay_out(run), made, run.causes[0])
    assert all("no short form" in program.why_none for program in page.programs)


def test_environments_show_what_differs_first() -> None:
    """Settings and packages of both sides stand side by side, the different ones first."""
    page = environment(run_record())
    assert page.packages[0] == ("tf-keras", "–", "2.21.0")
    assert [left == right for _, left, right in page.packages] == [False, True, True, True, True]
    assert page.settings[0] == ("environment TF_USE_LEGACY_KERAS", "–", "1")
    assert ("tf.keras-2.21", "tensorflow.keras", "tf_keras") in page.identity
    assert ("Version", "3.15.1", "not run") in environment(unavailable_record()).facts


def test_a_subject_only_seen_in_a_case_has_a_page() -> None:
    """Without facts a subject is known by its name and family."""
    run = aliased_record()
    assert facts_by_subject(run, lay_out(run))["layers.Dense"].family == "layers"


def test_a_reviewed_cause_says_why_it_is_known() -> None:
    """The reason of the baseline and its source are on the page of the cause, and on no other."""
    run = run_record()
    known, *others = run.causes
    told = replace(run, reasons={known.fingerprint: ("Known for <b>years</b>.", "https://keras.io/x")})
    layout = lay_out(told)
    assert cause_page(told, layout, known).known == ("Known for <b>years</b>.", "https://keras.io/x")
    assert {cause_page(told, layout, other).known for other in others} == {None}
