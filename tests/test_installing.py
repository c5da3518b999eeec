"""What is installed into an environment, and with what."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from harness import installing, interpreters
from harness.installing import Tool
from harness.processes import BuildFailed, Ran
from harness.targets import Target
from tests.test_building import UV, Recorder, quiet, target_with


def test_python_3_6_is_compiled_by_itself(tmp_path: Path) -> None:
    """uv cannot compile bytecode with Python 3.6, so that Python does it after the install."""
    packages = tmp_path / "env/lib/python3.6/site-packages"
    packages.mkdir(parents=True)
    lock = tmp_path / "lock.txt"
    lock.write_text("a==1\n")
    run = Recorder()
    installing.install(target_with(), tmp_path / "env/bin/python", lock, tool=UV, run=run, say=quiet)
    assert "--compile-bytecode" not in run.commands[0]
    assert run.commands[1][1:] == ["-m", "compileall", "-q", str(packages)]


@pytest.mark.parametrize(("python", "upgrades"), [("python3.6", True), ("python3.7", False)])
def test_pip_of_python_3_6_is_upgraded_first(tmp_path: Path, python: str, upgrades: bool) -> None:
    """As it is it passes compiled wheels over, and protobuf in plain Python is three times as slow.

    An upgrade that fails is no reason to give the environment up.
    """
    (tmp_path / "env/lib" / python).mkdir(parents=True)
    lock = tmp_path / "lock.txt"
    lock.write_text("a==1\n")
    run = Recorder(Ran(1, "no network")) if upgrades else Recorder()
    path = tmp_path / "env/bin/python"
    installing.install(target_with(), path, lock, tool=Tool("venv"), run=run, say=quiet)
    expected = [["-m", "pip", "install", "--quiet", "--upgrade", "pip"]] if upgrades else []
    assert [command[1:] for command in run.commands[:-1]] == expected
    assert run.commands[-1][-2:] == ["-r", str(lock)]


def test_an_install_that_fails_once_is_tried_again(tmp_path: Path) -> None:
    """Building two old source distributions at once can fail; the second try has them."""
    lock = tmp_path / "lock.txt"
    lock.write_text("theano==1\n")
    run = Recorder(Ran(1, "error: could not build"), Ran(0, ""))
    installing.install(target_with(), tmp_path / "python", lock, tool=Tool("venv"), run=run, say=quiet)
    assert run.commands[0] == run.commands[1]


@pytest.mark.parametrize(
    ("output", "fix"),
    [
        ("error: No space left on device", "Free some disk"),
        ("error sending request for url", "Check the network"),
        ("something else", "Run it again"),
    ],
)
def test_a_failed_install_says_what_helps(tmp_path: Path, output: str, fix: str) -> None:
    """The way out fits what the installer said."""
    lock = tmp_path / "lock.txt"
    lock.write_text("a==1\n")
    run = Recorder(Ran(1, output), Ran(1, output))
    with pytest.raises(BuildFailed) as caught:
        installing.install(target_with(), tmp_path / "python", lock, tool=Tool("venv"), run=run, say=quiet)
    assert caught.value.fix.startswith(fix)


@pytest.mark.parametrize("uv", [Path("/opt/uv"), None])
def test_the_tool_is_uv_where_it_is_there(monkeypatch: pytest.MonkeyPatch, uv: Path | None) -> None:
    """Without uv, venv and pip do the same."""
    monkeypatch.setattr(interpreters, "find_uv", lambda: uv)
    assert installing.tool() == (UV if uv else Tool("venv"))


def test_pip_resolves_where_there_is_no_uv(monkeypatch: pytest.MonkeyPatch) -> None:
    """From its report, without what an override keeps out."""
    monkeypatch.setattr(interpreters, "find_uv", lambda: None)
    found = [("Keras", "3.1"), ("tensorflow", "2.0"), ("tensorflow_cpu", "2.1")]

    def pip(command: Sequence[str], env: Mapping[str, str], seconds: float) -> Ran:
        report = Path(command[command.index("--report") + 1])
        listed = [{"metadata": {"name": name, "version": version}} for name, version in found]
        report.write_text(json.dumps({"install": listed}))
        return Ran(0, "")

    overrides = ("tensorflow; python_version < '3'",)
    open_target = Target(
        "x", "keras", "newest", "x", "eager", "keras", "none", ("3.11",), overrides=overrides
    )
    here = interpreters.Interpreter(Path(sys.executable), "3.11.7")
    assert installing.resolve(open_target, here, run=pip) == "Keras==3.1\ntensorflow_cpu==2.1\n"


@pytest.mark.parametrize(
    ("requirement", "name"),
    [("tf_keras==2.0", "tf-keras"), ("jax[cpu] >= 1", "jax"), ("Keras; python_version < '3'", "keras")],
)
def test_the_name_of_a_requirement_is_as_an_index_compares_it(requirement: str, name: str) -> None:
    """Whatever follows it."""
    assert installing.canonical_name(requirement) == name
