"""The report of a matrix, written by one process or several."""

from __future__ import annotations

from concurrent.futures.process import BrokenProcessPool
from pathlib import Path
from typing import Any

import pytest

from harness import scale
from harness.errors import HarnessFault
from harness.matrix import running
from harness.report import matrix_files
from harness.report.matrix_records import MatrixRecord
from harness.store import Store

CASES = 40


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> MatrixRecord:
    """A small matrix of invented observations."""
    folder = tmp_path_factory.mktemp("matrix")
    scale.make(folder, CASES)
    with Store(folder / "store.sqlite") as store:
        return running.rebuild(store.run(scale.RUN) or {}, store)


def written(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_several_processes_write_what_one_writes(
    record: MatrixRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same files to the last byte: whoever writes a page, it hangs on the record alone."""
    monkeypatch.setattr(matrix_files, "FEW", CASES // 2)
    indexes = [matrix_files.write(record, tmp_path / str(n), processes=n) for n in (1, 2)]
    assert indexes == [tmp_path / str(n) / "index.html" for n in (1, 2)]
    one, two = (written(index.parent) for index in indexes)
    assert one == two
    assert {"index.html", "matrix.json"} < set(one)


def test_a_process_that_dies_is_a_fault(
    record: MatrixRecord, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says how to write the report again."""

    def broken(*given: Any) -> None:
        raise BrokenProcessPool("killed")

    monkeypatch.setattr(matrix_files, "FEW", CASES // 2)
    monkeypatch.setattr(matrix_files, "ProcessPoolExecutor", broken)
    with pytest.raises(HarnessFault, match=f"killed.*harness report {record.run}"):
        matrix_files.write(record, tmp_path, processes=2)
