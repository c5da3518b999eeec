"""How much disk environments take, and keeping that within a budget: least recently used ones go first.

Every use of an environment is recorded, and held by a shared lock as long as it lasts, so that none is taken
away under someone. uv links the files of environments to each other: one that several hold is counted once.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import environments, locks
from harness.targets import Target

GIGABYTE = 1_000_000_000

Inode = tuple[int, int]


@dataclass(frozen=True)
class Kept:
    """An environment on disk."""

    id: str
    """Of the target whose environment it is."""
    directory: Path
    size: int
    """Bytes of all its files."""
    own: int
    """Bytes that no other environment holds: what removing it frees."""
    used: float
    """When it was used last, as `time.time` counts."""
    in_use: bool


@contextlib.contextmanager
def using(targets: Iterable[Target], root: Path | None = None) -> Iterator[None]:
    """Record that the environments of targets are used, and keep them from being removed meanwhile."""
    folder = (root or environments.home()) / "environments"
    made = dict.fromkeys(target.environment for target in targets if target.interpreter is None)
    with contextlib.ExitStack() as held:
        for id in made:
            with contextlib.suppress(OSError):  # a disk that is only read is nobody's to tidy
                folder.mkdir(parents=True, exist_ok=True)
                file = held.enter_context(_place(folder, id, "use").open("a"))
                locks.lock_shared(file)
                os.utime(file.name)
        yield


def kept(root: Path | None = None) -> tuple[list[Kept], int]:
    """Every environment there is, least recently used first; and what all take, each file counted once."""
    root = root or environments.home()
    folder = root / "environments"
    found = {id: directory for id, directory in _recorded(folder, root) if directory.is_dir()}
    files = {id: dict(_files(directory)) for id, directory in found.items()}
    holders = Counter(inode for held in files.values() for inode in held)
    out = [
        Kept(
            id,
            directory,
            sum(files[id].values()),
            sum(size for inode, size in files[id].items() if holders[inode] == 1),
            _used(folder, id),
            _is_in_use(folder, id),
        )
        for id, directory in found.items()
    ]
    return sorted(out, key=lambda k: (k.used, k.id)), sum(_together(files.values()).values())


def _together(files: Iterable[Mapping[Inode, int]]) -> dict[Inode, int]:
    """The files of several environments, each once."""
    out: dict[Inode, int] = {}
    for held in files:
        out.update(held)
    return out


def keep_within(budget: int, root: Path | None = None, *, spare: Sequence[str] = ()) -> list[Kept]:
    """Remove environments until all together take at most `budget` bytes; returns those that were removed.

    spare: environments that are needed next. These, and what is in use, stay even if that is over the budget.
    """
    root = root or environments.home()
    removed: list[Kept] = []
    ordered, left = kept(root)
    while left > budget:
        free = [each for each in ordered if each.id not in spare and not each.in_use]
        if not free:
            break
        if _remove(root / "environments", free[0]):
            removed.append(free[0])
            ordered, left = kept(root)  # what it shared with one other is that one's own now
        else:
            ordered = [each for each in ordered if each is not free[0]]
    return removed


def _remove(folder: Path, each: Kept) -> bool:
    """Remove an environment unless someone uses or makes it; whether it is gone."""
    with contextlib.ExitStack() as held:
        for kind in ("lock", "use"):
            file = held.enter_context(_place(folder, each.id, kind).open("a"))
            if not locks.lock_at_once(file):
                return False
        # The record goes first: what is interrupted here never looks ready.
        _place(folder, each.id, "json").unlink(missing_ok=True)
        shutil.rmtree(each.directory, ignore_errors=True)
    return not each.directory.exists()


def _recorded(folder: Path, root: Path) -> Iterator[tuple[str, Path]]:
    """Ids of environments that have a record, each with its folder; folders elsewhere are not ours."""
    for path in sorted(folder.glob("*.json")):
        try:
            python = json.loads(path.read_text())["python"]
        except (OSError, ValueError, KeyError, TypeError):
            python = ""
        directory = Path(python).parents[1] if python else root / environments.folder_name(path.stem)
        if root in directory.parents:
            yield path.stem, directory


def _files(directory: Path) -> Iterator[tuple[Inode, int]]:
    """Every file below a folder by what identifies it on disk, with the bytes it takes there."""
    ahead = [os.fspath(directory)]
    while ahead:
        try:
            with os.scandir(ahead.pop()) as entries:
                for entry in entries:
                    found = entry.stat(follow_symlinks=False)
                    yield (found.st_dev, found.st_ino), found.st_blocks * 512
                    if entry.is_dir(follow_symlinks=False):
                        ahead.append(entry.path)
        except OSError:  # removed meanwhile
            continue


def _used(folder: Path, id: str) -> float:
    """When an environment was used last: never yet counts as when it was made."""
    times = [p.stat().st_mtime for kind in ("use", "json") if (p := _place(folder, id, kind)).exists()]
    return times[0] if times else 0.0


def _is_in_use(folder: Path, id: str) -> bool:
    path = _place(folder, id, "use")
    if not path.exists():
        return False
    with path.open("a") as file:
        return not locks.lock_at_once(file)


def _place(folder: Path, id: str, kind: str) -> Path:
    return folder / f"{id}.{kind}"


def gigabytes(size: float) -> str:
    """A size for people."""
    return f"{size / GIGABYTE:.2f} GB"


def lines(found: Sequence[Kept], whole: int) -> Iterator[str]:
    """What there is, for people: least recently used first."""
    for each in found:
        state = "in use" if each.in_use else ""
        parts = (f"{each.id}:", gigabytes(each.size), f"({gigabytes(each.own)} of its own)", state)
        yield " ".join(part for part in parts if part)
    yield f"{len(found)} environments, {gigabytes(whole)} together; files that several share are counted once"
