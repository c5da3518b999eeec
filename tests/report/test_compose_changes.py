"""Runs compared, and what is kept of a run for it."""

from __future__ import annotations

import json
from dataclasses import replace

from harness.report.compose_changes import changes_page
from harness.report.compose_reading import glossary, reading_page
from harness.report.layout import lay_out
from harness.report.past import before, before_of, kept

from .records_of_a_run import run_record


def test_without_an_earlier_run_there_is_nothing_to_compare() -> None:
    """The page says that there is none."""
    run = run_record(hostile=False)
    assert changes_page(run, lay_out(run)).before == ""


def test_a_run_held_against_itself_shows_no_change() -> None:
    """The same record, through what the store keeps of it, has nothing new, gone or changed."""
    run = run_record()
    earlier = before(run.run, run.started, json.loads(json.dumps(kept(run))))
    assert earlier == before_of(run)
    page = changes_page(replace(run, before=earlier), lay_out(run))
    assert (page.appeared, page.gone, page.changed, page.subjects) == ((), (), (), ())
    assert page.same == len(run.causes)


def test_what_appeared_went_and_changed_is_told() -> None:
    """One cause is new, one is gone, one touches fewer cases; subjects that got worse come first."""
    now = run_record(hostile=False)
    first, second, third = now.causes[:3]
    then = replace(
        now,
        run="earlier",
        causes=[
            replace(second, divergences=second.divergences[:1]),
            third,
            replace(first, fingerprint="gone", title="what is gone"),
            *now.causes[3:],
        ],
        judged=[replace(j, divergences=()) for j in now.judged],
    )
    page = changes_page(replace(now, before=before_of(then)), lay_out(now))
    assert [c.cause.text for c in page.appeared] == [first.title]
    assert page.appeared[0].cause.href.startswith("causes/")
    assert [(c.cause.text, c.cause.href) for c in page.gone] == [("what is gone", "")]
    assert [c.said for c in page.changed] == [
        f"cases: 1 → {len(second.divergences)}; subjects: 1 → {len(second.subjects)}"
    ]
    assert all(s.then_letter != s.now_letter for s in page.subjects)


def test_the_glossary_is_that_of_the_model() -> None:
    """Every word of the model's table is explained, long meanings in one piece."""
    words = {w.word: w.meaning for w in reading_page().words}
    assert words["cause"] == "a cluster of divergences with one root: one or many fingerprints"
    assert words["pair"].startswith("two targets compared: *reference* and *candidate*")
    assert words["target"].endswith("such as `keras-3.15.1-tensorflow`")
    assert "baseline" in words
    assert glossary("no table") == ()
