"""Finding interpreters, uv and system libraries on a machine that hides them."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from harness import interpreters

RUNNING = f"{sys.version_info[0]}.{sys.version_info[1]}"


@pytest.fixture(autouse=True)
def _forgotten() -> Iterator[None]:
    """What was found on the real machine does not reach a test, nor the other way round."""
    for remembered in (interpreters.find, interpreters.ask):
        remembered.cache_clear()
    yield
    for remembered in (interpreters.find, interpreters.ask):
        remembered.cache_clear()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty machine: nothing on PATH but a shell, no pyenv, no uv."""
    (tmp_path / "bin").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path / "pyenv"))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "share"))
    monkeypatch.delenv("UV_PYTHON_INSTALL_DIR", raising=False)
    monkeypatch.delenv("UV", raising=False)
    return tmp_path


def program(path: Path, says: str = "", code: int = 0) -> Path:
    """A program that says something and ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\necho '{says}'\nexit {code}\n")
    path.chmod(0o755)
    return path


def test_the_running_interpreter_is_found_without_looking_far(machine: Path) -> None:
    """On an empty machine the Python that runs the harness is still found, by its own version."""
    found = interpreters.find(RUNNING)
    assert found is not None
    assert found.version.startswith(f"{RUNNING}.")
    assert found.minor == RUNNING


def test_an_absent_version_is_not_found(machine: Path) -> None:
    """Where there is no interpreter of a version the answer is None, not another version."""
    assert interpreters.find("3.6") is None
    assert interpreters.find_first(["3.6", "3.7"]) is None


def test_a_name_on_path_that_fails_proves_nothing(machine: Path) -> None:
    """pyenv puts `python3.6` on PATH even when it only says that it is not chosen; the real one is found."""
    program(machine / "pyenv/shims/python3.6", "pyenv: python3.6: command not found", code=127)
    program(machine / "bin/python3.6", "pyenv: python3.6: command not found", code=127)
    real = program(machine / "pyenv/versions/3.6.15/bin/python", "3.6.15 cpython")
    assert interpreters.find("3.6") == interpreters.Interpreter(real, "3.6.15")


def test_an_interpreter_of_another_version_than_its_name_is_passed_over(machine: Path) -> None:
    """A `python3.8` that says it is 3.9 is not taken for 3.8."""
    program(machine / "bin/python3.8", "3.9.1 cpython")
    assert interpreters.find("3.8") is None


def test_pypy_is_no_target_python(machine: Path) -> None:
    """The locks hold builds for CPython; another Python of the right version does not count."""
    program(machine / "bin/python3.8", "3.8.16 pypy")
    assert interpreters.find("3.8") is None


def test_the_newest_patch_of_pyenv_is_taken(machine: Path) -> None:
    """Of several patch releases the highest number wins, 3.8.18 before 3.8.9."""
    program(machine / "pyenv/versions/3.8.9/bin/python", "3.8.9 cpython")
    program(machine / "pyenv/versions/3.8.18/bin/python", "3.8.18 cpython")
    found = interpreters.find("3.8")
    assert found is not None
    assert found.version == "3.8.18"


def test_pythons_managed_by_uv_are_found(machine: Path) -> None:
    """What `uv python install` left is found although it is not on PATH."""
    path = machine / "share/uv/python/cpython-3.9.20-linux-x86_64-gnu/bin/python3.9"
    assert interpreters.find("3.9") is None
    interpreters.find.cache_clear()
    program(path, "3.9.20 cpython")
    found = interpreters.find("3.9")
    assert found is not None
    assert found.path == path


def test_the_running_version_goes_before_the_order_of_the_list(machine: Path) -> None:
    """A target that runs on the user's own Python uses it, whatever the table likes better."""
    program(machine / "bin/python3.8", "3.8.18 cpython")
    first = interpreters.find_first(["3.8", RUNNING])
    assert first is not None
    assert first.minor == RUNNING
    other = interpreters.find_first(["3.8", "3.7"])
    assert other is not None
    assert other.minor == "3.8"


@pytest.mark.parametrize(
    ("minors", "has", "lacks"),
    [(["3.6"], "`pyenv install 3.6`", "uv"), (["3.13", "3.12"], "`uv python", "3.6")],
)
def test_how_to_get_names_only_what_can_help(minors: list[str], has: str, lacks: str) -> None:
    """uv has no CPython older than 3.8, so it is not offered for one."""
    assert has in interpreters.how_to_get(minors)
    assert lacks not in interpreters.how_to_get(minors)


def test_uv_that_fails_is_no_uv(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `uv` that is named or on PATH and does not run, as pyenv's may be, is as good as none."""
    monkeypatch.setenv("UV", "/no/such/uv")
    program(machine / "bin/uv", code=127)
    assert interpreters.find_uv() is None
    program(machine / "bin/uv", "uv 0.9")
    assert interpreters.find_uv() == machine / "bin/uv"


def test_uv_is_not_bootstrapped_twice(machine: Path) -> None:
    """A uv that was put there before is used as it is."""
    there = program(machine / "uv/bin/uv", "uv 0.9")
    assert interpreters.bootstrap_uv(machine / "uv") == there


def test_uv_is_bootstrapped_into_a_folder_of_its_own(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no uv, one is installed with pip beside the environments, not into the user's Python."""
    script = """#!/bin/sh
case "$2" in
venv) /bin/mkdir -p "$3/bin" && /bin/cp "$0" "$3/bin/python" ;;
pip) /bin/cp /bin/true "${0%/*}/uv" ;;
esac
"""
    python = program(machine / "bin/python")
    python.write_text(script)
    monkeypatch.setattr(sys, "executable", os.fspath(python))
    assert interpreters.bootstrap_uv(machine / "uv") == machine / "uv/bin/uv"


def test_a_bootstrap_that_fails_gives_none(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without an index, or without venv, there is no uv, and that is no error: venv and pip remain."""
    monkeypatch.setattr(sys, "executable", os.fspath(program(machine / "bin/python", code=1)))
    assert interpreters.bootstrap_uv(machine / "uv") is None


def test_a_library_is_found_in_the_linker_cache(machine: Path) -> None:
    """A library lies where the linker says, in whichever folder the distribution likes."""
    library = program(machine / "lib/libmpi.so.40")
    program(machine / "bin/ldconfig", f"\tlibmpi.so.40 (libc6,x86-64) => {library}")
    assert interpreters.find_library("libmpi.so.40") == library


def test_an_absent_library_is_none(machine: Path) -> None:
    """A library nobody has is not found, with or without ldconfig."""
    program(machine / "bin/ldconfig", "	libnobodyhasthis.so.7 (libc6) => /nowhere/libnobodyhasthis.so.7")
    assert interpreters.find_library("libnobodyhasthis.so.7") is None


def test_a_system_without_ldconfig_is_searched(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the linker has no cache to ask, the usual folders are looked through."""
    monkeypatch.setattr(interpreters.shutil, "which", lambda *words, **more: None)
    assert interpreters.find_library("libnobodyhasthis.so.7") is None
