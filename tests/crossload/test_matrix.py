"""The cross-load matrix on fakes that save and load in real processes, from command line to report."""

from __future__ import annotations

import contextlib
import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest

import harness.report
from harness import cli
from harness.crossload import planning
from tests.fakes import table

SCHEMA = Path(harness.report.__file__).with_name("schema") / "crossload.schema.json"
BEHAVIOURS = (
    "forgets", "drifts", "rounds", "dismisses", "confuses", "shuts", "falls", "hangs", "warns", "nameless",
)  # fmt: skip


class Made:
    """What a command left."""

    def __init__(self, code: int, reports: Path, out: str) -> None:
        self.code, self.out = code, out
        self.folder = sorted(reports.glob("*-crossload"))[-1]
        self.data: Any = json.loads((self.folder / "crossload.json").read_text("ascii"))

    def cell(self, writer: str, reader: str, format: str = "h5") -> dict[str, Any]:
        """The only cell of this place."""
        (found,) = (
            c
            for c in self.data["cells"]
            if (c["writer"], c["reader"], c["format"]) == (writer, reader, format)
        )
        return dict(found)


Run = Callable[..., Made]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One folder of reports, and one table, for all tests: they are about the same matrix."""
    folder = tmp_path_factory.mktemp("crossload")
    (folder / "table.toml").write_text(table.targets("saving_keras", BEHAVIOURS) + table.NOWHERE)
    return folder / "reports"


@pytest.fixture(scope="module")
def crossload(reports: Path) -> Run:
    """Runs the command with `--models dense` on selected fakes."""

    def run(*words: str, select: str = "fake*", models: str = "dense") -> Made:
        for old in reports.glob("*-crossload"):
            shutil.rmtree(old)
        given = ["--reports", str(reports), "--targets", str(reports.with_name("table.toml")), "--jobs", "2"]
        out = io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
            code = cli.main(["crossload", "--targets", select, "--models", models, *words, *given])
        return Made(code, reports, out.getvalue())

    return run


@pytest.fixture(scope="module")
def whole(crossload: Run) -> Made:
    """The matrix of all fakes; a reader has four seconds."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(planning, "READ_LIMIT", 4.0)
        return crossload("--formats", "h5", "--formats", "json", "--formats", "folder")


@pytest.mark.parametrize(
    ("reader", "result", "told"),
    [
        ("fake", "loads and equal", "equal"),
        ("fake-forgets", "loads without part of its state", "without optimizer state (4 of 4 slots)"),
        ("fake-drifts", "loads but differs", "4 of 4 weights hold other values"),
        ("fake-rounds", "loads and equal", "equal"),
        ("fake-dismisses", "error", "at the compile arguments: ValueError: unknown optimizer"),
        ("fake-confuses", "error", "at the configuration: TypeError: unknown argument 'units'"),
        ("fake-shuts", "error", "at the file as a whole: OSError: not a file of mine: m.h5"),
        ("fake-falls", "crash", "SIGSEGV"),
        ("fake-hangs", "crash", "the process timed out: no answer within 4 s"),
        ("fake-warns", "warning", "UserWarning: this file is old"),
        ("fake-nameless", "not supported by the reader", "no models.load_model"),
    ],
)
def test_a_cell_is_what_the_reader_did_with_a_good_file(
    whole: Made, reader: str, result: str, told: str
) -> None:
    """Each way a reader can treat a file ends in its own result, and says what and where."""
    cell = whole.cell("fake", reader)
    assert cell["result"] == result
    assert told in cell["summary"]


def test_one_bad_reader_spoils_no_cell_of_another(whole: Made) -> None:
    """A process that dies at one file has no part in what is said of the next; all else stays equal."""
    for writer in ("fake", "fake-falls", "fake-shuts"):
        assert whole.cell(writer, "fake")["result"] == "loads and equal"
    assert whole.code == 0
    assert {c["result"] for c in whole.data["cells"] if c["reader"] == "fake-falls"} == {
        "crash",
        "loads and equal",
        "not supported by the writer",
    }


def test_a_format_that_a_writer_has_not_says_why(whole: Made) -> None:
    """Where there is no file the cell holds what the writer said."""
    cell = whole.cell("fake", "fake", "folder")
    assert (cell["result"], cell["summary"]) == ("not supported by the writer", "ValueError: no folders: m")


def test_every_cell_of_writer_format_and_reader_is_there(whole: Made) -> None:
    """Nothing is left out of the matrix, and `crossload.json` keeps to its schema."""
    count = len(BEHAVIOURS) + 1
    assert len(whole.data["cells"]) == 3 * count * count
    assert whole.data["profile"] == "chosen models"
    jsonschema.validate(whole.data, json.loads(SCHEMA.read_text("utf-8")))


def test_who_departs_follows_the_promise_of_the_format(whole: Made) -> None:
    """The reader that accepts a file and has other weights departs, for the writer gets its own back."""
    assert whole.cell("fake", "fake-drifts")["blame"] == "candidate"
    assert whole.cell("fake-drifts", "fake-drifts")["blame"] == "reference"


def test_a_reader_is_asked_once_about_one_model(crossload: Run) -> None:
    """Two formats that lead to the same model share the evidence, and both cells have their answer."""
    two = ("--targets", "fake-rounds", "--no-cache", "--formats", "h5")
    one = crossload(*two, select="fake")
    both = crossload(*two, "--formats", "keras", select="fake")
    writes, reads, moved = (
        2,
        2,
        2 * 2 * 4,
    )  # each jitter twice; both write the very same bytes, so that two files are one case
    assert performed(one) == writes + reads + moved
    assert performed(both) == writes + 2 * reads + moved
    for format in ("h5", "keras"):
        cell = both.cell("fake", "fake-rounds", format)
        assert cell["result"] == "loads and equal"
        assert any(note.startswith("predictions: ") for note in cell["notes"])


def performed(made: Made) -> int:
    """How many cases a run performed, as it says."""
    return int(made.out.split(" cases performed")[0].rsplit(" ", 1)[-1])


def test_a_file_that_is_gone_is_written_again(crossload: Run, reports: Path, whole: Made) -> None:
    """The store knows a file that the exchange has lost: its writer makes it anew, and it is the same."""
    digest = whole.cell("fake", "fake")["file"]
    shutil.rmtree(reports / "crossload" / "files" / digest)
    cell = crossload("--formats", "h5", select="fake").cell("fake", "fake")
    assert (cell["file"], cell["result"]) == (digest, "loads and equal")
    assert (reports / "crossload" / "files" / digest).is_dir()


def test_what_was_not_observed_is_not_run(crossload: Run, whole: Made) -> None:
    """With `--stored` nothing is started: what the store lacks is not run, what it holds is shown."""
    assert whole.cell("fake", "fake")["result"] == "loads and equal"
    stored = crossload("--stored", "--formats", "h5", "--formats", "keras-after-h5", select="fake")
    assert stored.cell("fake", "fake")["result"] == "loads and equal"
    after = stored.cell("fake", "fake", "keras-after-h5")
    assert (after["result"], after["summary"]) == ("not run", "not observed, see the harness faults")


def test_a_target_without_environment_has_cells_that_say_so(crossload: Run) -> None:
    """A target that cannot be started is a harness fault, and its cells name the reason."""
    made = crossload("--formats", "h5", select="*e")
    assert made.code == 3
    cell = made.cell("fake", "nowhere")
    assert cell["result"] == "not run"
    assert cell["summary"].startswith("nowhere: ")
    assert made.cell("fake", "fake")["result"] == "loads and equal"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--formats", "h6"), "--formats"),
        (("--formats", "h5", "--jobs", "0"), "--jobs"),
        (("--formats", "h5", "--targets", "nobody"), "nobody"),
    ],
)
def test_what_is_not_there_is_wrong_use(
    words: tuple[str, ...], told: str, tmp_path: Path, capsys: Any
) -> None:
    """A misspelt name or number is told, with exit code 2, before anything is started."""
    assert cli.main(["crossload", *words, "--reports", str(tmp_path)]) == 2
    assert told in capsys.readouterr().err
