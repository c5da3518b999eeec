"""Causes made small, explained and shown by programs, from the command line, with workers that run fakes."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import harness.report
from harness import cli
from harness.minimise.records import Attribution, Environment, Minimal, Repro
from harness.minimise.shipped import environment
from harness.minimising import again, is_done, is_small, still_small
from harness.model import Case, CaseStatus, Judged
from harness.report.layout import cause_key
from harness.specs import found
from tests.fakes import table
from tests.report.records_of_a_run import run_record, target

SCHEMA = json.loads(
    (Path(harness.report.__file__).parent / "schema" / "divergences.schema.json").read_text("utf-8")
)
LARGE = "layers.Dense/layer[[]units=3,large]"
FULL = ("--profile", "full")


class Run:
    """Runs a command of the harness on the fakes."""

    def __init__(self, tmp_path: Path) -> None:
        self.targets = table.write(tmp_path)
        self.reports = tmp_path / "reports"

    def __call__(self, word: str, *words: str) -> int:
        more = ["--targets", str(self.targets), "--reports", str(self.reports), "--jobs", "2"]
        return cli.main([word, *words, *more])


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """The fakes."""
    return Run(tmp_path)


def causes(tmp_path: Path) -> list[Any]:
    """The causes of the latest report, which keeps its schema."""
    data = json.loads((tmp_path / "reports" / "latest" / "divergences.json").read_text("ascii"))
    Draft202012Validator(SCHEMA).validate(data)
    return list(data["causes"])


def test_a_comparison_makes_its_new_causes_small(run: Run, tmp_path: Path) -> None:
    """The case loses its feed's particulars, and its program was run on both sides and shows it."""
    assert run("compare", "--pair", "drifts", *FULL, "--only", LARGE) == 1
    (cause,) = [c for c in causes(tmp_path) if c["kind"] == "value"]
    minimal = cause["minimal"]
    assert minimal["finished"]
    assert minimal["trigger"] == []
    assert "large" not in json.dumps(minimal["feed"])
    repro = minimal["repro"]
    assert repro["executed"]
    assert repro["reproduces"], repro["why"]
    assert repro["reference"] != repro["candidate"]
    page = tmp_path / "reports" / "latest" / cause["page"]
    assert "and shows the divergence" in page.read_text("utf-8")
    program = tmp_path / "reports" / "latest" / repro["file"]
    assert "# Printed on fake-drifts:" in program.read_text("utf-8")
    assert "```python" in program.with_suffix(".md").read_text("utf-8")


def test_what_was_made_small_is_not_done_again(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A second comparison takes the smallest case from the store, and a rebuilt report shows it."""
    run("compare", "--pair", "drifts", *FULL, "--only", LARGE)
    first = causes(tmp_path)
    capsys.readouterr()
    run("compare", "--pair", "drifts", *FULL, "--only", LARGE)
    out = "".join(capsys.readouterr())
    assert "round 1" not in out
    assert [c["minimal"] for c in causes(tmp_path)] == [c["minimal"] for c in first]
    assert cli.main(["report", "--reports", str(tmp_path / "reports")]) == 1
    assert [c["minimal"] for c in causes(tmp_path)] == [c["minimal"] for c in first]


def test_minimising_can_be_left_and_taken_up(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--no-minimise` leaves causes as found; `minimise` does it later, for the causes that are named."""
    run("compare", "--pair", "drifts", *FULL, "--only", LARGE, "--no-minimise")
    assert [c["minimal"] for c in causes(tmp_path)] == [None] * len(causes(tmp_path))
    assert run("minimise", "layers.Nothing") == 2
    capsys.readouterr()
    assert run("minimise", "layers.Dense") == 1
    out = "".join(capsys.readouterr())
    assert "at_most_two_parameters: 1.000" in out
    assert "not_blamed_and_why: " in out
    assert all(c["minimal"]["finished"] for c in causes(tmp_path))


def test_time_that_is_up_leaves_a_search_unfinished(run: Run, tmp_path: Path) -> None:
    """What was reached is kept and said to be unfinished; the next call goes on."""
    run("compare", "--pair", "drifts", *FULL, "--only", LARGE, "--minutes", "0")
    assert not any(c["minimal"]["finished"] for c in causes(tmp_path))
    assert not any(c["minimal"]["repro"]["executed"] for c in causes(tmp_path))
    run("minimise", "--all")
    assert all(c["minimal"]["finished"] for c in causes(tmp_path))


def small(**more: Any) -> Minimal:
    """A finding whose program shows nothing."""
    return Minimal(
        cause="c",
        fingerprint="f",
        case=Case("layers.Dense", "layer", {}, None).plain(),
        address="a",
        trigger={},
        summary="s",
        **more,
    )


def test_a_known_case_loses_nothing_when_it_is_explained_again() -> None:
    """The better program stays, and what a retry proved; of equals the newer one."""
    old = Repro("old", ("1", "2"), executed=True, reproduces=True)
    new = Repro("new", why="there was no time")
    proof = Attribution("default", "explained by default `a`", "x", "y")
    where = (Environment("one", "1", "3", {}), Environment("two", "2", "3", {}))
    before = small(repro=old, attributions=(proof,), before="start", tried=7)
    found = again(small(repro=new, environments=where), replace(before, address="label"))
    assert (found.repro, found.attributions, found.before, found.tried) == (old, (proof,), "start", 7)
    assert found.address == "label"
    assert "old" in found.issue
    bad = Repro("bad", ("1", "1"), executed=True, why="both sides print the same")
    assert again(small(repro=replace(bad, text="newer")), small(repro=bad)).repro == replace(
        bad, text="newer"
    )
    assert again(small(), small()).repro is None
    none = Repro("", why="no short form")
    assert again(small(repro=none), small(repro=bad)).repro == none
    assert again(small(repro=new), small(repro=bad)).repro == bad


def test_a_known_case_is_shrunk_again_when_it_shows_its_cause_no_more() -> None:
    """Of other environments, unfinished, of a difference the cause does not hold, or simply gone."""
    run = run_record()
    cause = run.causes[0]
    sides = (run.reference, run.candidate)
    where = (environment(target("reference")), environment(target("candidate")))
    good = replace(small(environments=where), fingerprint=cause.fingerprints[0])
    assert is_small(good, cause, sides)
    assert not is_done(good, cause, sides)
    assert is_done(replace(good, repro=Repro("p", executed=True, reproduces=True)), cause, sides)
    for bad in (
        None,
        replace(good, finished=False),
        replace(good, environments=None),
        replace(good, fingerprint="another"),
    ):
        assert not is_small(bad, cause, sides)
        assert not is_done(bad, cause, sides)
    case = good.small_case()
    showing = replace(cause.divergences[0], fingerprint=good.fingerprint, cause=good.cause)
    answer = Judged(case, CaseStatus.DIVERGE, None, None, (showing,))
    key = cause_key(cause)
    assert still_small([cause], {key: good}, sides, lambda cases: {case.hash: answer}) == {key: good}
    another = replace(answer, divergences=(replace(showing, cause="another root"),))
    for gone in (replace(answer, divergences=()), another):
        assert still_small([cause], {key: good}, sides, lambda cases, is_now=gone: {case.hash: is_now}) == {}


CAUSE = "numbers|dense"


def expected(run: Run) -> None:
    """A cause that is reviewed, of a run that made nothing small."""
    run("compare", "--pair", "drifts", *FULL, "--only", LARGE, "--no-minimise")
    words = ["triage", "--accept", CAUSE, "--reason", "It drifts.", "--link", "https://x"]
    assert cli.main([*words, "--reports", str(run.reports)]) in (0, 1)
    run("compare", "--pair", "drifts", *FULL, "--only", LARGE, "--no-minimise")


def shown(tmp_path: Path) -> tuple[Any, str]:
    """The smallest case of the cause that is expected, and the text of its page."""
    (cause,) = [c for c in causes(tmp_path) if c["fingerprint"] == CAUSE]
    return cause["minimal"], (tmp_path / "reports" / "latest" / cause["page"]).read_text("utf-8")


def test_what_is_found_of_expected_causes_is_shipped_with_the_baseline(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another store, with the baseline alone, shows the case, the program, where it was run and when."""
    expected(run)
    assert run("minimise", "--all", "--into-baseline") in (0, 1)
    first, _ = shown(tmp_path)
    assert first["repro"]["reproduces"]
    file = tmp_path / "reports" / "baseline" / "drifts.minimal.jsonl"
    assert len(file.read_text("utf-8").splitlines()) == 1
    for store in (tmp_path / "reports").glob("store.sqlite*"):
        store.unlink()
    run("compare", "--pair", "drifts", *FULL, "--only", LARGE, "--no-minimise")
    again, page = shown(tmp_path)
    assert again == first
    assert again["repro"]["here"]
    assert f"It was run on fake and fake-drifts on {again['repro']['date']} and shows" in page
    assert "It drifts." in page
    assert (tmp_path / "reports" / "latest" / again["repro"]["file"]).with_suffix(".md").is_file()
    capsys.readouterr()
    run("minimise", "--all", "--into-baseline")
    said = "".join(capsys.readouterr())
    assert "1 causes, 0 of them written anew" in said
    assert "round 1" not in said


def test_what_was_run_elsewhere_is_never_said_to_reproduce_here(run: Run, tmp_path: Path) -> None:
    """The environments are named; asked to, the command does it again in those of the run."""
    expected(run)
    run("minimise", "--all", "--into-baseline")
    file = tmp_path / "reports" / "baseline" / "drifts.minimal.jsonl"
    line = json.loads(file.read_text("utf-8"))
    line["environments"][1] |= {"fingerprint": "another", "python": "3.99"}
    file.write_text(json.dumps(line) + "\n", "utf-8")
    for store in (tmp_path / "reports").glob("store.sqlite*"):
        store.unlink()
    run("compare", "--pair", "drifts", *FULL, "--only", LARGE, "--no-minimise")
    minimal, page = shown(tmp_path)
    assert not minimal["repro"]["reproduces"]
    assert not minimal["repro"]["here"]
    assert minimal["repro"]["executed"]
    assert "It was not run in the environments of this run" in page
    assert "fake-drifts (Python 3.99" in page
    run("minimise", "--all", "--into-baseline")
    assert shown(tmp_path)[0]["repro"]["reproduces"]
    assert "another" not in file.read_text("utf-8")


def test_a_search_without_time_replaces_nothing_that_is_shipped(run: Run, tmp_path: Path) -> None:
    """An unfinished line is written only where there is none, and what has no expectation is not shipped."""
    expected(run)
    run("minimise", "--all", "--into-baseline", "--minutes", "0")
    file = tmp_path / "reports" / "baseline" / "drifts.minimal.jsonl"
    assert not json.loads(file.read_text("utf-8"))["finished"]
    run("minimise", "--all", "--into-baseline")
    line = json.loads(file.read_text("utf-8"))
    assert line["finished"]
    line["environments"][0]["fingerprint"] = "another"
    text = json.dumps(line) + "\n" + json.dumps(line | {"cause": "numbers|unknown"}) + "\n"
    file.write_text(text, "utf-8")
    for store in (tmp_path / "reports").glob("store.sqlite*"):
        store.unlink()
    run("compare", "--pair", "drifts", *FULL, "--only", LARGE, "--no-minimise")
    run("minimise", "--all", "--into-baseline", "--minutes", "0")
    (kept,) = [json.loads(one) for one in file.read_text("utf-8").splitlines()]
    assert (kept["cause"], kept["finished"]) == (CAUSE, True)


def test_a_crash_is_made_small_too(run: Run, tmp_path: Path) -> None:
    """A parameter that brings a side down is the trigger."""
    run("compare", "--pair", "raises", "--only", "layers.Dense/*")
    found_ = [c["minimal"] for c in causes(tmp_path)]
    assert found_
    assert all(len(m["trigger"]) <= 2 for m in found_)


def test_minimise_needs_a_store(run: Run) -> None:
    """Without a run there is nothing to make small."""
    assert run("minimise") == 2


def test_a_hunt_finds_what_the_corpus_did_not_ask(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With nothing known the drift is a new cause; it is made small, said, and kept on request."""
    path = tmp_path / "found.jsonl"
    monkeypatch.setattr(found.keep, "__defaults__", (path,))
    few = ("--only", "layers.Dense", "--minutes", "10", "--rounds", "1")
    code = run("hunt", "--pair", "drifts", *few, "--keep")
    out = capsys.readouterr().out
    assert code == 1
    assert "silent different numbers: layers.Dense/layer[" in out
    kept = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    assert kept
    assert all(entry["subject"] == "layers.Dense" for entry in kept)
    assert any((tmp_path / "reports" / "hunt" / "examples").rglob("*"))


def test_a_hunt_without_subjects_is_wrong_use(run: Run) -> None:
    """A pattern that matches no subject ends it."""
    assert run("hunt", "--pair", "drifts", "--only", "nothing.*") == 2
