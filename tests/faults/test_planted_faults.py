"""Every planted fault is found as new, under its own subject, and nothing else is."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness import environments, targets
from tests.faults.table import FAULTS, Fault

pytestmark = [
    pytest.mark.real,
    pytest.mark.skipif("HARNESS_FAULTS" not in os.environ, reason="takes minutes: nox -s faults"),
]

ROOT = Path(__file__).parents[2]
BASE, REFERENCE = "tf.keras-2.21", "keras-3.15.1-tensorflow"


@pytest.fixture(scope="module")
def package() -> Path:
    """The folder of the installed tf_keras."""
    target = targets.load(None).target(BASE)
    python = environments.python_of(target)
    found = sorted(python.parent.parent.glob("lib/python3.*/site-packages/tf_keras"))
    assert found, f"Expected {python} to have tf_keras."
    return found[0]


@pytest.fixture(scope="module")
def reports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Reports with the shipped baseline, and what the reference was observed to do where that is known."""
    folder = tmp_path_factory.mktemp("reports")
    shutil.copytree(ROOT / "reports" / "baseline", folder / "baseline")
    store = ROOT / "reports" / "store.sqlite"
    if store.exists():
        shutil.copy(store, folder / "store.sqlite")
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def plant(fault: Fault, package: Path, folder: Path) -> Path:
    """A copy of the package with the fault, and a table with the target that uses it."""
    copy = folder / "code" / "tf_keras"
    shutil.copytree(package, copy, copy_function=linked)
    file = copy / "src" / fault.file
    text = fault.planted(file.read_text(encoding="utf-8"))
    file.unlink()
    file.write_text(text, encoding="utf-8")
    table = folder / "targets.toml"
    table.write_text(
        f'[[target]]\nid = "{BASE}-fault-{fault.name}"\nbase = "{BASE}"\npythonpath = ["code"]\n', "utf-8"
    )
    return table


def linked(source: str, to: str) -> None:
    """A file linked where that is possible, else copied; a linked file is replaced, never written to."""
    try:
        os.link(source, to)
    except OSError:
        shutil.copy2(source, to)


def compared(fault: Fault, table: Path, reports: Path) -> tuple[int, dict[str, Any]]:
    """The exit code of `harness compare` against the faulty target, and its divergences.json."""
    chosen = [part for pattern in (*fault.only, fault.beside) for part in ("--only", pattern)]
    command = [
        sys.executable, "-m", "harness", "compare", "--targets", str(table), "--reference", REFERENCE,
        "--candidate", f"{BASE}-fault-{fault.name}", "--reports", str(reports), "--jobs", "2",
        "--no-minimise", "--profile", "full", *chosen,
    ]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode in (0, 1), done.stdout[-2000:] + done.stderr[-2000:]
    return done.returncode, json.loads((reports / "latest" / "divergences.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_a_planted_fault_is_new_under_its_own_subject_and_nothing_else_is(
    fault: Fault, package: Path, reports: Path, tmp_path: Path
) -> None:
    """The run fails, the first unexpected cause names the subject, and no unexpected cause another."""
    code, found = compared(fault, plant(fault, package, tmp_path), reports)
    new = [c for c in found["causes"] if c["verdict"] in ("new", "changed")]
    told = [f"{c['verdict']}: {c['title']}" for c in new]
    print(f"{fault.name}: {len(new)} unexpected; {told[:3]}")
    assert code == 1, "the fault was not seen"
    assert new, "nothing is new"
    assert new[0]["subjects"][0] in fault.subjects, told
    assert {s for c in new for s in c["subjects"]} <= fault.subjects, told
