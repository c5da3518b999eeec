"""Two pieces of work at once: both are done, and what goes wrong in the copy is not lost."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from harness.errors import HarnessFault
from harness.report import beside as module
from harness.report.beside import beside


def test_both_pieces_are_done_and_the_block_waits(tmp_path: Path) -> None:
    """When the block is over, the other piece is done too, by another process."""
    other = tmp_path / "other"
    with beside(lambda: other.write_text(str(os.getpid())) and None):
        mine = os.getpid()
    assert int(other.read_text()) != mine


def test_a_full_disk_in_the_copy_is_raised_here() -> None:
    """An OSError of the copy arrives as what it was."""

    def fails() -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space left") as caught, beside(fails):
        pass
    assert caught.value.errno == 28


@pytest.mark.parametrize(
    ("what", "told"),
    [
        (lambda: {}["key"], "KeyError: 'key'"),
        (lambda: os._exit(7), "ended without a word"),
    ],
)
def test_any_other_end_of_the_copy_is_a_fault_of_ours(what: object, told: str) -> None:
    """A mistake in the copy, or its sudden end, is said."""
    with pytest.raises(HarnessFault, match=told), beside(what):  # type: ignore[arg-type]
        pass


def test_what_fails_in_the_block_is_not_hidden() -> None:
    """The block's own error goes on, and the copy is not waited for."""
    with pytest.raises(ZeroDivisionError), beside(lambda: os.read(os.pipe()[0], 1) and None):
        _ = 1 / 0


def test_without_copies_it_is_done_first(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a process cannot be copied, the work is done here."""
    monkeypatch.setattr(module.multiprocessing, "get_all_start_methods", lambda: ["spawn"])
    done: list[int] = []
    with beside(lambda: done.append(os.getpid())):
        assert done == [os.getpid()]
