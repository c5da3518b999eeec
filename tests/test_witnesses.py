"""How the cases are chosen that stand in `quick` for what they show."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from harness import cli, witnesses
from harness.commands import choosing
from harness.errors import WrongUse
from harness.model import Case
from harness.plan import plan
from harness.recall import Known, Rule, pattern_of
from harness.specs import found
from harness.specs.declaration import Array, Feed, Parameter, Spec
from harness.specs.found import found_cases

FEEDS = (Feed("f", Array((2,))),)
SPEC = Spec("layers.Thing", "x", "layer", FEEDS, (Parameter("a", (1, 2)),), extra=({"a": 8}, {"a": 9}))
FULL = {case.parameters["a"]: case for case in plan([SPEC], profile="full")}


QUICK = {case.parameters["a"]: case for case in plan([SPEC], profile="quick")}


def shows(case: Case, cause: str, path: str = "") -> dict[str, str]:
    """A divergence of a case."""
    return {"case_hash": case.hash, "cause": cause, "subject": case.subject, "path": path}


def test_the_cheapest_cases_that_show_everything_are_chosen() -> None:
    """What shows most for its seconds comes first; a case that adds nothing is left out."""
    shown = {"dear": {"one", "two"}, "cheap": {"one"}, "other": {"two"}, "none": {"zero"}}
    cost = {"dear": 1.0, "cheap": 0.1, "other": 0.2}
    assert witnesses.choose(shown, cost, {"zero"}) == ["cheap", "other"]
    assert witnesses.choose(shown, cost | {"dear": 0.1}, {"zero"}) == ["dear"]
    assert witnesses.choose({}, {}, set()) == []


def test_what_quick_shows_by_itself_needs_no_witness() -> None:
    """Only what no case of quick shows is a reason to add one."""
    shown = [shows(QUICK[1], "known"), shows(FULL[8], "known"), shows(FULL[9], "further")]
    (line,) = witnesses.lines([SPEC], shown, [], {})
    assert (line["parameters"], line["why"]) == ({"a": 9}, ["cause further"])


def test_a_known_difference_is_a_reason_of_its_own() -> None:
    """A cause that quick shows elsewhere does not stand for the very difference that was reported."""
    rule = Rule({"subject": pattern_of("layers.*"), "path": pattern_of("a*")})
    entry = Known("odd", "modern", "layers.Thing", "t", "s", (rule,))
    shown = [shows(QUICK[2], "cause", "a"), shows(FULL[8], "cause", "abc"), shows(FULL[9], "cause", "xyz")]
    assert witnesses.lines([SPEC], shown, [entry], {}) == []
    shown[0] = shows(QUICK[2], "cause", "x")
    (line,) = witnesses.lines([SPEC], shown, [entry], {})
    assert (line["parameters"], line["why"]) == ({"a": 8}, ["known odd"])


def test_a_case_that_is_in_no_profile_any_more_is_not_chosen() -> None:
    """A report may be older than the corpus."""
    assert witnesses.lines([SPEC], [shows(FULL[9], "c") | {"case_hash": "gone"}], [], {}) == []


def test_the_command_writes_what_the_plan_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file it writes gives the very cases back, labels included."""
    written = tmp_path / "witnesses.jsonl"
    monkeypatch.setattr(choosing, "WITNESSES", written)
    monkeypatch.setattr(choosing, "all_specs", lambda: (SPEC,))
    report = tmp_path / "report"
    report.mkdir()
    (report / "divergences.json").write_text(json.dumps({"divergences": [shows(FULL[9], "further")]}))
    assert cli.main(["witnesses", str(report), "--reports", str(tmp_path)]) == 0
    assert "cases in witnesses.jsonl: 1\n" in capsys.readouterr().out
    (case,) = found_cases([SPEC], path=written)
    assert (case, case.label) == (FULL[9], FULL[9].label)


def test_a_report_that_is_not_there_is_said(tmp_path: Path) -> None:
    """Without a finished report there is nothing to choose from."""
    with pytest.raises(WrongUse, match="finished report"):
        choosing.divergences_of(tmp_path)


@pytest.mark.parametrize(
    "content", [{"divergences": [], "settings": {"only": ["layers.D*"]}}, {"kind": "matrix"}]
)
def test_a_report_of_something_else_is_refused(tmp_path: Path, content: dict[str, object]) -> None:
    """A part of the corpus would leave out what shows the rest; a matrix has no pair."""
    (tmp_path / "divergences.json").write_text(json.dumps(content))
    with pytest.raises(WrongUse, match="whole corpus"):
        choosing.divergences_of(tmp_path)


def test_known_differences_that_cannot_be_read_are_refused(tmp_path: Path) -> None:
    """A file that is not there, or not of their form, is said before anything is written."""
    (tmp_path / "divergences.json").write_text(json.dumps({"divergences": []}))
    words = ["witnesses", str(tmp_path), "--reports", str(tmp_path), "--known", str(tmp_path / "no.toml")]
    before = found.WITNESSES.read_text("utf-8")
    assert cli.main(words) == 2
    assert found.WITNESSES.read_text("utf-8") == before


def test_a_subject_that_no_case_of_quick_has_gets_its_cheapest() -> None:
    """Quick has every subject: of one whose cases are all programs, one is a witness whatever it shows."""
    program = replace(SPEC, subject="layers.Program", programs=True)
    cases = plan([program], profile="full")
    cost = {case.hash: 5.0 - place for place, case in enumerate(cases)}
    (line,) = witnesses.lines([SPEC, program], [], [], cost)
    assert (line["subject"], line["parameters"]) == ("layers.Program", cases[-1].parameters)
    assert line["why"] == ["subject layers.Program"]


def test_the_cost_of_what_was_never_performed_counts_as_the_dearest() -> None:
    """An unknown case is not taken for a light one."""
    assert witnesses.choose({"new": {"one"}, "known": {"one"}}, {"known": 1.0, "dear": 3.0}, set()) == [
        "known"
    ]
