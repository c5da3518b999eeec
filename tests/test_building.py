"""The steps of building an environment."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from harness import building, installing, interpreters, processes
from harness.installing import Tool
from harness.processes import BuildFailed, Ran
from harness.targets import Target

UV = Tool("uv", Path("/opt/uv"))
KERAS = """
class Dense: pass
class layers: Dense = Dense
class backend:
    @staticmethod
    def backend(): return __import__("os").environ["KERAS_BACKEND"]
"""


def quiet(line: str) -> None:
    """Takes progress and says nothing."""


def target_with(**more: object) -> Target:
    known = {"id": "k", "implementation": "keras", "version": "3", "backend": "x", "engine": "eager"}
    return Target(**(known | {"namespace": "keras", "float64": "none"} | more))  # type: ignore[arg-type]


class Recorder:
    """Keeps the commands it is given, and answers each as told."""

    def __init__(self, *answers: Ran) -> None:
        self.answers = list(answers)
        self.commands: list[list[str]] = []
        self.envs: list[Mapping[str, str]] = []

    def __call__(self, command: Sequence[str], env: Mapping[str, str], seconds: float) -> Ran:
        self.commands.append(list(command))
        self.envs.append(env)
        return self.answers.pop(0) if self.answers else Ran(0, "")


def test_uv_makes_and_compiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """uv leaves no bytecode unless told to; wheels kept beside pip's configuration are offered to it too."""
    monkeypatch.setenv("PIP_FIND_LINKS", f"{tmp_path} /no/such/folder")
    monkeypatch.setenv("PIP_INDEX_URL", "https://index.example/simple")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    lock = tmp_path / "lock.txt"
    lock.write_text("a==1\n")
    run = Recorder()
    python = interpreters.Interpreter(Path("/usr/bin/python3"), "3.11.7")
    building.make(tmp_path / "env", python, tool=UV, run=run, say=quiet)
    installing.install(target_with(), tmp_path / "env/bin/python", lock, tool=UV, run=run, say=quiet)
    made, installed = run.commands
    assert made == ["/opt/uv", "venv", "--python", "/usr/bin/python3", str(tmp_path / "env")]
    assert installed == [
        *("/opt/uv", "pip", "install", "--python", str(tmp_path / "env/bin/python")),
        *("--compile-bytecode", "--find-links", str(tmp_path), "--no-deps", "-r", str(lock)),
    ]
    assert run.envs[1]["UV_DEFAULT_INDEX"] == "https://index.example/simple"


def test_what_was_in_the_folder_is_removed(tmp_path: Path) -> None:
    """A new environment has nothing of an old one."""
    (tmp_path / "env").mkdir()
    (tmp_path / "env/old").touch()
    python = interpreters.Interpreter(Path("/usr/bin/python3"), "3.11.7")
    run = Recorder()
    building.make(tmp_path / "env", python, tool=Tool("venv"), run=run, say=quiet)
    assert not (tmp_path / "env").exists()
    assert run.commands == [["/usr/bin/python3", "-m", "venv", str(tmp_path / "env")]]


def test_a_python_without_venv_is_told(tmp_path: Path) -> None:
    """Debian's Python lacks ensurepip: said, with both ways out."""
    python = interpreters.Interpreter(Path("/usr/bin/python3"), "3.11.7")
    run = Recorder(Ran(1, "ensurepip is not available"))
    with pytest.raises(BuildFailed, match="ensurepip is not available") as caught:
        building.make(tmp_path / "env", python, tool=Tool("venv"), run=run, say=quiet)
    assert "pip install uv" in caught.value.fix
    assert "python3-venv" in caught.value.fix


def test_a_library_that_went_away_fails_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A system library that is gone when it should be linked is told like one that never was."""
    monkeypatch.setattr(interpreters, "find_library", lambda name: None)
    with pytest.raises(BuildFailed, match=r"libx\.so is not installed"):
        building.link(target_with(links={"a": "libx.so"}), tmp_path)


@pytest.fixture
def keras(tmp_path: Path) -> Path:
    """A folder with a Keras of one class, and its distribution's record."""
    (tmp_path / "keras.py").write_text(KERAS)
    (tmp_path / "keras-3.0.dist-info").mkdir()
    (tmp_path / "Old_Style-1.2-py3.6.egg-info").mkdir()
    return tmp_path


def test_verify_imports_and_lists_what_is_installed(keras: Path) -> None:
    """The namespace is imported in a process of the target's own; its distributions are listed."""
    target = target_with(pythonpath=(keras,), env={"KERAS_BACKEND": "x"})
    packages = building.verify(target, Path(sys.executable), run=processes.run, say=quiet)
    assert packages["keras"] == "3.0"
    assert packages["old-style"] == "1.2"
    assert list(packages) == sorted(packages)


def test_verify_refuses_another_backend(keras: Path) -> None:
    """A Keras that runs on another backend than the target says is not that target."""
    target = target_with(pythonpath=(keras,), env={"KERAS_BACKEND": "y"})
    with pytest.raises(BuildFailed, match="the backend is y, not x"):
        building.verify(target, Path(sys.executable), run=processes.run, say=quiet)


def test_verify_runs_the_prelude_first(keras: Path, tmp_path: Path) -> None:
    """The prelude's code has run when Keras is imported."""
    prelude = tmp_path / "prelude.py"
    prelude.write_text("import os\nos.environ['KERAS_BACKEND'] = 'x'\n")
    target = target_with(pythonpath=(keras,), prelude=prelude, env={"KERAS_BACKEND": "y"})
    assert building.verify(target, Path(sys.executable), run=processes.run, say=quiet)["keras"] == "3.0"


def test_verify_gives_a_home_of_its_own(keras: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A `keras.json` in the user's home decides nothing."""
    monkeypatch.setenv("KERAS_HOME", "/the/users/own")
    run = Recorder(Ran(0, 'HARNESS {"dense": "d", "packages": {}}'))
    building.verify(target_with(), Path(sys.executable), run=run, say=quiet)
    assert run.envs[0]["KERAS_HOME"].startswith(run.envs[0]["HOME"])
    assert not Path(run.envs[0]["HOME"]).exists()


def test_an_import_that_says_nothing_has_failed() -> None:
    """A process that ends well without having reported is not taken for success."""
    with pytest.raises(BuildFailed, match="keras does not import: exit code 0"):
        building.verify(target_with(), Path(sys.executable), run=Recorder(Ran(0, "")), say=quiet)


def test_a_python_is_asked_of_uv_where_uv_may(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A missing interpreter is downloaded by uv, if uv is there, has the version and may."""
    monkeypatch.setattr(interpreters, "find_uv", lambda: Path("/opt/uv"))
    monkeypatch.delenv("UV_PYTHON_DOWNLOADS", raising=False)
    monkeypatch.setenv("PYENV_ROOT", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    interpreters.find.cache_clear()
    run = Recorder(Ran(0, ""), Ran(1, ""))
    assert building.fetch_python(["3.8"], run, quiet) is None
    assert building.fetch_python(["3.8"], run, quiet) is None
    assert run.commands == [["/opt/uv", "python", "install", "3.8"]] * 2
    building.fetch_python(["3.6"], run, quiet)
    monkeypatch.setenv("UV_PYTHON_DOWNLOADS", "never")
    building.fetch_python(["3.8"], run, quiet)
    monkeypatch.setattr(interpreters, "find_uv", lambda: None)
    building.fetch_python(["3.8"], run, quiet)
    assert len(run.commands) == 2
    interpreters.find.cache_clear()
