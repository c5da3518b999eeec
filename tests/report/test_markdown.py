"""summary.md."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.report.markdown import CAUSES, escaped, lines

from .records_of_a_run import HOSTILE, aliased_record, run_record, unavailable_record


def test_the_summary_says_what_the_front_page_says() -> None:
    """Headline, counts by status and causes by severity."""
    text = "\n".join(lines(run_record(hostile=False)))
    assert text.startswith("## keras 3.15.1 against tf.keras 2.21.0")
    assert "**5 unexpected causes of divergence.**" in text
    assert "| diverge | 144 | 33.3% |" in text
    assert text.index("silent different numbers") < text.index("config or file format")


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_stays_text(text: str) -> None:
    """No character that means something in HTML or Markdown is left, and no line break."""
    out = escaped(text)
    bare = out.replace("&#", "").replace(";", "")
    assert not set(bare) & set("<>`*_[]{}|\\\"'@:!~\n\x1b")
    assert len(out) < 2000


def test_links_and_mentions_are_text() -> None:
    """A web address, a mention and an issue number are not picked up."""
    assert escaped("https://x www.x @me #1") == "https&#58;//x www&#46;x &#64;me &#35;1"


def test_table_rows_have_their_columns() -> None:
    """A pipe in a title makes no further column."""
    rows = [line for line in lines(run_record()) if line.startswith("| ")]
    assert {row.count("|") for row in rows} == {4, 6}


def test_what_could_not_be_compared_is_said() -> None:
    """A target not run, and one code under two names."""
    assert "was not run" in "\n".join(lines(unavailable_record()))
    assert "one code object" in "\n".join(lines(aliased_record()))


def test_causes_that_are_not_listed_are_counted() -> None:
    """A long list of causes is cut aloud."""
    run = run_record(hostile=False)
    many = [replace(run.causes[0], fingerprint=f"{n:08x}") for n in range(CAUSES + 2)]
    assert "2 more causes are in the report." in list(lines(replace(run, causes=many)))
