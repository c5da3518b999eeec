"""The steps of building an environment."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from harness import building, interpreters
from harness.building import BuildFailed, Ran, Tool
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


def test_run_gives_code_and_output_together() -> None:
    """Both streams and the exit code of a command come back; bytes that are no text do no harm."""
    script = "import os, sys; os.write(1, b'out\\xff\\n'); os.write(2, b'err\\n'); sys.exit(3)"
    done = building.run([sys.executable, "-c", script], os.environ, 60)
    assert done.code == 3
    assert done.output == "out�\nerr\n"


def test_run_of_a_program_that_is_not_there_has_failed() -> None:
    """A program that cannot be started is a failed command, not an exception."""
    done = building.run(["/no/such/program"], os.environ, 60)
    assert (done.code, done.output) == (127, "/no/such/program: No such file or directory")


def test_run_ends_what_does_not_end() -> None:
    """A command that outlasts its limit is stopped and has failed, with what it said."""
    script = "import time; print('begun', flush=True); time.sleep(60)"
    done = building.run([sys.executable, "-c", script], os.environ, 0.5)
    assert done.code == 124
    assert "stopped after" in done.tail


def test_tail_is_the_last_lines() -> None:
    """Evidence is the end of the output, not all of it."""
    assert building.Ran(1, "\n".join(map(str, range(100)))).tail.splitlines() == [*map(str, range(88, 100))]


def test_variables_that_lead_astray_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A PYTHONPATH of the user's shell does not reach a target."""
    monkeypatch.setenv("PYTHONPATH", "/somewhere")
    monkeypatch.setenv("KEPT", "1")
    env = building.clean_environment(MORE="2")
    assert "PYTHONPATH" not in env
    assert (env["KEPT"], env["MORE"]) == ("1", "2")


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
    building.install(target_with(), tmp_path / "env/bin/python", lock, tool=UV, run=run, say=quiet)
    made, installed = run.commands
    assert made == ["/opt/uv", "venv", "--python", "/usr/bin/python3", str(tmp_path / "env")]
    assert installed == [
        *("/opt/uv", "pip", "install", "--python", str(tmp_path / "env/bin/python")),
        *("--compile-bytecode", "--find-links", str(tmp_path), "--no-deps", "-r", str(lock)),
    ]
    assert run.envs[1]["UV_DEFAULT_INDEX"] == "https://index.example/simple"


def test_python_3_6_is_compiled_by_itself(tmp_path: Path) -> None:
    """uv cannot compile bytecode with Python 3.6, so that Python does it after the install."""
    packages = tmp_path / "env/lib/python3.6/site-packages"
    packages.mkdir(parents=True)
    lock = tmp_path / "lock.txt"
    lock.write_text("a==1\n")
    run = Recorder()
    building.install(target_with(), tmp_path / "env/bin/python", lock, tool=UV, run=run, say=quiet)
    assert "--compile-bytecode" not in run.commands[0]
    assert run.commands[1][1:] == ["-m", "compileall", "-q", str(packages)]


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


def test_an_install_that_fails_once_is_tried_again(tmp_path: Path) -> None:
    """Building two old source distributions at once can fail; the second try has them."""
    lock = tmp_path / "lock.txt"
    lock.write_text("theano==1\n")
    run = Recorder(Ran(1, "error: could not build"), Ran(0, ""))
    building.install(target_with(), tmp_path / "python", lock, tool=Tool("venv"), run=run, say=quiet)
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
        building.install(target_with(), tmp_path / "python", lock, tool=Tool("venv"), run=run, say=quiet)
    assert caught.value.fix.startswith(fix)


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
    packages = building.verify(target, Path(sys.executable), run=building.run, say=quiet)
    assert packages["keras"] == "3.0"
    assert packages["old-style"] == "1.2"
    assert list(packages) == sorted(packages)


def test_verify_refuses_another_backend(keras: Path) -> None:
    """A Keras that runs on another backend than the target says is not that target."""
    target = target_with(pythonpath=(keras,), env={"KERAS_BACKEND": "y"})
    with pytest.raises(BuildFailed, match="the backend is y, not x"):
        building.verify(target, Path(sys.executable), run=building.run, say=quiet)


def test_verify_runs_the_prelude_first(keras: Path, tmp_path: Path) -> None:
    """The prelude's code has run when Keras is imported."""
    prelude = tmp_path / "prelude.py"
    prelude.write_text("import os\nos.environ['KERAS_BACKEND'] = 'x'\n")
    target = target_with(pythonpath=(keras,), prelude=prelude, env={"KERAS_BACKEND": "y"})
    assert building.verify(target, Path(sys.executable), run=building.run, say=quiet)["keras"] == "3.0"


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


@pytest.mark.parametrize("uv", [Path("/opt/uv"), None])
def test_the_tool_is_uv_where_it_is_there(monkeypatch: pytest.MonkeyPatch, uv: Path | None) -> None:
    """Without uv, venv and pip do the same."""
    monkeypatch.setattr(interpreters, "find_uv", lambda: uv)
    assert building.tool() == (UV if uv else Tool("venv"))


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
    assert building.resolve(open_target, here, run=pip) == "Keras==3.1\ntensorflow_cpu==2.1\n"


@pytest.mark.parametrize(
    ("requirement", "name"),
    [("tf_keras==2.0", "tf-keras"), ("jax[cpu] >= 1", "jax"), ("Keras; python_version < '3'", "keras")],
)
def test_the_name_of_a_requirement_is_as_an_index_compares_it(requirement: str, name: str) -> None:
    """Whatever follows it."""
    assert building.canonical_name(requirement) == name
