"""Locks between processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness import locks


def test_who_shares_keeps_out_who_wants_it_alone(tmp_path: Path) -> None:
    """Several may share a lock; alone it is had only when nobody holds it."""
    path = tmp_path / "lock"
    with path.open("w") as one, path.open() as two:
        locks.lock_shared(one)
        locks.lock_shared(two)
        with path.open() as third:
            assert not locks.lock_at_once(third)
    with path.open() as third:
        assert locks.lock_at_once(third)
        with path.open() as fourth:
            assert not locks.lock_at_once(fourth)


def test_a_lock_ends_with_its_file(tmp_path: Path) -> None:
    """Closing the file gives it back."""
    path = tmp_path / "lock"
    with path.open("w") as file, locks.locked(file), path.open() as other:
        assert not locks.lock_at_once(other)
    with path.open() as other:
        assert locks.lock_at_once(other)


def test_a_system_without_locks_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """There two builds at once are the user's care; nobody is said to have the file alone."""
    monkeypatch.setattr(locks, "fcntl", None)
    with (tmp_path / "lock").open("w") as file, locks.locked(file):
        locks.lock_shared(file)
        assert not locks.lock_at_once(file)
