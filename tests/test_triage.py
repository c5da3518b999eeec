"""Deciding on causes: the command, on fakes, and what it writes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from harness import cli, triage
from harness.classify import baseline
from harness.classify.expectations import Expectation
from harness.commands import reviewing
from harness.errors import WrongUse
from harness.specs.registry import all_specs
from tests.fakes import table
from tests.report.records_of_a_run import unavailable_record

FIRST, SECOND = "layers.Dense/layer[[]units=3,batch of one]", "layers.Dense/layer[[]units=3,large]"
CAUSE = "numbers|dense"


@dataclass(frozen=True)
class Bench:
    """A folder with reports, and the commands run in it."""

    folder: Path
    capsys: pytest.CaptureFixture[str]

    @property
    def file(self) -> Path:
        """The baseline of the pair."""
        return self.folder / "reports" / "baseline" / "drifts.toml"

    def run(self, *words: str) -> tuple[int, str]:
        """Exit code and everything said."""
        self.capsys.readouterr()
        code = cli.main([*words, "--reports", str(self.folder / "reports")])
        out, err = self.capsys.readouterr()
        return code, out + err

    def compare(self, *patterns: str, pair: str = "drifts") -> int:
        """Compare the fakes on some cases."""
        only = [word for pattern in patterns for word in ("--only", pattern)]
        more = ["--targets", str(self.folder / "targets.toml"), "--jobs", "1", "--profile", "full"]
        return self.run("compare", "--pair", pair, *only, *more)[0]

    def data(self) -> Any:
        """The divergences.json of the newest report."""
        return json.loads((self.folder / "reports" / "latest" / "divergences.json").read_text("utf-8"))

    def lines(self) -> list[str]:
        """The accepted lines."""
        text = self.file.with_suffix(".accepted").read_text("utf-8")
        return [line for line in text.splitlines() if line[:1] not in "#=-"]


@pytest.fixture
def bench(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Bench:
    """A bench whose corpus is one layer."""
    path = table.write(tmp_path)
    if path.name != "targets.toml":
        path.rename(tmp_path / "targets.toml")
    dense = [spec for spec in all_specs() if spec.subject == "layers.Dense"]
    monkeypatch.setattr(reviewing, "all_specs", lambda: dense)
    return Bench(tmp_path, capsys)


def accepted(bench: Bench) -> None:
    """Both cases of the drifting fake, accepted."""
    bench.compare(FIRST, SECOND)
    bench.run("triage", "--accept", CAUSE, "--reason", "It drifts.", "--link", "https://x")


def test_an_accepted_cause_is_expected_and_the_run_ends_with_0(bench: Bench) -> None:
    """The cases the run showed are listed with their sizes, and the report says which entry covers them."""
    assert bench.compare(FIRST, SECOND) == 1
    code, said = bench.run("triage", "--accept", CAUSE, "--reason", "It drifts.", "--link", "https://x")
    assert code == 0, said
    assert "2 lines accepted" in said
    (entry,) = baseline.parse(bench.file.read_text("utf-8"), "drifts.toml")
    assert (entry.cause, entry.reason, entry.link, entry.documented) == (
        CAUSE,
        "It drifts.",
        "https://x",
        True,
    )
    assert len(bench.lines()) == 2
    assert bench.compare(FIRST, SECOND) == 0
    assert bench.compare(FIRST) == 0
    (cause,) = bench.data()["causes"]
    assert (cause["verdict"], cause["expectation"]) == ("expected", "numbers-dense")


def test_what_was_not_accepted_is_new_under_a_known_cause(bench: Bench) -> None:
    """A case nobody accepted fails the run, as a cause of its own that holds only what is new."""
    bench.compare(FIRST)
    bench.run("triage", "--accept", CAUSE, "--reason", "It drifts.")
    assert bench.compare(FIRST, SECOND) == 1
    found = {c["verdict"]: (c["fingerprint"], c["divergences"]) for c in bench.data()["causes"]}
    assert found == {"expected": (CAUSE, 1), "new": (CAUSE, 1)}
    code, said = bench.run("triage", "--refresh")
    assert code == 0
    assert "1 lines accepted, 0 changed, 0 dropped, 1 kept" in said
    assert bench.compare(FIRST, SECOND) == 0


def test_a_refresh_keeps_what_was_not_compared_and_names_causes_without_an_expectation(bench: Bench) -> None:
    """Nobody looked at the other case; a cause nobody reviewed is not accepted by the way."""
    accepted(bench)
    bench.compare(FIRST)
    assert "0 lines accepted, 0 changed, 0 dropped, 2 kept" in bench.run("triage", "--refresh")[1]
    bench.file.write_text(bench.file.read_text("utf-8").replace(CAUSE, "numbers|other"), "utf-8")
    code, said = bench.run("triage", "--refresh")
    assert code == 1
    assert "1 causes have no expectation" in said
    assert CAUSE in said


def test_what_is_gone_is_stale_and_can_be_pruned(bench: Bench) -> None:
    """A line whose case agrees now fails the run until somebody drops it."""
    accepted(bench)
    lines = bench.file.with_suffix(".accepted")
    lines.write_text(lines.read_text("utf-8").replace("|forward", "|elsewhere"), "utf-8")
    assert bench.compare(FIRST, SECOND) == 1
    (stale,) = bench.data()["stale"]
    assert "2 of 2 accepted lines did not show" in stale["why"]
    assert "0 lines accepted, 0 changed, 2 dropped" in bench.run("triage", "--prune")[1]
    assert bench.lines() == []


def test_a_line_of_a_case_that_is_planned_no_more_is_dropped(bench: Bench) -> None:
    """Nobody will ever compare it again."""
    accepted(bench)
    lines = bench.file.with_suffix(".accepted")
    text = lines.read_text("utf-8")
    witness = bench.lines()[0].split(" ")[1]
    lines.write_text(text.replace(witness, "0" * 12), "utf-8")
    bench.compare(SECOND) if witness not in text.split("large")[0] else bench.compare(FIRST)
    bench.run("triage", "--prune")
    assert "0" * 12 not in lines.read_text("utf-8")


def test_decisions_can_come_from_a_file(bench: Bench) -> None:
    """As many as one likes, with ids and roots; a cause that has an entry keeps it."""
    bench.compare(FIRST)
    file = bench.folder / "decisions.toml"
    file.write_text(
        f'[[expectation]]\ncause = "{CAUSE}"\nreason = "It \\"drifts\\"."\nid = "mine"\nroot = "drift"\n',
        "utf-8",
    )
    assert bench.run("triage", "--accept-all-from", str(file))[0] == 0
    assert bench.run("triage", "--accept-all-from", str(file))[0] == 0
    (entry,) = baseline.parse(bench.file.read_text("utf-8"), "drifts.toml")
    assert (entry.id, entry.root, entry.documented, entry.reason) == ("mine", "drift", False, 'It "drifts".')
    file.write_text('[[expectation]]\ncause = "x"\n', "utf-8")
    assert bench.run("triage", "--accept-all-from", str(file)) == (2, ANY_REASON.format(file))
    assert bench.run("triage", "--accept-all-from", str(bench.folder / "none.toml"))[0] == 2


ANY_REASON = (
    "Expected every [[expectation]] of '{}' to have `cause` and `reason`. Received: ['cause']. Add them.\n"
)


def test_a_person_is_walked_through_what_is_new(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each cause is shown with its example; the answer is asked for again until it is one."""
    bench.compare(FIRST)
    answers = iter(["what?", "a", "", "It drifts.", ""])
    monkeypatch.setattr("builtins.input", lambda question: next(answers))
    code, said = bench.run("triage")
    assert code == 0
    assert "1 of 1  silent different numbers  (new)" in said
    assert "layers.Dense/layer[units=3,batch of one]" in said
    assert not baseline.load(bench.file.parent)[0].documented
    bench.compare(FIRST)
    assert "Nothing is new." in bench.run("triage")[1]


@pytest.mark.parametrize("answer", ["reject", "s", "q"])
def test_what_is_rejected_or_skipped_stays_unexpected(
    bench: Bench, monkeypatch: pytest.MonkeyPatch, answer: str
) -> None:
    """No entry is written for it."""
    bench.compare(FIRST)
    monkeypatch.setattr("builtins.input", lambda question: answer)
    assert bench.run("triage")[0] == 1
    assert baseline.load(bench.file.parent) == ()


def test_without_a_terminal_the_other_ways_are_named(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody can answer at the end of the input."""
    bench.compare(FIRST)

    def nobody(question: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", nobody)
    code, said = bench.run("triage")
    assert code == 2
    assert "--accept" in said


def test_wrong_use_says_what_to_do(bench: Bench) -> None:
    """No store, no reason, a cause that is not there."""
    assert "harness compare" in bench.run("triage")[1]
    assert bench.run("triage", "--accept", CAUSE)[0] == 2
    bench.compare(FIRST)
    code, said = bench.run("triage", "--accept", "numbers|nothing", "--reason", "r")
    assert code == 2
    assert "divergences.json" in said
    with pytest.raises(WrongUse, match="both targets ran"):
        triage.speaking(bench.file, unavailable_record())


def test_the_reverse_list_holds_what_is_nowhere_documented(bench: Bench) -> None:
    """It is Markdown, sorted, and leaves out what has an official source."""
    bench.compare(FIRST)
    bench.run("triage", "--accept", CAUSE, "--reason", "It drifts | a bit.")
    code, said = bench.run("triage", "--undocumented")
    assert code == 0
    assert "1 causes." in said
    assert "| `numbers-dense` | It drifts \\| a bit. |" in said
    bench.file.write_text(
        bench.file.read_text("utf-8").replace("documented = false", 'link = "https://x"'), "utf-8"
    )
    assert "0 causes." in bench.run("triage", "--undocumented")[1]


def test_roots_that_several_causes_share_are_counted() -> None:
    """A root that one cause has alone is no news."""

    def entry(name: str, root: str) -> Expectation:
        text = f'[[expectation]]\nid = "{name}"\ncause = "c"\nreason = "r"\ndocumented = false\n'
        return baseline.parse(text + f'date = 2026-01-01\nroot = "{root}"\n', "f")[0]

    entries = [entry("a", "x"), entry("b", "x"), entry("c", "y")]
    assert triage.shared_roots(entries) == {"x": 2}


def test_an_id_that_is_taken_gets_a_number() -> None:
    """Two fingerprints may look alike once their signs are left out."""
    assert triage._named("a|b", {"a-b", "a-b-2"}) == "a-b-3"
