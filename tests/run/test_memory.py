"""How much memory there is to be had."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.run import memory

SAID = "MemTotal:  8000000 kB\nMemAvailable:    4000 kB\n"


@pytest.mark.parametrize(
    ("limit", "used", "left"),
    [(None, None, 4_096_000), ("max", "7", 4_096_000), ("3000", "1000", 2000), ("1000", "3000", 0)],
    ids=["no group", "a group without a limit", "a group", "a group that is full"],
)
def test_the_least_of_what_is_said_is_available(
    tmp_path: Path, limit: str | None, used: str | None, left: int
) -> None:
    """The machine's memory, or what a container's limit leaves of it."""
    (tmp_path / "meminfo").write_text(SAID)
    for name, content in (("max", limit), ("current", used)):
        if content is not None:
            (tmp_path / f"memory.{name}").write_text(content)
    assert memory.available(tmp_path / "meminfo", tmp_path) == left


@pytest.mark.parametrize("said", [None, "", "MemAvailable:", "MemAvailable: much kB"])
def test_where_nobody_says_nothing_is_known(tmp_path: Path, said: str | None) -> None:
    """Another system, or a kernel that says it otherwise."""
    if said is not None:
        (tmp_path / "meminfo").write_text(said)
    assert memory.available(tmp_path / "meminfo", tmp_path) is None


def test_half_of_what_was_available_is_left_to_others() -> None:
    """It is asked anew each time, so that what others take counts as well."""
    says = iter([100, 99, 51, 50, None, 80])
    is_left = memory.half(lambda: next(says))
    assert [is_left() for _ in range(5)] == [True, True, False, False, True]


def test_where_nothing_is_known_nothing_is_taken() -> None:
    """Then no worker waits."""
    assert not memory.half(lambda: None)()
