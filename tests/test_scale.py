"""A matrix of invented observations is measured."""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import pytest

from harness import cli, scale

CASES = 12


def test_every_figure_of_a_matrix_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    """What was made, what it took to classify and report it, how large the pages are; no target is asked."""
    assert cli.main(["bench", "--matrix", "--cases", str(CASES)]) == 0
    said = {name: float(figure) for name, figure in (line.split(": ") for line in _lines(capsys))}
    assert set(said) == {
        "matrix_targets", "matrix_cases", "matrix_observations", "matrix_changes",
        "matrix_classify_cpu_seconds", "matrix_cpu_seconds", "matrix_seconds", "matrix_peak_mb",
        "matrix_pages", "matrix_largest_page_mb",
    }  # fmt: skip
    assert (said["matrix_targets"], said["matrix_cases"]) == (40, CASES)
    assert said["matrix_observations"] >= 40 * CASES
    assert 0 < said["matrix_classify_cpu_seconds"] < said["matrix_cpu_seconds"]
    assert 10 < said["matrix_peak_mb"] < 1000


def _lines(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.splitlines()


def test_a_matrix_has_a_case(capsys: pytest.CaptureFixture[str]) -> None:
    """None is wrong use."""
    assert cli.main(["bench", "--matrix", "--cases", "0"]) == 2
    assert "at least 1" in capsys.readouterr().err


def test_there_are_as_many_cases_as_were_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of every part of the plan, none twice; where the plan has too few, other inputs make more."""
    few = scale.chosen(40)
    assert len({case.hash for case in few}) == 40
    assert len({case.subject.split(".")[0] for case in few}) > 3
    monkeypatch.setattr(scale, "plan", lambda specs, *, profile, seed: [_seeded(case, seed) for case in few])
    many = scale.chosen(100)
    assert len({case.hash for case in many}) == 100
    assert {case.seed for case in many} == {0, 1, 2}


def _seeded(case: scale.Case, seed: int) -> scale.Case:
    return replace(case, seed=seed)


def test_a_matrix_is_told_alike_twice(tmp_path: Path) -> None:
    """Pages hang on the observations alone."""
    scale.make(tmp_path, CASES)
    scale.tell(tmp_path)
    pages = sorted((tmp_path / "report").rglob("*.html"))
    first = [page.read_bytes() for page in pages]
    scale.tell(tmp_path)
    assert [page.read_bytes() for page in pages] == first
    assert pages


def test_memory_is_told_in_megabytes_on_every_system(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel counts kilobytes on Linux and bytes on macOS."""
    usage = argparse.Namespace(ru_maxrss=5 << 20)
    monkeypatch.setattr(scale.resource, "getrusage", lambda who: usage)
    for platform, megabytes in (("linux", 5 << 10), ("darwin", 5)):
        monkeypatch.setattr(scale.sys, "platform", platform)
        assert scale.peak_mb() == megabytes
