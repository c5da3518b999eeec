"""Locks on files, between processes. Standard library only."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import IO

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no such lock; two builds at once are the user's care
    fcntl = None  # type: ignore[assignment]


@contextlib.contextmanager
def locked(file: IO[str]) -> Iterator[None]:
    """Hold the lock of an open file; waits for whoever has it."""
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX)
    yield


def lock_shared(file: IO[str]) -> None:
    """Hold the lock of an open file together with others, until it is closed."""
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_SH)


def lock_at_once(file: IO[str]) -> bool:
    """Hold the lock of an open file alone, until it is closed; False when somebody has it."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
