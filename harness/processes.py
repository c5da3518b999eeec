"""The commands a build consists of: each runs for as long as it may take, its output is kept."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

_TAIL_LINES = 12


@dataclass(frozen=True)
class Ran:
    """What came of a command."""

    code: int
    output: str

    @property
    def tail(self) -> str:
        """The last lines of its output."""
        return "\n".join(self.output.strip().splitlines()[-_TAIL_LINES:])


Run = Callable[[Sequence[str], Mapping[str, str], float], Ran]
"""Runs a command in an environment for at most so many seconds."""


class BuildFailed(Exception):
    """A step of a build failed; `reason` and `fix` go into the environment's record."""

    def __init__(self, reason: str, *, fix: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fix = fix
        self.digest = ""


class TimeUp(BuildFailed):
    """A build was given up because the time a person gave was over; it says nothing about the target."""

    def __init__(self) -> None:
        super().__init__(
            "the time given was up while its environment was being made",
            fix="Give more time, or run it again: what was downloaded is kept.",
        )


def within(until: float, run: Run, now: Callable[[], float] = time.monotonic) -> Run:
    """A `Run` that ends at a moment (`time.monotonic`): what is under way then is stopped, nothing is begun.

    The `Run` it gives raises `TimeUp`.
    """

    def bounded(command: Sequence[str], env: Mapping[str, str], seconds: float) -> Ran:
        left = until - now()
        if left <= 0:
            raise TimeUp
        done = run(command, env, min(seconds, left))
        if done.code != 0 and now() >= until:
            raise TimeUp
        return done

    return bounded


def run(command: Sequence[str], env: Mapping[str, str], seconds: float) -> Ran:
    """Run a command, its output captured; one that cannot start or does not end has failed."""
    try:
        process = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # what an installer starts ends with it
        )
    except OSError as error:
        return Ran(127, f"{command[0]}: {error.strerror}")
    with process:
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            said, _ = process.communicate()
            return Ran(124, f"{said.decode(errors='replace')}\nstopped after {seconds:.0f} seconds")
        except BaseException:
            _end(process)
            raise
    return Ran(process.returncode, said.decode(errors="replace"))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all it started."""
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:  # pragma: no cover - Windows
            process.kill()


_ASTRAY = (
    *("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "UV_PYTHON", "UV_SYSTEM_PYTHON"),
    *("PIP_REQUIRE_VIRTUALENV", "PIP_TARGET", "PIP_PREFIX", "PIP_USER"),
)


def clean_environment(**more: str) -> dict[str, str]:
    """This process's variables without those that would lead Python or an installer elsewhere."""
    return {name: value for name, value in os.environ.items() if name not in _ASTRAY} | more
