"""A matrix and the date of a cause, from the command line to the report, with workers that run fakes."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import html5lib
import pytest
from jsonschema import Draft202012Validator

import harness.report
from harness import cli, environments, examples
from harness.store import Store
from tests.fakes import lineage

SCHEMAS = Path(harness.report.__file__).parent / "schema"
CASE = "layers.Dense/layer[[]units=3,batch of one]"
BAD = "layers.Dense/layer[[]units=-1]"
FULL = ("--profile", "full")


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str
    reports: Path

    @property
    def folder(self) -> Path:
        """The newest report of a matrix."""
        return sorted(self.reports.glob("*-matrix-*"))[-1]

    @property
    def data(self) -> Any:
        """What its matrix.json says."""
        return json.loads((self.folder / "matrix.json").read_text("ascii"))


Harness = Callable[..., Done]


@pytest.fixture
def harness_(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Harness:
    """Runs a command of the harness on a history of fakes."""
    table = lineage.write(tmp_path)
    reports = tmp_path / "reports"

    def run(command: str, *words: str) -> Done:
        more = ["--reports", str(reports)]
        if command not in ("report", "triage"):
            more += ["--targets", str(table), "--jobs", "1"]
        capsys.readouterr()
        code = cli.main([command, *words, *more])
        out, err = capsys.readouterr()
        return Done(code, out, err, reports)

    return run


def test_a_matrix_shows_flips_rounding_gaps_and_the_way_back(harness_: Harness) -> None:
    """Rounding is no flip, drifting is one and is taken back; what cannot be had is `?`, missing a mark."""
    done = harness_("matrix", "--lineage", "fake line", *FULL, "--only", CASE)
    assert done.code == 3
    (row,) = done.data["cases"]
    assert row["marks"] == "AAB?BA-A"
    assert row["unsure"] is False
    changes = {(c["before"], c["after"]): c for c in done.data["changes"]}
    assert set(changes) == {
        ("fake-2", "fake-3"),
        ("fake-5", "fake-6"),
        ("fake-6", "fake-7"),
        ("fake-7", "fake-8"),
    }
    appeared = changes["fake-2", "fake-3"]
    assert (appeared["severity"], appeared["until"]) == ("silent different numbers", "fake-6")
    assert changes["fake-5", "fake-6"]["back"] is True
    assert changes["fake-6", "fake-7"]["severity"] == "missing symbol or argument"
    assert "fake-6: 0 causes appeared, 1 went" in done.out
    assert "not run: fake-4" in done.out


def test_matrix_json_keeps_its_schema(harness_: Harness) -> None:
    """What is written is what the schema says, columns that were not run included."""
    done = harness_("matrix", "--targets", "fake-[3-6]", *FULL, "--only", CASE, "--only", BAD)
    schema = json.loads((SCHEMAS / "matrix.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(done.data)
    missing = next(c for c in done.data["columns"] if not c["ran"])
    assert missing["why"]
    assert missing["fix"]


def test_every_page_of_a_matrix_is_sound_html_whose_links_lead_somewhere(harness_: Harness) -> None:
    """Pages parse strictly, carry their style, load nothing and link only to files that are there."""
    done = harness_("matrix", "--lineage", "fake line", *FULL, "--only", CASE)
    pages = sorted(done.folder.rglob("*.html"))
    assert {p.parent.name for p in pages} >= {"lineages", "releases", "subjects"}
    for page in pages:
        text = page.read_text("utf-8")
        tree = html5lib.HTMLParser(strict=True, namespaceHTMLElements=False).parse(text)
        assert "<script" not in text
        for link in tree.iter("a"):
            target = link.get("href").partition("#")[0]
            assert not target or (page.parent / target).exists(), (page, target)


def test_the_report_of_a_matrix_can_be_written_again_from_the_store(harness_: Harness) -> None:
    """No target is started: the same classes and changes come from what is stored."""
    done = harness_("matrix", "--lineage", "fake line", *FULL, "--only", CASE)
    before = done.data
    again = harness_("report", done.folder.name)
    assert again.data == before


def test_a_second_matrix_performs_nothing_that_is_known(harness_: Harness) -> None:
    """Everything observed is in the store; only a target that could not be had is tried again."""
    first = harness_("matrix", "--targets", "fake-[12]", *FULL, "--only", CASE)
    assert sum(t["performed"] for t in first.data["timings"]) > 0
    second = harness_("matrix", "--targets", "fake-[12]", *FULL, "--only", CASE)
    assert sum(t["performed"] for t in second.data["timings"]) == 0
    assert second.code == 0


def test_a_matrix_in_shards_says_what_one_in_one_piece_says(harness_: Harness) -> None:
    """`--count` has each environment's cases performed by a process of its own; the same case by case."""
    words = ("--targets", "fake-[2-5]", *FULL, "--only", CASE)
    sharded = harness_("matrix", *words, "--count", "4")
    assert sharded.code == 3
    assert sharded.data["settings"]["shards"] == 4
    whole = harness_("matrix", *words, "--no-cache")
    for what in ("cases", "changes", "columns", "faults", "lineages"):
        assert sharded.data[what] == whole.data[what], what
    assert {row["marks"] for row in whole.data["cases"]} == {"AB?B"}
    assert list((sharded.reports / "shards").glob("evidence-1-fake-2*/log.txt"))


@pytest.mark.parametrize("how", [("--count", "2"), ("--dask", "tcp://127.0.0.1:1")], ids=["count", "dask"])
@pytest.mark.parametrize("what", ["--no-cache", "--no-prepare"])
def test_shards_take_what_is_stored_and_make_what_is_missing(
    harness_: Harness, how: tuple[str, str], what: str
) -> None:
    """Options of one process alone are wrong use beside them, not left out in silence."""
    done = harness_("matrix", "--targets", "fake-1", "--only", CASE, *how, what)
    assert done.code == 2
    assert "Expected neither `--no-cache` nor `--no-prepare`" in done.err


def test_a_file_and_patterns_of_targets_together(harness_: Harness) -> None:
    """The file adds targets, the patterns choose columns; one that matches nothing is wrong use."""
    done = harness_("matrix", "--targets", "fake-1", "--targets", "fake-[2]", *FULL, "--only", CASE)
    assert [column["id"] for column in done.data["columns"]] == ["fake-1", "fake-2"]
    done = harness_("matrix", "--targets", "fkae-1", "--only", CASE)
    assert done.code == 2
    assert "'fkae-1'" in done.err


@pytest.mark.parametrize("how", [(), ("--count", "1")], ids=["alone", "in shards"])
def test_a_budget_of_disk_is_kept(
    harness_: Harness, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, how: tuple[str, ...]
) -> None:
    """What is over it goes before anything is made, which is said."""
    monkeypatch.setenv(environments.HOME_VARIABLE, str(tmp_path / "home"))
    place = tmp_path / "home" / "target-old"
    (place / "bin").mkdir(parents=True)
    (place / "big").write_bytes(bytes(1 << 20))
    records = tmp_path / "home" / "environments"
    records.mkdir()
    (records / "old.json").write_text(json.dumps({"python": str(place / "bin" / "python")}))
    words = ("matrix", "--targets", "fake-1", *FULL, "--only", CASE, *how)
    assert harness_(*words, "--disk", "1").code == 0
    assert place.exists()
    done = harness_(*words, "--disk", "0.0001")
    assert done.code == 0
    assert "removed the environment of old" in done.out
    assert not place.exists()


def test_no_time_is_told_and_nothing_counts_as_observed(harness_: Harness) -> None:
    """`--minutes 0` stops in good order: columns say why, cases say `?`, the same command continues."""
    done = harness_("matrix", "--targets", "fake-[12]", *FULL, "--only", CASE, "--minutes", "0")
    assert {row["marks"] for row in done.data["cases"]} == {"??"}
    assert "0 of 2 targets were observed wholly" in done.data["cut_short"]
    assert "The 0 minutes given were up" in done.out


@pytest.mark.parametrize(
    "words",
    [("--lineage", "nowhere"), ("--only", "layers.Nothing")],
    ids=["lineage", "only"],
)
def test_what_cannot_be_asked_is_wrong_use(harness_: Harness, words: tuple[str, str]) -> None:
    """The message names what was expected."""
    done = harness_("matrix", "--targets", "fake-1", *words)
    assert done.code == 2
    assert "Expected" in done.err


def test_a_cause_is_dated_and_the_report_says_so(harness_: Harness) -> None:
    """fake-5 drifts since fake-3; fake-6 does not: the reference left what the candidate does."""
    assert harness_("compare", "--pair", "changed", *FULL, "--only", CASE).code == 1
    done = harness_("since", "--pair", "changed", "--targets", "fake-*", "--jobs", "1")
    assert done.code == 0
    latest = (done.reports / "latest").resolve()
    data = json.loads((latest / "divergences.json").read_text("ascii"))
    (cause,) = data["causes"]
    date = cause["since"]
    schema = json.loads((SCHEMAS / "divergences.schema.json").read_text("utf-8"))
    Draft202012Validator(schema).validate(data)
    assert (date["reference"]["since"], date["reference"]["before"]) == ("fake-3", "fake-2")
    assert date["reference"]["skipped"] == []
    assert dict(date["marks"])["fake-4"] == "?"
    assert "1 of 1 causes dated" in done.out
    assert "<dt>Since</dt>" in (latest / cause["page"]).read_text("utf-8")
    assert "since" in (latest / "index.html").read_text("utf-8")


def test_a_date_is_kept_and_found_by_the_next_comparison(harness_: Harness) -> None:
    """`compare` shows what the store knows without performing anything for it; `since` asks nothing twice."""
    harness_("compare", "--pair", "changed", *FULL, "--only", CASE)
    harness_("since", "--pair", "changed", "--targets", "fake-*")
    again = harness_("compare", "--pair", "changed", *FULL, "--only", CASE)
    data = json.loads(((again.reports / "latest").resolve() / "divergences.json").read_text("ascii"))
    assert "since" in data["causes"][0]
    assert harness_("since", "--pair", "changed", "--stored").code == 0


def test_dates_of_expected_causes_are_shipped_with_the_baseline(harness_: Harness) -> None:
    """A cause with an expectation is dated in a file beside it; a store that knows no date shows that one."""
    harness_("compare", "--pair", "changed", *FULL, "--only", CASE)
    reports = harness_("since", "--pair", "changed", "--targets", "fake-*", "--no-report").reports
    data = json.loads((reports / "latest" / "divergences.json").read_text("ascii"))
    cause = data["causes"][0]["fingerprint"]
    harness_("triage", "--accept", cause, "--reason", "It drifts.", "--link", "https://example.org/1")
    done = harness_("since", "--pair", "changed", "--stored", "--no-report", "--into-baseline")
    assert "changed.since.jsonl: 1 causes dated, 1 of them written anew" in done.out
    (reports / "store.sqlite").unlink()
    assert harness_("compare", "--pair", "changed", *FULL, "--only", CASE).code == 0
    data = json.loads((reports / "latest" / "divergences.json").read_text("ascii"))
    assert data["causes"][0]["since"]["sentence"].endswith("shipped with the baseline.")


@pytest.mark.parametrize(
    ("pair", "code", "told"),
    [("changed", 0, "fake line changed after fake-5"), ("apart", 1, "no other release was observed")],
)
def test_without_further_releases_only_sides_of_one_line_date_a_cause(
    harness_: Harness, pair: str, code: int, told: str
) -> None:
    """Sides of one line date their cause; for others, without a further release, it is said and ends in 1."""
    harness_("compare", "--pair", pair, *FULL, "--only", CASE)
    done = harness_("since", "--pair", pair, "--targets", "fake-*", "--stored")
    assert done.code == code
    assert told in done.out


def test_dating_needs_a_comparison_and_a_cause(harness_: Harness) -> None:
    """A pair that was never compared, or a pattern that names no cause, is wrong use."""
    assert "to hold a run of pair 'never-run'" in harness_("since", "--pair", "never-run").err
    harness_("compare", "--pair", "changed", *FULL, "--only", CASE)
    assert "to name a cause of a run" in harness_("since", "layers.Conv*", "--pair", "changed").err


def test_stores_merge_their_dates(harness_: Harness, tmp_path: Path) -> None:
    """What one machine dated, the union of the stores knows."""
    with Store(tmp_path / "one.sqlite") as one, Store(tmp_path / "two.sqlite") as two:
        one.keep_date("a", "b", "cause", {"case": "x"})
        two.merge(tmp_path / "one.sqlite")
        assert two.dates("a", "b") == {"cause": {"case": "x"}}


def test_a_change_between_releases_is_bisected_and_kept(harness_: Harness) -> None:
    """fake-5 drifts since fake-3; fakes have no lock, so what lies between is said to be unknown."""
    harness_("compare", "--pair", "changed", *FULL, "--only", CASE)
    done = harness_("bisect", "layers.Dense", "--pair", "changed", "--every")
    assert done.code == 0
    assert "which releases lie between them is not known" in done.out
    (path,) = (done.reports / "bisect").glob("*.json")
    kept = json.loads(path.read_text("utf-8"))
    found = [(b["side"], b["before"], b["after"], b["exact"]) for b in kept["boundaries"]]
    assert found == [("reference", "2.0", "3.0", False), ("candidate", "5.0", "6.0", False)]
    assert kept["pair"] == "changed"


@pytest.mark.parametrize(
    ("words", "code"),
    [(("--from", "fake-3"), 0), (("--from", "nowhere"), 2), (("--to", "fake-8"), 2)],
    ids=["from", "unknown", "newer than the sides"],
)
def test_bounds_of_a_search_are_releases_that_date_the_pair(
    harness_: Harness, words: tuple[str, str], code: int
) -> None:
    """Within them nothing older is asked; others are wrong use."""
    harness_("compare", "--pair", "changed", *FULL, "--only", CASE)
    done = harness_("bisect", "layers.Dense", "--pair", "changed", "--every", *words)
    assert done.code == code
    if code:
        assert "Expected `--from` and `--to`" in done.err
    else:
        assert "fake-3: 1 cases" in done.out
        assert "fake-2: 1 cases" not in done.out
        (path,) = (done.reports / "bisect").glob("*.json")
        boundaries = json.loads(path.read_text("utf-8"))["boundaries"]
        assert [(b["side"], b["after"]) for b in boundaries] == [("candidate", "6.0")]


def test_a_case_is_bisected_without_any_run(harness_: Harness) -> None:
    """`--only` performs it on the two sides at once; no run of the pair is needed, and none is kept."""
    sides = ("--reference", "fake-5", "--candidate", "fake-6")
    done = harness_("bisect", *sides, *FULL, "--only", CASE, "--every")
    assert done.code == 0
    with Store(done.reports / "store.sqlite") as store:
        assert store.runs() == []
    found = [json.loads(path.read_text("utf-8")) for path in (done.reports / "bisect").glob("*.json")]
    (numbers,) = [f for f in found if f["cause"].startswith("numbers")]
    boundaries = [(b["side"], b["before"], b["after"], b["latest"]) for b in numbers["boundaries"]]
    assert boundaries == [
        ("reference", "2.0", "3.0", True),
        ("candidate", "5.0", "6.0", True),
    ]
    assert all("differs: by" in b["evidence"] for b in numbers["boundaries"])


def test_what_cases_do_not_show_cannot_be_bisected(harness_: Harness) -> None:
    """Neither a cause of another name, nor any where the two agree; nor nothing at all."""
    sides = ("--reference", "fake-5", "--candidate", "fake-6")
    assert (
        "named nothing like it. Received:"
        in harness_("bisect", "nothing like it", *sides, *FULL, "--only", CASE).err
    )
    alike = ("--reference", "fake-3", "--candidate", "fake-5")
    assert "Received: no divergence" in harness_("bisect", *alike, *FULL, "--only", CASE).err
    assert "to say what to bisect" in harness_("bisect", *sides).err
    assert "to hold a run of pair 'fake-5..fake-6'" in harness_("bisect", "x", *sides).err


def test_time_that_is_up_is_said_to_be_not_run(harness_: Harness) -> None:
    """A side that was not reached shows nothing; that is not the same as showing no difference."""
    harness_("compare", "--pair", "changed", *FULL, "--only", CASE)
    with Store(harness_("report").reports / "store.sqlite") as store:
        store._db.execute("DELETE FROM observations")
    done = harness_("bisect", "layers.Dense", "--pair", "changed", "--minutes", "0")
    assert done.code == 2
    assert "not run: fake-5: the time given was up" in done.err
    assert "does not show it" not in done.err


def test_causes_are_dated_from_their_examples(harness_: Harness, monkeypatch: pytest.MonkeyPatch) -> None:
    """The run is not compared again; examples of one an older harness kept are worked out once."""
    harness_("compare", "--pair", "changed", *FULL, "--only", CASE)
    with Store(harness_("report").reports / "store.sqlite") as store:
        (name,) = store.runs()
        content = dict(store.run(name) or {})
        assert len(content.pop(examples.KEPT)) == len(content["causes"])
        store.keep_run(name, content, [case.hash for case in store.cases_of(name)])
    assert harness_("since", "--pair", "changed", "--targets", "fake-*", "--no-report").code == 0
    monkeypatch.setattr("harness.pipeline.rebuild", None)
    done = harness_("since", "--pair", "changed", "--stored", "--no-report")
    assert done.code == 0
    assert "causes dated by" in done.out
    assert "the report" not in done.out
