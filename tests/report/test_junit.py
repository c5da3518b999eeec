"""junit.xml."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.junit import LISTED, legal, write
from harness.report.records import RunRecord, SubjectFacts

from .records_of_a_run import Verdict, aliased_record, run_record, unavailable_record


def _root(run: RunRecord, tmp_path: Path) -> ElementTree.Element:
    write(run, tmp_path / "junit.xml")
    return ElementTree.parse(tmp_path / "junit.xml").getroot()


def test_a_subject_fails_for_its_unexpected_divergences(tmp_path: Path) -> None:
    """Every subject is one test case; those with unexpected divergences fail, naming them."""
    run = run_record()
    root = _root(run, tmp_path)
    cases = {
        case.get("name"): case
        for case in root.iterfind("testsuite/testcase")
        if "layers." in case.get("name", "")
    }
    assert set(cases) == {facts.subject for facts in run.subjects}
    bad = {d.subject for d in run.divergences() if d.verdict is Verdict.NEW}
    assert {name for name, case in cases.items() if case.find("failure") is not None} == bad


def test_totals_are_the_sums(tmp_path: Path) -> None:
    """The totals at the root are those of the suites, and those of the elements."""
    root = _root(run_record(), tmp_path)
    for name, tag in (
        ("tests", "testcase"),
        ("failures", "failure"),
        ("errors", "error"),
        ("skipped", "skipped"),
    ):
        assert int(root.get(name, "")) == len(list(root.iter(tag)))
        assert int(root.get(name, "")) == sum(int(suite.get(name, "")) for suite in root)


def test_a_fault_is_an_error(tmp_path: Path) -> None:
    """A harness fault is an error and nothing passes in a run that compared nothing."""
    root = _root(unavailable_record(), tmp_path)
    assert root.get("errors") == "1"
    assert "No CPython 3.6" in root.find(".//error").get("message")
    assert [case for case in root.iter("testcase") if not len(case)] == []


def test_a_failure_lists_the_first_and_counts_the_rest(tmp_path: Path) -> None:
    """A subject with very many divergences names some and says how many more there are."""
    run = run_record(subjects=["Dense"], per_subject=60, diverging=60, hostile=False)
    text = next(_root(run, tmp_path).iter("failure")).text or ""
    unexpected = sum(1 for d in run.divergences() if d.verdict is Verdict.NEW)
    assert f"and {unexpected - LISTED} more" in text


def test_a_subject_without_any_case_is_skipped(tmp_path: Path) -> None:
    """A subject whose every case was left out did not pass."""
    run = replace(aliased_record(), judged=(), subjects=(SubjectFacts("layers.Dense", "layers"),))
    assert (
        next(_root(run, tmp_path).iter("skipped")).get("message") == "Nothing was compared: no case was run."
    )


def test_agreement_passes(tmp_path: Path) -> None:
    """A subject whose cases agree is a test case without a child."""
    root = _root(aliased_record(), tmp_path)
    assert [len(case) for case in root.iter("testcase")] == [0]


def test_a_subject_without_a_compared_case_is_skipped(tmp_path: Path) -> None:
    """Nothing compared is skipped, not passed."""
    run = run_record(subjects=["Dense"], per_subject=1, diverging=0, hostile=False)
    assert [j.status for j in run.judged] == ["inconclusive"]
    assert _root(run, tmp_path).get("skipped") == "1"


@given(st.text(st.characters(), max_size=100))
def test_any_text_is_legal_xml(text: str) -> None:
    """Whatever a target says, only characters that XML allows are left."""
    assert not re.search("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", legal(text))


@pytest.mark.parametrize("mark", ["⟨U+001B⟩[31m", "&lt;script", "⟨U+202E⟩"])
def test_hostile_text_is_visible_and_inert(mark: str, tmp_path: Path) -> None:
    """Escapes and markup are there to read, escaped."""
    write(run_record(), tmp_path / "junit.xml")
    text = (tmp_path / "junit.xml").read_text("utf-8")
    assert mark in text
    assert "<script" not in text
