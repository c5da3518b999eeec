"""A cause as an entry of the baseline."""

from __future__ import annotations

from dataclasses import replace

import pytest

from harness.classify.baseline import parse
from harness.errors import WrongUse
from harness.model import Verdict
from harness.report.entry import FEW, entry, globs, quoted

from .records_of_a_run import run_record


def test_an_entry_covers_its_cause_once_a_person_has_given_reason_and_link() -> None:
    """As it is it is refused; filled in it covers every divergence of the cause and of no other."""
    run = run_record(hostile=False)
    for cause in run.causes:
        text = entry(run, cause)
        with pytest.raises(WrongUse, match="reason"):
            parse(text, "b.toml")
        filled = text.replace('reason = ""', 'reason = "known"').replace('link = ""', 'link = "https://k.io"')
        (made,) = parse(filled, "b.toml")
        assert made.speaks_for(run.reference, run.candidate)  # type: ignore[arg-type]
        for other in run.causes:
            verdicts = {made.verdict(divergence) for divergence in other.divergences}
            assert verdicts == ({Verdict.EXPECTED} if other is cause else {None})


def test_many_subjects_are_named_by_family() -> None:
    """Few subjects are named one by one, many by their family; names without a dot always."""
    assert globs(["layers.A", "B"]) == ["layers.A", "B"]
    many = [f"layers.L{n}" for n in range(FEW)]
    assert globs([*many, "Input", "Model", "ops.[x]"]) == ["layers.*", "Input", "Model", "ops.[[]x]"]


def test_a_fingerprint_survives_quoting() -> None:
    """Whatever a fingerprint holds, TOML gives it back and the page shows nothing hidden."""
    run = run_record(hostile=False)
    odd = 'a|b → \x1b[31m"quoted"\\ \U0001f600 \u202e'
    text = entry(run, replace(run.causes[0], fingerprint=odd))
    filled = text.replace('reason = ""', 'reason = "known"').replace('link = ""', 'link = "https://k.io"')
    assert parse(filled, "b.toml")[0].fingerprint == odd
    assert "\x1b" not in text
    assert quoted("\ud800") == '"\\U0000FFFD"'
