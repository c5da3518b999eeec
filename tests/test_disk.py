"""Environments within a budget of disk: least recently used first, shared files once, none that is in use."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import disk, environments, locks
from harness.targets import Target

MEGABYTE = 1 << 20
Make = Callable[..., Target]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Makes an environment with so many megabytes of its own, used last at `used`."""

    def make(id: str, size: int, used: float | None = None, shared: Path | None = None) -> Target:
        directory = tmp_path / environments.folder_name(id)
        (directory / "bin").mkdir(parents=True)
        (directory / "bin" / "python").write_text("")
        (directory / "own").write_bytes(os.urandom(size * MEGABYTE))
        if shared is not None:
            (directory / "shared").hardlink_to(shared)
        records = tmp_path / "environments"
        records.mkdir(exist_ok=True)
        (records / f"{id}.json").write_text(json.dumps({"python": str(directory / "bin" / "python")}))
        if used is not None:
            (records / f"{id}.use").write_text("")
            os.utime(records / f"{id}.use", (used, used))
        return Target(id, "keras", "1", "numpy", "numpy", "keras", "none", environment=id)

    return make


def there(root: Path) -> list[str]:
    """Environments that are still there, with their records."""
    found, _ = disk.kept(root)
    assert {path.stem for path in (root / "environments").glob("*.json")} == {each.id for each in found}
    return sorted(each.id for each in found)


def test_least_recently_used_ones_go_first(make: Make, tmp_path: Path) -> None:
    """Removing stops as soon as the rest fits."""
    for id, used in (("new", 300.0), ("old", 100.0), ("middle", 200.0)):
        make(id, 2, used)
    assert [each.id for each in disk.keep_within(5 * MEGABYTE, tmp_path)] == ["old"]
    assert there(tmp_path) == ["middle", "new"]
    assert disk.keep_within(5 * MEGABYTE, tmp_path) == []
    assert [each.id for each in disk.keep_within(0, tmp_path)] == ["middle", "new"]


def test_one_never_used_counts_from_when_it_was_made(make: Make, tmp_path: Path) -> None:
    """An environment nobody has used yet is not the first to go: it has just been made."""
    make("made", 1)
    make("old", 1, 100.0)
    assert [each.id for each in disk.kept(tmp_path)[0]] == ["old", "made"]


def test_a_file_that_several_hold_is_counted_once(make: Make, tmp_path: Path) -> None:
    """Four megabytes in both are four, not eight, and removing one of the two does not free them."""
    common = tmp_path / "common"
    common.write_bytes(os.urandom(4 * MEGABYTE))
    make("a", 1, 100.0, shared=common)
    make("b", 1, 200.0, shared=common)
    found, whole = disk.kept(tmp_path)
    assert 6 * MEGABYTE <= whole < 6.1 * MEGABYTE
    for each in found:
        assert 5 * MEGABYTE <= each.size < 5.1 * MEGABYTE
        assert MEGABYTE <= each.own < 1.1 * MEGABYTE
    assert [each.id for each in disk.keep_within(int(5.5 * MEGABYTE), tmp_path)] == ["a"]
    ((left,), _) = disk.kept(tmp_path)
    assert left.own == left.size


def test_what_is_in_use_or_needed_next_stays(make: Make, tmp_path: Path) -> None:
    """However small the budget; afterwards it can go."""
    used, needed = make("used", 1, 100.0), make("needed", 1, 200.0)
    with disk.using([used], tmp_path), disk.using([used], tmp_path):
        assert [(k.id, k.in_use) for k in disk.kept(tmp_path)[0]] == [("needed", False), ("used", True)]
        assert disk.keep_within(0, tmp_path, spare=[needed.environment]) == []
    assert [each.id for each in disk.keep_within(0, tmp_path)] == ["needed", "used"]


def test_one_that_is_being_made_stays(make: Make, tmp_path: Path) -> None:
    """Whoever makes an environment holds its lock, and the next one in line goes instead."""
    make("made", 1, 100.0)
    make("other", 1, 200.0)
    with (tmp_path / "environments" / "made.lock").open("w") as file, locks.locked(file):
        assert [each.id for each in disk.keep_within(0, tmp_path)] == ["other"]
    assert there(tmp_path) == ["made"]


def test_using_records_the_moment(make: Make, tmp_path: Path) -> None:
    """An environment used now is the last in line; interpreters that are given are nobody's to tidy."""
    old = make("old", 1, 100.0)
    make("older", 1, 50.0)
    given = Target(
        "given", "keras", "1", "numpy", "numpy", "keras", "none", interpreter=Path("/usr/bin/python3")
    )
    with disk.using([old, given], tmp_path):
        pass
    assert [each.id for each in disk.kept(tmp_path)[0]] == ["older", "old"]
    assert not list((tmp_path / "environments").glob("given*"))


def test_folders_elsewhere_are_not_ours(make: Make, tmp_path: Path) -> None:
    """A record that points out of the root, or is broken, leads to nothing being removed."""
    make("mine", 1, 100.0)
    records = tmp_path / "environments"
    (records / "away.json").write_text(json.dumps({"python": "/usr/bin/python3"}))
    (records / "broken.json").write_text("{")
    (records / "never-made.json").write_text(json.dumps({"python": ""}))
    assert [each.id for each in disk.keep_within(0, tmp_path)] == ["mine"]


def test_sizes_are_told_for_people(make: Make, tmp_path: Path) -> None:
    """One line each, and one for all together."""
    target = make("used", 10, 100.0)
    with disk.using([target], tmp_path):
        told = list(disk.lines(*disk.kept(tmp_path)))
    assert told[0] == "used: 0.01 GB (0.01 GB of its own) in use"
    assert told[1].startswith("1 environments, 0.01 GB together")
