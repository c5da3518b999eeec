"""Commands that are used wrongly, or show what there is."""

from __future__ import annotations

import signal
from dataclasses import replace
from pathlib import Path

import pytest

from harness import cli, pipeline
from harness.commands import comparing, listing
from harness.errors import HarnessFault
from harness.plan import matches, plan
from harness.screen import Screen
from harness.specs.layers_core import SPECS
from tests.fakes import table


@pytest.fixture
def fakes(tmp_path: Path) -> str:
    """The table of fakes."""
    return str(table.write(tmp_path))


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["compare", "--pair", "mdoern"], "Did you mean modern"),
        (
            ["compare", "--reference", "keras-3.15.1-tensorflow"],
            "Expected `--candidate` beside `--reference`",
        ),
        (["compare", "--reference", "a", "--candidate", "b"], "Expected `target` to be one of"),
        (["compare", "--jobs", "0"], "Expected `--jobs` to be at least 1. Received: 0."),
        (["compare", "--targets", "none.toml"], "Expected `--targets` to be a readable TOML file"),
        (["compare", "--targets", "tf.keras-2.*"], "`harness compare` chooses no targets by pattern"),
        (["matrix", "--targets", "a.toml", "--targets", "b.toml"], "Received: 'a.toml' and 'b.toml'"),
        (["compare", "--cases", "none.py"], "Expected a Python file of scenarios"),
        (["report", "--reports", "nowhere"], "Expected `--reports` to be a folder with a store"),
        (["prepare", "nothing-like-it"], "Expected `target` to be one of"),
        (["coverage", "--pair", "mdoern"], "Did you mean modern"),
        (["bench", "--jobs", "0"], "Expected `--jobs` to be at least 1"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_use_is_told_with_the_way_out(
    words: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The message names the rule and what was received; the exit code is 2 and nothing is made."""
    monkeypatch.chdir(tmp_path)
    assert cli.main(words) == 2
    said = capsys.readouterr()
    assert told in said.err
    assert said.out == ""
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "words",
    [[], ["compare", "--profile", "huge"], ["compare", "--fail-on", "x"], ["bake"], ["report", "a", "b"]],
)
def test_what_cannot_be_parsed_is_wrong_use(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    """Misspelt commands and options end with 2 and a usage line."""
    with pytest.raises(SystemExit) as ended:
        cli.main(words)
    assert ended.value.code == 2
    assert "usage: harness" in capsys.readouterr().err


def test_a_pattern_that_matches_nothing_is_wrong_use(
    fakes: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No case, no run: nothing compared must not look like success."""
    reports = str(tmp_path / "r")
    words = [
        "compare",
        "--pair",
        "control",
        "--targets",
        fakes,
        "--only",
        "layers.Dnse",
        "--reports",
        reports,
    ]
    assert cli.main(words) == 2
    assert "Expected `--only` to match a case. Received: layers.Dnse" in capsys.readouterr().err
    assert not (tmp_path / "r" / "latest").exists()


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("layer.py", "", "is called 'layer' already"),
        ("mine.py", "x = 1\n", "Expected '"),
        ("mine.py", "def (", "Expected a Python file of scenarios"),
    ],
)
def test_a_file_of_scenarios_must_be_one(
    name: str, text: str, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file whose name is taken, that declares nothing or is no Python is refused before anything runs."""
    (tmp_path / name).write_text(text)
    assert cli.main(["compare", "--cases", str(tmp_path / name), "--reports", str(tmp_path / "r")]) == 2
    assert told in capsys.readouterr().err


def test_two_files_of_one_name_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The address of a case names its file; two of one name could not be told apart."""
    text = 'from harness_cases.scenario import about\n\n@about("Model")\ndef f(keras, record):\n    pass\n'
    words = []
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "mine.py").write_text(text)
        words += ["--cases", str(tmp_path / folder / "mine.py")]
    assert cli.main(["compare", *words]) == 2
    assert "is called 'mine' already" in capsys.readouterr().err


def test_every_command_is_found_by_its_word() -> None:
    """Each module of commands is named with the words it answers to, and a word imports no other."""
    folder = Path(cli.__file__).parent / "commands"
    assert {p.stem for p in folder.glob("*.py")} - {"__init__", "options"} == set(cli.MODULES)
    for words in cli.MODULES.values():
        for word in words:
            assert tuple(command.name for command in cli.commands([word])) == words
    assert len(cli.commands(["--help"])) == sum(map(len, cli.MODULES.values()))


def test_pairs_and_targets_are_listed(fakes: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Each with its state, the reason and the way out."""
    assert cli.main(["pairs", "--targets", fakes]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "control fake fake ready" in said
    assert "is not a Python that runs. Correct `interpreter`" in said
    assert cli.main(["targets", "--targets", fakes]) == 0
    assert "nowhere" in capsys.readouterr().out


def test_preparing_says_what_could_not_be_made(fakes: str, capsys: pytest.CaptureFixture[str]) -> None:
    """A target that is there is ready; one that cannot be had makes the command fail with 3."""
    assert cli.main(["prepare", "fake", "--targets", fakes]) == 0
    assert capsys.readouterr().out == "fake: ready\n"
    assert cli.main(["prepare", "fake", "nowhere", "--targets", fakes]) == 3
    assert "nowhere: cannot. its interpreter" in capsys.readouterr().out


def test_a_bench_without_its_targets_is_a_fault(fakes: str, capsys: pytest.CaptureFixture[str]) -> None:
    """What cannot be measured is not measured, and why is said."""
    assert cli.main(["bench", "--targets", fakes, "--pair", "unhad"]) == 3
    said = capsys.readouterr()
    assert "Target 'nowhere' cannot be run" in said.err
    assert said.out == ""


def test_an_interruption_says_that_nothing_is_lost(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Control-C ends with 130 and the way to go on; a fault of ours with 3."""
    before = signal.getsignal(signal.SIGTERM)

    def interrupted(*_: object) -> int:
        raise KeyboardInterrupt

    def failed(*_: object) -> int:
        raise HarnessFault("the store is on fire\nsecond line")

    monkeypatch.setattr(listing, "COMMANDS", (replace(listing.COMMANDS[0], run=interrupted),))
    assert cli.main(["pairs"]) == 130
    assert "run again to continue" in capsys.readouterr().err
    monkeypatch.setattr(listing, "COMMANDS", (replace(listing.COMMANDS[0], run=failed),))
    assert cli.main(["pairs"]) == 3
    assert capsys.readouterr().err == "the store is on fire\nsecond line\n"
    with pytest.raises(SystemExit) as ended:
        signal.raise_signal(signal.SIGTERM)
    assert ended.value.code == 143
    signal.signal(signal.SIGTERM, before)


def test_latest_replaces_whatever_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A link, a file or a folder makes way; without links the report is copied."""
    for run in ("one", "two"):
        (tmp_path / run).mkdir()
        (tmp_path / run / "index.html").write_text(run)
    latest = tmp_path / "latest"
    latest.write_text("a file")
    for run in ("one", "two"):
        comparing.point_latest(tmp_path, run)
        assert (latest / "index.html").read_text() == run
    monkeypatch.setattr(Path, "symlink_to", lambda *a, **k: (_ for _ in ()).throw(OSError("no links here")))
    for run in ("one", "two"):
        comparing.point_latest(tmp_path, run)
        assert not latest.is_symlink()
        assert (latest / "index.html").read_text() == run


@pytest.mark.parametrize(
    "pattern",
    ["layers.Dense", "layers.D*", "*units=3*", "layers.Dense/layer[[]units=3]", "layers.Emb?dding*", "x"],
)
def test_specs_are_passed_over_only_when_no_case_could_match(pattern: str) -> None:
    """Looking at what stands before the first wildcard never loses a case."""
    everything = [c.hash for c in plan(SPECS) if matches(c, pattern)]
    kept = [s for s in SPECS if pipeline.may_match(s, (pattern,))]
    assert [c.hash for c in plan(kept, only=[pattern])] == everything
    assert all(pipeline.may_match(s, ()) for s in SPECS)


def test_an_error_of_many_lines_is_cut(capsys: pytest.CaptureFixture[str]) -> None:
    """A traceback of a thousand lines does not bury what was said before."""
    Screen().error("\n".join(str(n) for n in range(1000)))
    assert len(capsys.readouterr().err.splitlines()) == 40
