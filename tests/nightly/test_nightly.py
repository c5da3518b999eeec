"""Nights from the command line to the site, with real worker processes that run fakes."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import html5lib
import pytest

from harness import cli
from tests.fakes import table

FEW = (
    "--profile",
    "full",
    "--only",
    "layers.Dense/layer[[]units=3,batch of one]",
    "--only",
    "layers.Dense/layer[[]units=3,large]",
)


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    reports: Path

    @property
    def site(self) -> Path:
        """What the night left."""
        return self.reports / "nightly"

    @property
    def nights(self) -> list[dict[str, Any]]:
        """What the history holds."""
        found: list[dict[str, Any]] = json.loads((self.site / "history.json").read_text())["nights"]
        return found

    def read(self, name: str) -> str:
        """A file of the site."""
        return (self.site / name).read_text("utf-8")


Harness = Callable[..., Done]


@pytest.fixture
def harness_(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Harness:
    """Runs a command of the harness in a folder of its own."""
    targets = table.write(tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "step.md"))

    def run(*words: str) -> Done:
        more = ["--targets", str(targets)] if "merge" not in words else []
        capsys.readouterr()
        code = cli.main([*words, *more])
        out, err = capsys.readouterr()
        return Done(code, out + err, tmp_path / "reports")

    return run


def issues(done: Done) -> list[str]:
    """Titles of the issue texts."""
    return [each["title"] for each in json.loads(done.read("issues/issues.json"))]


def test_a_night_of_pairs(harness_: Harness, tmp_path: Path) -> None:
    """Each pair is judged, what is new is told once, and a target that cannot be had is red, not zero."""
    words = ("nightly", "--pairs", "control,drifts,unhad", *FEW, "--count", "2", "--jobs", "2")
    first = harness_(*words)
    assert first.code == 3
    pairs = first.nights[0]["pairs"]
    assert pairs["control"]["cases"] == {"agree": 2}
    assert (pairs["control"]["causes"], pairs["control"]["unexpected"]) == (0, 0)
    assert pairs["drifts"]["new"] == pairs["drifts"]["unexpected"] == 1
    unhad = pairs["unhad"]
    assert unhad["cases"] == {"not run": 2}
    assert (unhad["causes"], unhad["unexpected"], unhad["new"]) == (None, None, None)
    assert "is not a Python that runs" in unhad["not_run"]["nowhere"]
    assert "unhad: not run; not run causes" in first.out
    summary = first.read("summary.md")
    assert (
        "| unhad | fake (1.0) | nowhere (not run) | not run | not run | not run | not run | not run |"
        in summary
    )
    assert (tmp_path / "step.md").read_text() == summary
    assert len(issues(first)) == 1
    assert issues(first)[0].startswith("drifts: layers.Dense")
    (text,) = (first.site / "issues").glob("*.md")
    assert "silent different numbers" in text.read_text()
    assert "import fake_keras as keras" in text.read_text()

    second = harness_(*words)
    assert [night["pairs"]["drifts"]["new"] for night in second.nights] == [1, 0]
    assert second.nights[1]["pairs"]["drifts"]["gone"] == 0
    assert issues(second) == []
    assert not list((second.site / "issues").glob("*.md"))


def test_every_link_of_the_front_page_leads_somewhere(harness_: Harness) -> None:
    """And the page is HTML that a strict reader takes."""
    done = harness_("nightly", "--pairs", "drifts,unhad", *FEW)
    html = done.read("index.html")
    html5lib.HTMLParser(strict=True).parse(html)
    links = [link for link in re.findall(r'href="([^"]+)"', html) if not link.startswith("#")]
    assert {"drifts/index.html", "unhad/index.html", "history.json"} <= set(links)
    for link in links:
        assert (done.site / link).is_file(), link


def test_what_targets_say_is_inert(harness_: Harness) -> None:
    """A fake whose every text is markup and terminal escapes does no harm in any file of the night."""
    done = harness_("nightly", "--pairs", "hostile", *FEW)
    assert done.code == 1
    assert issues(done)
    assert "\x1b" not in done.out
    for name in (
        "index.html",
        "summary.md",
        *(f"issues/{p.name}" for p in (done.site / "issues").glob("*.md")),
    ):
        text = done.read(name)
        outside = re.sub(r"(?ms)^(`{3,})python\n.*?^\1$", "", text)
        assert "<script" not in outside, name
        assert "\x1b" not in text, name
    ElementTree.parse(done.site / "junit.xml")


def test_one_junit_file_for_all_pairs(harness_: Harness) -> None:
    """Its totals are those of the pairs together."""
    done = harness_("nightly", "--pairs", "control,drifts,unhad", *FEW)
    root = ElementTree.parse(done.site / "junit.xml").getroot()
    parts = [ElementTree.parse(done.site / p / "junit.xml").getroot() for p in ("control", "drifts", "unhad")]
    for name in ("tests", "failures", "skipped", "errors"):
        assert int(root.get(name, "")) == sum(int(part.get(name, "")) for part in parts), name
    assert int(root.get("errors", "")) > 0
    assert len(root) == sum(len(part) for part in parts)


def test_an_expected_night_ends_with_zero(harness_: Harness) -> None:
    """The gate is that of `compare`: nothing unexpected is 0, something is 1 from the severity named on."""
    assert harness_("nightly", "--pairs", "control", *FEW).code == 0
    assert harness_("nightly", "--pairs", "drifts", *FEW).code == 1


def test_what_the_baseline_ships_is_read(harness_: Harness, tmp_path: Path) -> None:
    """Smallest cases and programs beside the expectations are checked like them."""
    (tmp_path / "reports" / "baseline").mkdir(parents=True)
    (tmp_path / "reports" / "baseline" / "control.minimal.jsonl").write_text("no json\n")
    done = harness_("nightly", "--pairs", "control", *FEW)
    assert done.code == 2
    assert "control.minimal.jsonl: Expected a finding" in done.out


def test_no_time_is_no_pass(harness_: Harness) -> None:
    """A night that reached nothing says so and is red: nothing compared is never agreement."""
    done = harness_("nightly", "--pairs", "control", *FEW, "--minutes", "0")
    assert done.code == 3
    assert "not begun, the time is over" in done.out
    assert done.nights[0]["pairs"]["control"]["unexpected"] is None


def test_shards_performed_elsewhere_and_merged_are_the_same_night(harness_: Harness, tmp_path: Path) -> None:
    """plan, run each, merge, judge, as a workflow does: figures equal those of one machine."""
    plan = harness_(
        "shard", "plan", "--pairs", "control,drifts", *FEW, "--count", "2", "--out", "plan.json", "--json"
    )
    matrix = json.loads(plan.out)["include"]
    assert [entry["targets"] for entry in matrix] == ["fake fake-drifts"] * 2
    stores = []
    for entry in matrix:
        stores.append(str(tmp_path / entry["shard"] / "store.sqlite"))
        ran = harness_("shard", "run", "plan.json", "--name", entry["shard"], "--store", stores[-1])
        assert ran.code == 0
    assert harness_("shard", "merge", *stores, "--into", "all.sqlite", "--plan", "plan.json").code == 0
    lost = harness_("shard", "merge", stores[0], "--into", "half.sqlite", "--plan", "plan.json")
    assert lost.code == 3
    assert f"{matrix[1]['shard']} is not in any of the stores" in lost.out
    merged = harness_("nightly", "--plan", "plan.json", "--stores", *stores)
    assert merged.code == 1
    whole = harness_("nightly", "--pairs", "control,drifts", *FEW, "--reports", str(tmp_path / "other"))
    assert whole.code == 1
    other = json.loads((tmp_path / "other" / "nightly" / "history.json").read_text())["nights"][0]["pairs"]
    for pair, figures in merged.nights[0]["pairs"].items():
        for name in ("cases", "causes", "unexpected", "new", "versions"):
            assert figures[name] == other[pair][name], (pair, name)


def test_a_lost_shard_is_a_harness_fault_of_its_targets(harness_: Harness, tmp_path: Path) -> None:
    """Its cases count as not run, and the night is red."""
    harness_(
        "shard", "plan", "--pairs", "control", "--only", "layers.Dense", "--count", "2", "--out", "plan.json"
    )
    names = [shard["name"] for shard in json.loads((tmp_path / "plan.json").read_text())["shards"]]
    harness_("shard", "run", "plan.json", "--name", names[0], "--store", "one.sqlite")
    done = harness_("nightly", "--plan", "plan.json", "--stores", "one.sqlite")
    assert done.code == 3
    assert f"shard {names[1]} left no store" in done.out
    cases = done.nights[0]["pairs"]["control"]["cases"]
    assert cases["agree"] > 0
    assert cases["not run"] > 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--jobs", "0"), "Expected `--jobs` to be at least 1"),
        (("--pairs", ","), "Expected `--pairs` to name pairs"),
        (("--targets", "fake"), "Expected `--pairs` to name what is judged"),
        (("--only", "nothing.*"), "Expected `--only` to match a case"),
    ],
)
def test_what_cannot_be_asked_is_wrong_use(harness_: Harness, words: tuple[str, ...], said: str) -> None:
    """Exit code 2, with the way out."""
    done = harness_("nightly", *words)
    assert done.code == 2
    assert said in done.out


def test_a_history_that_is_none_is_not_overwritten(harness_: Harness, tmp_path: Path) -> None:
    """The night ends as a harness fault and the file stays as it was."""
    path = tmp_path / "reports" / "nightly" / "history.json"
    path.parent.mkdir(parents=True)
    path.write_text("{}")
    done = harness_("nightly", "--pairs", "control", *FEW)
    assert done.code == 3
    assert "to be a history of nights" in done.out
    assert path.read_text() == "{}"
