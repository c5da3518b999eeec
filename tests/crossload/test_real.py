"""Two real Kerases exchange files: what is known of them is what the matrix says."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path
from typing import Any

import pytest

from harness import cli, environments
from harness.targets import load

OLD, NEW = "tf.keras-2.21", "keras-3.15.1-tensorflow"
pytestmark = pytest.mark.real


@pytest.fixture(scope="module")
def cells(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str, str, str], dict[str, Any]]:
    """(Writer, reader, format, model) → cell, of three formats and two models."""
    for id in (OLD, NEW):
        environment = environments.look(load().target(id))
        if environment.state is not environments.State.READY:
            pytest.skip(f"NOT RUN: {id}: {environment.reason}. {environment.fix}")
    reports = tmp_path_factory.mktemp("reports")
    words = ["crossload", "--reports", str(reports), "--jobs", "2", "--targets", OLD, "--targets", NEW]
    for option, names in (("--formats", ("keras", "h5", "folder")), ("--models", ("dense", "lambda_layer"))):
        words += [word for name in names for word in (option, name)]
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        assert cli.main(words) == 0
    (path,) = reports.glob("*-crossload/crossload.json")
    data = json.loads(Path(path).read_text("ascii"))
    return {(c["writer"], c["reader"], c["format"], c["model"]): c for c in data["cells"]}


def test_each_gets_back_its_own_keras_file(cells: Any) -> None:
    """What one target saves as `.keras` it loads and is equal: predictions, weights, optimizer, next step."""
    for target in (OLD, NEW):
        assert cells[target, target, "keras", "dense"]["result"] == "loads and equal"


def test_keras_2_does_not_read_a_configuration_of_keras_3(cells: Any) -> None:
    """`InputLayer` of Keras 3 has arguments that Keras 2 does not know: an error at the configuration."""
    cell = cells[NEW, OLD, "h5", "dense"]
    assert cell["result"] == "error"
    assert cell["error"]["part"] == "the configuration"


def test_a_lambda_is_refused_at_the_configuration_by_keras_3(cells: Any) -> None:
    """Bytecode of another target is refused in safe mode, and with `safe_mode=False` it is tried next."""
    cell = cells[NEW, NEW, "keras", "lambda_layer"]
    assert (cell["result"], cell["error"]["part"]) == ("error", "the configuration")
    assert any(told.startswith("load unsafely: gives a ") for told in cell["second_tries"])


def test_keras_3_has_no_folders_and_says_so_on_both_sides(cells: Any) -> None:
    """It writes none, and the SavedModel of Keras 2 is no file that it opens."""
    assert cells[NEW, OLD, "folder", "dense"]["result"] == "not supported by the writer"
    cell = cells[OLD, NEW, "folder", "dense"]
    assert (cell["result"], cell["error"]["part"]) == ("error", "the file as a whole")


def test_what_is_read_as_h5_by_keras_3_has_lost_what_adam_knew(cells: Any) -> None:
    """Never `loads and equal`: the slots of Keras 2's Adam do not arrive in Keras 3."""
    cell = cells[OLD, NEW, "h5", "dense"]
    assert cell["result"] in ("loads but differs", "loads without part of its state")
    assert any(part.startswith("optimizer state") for part in cell["lost"])
