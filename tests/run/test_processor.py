"""What the kernel says of processes: of a folder written here, and of real ones."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from harness.run.processor import Use, used_by_all, used_by_one

TICKS = os.sysconf("SC_CLK_TCK")
Write = Callable[..., None]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Writes one process as `/proc` shows it; times are in seconds: user, system, and of ended children."""

    def stat(folder: Path, pid: int, state: str, parent: int, session: int, times: tuple[int, ...]) -> None:
        folder.mkdir(parents=True)
        ticks = " ".join(str(seconds * TICKS) for seconds in times)
        line = f"{pid} (a) name) R 1) {state} {parent} 0 {session} 0 -1 0 0 0 0 0 {ticks} 20 0 1 0 0\n"
        (folder / "stat").write_text(line)

    def process(
        pid: int,
        *times: int,
        parent: int = 1,
        session: int = 0,
        states: str = "S",
    ) -> None:
        folder = tmp_path / str(pid)
        spent = (*times, 0, 0, 0, 0)[:4]
        stat(folder, pid, states[0], parent, session, spent)
        for place, state in enumerate(states):
            stat(folder / "task" / str(pid + place), pid + place, state, parent, session, spent)

    (tmp_path / "self").mkdir()
    return process


def test_a_process_counts_with_its_ended_children(write: Write, tmp_path: Path) -> None:
    """User and kernel mode, of itself and of those it waited for, whatever it calls itself."""
    write(50, 1, 2, 4, 8)
    assert used_by_one(50, tmp_path) == 15
    assert used_by_one(51, tmp_path) is None


def test_everything_a_child_started_counts(write: Write, tmp_path: Path) -> None:
    """Its session, whoever its parent is now, and descendants that made a session of their own; no others."""
    write(50, 1, session=50, parent=40)
    write(51, 2, session=50, parent=1)
    write(52, 4, session=52, parent=51)
    write(53, 8, session=52, parent=52)
    write(40, 16, session=40)
    write(60, 32, session=60)
    assert used_by_all(50, tmp_path) == Use(15, is_busy=False)


@pytest.mark.parametrize(("states", "is_busy"), [("S", False), ("SSR", True), ("SD", True), ("Z", False)])
def test_a_child_is_busy_if_one_of_its_threads_is(
    write: Write, tmp_path: Path, states: str, is_busy: bool
) -> None:
    """It runs, waits for a processor or for the disk; not while all sleep."""
    write(50, 1, session=50)
    write(51, 1, parent=50, states=states)
    write(90, 1, states="R")
    assert used_by_all(50, tmp_path) == Use(2, is_busy=is_busy)


def test_what_is_not_there_is_not_known(write: Write, tmp_path: Path) -> None:
    """No such process, one that ends while it is looked at, and a machine without `/proc`."""
    write(50, 1)
    assert used_by_all(49, tmp_path) is None
    (tmp_path / "49").mkdir()
    assert used_by_all(49, tmp_path) is None
    assert used_by_all(49, tmp_path / "missing") is None
    write(48, 1)
    for file in (tmp_path / "48" / "task").glob("*/stat"):
        file.unlink()
    assert used_by_all(48, tmp_path) == Use(1, is_busy=False)
    shutil.rmtree(tmp_path / "48" / "task")
    assert used_by_all(48, tmp_path) == Use(1, is_busy=False)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="Linux counts it")
def test_real_processes_are_counted() -> None:
    """A child that computes is busy and uses time, more and more; one that waits for input is not."""
    program = "import sys\nprint('here', flush=True)\nsys.stdin.readline()\nwhile True: pass"
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", program], start_new_session=True, **pipes) as one:
        assert one.stdin is not None
        assert one.stdout is not None
        try:
            assert one.stdout.readline() == "here\n"
            while (waits := used_by_all(one.pid)) is None or waits.is_busy:
                time.sleep(0.01)
            one.stdin.write("\n")
            one.stdin.flush()
            while (runs := used_by_all(one.pid)) is None or runs.seconds <= waits.seconds:
                time.sleep(0.01)
            assert runs.is_busy
        finally:
            one.kill()
