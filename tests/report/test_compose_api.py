"""The matrix of the API and its filters."""

from __future__ import annotations

from typing import Any

from harness.model import Blame, Kind, Severity, Verdict
from harness.report.agreement import KINDS, stands
from harness.report.compose_api import api_page
from harness.report.filters import CODES, filters, token, tokens
from harness.report.layout import lay_out

from .records_of_a_run import run_record


def _page() -> Any:
    run = run_record(hostile=False)
    layout = lay_out(run)
    return api_page(run, layout, stands(run, tuple(layout.subjects)))


def test_every_subject_is_a_row() -> None:
    """Each subject has a row with one cell per column, linked to its page."""
    page = _page()
    rows = [row for family in page.families for row in family.rows]
    assert len(rows) == page.subjects == len({row.href for row in rows}) == 36
    assert all(len(row.cells) == len(page.columns) == len(KINDS) for row in rows)


def test_a_cell_holds_the_worst_of_its_column() -> None:
    """A subject with other numbers has a letter there that leads to the cause, and none elsewhere."""
    page = _page()
    row = next(row for family in page.families for row in family.rows if row.letter == "N")
    numbers, events = row.cells[0], row.cells[-1]
    assert (numbers.letter, numbers.says) == ("N", "silent different numbers, 1 cause")
    assert numbers.href.startswith("causes/")
    assert (events.letter, events.href) == ("", "")


def test_a_token_tells_every_value_apart() -> None:
    """Each value of each field has a character of its own."""
    for (_, _, codes), words in zip(CODES, (Kind, Severity, Blame, Verdict), strict=True):
        assert set(codes) == set(words)
        assert len(set(codes.values())) == len(words)
        assert all(len(code) == 1 for code in codes.values())


def test_tokens_say_what_a_row_may_be_found_by() -> None:
    """One token per different divergence, kind, severity, blame and verdict in this order."""
    run = run_record(hostile=False)
    first = run.causes[0].divergences[0]
    assert token(first) == "f0cn"
    assert tokens([first, first, *run.causes[1].divergences]) == "f0cn j5xn"
    assert tokens([]) == ""


def test_filters_offer_what_occurs() -> None:
    """A value that nothing has is not offered; blame is told by the target's name."""
    run = run_record(hostile=False)
    made = {f.name: f for f in filters(run, ["layers"], run.causes)}
    assert {c.value for c in made["verdict"].choices} == {"new", "expected"}
    assert "events" not in [c.value for c in made["kind"].choices]
    assert "tf.keras-2.21" in [c.text for c in made["blame"].choices]
    assert [c.value for c in made["family"].choices] == ["layers"]
