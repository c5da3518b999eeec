"""How much memory there is to be had, as the kernel says."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

ALL = Path("/proc/meminfo")
OURS = Path("/sys/fs/cgroup")
"""Where a container's own limit is said."""


def available(whole: Path = ALL, group: Path = OURS) -> int | None:
    """Bytes that can be used without swapping; None where nobody says."""
    try:
        lines = (line.split() for line in whole.read_text().splitlines())
        free = next(int(words[1]) * 1024 for words in lines if words[0] == "MemAvailable:")
    except (OSError, StopIteration, IndexError, ValueError):
        return None
    try:
        limit, used = (int((group / f"memory.{name}").read_text()) for name in ("max", "current"))
    except (OSError, ValueError):  # there is none, or it says "max"
        return free
    return max(0, min(free, limit - used))


def half(look: Callable[[], int | None] = available) -> Callable[[], bool]:
    """Tells whether more than half of what is available now still is; never where nobody says."""
    begin = look()

    def is_left() -> bool:
        now = look()
        return begin is not None and now is not None and now > begin / 2

    return is_left
