"""The benchmark measures what it says it does."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import bench, cli
from harness.bench import Spent, figures, grown, light_cases
from tests.fakes import table


def test_figures_are_ratios_of_what_was_measured() -> None:
    """Start-up is taken out of the wall time of all processes, and told apart."""
    runs = [
        Spent(cases=n * 10, wall=n * 2.0 + 3, processes=2, start=6.0, starts=2, inside=n * 3.2)
        for n in bench.SIZES
    ]
    found = dict(figures(runs))
    assert found["startup_seconds"] == 3.0
    assert found["overhead"] == pytest.approx(64 / 51.2)
    assert found["pairs_per_second"] == pytest.approx(160 / 32)
    assert found["growth"] == pytest.approx(1.0)
    assert found["seconds_1x"] == pytest.approx(2.0)


def test_light_cases_are_many_and_plain() -> None:
    """Cases of several families, none with a dear observation, none twice."""
    cases = light_cases()
    assert len({c.hash for c in cases}) == len(cases) == bench.LIGHT_CASES
    assert not any(c.observe for c in cases)
    assert len({c.subject for c in cases}) > 20
    more = grown(cases, 4)
    assert len({c.hash for c in more}) == 4 * len(cases)


def test_fakes_can_be_measured(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every figure is a line of its own on standard output, progress is not."""
    monkeypatch.setattr(bench, "LIGHT", ("Dense",))
    monkeypatch.setattr(bench, "LIGHT_CASES", 3)
    monkeypatch.setattr(bench, "SIZES", (1, 2))
    monkeypatch.setattr(bench, "LAYERS", ("layers.Dense/layer[[]units=3]",))
    words = ["bench", "--pair", "control", "--targets", str(table.write(tmp_path)), "--corpus"]
    assert cli.main(words) == 0
    printed = capsys.readouterr()
    said = dict(line.split(": ") for line in printed.out.splitlines())
    assert {name for name in said if not name.startswith("seconds_")} == {
        "startup_seconds", "overhead", "pairs_per_second", "growth", "coordinator_mb",
        "quick_layers_seconds", "full_layers_seconds", "unchanged_seconds",
    }  # fmt: skip
    assert all(float(figure) > 0 for figure in said.values())
    begun = [line for line in printed.err.splitlines() if line.endswith("of them in the store")]
    *first, one, two = (" 0 of them" not in line for line in begun)
    assert not any(first), "each but the last run begins with an empty store"
    assert [one, two] == [True, True], "the last one, which is timed as unchanged, performs nothing"
    assert 10 < float(said["coordinator_mb"]) < 4000
