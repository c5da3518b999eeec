"""The commands a build consists of."""

from __future__ import annotations

import os
import sys

import pytest

from harness import processes


def test_run_gives_code_and_output_together() -> None:
    """Both streams and the exit code of a command come back; bytes that are no text do no harm."""
    script = "import os, sys; os.write(1, b'out\\xff\\n'); os.write(2, b'err\\n'); sys.exit(3)"
    done = processes.run([sys.executable, "-c", script], os.environ, 60)
    assert done.code == 3
    assert done.output == "out�\nerr\n"


def test_run_of_a_program_that_is_not_there_has_failed() -> None:
    """A program that cannot be started is a failed command, not an exception."""
    done = processes.run(["/no/such/program"], os.environ, 60)
    assert (done.code, done.output) == (127, "/no/such/program: No such file or directory")


def test_run_ends_what_does_not_end() -> None:
    """A command that outlasts its limit is stopped and has failed, with what it said."""
    script = "import time; print('begun', flush=True); time.sleep(60)"
    done = processes.run([sys.executable, "-c", script], os.environ, 0.5)
    assert done.code == 124
    assert "stopped after" in done.tail


def test_tail_is_the_last_lines() -> None:
    """Evidence is the end of the output, not all of it."""
    assert processes.Ran(1, "\n".join(map(str, range(100)))).tail.splitlines() == [*map(str, range(88, 100))]


def test_variables_that_lead_astray_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PYTHONPATH of the user's shell does not reach a target."""
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("KEPT", "1")
    env = processes.clean_environment(MORE="2")
    assert "PYTHONPATH" not in env
    assert (env["KEPT"], env["MORE"]) == ("1", "2")
