"""The front page of a night, its summary and its JUnit file."""

from __future__ import annotations

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import html5lib
import pytest

from harness.model import CaseStatus, Fault
from harness.nightly import matrix, pages
from harness.nightly.figures import Figures, History
from tests.report.records_of_a_run import HOSTILE

GOOD = Figures(
    "modern", "run", "keras-3", "tf.keras-2", {"keras-3": "3.15.1"},
    cases={str(CaseStatus.AGREE): 990, str(CaseStatus.ROUNDING): 10, str(CaseStatus.NOT_RUN): 0},
    causes=3, unexpected=0, new=0, gone=1,
)  # fmt: skip
BAD = replace(GOOD, pair="jax", unexpected=4, new=2, gone=None)
LOST = replace(
    GOOD, pair="lost", not_run={"tf.keras-2": "no such Python"}, causes=None, unexpected=None, new=None
)
FAULT = Fault("keras-3", "it would not start", "a trace", "Run it again.", 7)


MATRIX = matrix.Figures(
    "run", 28_318, 50, 50, changes=1200, new=3, unsure=7,
    releases=(
        matrix.Release("keras", "keras-nightly-tensorflow", "3.16.0.dev1", 4, 1, 3),
        matrix.Release("tf.keras", "tf.keras-newest", "2.21.0", 0, 2, None),
    ),
)  # fmt: skip
GAPPED = replace(MATRIX, observed=49, not_run={"keras-2.3.1-cntk": "no such Python"})


def night(*figures: Figures, **more: Any) -> pages.Night:
    """A night of these pairs."""
    fields: dict[str, Any] = {"faults": (), "issues": (), "reached": (), "about": {}} | more
    return pages.Night("2026-01-02", figures, **fields)


def history(*figures: Figures, nights: int = 1) -> History:
    """A history in which every night was like this."""
    return History(
        [
            {"night": f"night {place:02}", "pairs": {f.pair: asdict(f) for f in figures}}
            for place in range(nights)
        ]
    )


@pytest.mark.parametrize(
    ("made", "tone", "words"),
    [
        (night(GOOD), "good", "Nothing unexpected"),
        (night(GOOD, reached=("Not all.",)), "unsure", "Nothing unexpected in what was reached"),
        (night(replace(GOOD, stale=1)), "bad", "Expectations that match nothing any more"),
        (night(GOOD, BAD), "bad", "4 unexpected causes, 2 of them new"),
        (night(BAD, faults=(FAULT,)), "bad", "Not everything was observed"),
        (night(GOOD, LOST, faults=(FAULT,)), "bad", "1 of 2 pairs not run"),
        (night(GOOD, matrix=MATRIX), "good", "Nothing unexpected"),
        (night(GOOD, matrix=GAPPED, faults=(FAULT,)), "bad", "1 of 50 targets not run"),
    ],
)
def test_the_worst_makes_the_headline(made: pages.Night, tone: str, words: str) -> None:
    """What was not run comes before harness faults, those before what is unexpected, and so on."""
    assert pages.headline_of(made) == (tone, words)


@pytest.mark.parametrize(
    ("figures", "verdict", "tone"),
    [
        (GOOD, "as expected", "good"),
        (BAD, "unexpected", "bad"),
        (replace(GOOD, stale=2), "unexpected", "bad"),
        (replace(GOOD, faults=1), "incomplete", "unsure"),
        (replace(GOOD, cases={}), "nothing compared", "unsure"),
        (LOST, "not run", "bad"),
    ],
)
def test_a_pair_in_two_words(figures: Figures, verdict: str, tone: str) -> None:
    """Nothing compared is never as expected."""
    assert pages.verdict_of(figures) == (verdict, tone)


def test_what_was_not_run_is_never_zero() -> None:
    """A pair that was not run has words where others have figures; a figure that is not known is a dash."""
    row = pages.pair_row(LOST)
    assert (row.causes, row.unexpected, row.new, row.gone) == ("not run",) * 4
    assert row.notes == ("tf.keras-2 was not run: no such Python",)
    assert row.candidate == "tf.keras-2 (not run)"
    assert pages.pair_row(BAD).gone == "–"


def test_a_pair_has_its_cases_by_how_they_ended() -> None:
    """Those that did not occur are left out; versions stand beside their targets where they are known."""
    row = pages.pair_row(replace(GOOD, stale=2))
    assert [(status, number) for status, number, _ in row.cases] == [
        ("agree", "990"),
        ("agree within rounding", "10"),
    ]
    assert (row.reference, row.candidate) == ("keras-3 (3.15.1)", "tf.keras-2")
    assert row.notes == ("2 stale expectations",)


def test_a_trend_is_the_last_nights_newest_first() -> None:
    """Bars are held against the worst night shown; a night not run has none."""
    past = history(BAD, LOST, nights=pages.NIGHTS + 5)
    past.nights[-1]["pairs"]["jax"] |= {"unexpected": 1}
    rows = pages.trend(past, "jax")
    assert [row.night for row in rows] == [f"night {n:02}" for n in range(pages.NIGHTS + 4, 4, -1)]
    assert [row.width for row in rows[:2]] == [5, 20]
    assert rows[0].agree == "100%"
    lost = pages.trend(past, "lost")[0]
    assert (lost.compared, lost.agree, lost.unexpected, lost.new) == ("not run",) * 4
    assert lost.width == 0
    assert pages.trend(past, "unknown") == ()


def test_long_lists_are_cut_and_counted() -> None:
    """The folder has all issue texts."""
    many = tuple((f"issues/{n}.md", f"title {n}") for n in range(pages.LISTED + 2))
    page = pages.page(night(GOOD, issues=many, about={"machine": "two cores", "empty": ""}), history(GOOD))
    assert len(page.issues) == pages.LISTED
    assert page.more_issues == 2
    assert page.facts == (("machine", "two cores"),)
    assert "- and 2 more" in list(pages.summary(page))


def test_the_front_page_is_proper_html_whatever_is_said(tmp_path: Path) -> None:
    """A strict reader takes it, and nothing that a target said is markup."""
    for text in HOSTILE[:6]:
        hostile = replace(LOST, not_run={"tf.keras-2": text}, versions={"keras-3": text})
        made = night(
            BAD, hostile, faults=(replace(FAULT, what=text, fix=text),), issues=(("issues/a.md", text),),
            reached=(text,), about={"machine": text},
            matrix=replace(
                MATRIX, not_run={text: text}, releases=(matrix.Release(text, text, text, 1, 1, None),)
            ),
        )  # fmt: skip
        pages.write_index(pages.page(made, history(BAD, hostile)), tmp_path / "index.html")
        html = (tmp_path / "index.html").read_text("utf-8")
        html5lib.HTMLParser(strict=True).parse(html)
        assert "<script>window" not in html
        assert "<img" not in html
        assert "\x1b" not in html


def test_the_matrix_is_told_with_its_newest_releases_and_its_gaps(tmp_path: Path) -> None:
    """How many columns there are, what came out last changed, what is new, what was not run and why."""
    page = pages.page(night(GOOD, matrix=GAPPED, faults=(FAULT,)), history(GOOD))
    assert page.matrix is not None
    assert page.matrix.sentence == (
        "28,318 cases over 49 of 50 targets: 1,200 changes between releases, 3 of them on no night before. "
        "In 7 cases nothing decides whether it is rounding."
    )
    assert list(page.matrix.sentences) == [
        "keras 3.16.0.dev1 (keras-nightly-tensorflow): 4 causes appeared, 1 went, "
        "3 of these on no night before",
        "tf.keras 2.21.0 (tf.keras-newest): 0 causes appeared, 2 went",
        "keras-2.3.1-cntk was not run: no such Python",
    ]
    said = "\n".join(pages.summary(page))
    assert "Matrix: 28,318 cases over 49 of 50 targets" in said
    assert "- keras-2.3.1-cntk was not run" in said
    pages.write_index(page, tmp_path / "index.html")
    html = (tmp_path / "index.html").read_text("utf-8")
    assert '<a href="matrix/index.html">' in html
    assert "<td>2.21.0</td><td>0</td><td>2</td><td>–</td>" in html
    html5lib.HTMLParser(strict=True).parse(html)
    without = pages.page(night(GOOD, matrix=replace(MATRIX, releases=(), new=None, unsure=0)), history(GOOD))
    pages.write_index(without, tmp_path / "index.html")
    html = (tmp_path / "index.html").read_text("utf-8")
    assert "1,200 changes between releases." in html
    assert "newest releases" not in html
    html5lib.HTMLParser(strict=True).parse(html)


def test_the_summary_tells_all_sections() -> None:
    """A row a pair, its cases and notes, harness faults, and new causes."""
    made = night(GOOD, LOST, faults=(FAULT,), issues=(("issues/a.md", "a title"),), reached=("Not all.",))
    said = "\n".join(pages.summary(pages.page(made, history(GOOD, LOST))))
    assert "> Not all" in said
    assert "| modern | keras-3 (3.15.1) | tf.keras-2 | as expected | 3 | 0 | 0 | 1 |" in said
    assert "- modern: 990 agree, 10 agree within rounding" in said
    assert "  - tf.keras-2 was not run&#58; no such Python" in said
    assert "Harness faults:" in said
    assert "- keras-3: it would not start. Run it again." in said
    assert "New causes:" in said
    plain = "\n".join(pages.summary(pages.page(night(GOOD), history(GOOD))))
    assert "Harness faults" not in plain
    assert "New causes" not in plain


def test_junit_files_are_joined(tmp_path: Path) -> None:
    """Totals are sums, and faults of no pair are errors of their own."""
    one = tmp_path / "one.xml"
    one.write_text('<testsuites tests="3" failures="1" skipped="1"><testsuite name="a"/></testsuites>')
    pages.join_junit([one, one], [replace(FAULT, what="bad \x1b character")], tmp_path / "all.xml")
    root = ElementTree.parse(tmp_path / "all.xml").getroot()
    assert [root.get(n) for n in ("tests", "failures", "skipped", "errors")] == ["7", "2", "2", "1"]
    assert [suite.get("name") for suite in root] == ["a", "a", "nightly.harness"]
    error = root.find(".//error")
    assert error is not None
    assert error.text == "a trace\nRun it again."
    pages.join_junit([one], [], tmp_path / "none.xml")
    assert len(ElementTree.parse(tmp_path / "none.xml").getroot()) == 1
