"""Nights with a matrix, from the command line to the site: on one machine, and in the steps of a workflow."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import html5lib
import pytest

from harness import cli
from harness.commands import sharding
from harness.matrix import running
from harness.store import Store
from tests.fakes import lineage

CASE = "layers.Dense/layer[[]units=3,batch of one]"
FEW = ("--profile", "full", "--only", CASE)
NIGHT = """
[matrix.nightly]
targets = ["fake-[1-4]"]
"""


@dataclass
class Done:
    """How a command ended."""

    code: int
    out: str
    folder: Path
    site: Path = field(init=False)

    def __post_init__(self) -> None:
        self.site = self.folder / "reports" / "nightly"

    @property
    def night(self) -> dict[str, Any]:
        """The last night of the history."""
        found: dict[str, Any] = json.loads((self.site / "history.json").read_text())["nights"][-1]
        return found

    @property
    def matrix(self) -> dict[str, Any]:
        """What the report of the matrix holds."""
        found: dict[str, Any] = json.loads((self.site / "matrix" / "matrix.json").read_text())
        return found


Harness = Callable[..., Done]


@pytest.fixture
def harness_(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Harness:
    """Runs a command of the harness on a history of fakes, in a folder of its own."""
    table = lineage.write(tmp_path)
    table.write_text(table.read_text() + NIGHT)

    def run(*words: str, at: str = "here") -> Done:
        folder = tmp_path / at
        folder.mkdir(exist_ok=True)
        monkeypatch.chdir(folder)
        more = ["--targets", str(table)] if "merge" not in words else []
        capsys.readouterr()
        code = cli.main([*words, *more])
        out, err = capsys.readouterr()
        return Done(code, out + err, folder)

    return run


def planned(harness_: Harness, *words: str) -> list[str]:
    """Plan a night with a matrix; the names of its shards."""
    done = harness_("shard", "plan", "--matrix", *words, *FEW, "--out", "plan.json", "--json")
    assert done.code == 0, done.out
    return [entry["shard"] for entry in json.loads(done.out)["include"]]


def performed(harness_: Harness, plan: str, names: Sequence[str]) -> list[str]:
    """Perform shards one by one; their stores."""
    stores = [f"{name}.sqlite" for name in names]
    for name, store in zip(names, stores, strict=True):
        assert harness_("shard", "run", plan, "--name", name, "--store", store).code in (0, 3)
    return stores


def told(night: dict[str, Any]) -> dict[str, Any]:
    """What a night says of its matrix, but for its name."""
    return {key: value for key, value in night["matrix"].items() if key != "run"}


def test_a_night_writes_its_matrix_beside_its_pairs(harness_: Harness) -> None:
    """A target that cannot be had is red and called not run; what releases changed is told, what is new."""
    words = ("nightly", "--pairs", "changed", "--matrix", "--targets", "fake-7", *FEW, "--jobs", "2")
    first = harness_(*words)
    assert first.code == 3
    assert [c["id"] for c in first.matrix["columns"]] == ["fake-1", "fake-2", "fake-3", "fake-4", "fake-7"]
    assert [row["marks"] for row in first.matrix["cases"]] == ["AAB?-"]
    figures = first.night["matrix"]
    assert (figures["columns"], figures["observed"], figures["new"]) == (5, 4, None)
    assert "is not a Python that runs" in figures["not_run"]["fake-4"]
    assert [(r["column"], r["appeared"], r["went"]) for r in figures["releases"]] == [
        ("fake-7", 1, 0),
        ("fake-3", 1, 0),
    ]
    assert first.night["evidence shards"] == 6, "each of three is asked for what may excuse, then for more"
    for text in (first.out, (first.site / "summary.md").read_text(), (first.site / "index.html").read_text()):
        assert "1 cases over 4 of 5 targets" in text.replace("&#58;", ":")
        assert re.search(r"fake-4(</b>)? was not run", text)
    assert "1 of 5 targets not run" in first.out
    junit = (first.site / "junit.xml").read_text()
    assert "fake-4" in junit, "a target of no pair is told of beside those of the pairs"

    for page in [first.site / "index.html", *(first.site / "matrix").rglob("*.html")]:
        html = page.read_text("utf-8")
        html5lib.HTMLParser(strict=True).parse(html)
        for link in re.findall(r'href="([^"#]+)[^"]*"', html):
            assert (page.parent / link).is_file(), (page, link)
    assert 'href="matrix/index.html"' in (first.site / "index.html").read_text("utf-8")


def test_the_steps_of_a_workflow_are_the_same_night(harness_: Harness, tmp_path: Path) -> None:
    """Plan, shards, evidence, its shards, merge: matrix and store equal those of one machine."""
    names = planned(harness_, "--pairs", "changed")
    stores = performed(harness_, "plan.json", names)
    words = ("shard", "evidence", "plan.json", "--stores", *stores, "--into", "known.sqlite")
    asked = harness_(*words, "--out", "evidence.json", "--json")
    entries = json.loads(asked.out)["include"]
    assert [entry["targets"] for entry in entries] == ["fake-1", "fake-2", "fake-3"]
    assert harness_(*words, "--out", "evidence.json").out.count(" observations\n") == 3
    more = performed(harness_, "evidence.json", [entry["shard"] for entry in entries])
    merged = harness_(
        "nightly", "--plan", "plan.json", "--evidence", "evidence.json", "--stores", *stores, *more
    )
    assert merged.code == 3
    whole = harness_("nightly", "--pairs", "changed", "--matrix", *FEW, "--jobs", "2", at="there")
    assert told(merged.night) == told(whole.night)
    for what in ("cases", "changes", "columns", "faults", "lineages"):
        assert merged.matrix[what] == whole.matrix[what], what
    with (
        Store(merged.folder / "reports" / "store.sqlite") as one,
        Store(whole.folder / "reports" / "store.sqlite") as two,
    ):
        told_at_once, told_in_stages = one.fingerprint(), two.fingerprint()
        assert told_in_stages.items() <= told_at_once.items(), "one round asks for all stages"
        run = merged.night["matrix"]["run"]
        again = running.rebuild(one.run(run) or {}, one)
    assert [row.marks for row in again.cases] == [row["marks"] for row in merged.matrix["cases"]]


def test_a_lost_shard_of_a_column_and_lost_evidence_are_harness_faults(harness_: Harness) -> None:
    """The column was not run; of evidence it is said that it is missing, and cases are unsure."""
    names = planned(harness_, "--pairs", "changed")
    stores = performed(harness_, "plan.json", [name for name in names if name != "fake-1"])
    words = ("shard", "evidence", "plan.json", "--stores", *stores, "--into", "known.sqlite")
    harness_(*words, "--out", "evidence.json")
    done = harness_("nightly", "--plan", "plan.json", "--evidence", "evidence.json", "--stores", *stores)
    assert done.code == 3
    assert done.night["matrix"]["not_run"]["fake-1"] == "shard fake-1 left no store"
    assert done.night["matrix"]["unsure"] == 1
    whats = [fault["what"] for fault in done.matrix["faults"] if fault["target"] == "fake-2"]
    assert whats[0].startswith("shard evidence-1-fake-2")
    assert whats[0].endswith("left no store")


def night(harness_: Harness, *words: str) -> Done:
    """A night in the steps of a workflow, evidence included where it is lacking."""
    stores = performed(harness_, "plan.json", planned(harness_, "--pairs", "changed", *words))
    here = ("--stores", *stores, "--into", "reports/store.sqlite", "--out", "evidence.json", "--json")
    asked = json.loads(harness_("shard", "evidence", "plan.json", *here).out)["include"]
    stores += performed(harness_, "evidence.json", [entry["shard"] for entry in asked])
    return harness_("nightly", "--plan", "plan.json", "--evidence", "evidence.json", "--stores", *stores)


def test_a_second_night_has_nothing_new_and_asks_for_no_evidence_again(harness_: Harness) -> None:
    """What the store of an earlier night holds is evidence still, and its changes are known."""
    first, cases = (done := night(harness_)).night, done.matrix["cases"]
    second, again = (done := night(harness_)).night, done.matrix["cases"]
    assert (first["evidence shards"], second["evidence shards"]) == (3, None)
    assert (first["matrix"]["new"], second["matrix"]["new"]) == (None, 0)
    assert [release["new"] for release in second["matrix"]["releases"]] == [0, 0]
    assert second["matrix"]["changes"] == first["matrix"]["changes"] == 1
    assert again == cases


def test_what_an_earlier_night_left_does_not_stand_in_for_a_lost_shard(harness_: Harness) -> None:
    """The store of the night before holds records of shards of the same names."""
    assert night(harness_).night["matrix"]["observed"] == 3
    planned(harness_, "--pairs", "changed")
    lost = harness_("nightly", "--plan", "plan.json", "--stores")
    assert lost.code == 3
    assert lost.night["matrix"]["observed"] == 0
    assert lost.night["pairs"]["changed"]["causes"] is None
    assert "left no store" in lost.out


def test_a_night_without_a_matrix_has_none(harness_: Harness) -> None:
    """Nor does last night's stay beside it; its changes are not forgotten."""
    night(harness_)
    harness_("shard", "plan", "--pairs", "changed", *FEW, "--out", "plan.json")
    store = performed(harness_, "plan.json", ["changed"])
    done = harness_("nightly", "--plan", "plan.json", "--stores", *store)
    assert "matrix" not in done.night
    assert not (done.site / "matrix").exists()
    assert "Every case over every release" not in (done.site / "index.html").read_text()
    assert night(harness_).night["matrix"]["new"] == 0


def test_no_time_is_no_matrix_either(harness_: Harness) -> None:
    """A night that reached nothing says so of every column."""
    done = harness_("nightly", "--pairs", "changed", "--matrix", *FEW, "--minutes", "0")
    assert done.code == 3
    assert done.night["matrix"]["observed"] == 0
    assert len(done.night["matrix"]["not_run"]) == 4
    assert "evidence-1" not in done.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("shard", "evidence", "plan.json", "--into", "x", "--out", "y"), "to be the plan of a matrix"),
        (("nightly", "--matrix", "--targets", "fkae-*"), "'fkae-*'"),
        (("nightly", "--plan", "plan.json", "--evidence", "e.json"), "Expected `--stores` beside"),
    ],
    ids=["no columns", "no target", "evidence alone"],
)
def test_what_cannot_be_asked_is_wrong_use(harness_: Harness, words: tuple[str, ...], said: str) -> None:
    """Exit code 2, with the way out."""
    harness_("shard", "plan", "--pairs", "changed", *FEW, "--out", "plan.json")
    done = harness_(*words)
    assert done.code == 2
    assert said in done.out


def test_more_shards_than_a_service_takes_are_wrong_use(
    harness_: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A matrix of GitHub Actions has a limit, which is said before the night begins."""
    monkeypatch.setattr(sharding, "MOST", 2)
    done = harness_("shard", "plan", "--matrix", "--pairs", "changed", *FEW, "--json")
    assert done.code == 2
    assert "Expected at most 2 shards" in done.out
