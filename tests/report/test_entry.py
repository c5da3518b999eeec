"""A cause as a decision of the baseline."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from harness.commands.reviewing import decisions
from harness.errors import WrongUse
from harness.report.entry import entry, quoted

from .records_of_a_run import run_record


def filled(text: str) -> str:
    """An entry as a person fills it in."""
    return text.replace('reason = ""', 'reason = "known"').replace('link = ""', 'link = "https://k.io"')


def test_an_entry_is_a_decision_once_a_person_has_given_the_reason(tmp_path: Path) -> None:
    """As it is it is refused; filled in it accepts just its cause."""
    for cause in run_record(hostile=False).causes:
        file = tmp_path / "decisions.toml"
        file.write_text(entry(cause))
        with pytest.raises(WrongUse, match="reason"):
            decisions(file)
        file.write_text(filled(entry(cause)))
        (made,) = decisions(file)
        assert (made.cause, made.reason, made.link) == (cause.fingerprint, "known", "https://k.io")


def test_a_fingerprint_survives_quoting(tmp_path: Path) -> None:
    """Whatever a fingerprint or a title holds, TOML gives it back and the page shows nothing hidden."""
    odd = 'a|b → \x1b[31m"quoted"\\ \U0001f600 \u202e'
    text = entry(replace(run_record(hostile=False).causes[0], fingerprint=odd, title="a\n[[expectation]]"))
    file = tmp_path / "decisions.toml"
    file.write_text(filled(text))
    assert [d.cause for d in decisions(file)] == [odd]
    assert "\x1b" not in text
    assert quoted("\ud800") == '"\\U0000FFFD"'
