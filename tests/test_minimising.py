"""Causes made small, explained and shown by programs, from the command line, with workers that run fakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

import harness.report
from harness import cli
from harness.specs import found
from tests.fakes import table

SCHEMA = json.loads(
    (Path(harness.report.__file__).parent / "schema" / "divergences.schema.json").read_text("utf-8")
)
LARGE = "layers.Dense/layer[[]units=3,large]"
Run = Callable[..., int]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs a command of the harness on the fakes."""
    targets = table.write(tmp_path)

    def command(word: str, *words: str) -> int:
        more = ["--targets", str(targets), "--reports", str(tmp_path / "reports"), "--jobs", "2"]
        return cli.main([word, *words, *more])

    return command


def causes(tmp_path: Path) -> list[Any]:
    """The causes of the latest report, which keeps its schema."""
    data = json.loads((tmp_path / "reports" / "latest" / "divergences.json").read_text("ascii"))
    Draft202012Validator(SCHEMA).validate(data)
    return list(data["causes"])


def test_a_comparison_makes_its_new_causes_small(run: Run, tmp_path: Path) -> None:
    """The case loses its feed's particulars, and its program was run on both sides and shows it."""
    assert run("compare", "--pair", "drifts", "--only", LARGE) == 1
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
    run("compare", "--pair", "drifts", "--only", LARGE)
    first = causes(tmp_path)
    capsys.readouterr()
    run("compare", "--pair", "drifts", "--only", LARGE)
    out = "".join(capsys.readouterr())
    assert "round 1" not in out
    assert [c["minimal"] for c in causes(tmp_path)] == [c["minimal"] for c in first]
    assert cli.main(["report", "--reports", str(tmp_path / "reports")]) == 1
    assert [c["minimal"] for c in causes(tmp_path)] == [c["minimal"] for c in first]


def test_minimising_can_be_left_and_taken_up(
    run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--no-minimise` leaves causes as found; `minimise` does it later, for the causes that are named."""
    run("compare", "--pair", "drifts", "--only", LARGE, "--no-minimise")
    assert [c["minimal"] for c in causes(tmp_path)] == [None] * len(causes(tmp_path))
    assert run("minimise", "layers.Nothing") == 2
    capsys.readouterr()
    assert run("minimise", "layers.Dense") == 1
    out = "".join(capsys.readouterr())
    assert "at_most_two_parameters: 1.000" in out
    assert all(c["minimal"]["finished"] for c in causes(tmp_path))


def test_time_that_is_up_leaves_a_search_unfinished(run: Run, tmp_path: Path) -> None:
    """What was reached is kept and said to be unfinished; the next call goes on."""
    run("compare", "--pair", "drifts", "--only", LARGE, "--minutes", "0")
    assert not any(c["minimal"]["finished"] for c in causes(tmp_path))
    assert not any(c["minimal"]["repro"]["executed"] for c in causes(tmp_path))
    run("minimise", "--all")
    assert all(c["minimal"]["finished"] for c in causes(tmp_path))


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
