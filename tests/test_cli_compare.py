"""Comparisons from the command line to the report, with real worker processes that run fakes."""

from __future__ import annotations

import json
import re
import sqlite3
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import html5lib
import pytest
from jsonschema import Draft202012Validator

import harness.report
from harness import cli
from harness.report import html
from harness.store import Store
from tests.fakes import table

SCHEMA = json.loads(
    (Path(harness.report.__file__).parent / "schema" / "divergences.schema.json").read_text("utf-8")
)
FEW = ("layers.Dense/layer[[]units=3,batch of one]", "layers.Dense/layer[[]units=3,large]")
BAD = "layers.Dense/layer[[]units=-1]"


@dataclass(frozen=True)
class Done:
    """How a command ended."""

    code: int
    out: str
    err: str
    reports: Path

    @property
    def latest(self) -> Path:
        """The newest report."""
        return (self.reports / "latest").resolve()

    @property
    def data(self) -> Any:
        """What its divergences.json says."""
        return json.loads((self.latest / "divergences.json").read_text("ascii"))


Harness = Callable[..., Done]


@pytest.fixture
def harness_(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Harness:
    """Runs a command of the harness in a folder of its own."""
    targets = table.write(tmp_path)
    reports = tmp_path / "reports"

    def run(command: str, *words: str) -> Done:
        more = ["--reports", str(reports)]
        if command == "compare":
            more += ["--targets", str(targets), "--jobs", "2", "--no-minimise"]
        capsys.readouterr()
        code = cli.main([command, *words, *more])
        out, err = capsys.readouterr()
        return Done(code, out, err, reports)

    return run


def only(*patterns: str) -> list[str]:
    """Options that choose cases, peculiar feeds among them."""
    return ["--profile", "full", *(word for pattern in patterns for word in ("--only", pattern))]


def kinds(done: Done) -> set[str]:
    """The kinds of the divergences of a run."""
    return {d["kind"] for d in done.data["divergences"]}


def test_a_target_against_itself_agrees(harness_: Harness) -> None:
    """The control shows no divergence, was performed twice, and ends with 0."""
    done = harness_("compare", "--pair", "control", *only(*FEW, BAD))
    assert done.code == 0
    assert done.data["divergences"] == []
    assert done.data["counts"]["cases"]["agree"] == 3
    assert "6 cases performed" in done.out


def test_numbers_that_drift_are_found(harness_: Harness) -> None:
    """Values off by 1e-3 are a divergence of values, and the run ends with 1."""
    done = harness_("compare", "--pair", "drifts", *only(*FEW))
    assert done.code == 1
    assert kinds(done) == {"value"}
    assert {d["severity"] for d in done.data["divergences"]} == {"silent different numbers"}


def test_the_last_bit_is_rounding(harness_: Harness) -> None:
    """Values off by one unit in the last place are said to be rounding, and the run ends with 0."""
    done = harness_("compare", "--pair", "rounds", *only(FEW[0]))
    assert done.code == 0
    assert done.data["counts"]["cases"]["agree within rounding"] == 1


def test_a_symbol_that_is_missing_is_found(harness_: Harness) -> None:
    """A layer one side does not have is a missing symbol."""
    done = harness_("compare", "--pair", "lacks", *only(*FEW))
    assert done.code == 1
    assert {d["severity"] for d in done.data["divergences"]} == {"missing symbol or argument"}


def test_another_error_is_found(harness_: Harness) -> None:
    """A TypeError instead of a ValueError is a divergence of errors; `--fail-on` may let it pass."""
    done = harness_("compare", "--pair", "raises", *only(BAD))
    assert done.code == 1
    assert kinds(done) == {"error"}
    assert harness_("compare", "--pair", "raises", *only(BAD), "--fail-on", "raises").code == 0


def test_a_target_that_cannot_start_is_not_run(harness_: Harness) -> None:
    """Nothing is compared, the report says why, and the run ends with 3."""
    done = harness_("compare", "--pair", "refuses", *only(*FEW))
    assert done.code == 3
    assert done.data["counts"]["cases"]["not run"] == 2
    side = done.data["targets"]["candidate"]
    assert side["ran"] is False
    assert "refuses to be imported" in side["reason"]
    assert "not run: fake-refuses cannot be imported" in done.out
    assert "(2 cases not observed)" in done.out


def test_a_target_that_cannot_be_had_is_not_run(harness_: Harness) -> None:
    """The reason and the way out are two sentences, in the terminal and in the report."""
    done = harness_("compare", "--pair", "unhad", *only(FEW[0]))
    assert done.code == 3
    assert "is not a Python that runs. Correct `interpreter`" in done.out
    assert done.data["counts"]["cases"]["not run"] == 1
    assert "not run" in (done.latest / "index.html").read_text("utf-8")


def test_a_fault_of_both_sides_is_said_once(harness_: Harness) -> None:
    """When both sides are one target, what is wrong with it is not repeated."""
    done = harness_("compare", "--pair", "unhad-twice", *only(FEW[0]))
    assert done.code == 3
    assert done.out.count("harness fault:") == 1
    assert len(done.data["faults"]) == 1


def test_nothing_is_performed_twice(harness_: Harness) -> None:
    """A second run takes everything from the store; `--no-cache` performs it again, and says the same."""
    first = harness_("compare", "--pair", "drifts", *only(*FEW))
    second = harness_("compare", "--pair", "drifts", *only(*FEW))
    assert second.out.count(": 0 cases performed") == 2
    assert f"nothing has changed since {first.latest.name}: its report stands" in second.out
    assert (second.code, second.latest) == (first.code, first.latest)
    assert first.out.splitlines()[-9:-3] == second.out.splitlines()[-10:-4]
    assert second.data["divergences"] == first.data["divergences"]
    again = harness_("compare", "--pair", "drifts", *only(*FEW), "--no-cache")
    assert ": 0 cases performed" not in again.out
    assert again.data["divergences"] == first.data["divergences"]


def test_a_report_stands_only_while_nothing_changes(
    harness_: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another question, a report that is gone, a baseline, a new observation: each is compared again."""
    words = ("compare", "--pair", "drifts", *only(*FEW))
    runs = [harness_(*words).latest]

    def is_new(*more: str) -> bool:
        done = harness_(*words, *more)
        runs.append(done.latest)
        return "its report stands" not in done.out and done.latest not in runs[:-1]

    assert not is_new()
    assert is_new("--only", BAD)
    assert is_new()  # what was observed in between may have changed what is to be said
    assert not is_new()
    (runs[-1] / "index.html").unlink()
    assert is_new()
    (runs[-1] / "index.html").write_text("written again, under another baseline")
    assert is_new()
    with Store(runs[-1].parent / "store.sqlite") as store, store.beside(store.path) as db:
        db.execute("UPDATE observations SET seconds = seconds + 1")  # as where they were performed anew
    assert is_new()
    (runs[-1].parent / "baseline").mkdir()
    (runs[-1].parent / "baseline" / "mine.toml").write_text("")
    assert is_new()
    assert is_new("--fail-on", "numbers")
    monkeypatch.setattr("harness.standing.contents", lambda paths: "another harness")
    assert is_new()


def test_a_run_with_a_fault_does_not_stand(harness_: Harness) -> None:
    """What failed is tried again each time."""
    words = ("compare", "--pair", "refuses", *only(FEW[0]))
    assert harness_(*words).latest != harness_(*words).latest


def test_the_order_of_cases_does_not_matter(harness_: Harness, tmp_path: Path) -> None:
    """`--shuffle` changes the order in which cases are performed and nothing that is observed."""
    words = ("compare", "--pair", "control", *only("layers.Dense/layer[[]units=3,[a-c]*"))
    done = harness_(*words)
    with Store(done.reports / "store.sqlite") as store:
        plain = store.fingerprint()
    (done.reports / "store.sqlite").unlink()
    harness_(*words, "--shuffle", "7")
    with Store(done.reports / "store.sqlite") as store:
        assert store.fingerprint() == plain


def test_an_expectation_nothing_shows_any_more_is_stale(harness_: Harness) -> None:
    """A reviewed divergence that is gone fails the run and is named."""
    words = ("compare", "--pair", "control", *only(FEW[0]))
    baseline = harness_(*words).reports / "baseline"
    baseline.mkdir()
    (baseline / "old.toml").write_text(
        '[[expectation]]\nid = "dense-was-off"\nsubjects = ["layers.Dense"]\nkind = "value"\npath = "*"\n'
        'reason = "rounding of another age"\nlink = "https://example.org/1"\ndate = 2024-01-01\n'
    )
    done = harness_(*words)
    assert done.code == 1
    assert "stale expectation: dense-was-off" in done.out


def test_a_report_is_made_again_from_the_store_alone(
    harness_: Harness, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`report` starts no process, and what it writes is what the run wrote."""
    done = harness_("compare", "--pair", "drifts", *only(*FEW, BAD))
    written = {p.relative_to(done.latest): p.read_bytes() for p in done.latest.rglob("*") if p.is_file()}
    for path in written:
        (done.latest / path).unlink()
    monkeypatch.setattr("subprocess.Popen", lambda *a, **k: pytest.fail("a process was started"))
    again = harness_("report")
    assert again.code == 1
    assert {p.relative_to(again.latest): p.read_bytes() for p in again.latest.rglob("*") if p.is_file()} == (
        written
    )


def test_an_older_run_is_reported_by_its_name(harness_: Harness) -> None:
    """`report RUN` leaves the newest report the latest, and tells which runs there are."""
    first = harness_("compare", "--pair", "unhad", *only(FEW[0])).latest.name
    second = harness_("compare", "--pair", "control", *only(FEW[0])).latest.name
    done = harness_("report", first)
    assert done.code == 3
    assert done.latest.name == second
    wrong = harness_("report", "yesterday")
    assert wrong.code == 2
    assert first in wrong.err


def test_a_report_needs_a_run(harness_: Harness, tmp_path: Path) -> None:
    """Without a store, or with an empty one, the way out is named."""
    assert "See `harness compare`" in harness_("report").err
    with Store(tmp_path / "reports" / "store.sqlite"):
        pass
    done = harness_("report")
    assert done.code == 2
    assert "Received: none" in done.err


def test_a_users_own_scenarios_are_compared(harness_: Harness, tmp_path: Path) -> None:
    """`--cases` compares the scenarios of a file alone, and its report can be made again."""
    own = tmp_path / "my_cases.py"
    own.write_text(
        "from harness_cases.scenario import about\n\n\n"
        '@about("layers.Dense", units=(2, 3))\n'
        "def the_sum(keras, record, units):\n"
        '    """What a layer sums up to."""\n'
        "    layer = keras.layers.Dense(units)\n"
        '    record.context.record.note("sum", "value", layer(record.array(2, 2)).sum())\n'
    )
    done = harness_("compare", "--pair", "drifts", "--cases", str(own))
    assert done.code == 1
    assert done.data["counts"]["cases"]["diverge"] == 2
    assert {d["case"].partition("[")[0] for d in done.data["divergences"]} == {
        "layers.Dense/my_cases:the_sum"
    }
    assert harness_("report").data["divergences"] == done.data["divergences"]


OWN_SCRIPTS = {html.script(kind) for kind in html.SCRIPTS}
"""What a page may run: the report's own, and nothing of a target's."""


def test_hostile_text_does_no_harm(harness_: Harness) -> None:
    """Markup, escapes and a megabyte in names, configs, errors and warnings reach no reader alive."""
    done = harness_("compare", "--pair", "hostile", *only(*FEW, BAD))
    assert done.code == 1
    assert kinds(done) >= {"error", "config", "names and order", "warnings"}
    for text in (done.out, done.err):
        assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ud800-\udfff]", text)
        assert max(map(len, text.splitlines()), default=0) < 4000
    Draft202012Validator(SCHEMA).validate(done.data)
    ElementTree.fromstring((done.latest / "junit.xml").read_bytes())
    parser = html5lib.HTMLParser(strict=True)
    for page in done.latest.rglob("*.html"):
        assert page.stat().st_size < 1 << 20
        scripts = [e.text for e in parser.parse(page.read_bytes()).iter() if str(e.tag).endswith("}script")]
        assert set(scripts) <= OWN_SCRIPTS


def test_a_crash_is_an_outcome_with_its_evidence(harness_: Harness, tmp_path: Path) -> None:
    """A case that ends its process diverges as a crash, and the run goes on."""
    own = tmp_path / "falls.py"
    own.write_text(
        "from harness_cases.scenario import about\n\n\n"
        '@about("layers.Dense", units=(2, 13))\n'
        "def falls(keras, record, units):\n"
        '    """Thirteen is one too many."""\n'
        "    keras.layers.Dense(units)\n"
    )
    done = harness_("compare", "--pair", "crashes", "--cases", str(own))
    assert done.code == 1
    assert [d["severity"] for d in done.data["divergences"]] == ["crash or hang"]
    assert done.data["counts"]["cases"]["agree"] == 1


def test_a_damaged_store_is_a_fault_that_is_said(harness_: Harness, tmp_path: Path) -> None:
    """What cannot be opened is named with the way out, and stays as it is."""
    path = tmp_path / "reports" / "store.sqlite"
    path.parent.mkdir()
    path.write_bytes(b"no database at all" * 99)
    done = harness_("compare", "--pair", "control", *only(FEW[0]))
    assert done.code == 3
    assert "store.sqlite cannot be opened" in done.err
    assert path.read_bytes().startswith(b"no database")


def test_a_run_kept_by_another_version_is_refused(harness_: Harness) -> None:
    """A run of which too little is kept is said to be so."""
    done = harness_("compare", "--pair", "unhad", *only(FEW[0]))
    with sqlite3.connect(done.reports / "store.sqlite") as database:
        database.execute('UPDATE runs SET content = \'{"pair": "unhad"}\'')
    database.close()
    again = harness_("report")
    assert again.code == 3
    assert "Expected what the store keeps of a run to be complete" in again.err
