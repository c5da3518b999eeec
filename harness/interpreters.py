"""What the machine offers: Python interpreters, uv, system libraries.

Old interpreters hide. pyenv puts a `python3.6` on PATH that fails unless that version is chosen, so a
name on PATH proves nothing and every interpreter is asked for its version before it counts. Standard
library only: the noxfile needs this before anything is installed.
"""

from __future__ import annotations

import functools
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

WORKER_PYTHONS = ("3.6", "3.7", "3.8", "3.9", "3.10", "3.11", "3.12", "3.13")
"""Every Python the worker runs on."""

_ASK = "import sys; print(sys.version.split()[0], sys.implementation.name)"
_ASK_SECONDS = 30


@dataclass(frozen=True)
class Interpreter:
    """A CPython that was run and said its version."""

    path: Path
    version: str
    """In full: ``3.11.7``."""

    @property
    def minor(self) -> str:
        """``3.11``"""
        return ".".join(self.version.split(".")[:2])


@functools.cache
def ask(path: Path) -> Interpreter | None:
    """The CPython at `path`, or None when it does not run or is another Python."""
    try:
        reply = subprocess.run(
            [os.fspath(path), "-I", "-c", _ASK],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_ASK_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    said = reply.stdout.split()
    if reply.returncode != 0 or len(said) != 2 or said[1] != "cpython":
        return None
    return Interpreter(path, said[0])


@functools.cache
def find(minor: str) -> Interpreter | None:
    """An interpreter of this version (``3.6``), the running one first; None when there is none."""
    for path in dict.fromkeys(places(minor)):
        found = ask(path)
        if found is not None and found.minor == minor:
            return found
    return None


def find_first(minors: Sequence[str]) -> Interpreter | None:
    """The interpreter for a target that runs on `minors`: the running one's version, then as listed."""
    running = f"{sys.version_info[0]}.{sys.version_info[1]}"
    ordered = sorted(minors, key=lambda minor: minor != running)
    return next((found for minor in ordered if (found := find(minor))), None)


def places(minor: str) -> Iterator[Path]:
    """Where an interpreter of this version may be, likely ones first; none of them is proven."""
    if sys.version_info[:2] == tuple(int(part) for part in minor.split(".")):
        # Of a virtual environment the interpreter it was made from: the environment may be short-lived.
        yield Path(getattr(sys, "_base_executable", sys.executable))
    pyenv = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv")
    for entry in os.get_exec_path():
        named = shutil.which(f"python{minor}", path=entry)
        if named and Path(entry) != pyenv / "shims":
            yield Path(named)
    yield from _newest_first(pyenv / "versions", f"{minor}.*/bin/python")
    share = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local/share")
    managed = Path(os.environ.get("UV_PYTHON_INSTALL_DIR") or share / "uv/python")
    yield from _newest_first(managed, f"cpython-{minor}.*/bin/python{minor}")
    yield from _newest_first(share / "nox/pythons", f"cpython@{minor}.*/bin/python")


def _newest_first(folder: Path, pattern: str) -> list[Path]:
    def patch(path: Path) -> tuple[int, str]:
        name = path.relative_to(folder).parts[0]
        digits = name.split("-")[1] if name.startswith("cpython-") else name
        last = digits.rsplit(".", 1)[-1]
        return (int(last) if last.isdigit() else 0, name)

    return sorted(folder.glob(pattern), key=patch, reverse=True)


def how_to_get(minors: Sequence[str]) -> str:
    """What a person does to have one of these interpreters."""
    best = minors[0]
    ways = [f"`pyenv install {best}`"]
    if int(best.split(".")[1]) >= 8:
        ways.insert(0, f"`uv python install {best}`")
    return f"Install CPython {' or '.join(minors)}, for example with {' or '.join(ways)}, and run this again."


def uv_has(minor: str) -> bool:
    """Whether uv can download this version: it has none older than 3.8."""
    return tuple(map(int, minor.split("."))) >= (3, 8)


def find_uv() -> Path | None:
    """uv, if it is there and runs."""
    named = filter(None, (os.environ.get("UV"), shutil.which("uv")))
    return next((Path(name) for name in named if _runs(Path(name))), None)


def bootstrap_uv(directory: Path) -> Path | None:
    """uv in a small virtual environment at `directory`, made if need be; None when it cannot be had."""
    uv = directory / "bin" / "uv"
    if not _runs(uv):
        try:
            subprocess.run(
                [sys.executable, "-m", "venv", os.fspath(directory)], check=True, capture_output=True
            )
            subprocess.run(
                [os.fspath(directory / "bin" / "python"), "-m", "pip", "install", "--quiet", "uv"],
                check=True,
                capture_output=True,
            )
        except (OSError, subprocess.CalledProcessError):
            return None
    return uv if _runs(uv) else None


def _runs(program: Path) -> bool:
    command = [os.fspath(program), "--version"]
    try:
        return subprocess.run(command, capture_output=True, timeout=_ASK_SECONDS, check=False).returncode == 0
    except (OSError, subprocess.TimeoutExpired):
        return False


def find_library(name: str) -> Path | None:
    """A shared library of the system by its file name (``libmpi.so.40``), wherever it was put."""
    for line in _linker_cache():
        known, _, path = line.partition(" => ")
        if known.split()[:1] == [name] and Path(path.strip()).exists():
            return Path(path.strip())
    folders = ("usr/lib/*", "usr/lib64/openmpi/lib", "usr/lib64", "usr/lib", "usr/local/lib", "lib/*")
    found = (path for folder in folders for path in Path("/").glob(f"{folder}/{name}"))
    return next(found, None)


def _linker_cache() -> Iterable[str]:
    path = os.pathsep.join((*os.get_exec_path(), "/sbin", "/usr/sbin"))
    ldconfig = shutil.which("ldconfig", path=path)
    if ldconfig is None:
        return ()
    return subprocess.run([ldconfig, "-p"], capture_output=True, text=True, check=False).stdout.splitlines()
