"""What a person sees in a terminal, or in a log."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from harness.environments import PairRow, State, TargetRow
from harness.model import CaseStatus, Fault
from harness.screen import FAULTS, Bars, Lines, Screen, counted, sentences, subject_status
from tests.report.records_of_a_run import HOSTILE, aliased_record, run_record, unavailable_record

CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")


def console(width: int = 200, *, terminal: bool = False) -> tuple[Console, io.StringIO]:
    """A console that writes into a string."""
    out = io.StringIO()
    return Console(file=out, width=width, highlight=False, force_terminal=terminal, soft_wrap=True), out


@given(st.text())
def test_what_is_said_holds_no_control_character(text: str) -> None:
    """No text, whoever wrote it, reaches the terminal as anything but text."""
    made, out = console()
    screen = Screen(made)
    screen.say(text)
    screen.error(text)
    screen.progress().say(text)
    assert not CONTROLS.search(out.getvalue())


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_records_are_shown_inert(text: str) -> None:
    """Titles, reasons and advice of a hostile target do not move the cursor, and end."""
    made, out = console()
    record = replace(unavailable_record(), faults=[Fault(text[:99], text, text, text, 2)] * (FAULTS + 3))
    Screen(made).summary(record)
    said = out.getvalue()
    assert not CONTROLS.search(said)
    assert "and 3 more harness faults, which the report lists" in said
    assert len(said) < 40_000


def test_a_summary_tells_the_causes_by_severity() -> None:
    """Cases, subjects and causes are counted, and the report is named."""
    made, out = console()
    record = run_record()
    told = Screen(made).summary(record)
    assert told == out.getvalue()
    Screen(made).cost(record.timings, Path("reports/x/index.html"))
    said = out.getvalue()
    assert not CONTROLS.search(said)
    assert "silent different numbers" in said
    assert f"all  {len(record.judged)}" in re.sub(" +", "  ", said)
    assert said.rstrip().endswith("report: reports/x/index.html")


def test_a_reason_and_its_fix_are_two_sentences() -> None:
    """A part that is followed by another ends as a sentence; one that has an end gets no second."""
    assert sentences("no CPython 3.4 was found", "Install it.") == "no CPython 3.4 was found. Install it."
    assert sentences("It is so.", "", "Do this") == "It is so. Do this"
    assert sentences("", "") == ""


def test_one_is_singular() -> None:
    """1 case, 2 cases."""
    assert (counted(1, "case"), counted(2, "case"), counted(0, "case")) == ("1 case", "2 cases", "0 cases")


def test_tables_say_what_to_do() -> None:
    """Pairs and targets that cannot be run come with the reason and the way out, those that can without."""
    made, out = console()
    screen = Screen(made)
    screen.pairs(
        [
            PairRow("theano", "a", "b", "old", State.IMPOSSIBLE, "no CPython 3.6", "Install it."),
            PairRow("modern", "a", "b", "today", State.READY, "", "never shown"),
        ]
    )
    row = TargetRow("t", "keras", "1", "tf", "3.6", State.IMPOSSIBLE, "no CPython 3.6", "Install it.", (), "")
    screen.targets([row, replace(row, id="u", state=State.READY, reason="", fix="")])
    said = out.getvalue()
    assert said.count("no CPython 3.6. Install it.") == 2
    assert "never shown" not in said
    assert "1 cannot, 1 ready" in said


def test_a_log_has_a_line_now_and_then() -> None:
    """Without a terminal progress is told every ten seconds; how long it takes counts from the first case."""
    made, out = console()
    now = [0.0]
    with Lines(made, clock=lambda: now[0]) as lines:
        lines.begin("t", "cases", 5, 1)
        for moment in (100.0, 105.0, 111.0, 112.0):
            now[0] = moment
            lines.advance("t")
    assert out.getvalue().splitlines() == [
        "t: 5 cases, 1 of them in the store",
        "t: 2 of 4, about 10 s left",
    ]


def test_a_terminal_has_bars() -> None:
    """In a terminal every target has one bar, which grows when there is more to do."""
    made, out = console(terminal=True)
    progress = Screen(made).progress()
    assert isinstance(progress, Bars)
    with progress:
        progress.begin("fake", "cases", 3, 1)
        progress.advance("fake")
        progress.begin("fake", "evidence", 2, 0)
        progress.say("a word")
    said = out.getvalue()
    assert "2/5" in said
    assert "fake evidence" in said
    assert "a word" in said


@pytest.mark.parametrize("worst", list(CaseStatus))
def test_a_subject_is_as_bad_as_its_worst_case(worst: CaseStatus) -> None:
    """Divergence outweighs rounding, that agreement, that nothing compared."""
    compared = [CaseStatus.AGREE, CaseStatus.ROUNDING, CaseStatus.DIVERGE]
    order = [CaseStatus.NOT_RUN, CaseStatus.INCONCLUSIVE, *compared]
    assert subject_status(set(order[: order.index(worst) + 1])) is worst


def test_one_code_under_two_names_is_said() -> None:
    """Comparing a thing with itself under another name proves nothing, and the summary says that it is so."""
    made, out = console()
    Screen(made).summary(aliased_record())
    assert "are one code under two names here" in out.getvalue()
