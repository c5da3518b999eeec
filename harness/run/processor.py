"""How much processor time a child and all it started have used, as the kernel of Linux counts it.

Elsewhere there is no `/proc`, and the answer is that it is not known.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
BUSY_STATES = "RD"
"""Of a thread that runs, waits for a processor, or waits for the disk: more time brings it further."""


@dataclass(frozen=True)
class Use:
    """What a child and its descendants did up to now."""

    seconds: float
    """Processor time of all of them, of all processors together; those that ended count."""
    is_busy: bool
    """Whether one of their threads runs, or would if it were given a processor or the disk."""


@dataclass(frozen=True)
class _Process:
    """One line of `/proc/PID/stat`."""

    parent: int
    session: int
    seconds: float


def used_by_one(pid: int, proc: Path = PROC) -> float | None:
    """Seconds of one process and of its children that ended; cheap, for the beginning of every case."""
    found = _process(proc / str(pid))
    return None if found is None else found.seconds


def used_by_all(pid: int, proc: Path = PROC) -> Use | None:
    """What a process, those of its session and its descendants in other sessions use; None: not known."""
    every = {int(folder.name): found for folder in _folders(proc) if (found := _process(folder))}
    if pid not in every:
        return None
    mine = {one for one, found in every.items() if one == pid or found.session == pid}
    ahead = set(mine)
    while ahead:
        ahead = {one for one, found in every.items() if found.parent in ahead} - mine
        mine |= ahead
    is_busy = any(_state(thread) in BUSY_STATES for one in mine for thread in _threads(proc / str(one)))
    return Use(sum(every[one].seconds for one in mine), is_busy)


def _folders(proc: Path) -> Iterator[Path]:
    try:
        yield from (folder for folder in proc.iterdir() if folder.name.isdecimal())
    except OSError:
        return


def _threads(folder: Path) -> Iterator[Path]:
    try:
        yield from (folder / "task").iterdir()
    except OSError:  # it ended meanwhile
        return


def _fields(folder: Path) -> list[str]:
    """The fields of a stat file that come after the name, which may hold spaces and parentheses."""
    try:
        return (folder / "stat").read_text(errors="replace").rpartition(")")[2].split()
    except OSError:  # it ended meanwhile, or there is no such folder
        return []


def _process(folder: Path) -> _Process | None:
    fields = _fields(folder)
    if not fields:
        return None
    # proc(5), counted from the state: its own time in user and kernel mode, then that of ended children.
    ticks = sum(int(field) for field in fields[11:15])
    return _Process(int(fields[1]), int(fields[3]), ticks / os.sysconf("SC_CLK_TCK"))


def _state(folder: Path) -> str:
    return next(iter(_fields(folder)), "ended")
