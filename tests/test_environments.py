"""Environments: ready, can be made, cannot; and never ready by mistake."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from harness import building, environments, installing, interpreters, processes
from harness.environments import State, look, prepare, python_of
from harness.errors import HarnessFault
from harness.installing import Tool
from harness.processes import Ran
from harness.targets import Catalogue, Pair, Target, load

RUNNING = f"{sys.version_info[0]}.{sys.version_info[1]}"
ABSENT = "3.4"
IMPORTED = 'HARNESS {"dense": "keras.layers", "packages": {"numpy": "1.0", "keras": "3.0"}}'


@dataclass
class Installer:
    """Stands for uv, venv and pip: makes a folder with this Python in it, and installs nothing."""

    commands: list[Sequence[str]] = field(default_factory=list)
    envs: list[Mapping[str, str]] = field(default_factory=list)
    lacks: str = ""
    """A pin this installer cannot have."""
    imports: Ran = field(default_factory=lambda: Ran(0, IMPORTED))
    stop_at: str = ""
    """A word of the command at which the user presses Control-C."""

    def __call__(self, command: Sequence[str], env: Mapping[str, str], seconds: float) -> Ran:
        self.commands.append(command)
        self.envs.append(env)
        if self.stop_at and self.stop_at in command:
            raise KeyboardInterrupt
        if "venv" in command:
            directory = Path(command[-1])
            (directory / "bin").mkdir(parents=True)
            (directory / f"lib/python{RUNNING}/site-packages/cntk/libs").mkdir(parents=True)
            (directory / "bin/python").symlink_to(sys.executable)
            return Ran(0, "")
        if "-c" in command:
            return self.imports
        if "-r" in command:
            wanted = Path(command[command.index("-r") + 1]).read_text()
            if self.lacks and self.lacks in wanted:
                return Ran(1, f"much\nCould not find a version that satisfies {self.lacks}")
        return Ran(0, "")

    def count(self, word: str) -> int:
        return sum(word in command for command in self.commands)


@pytest.fixture
def installer(monkeypatch: pytest.MonkeyPatch) -> Installer:
    monkeypatch.setattr(installing, "tool", lambda: Tool("venv"))
    monkeypatch.setattr(building, "fetch_python", lambda minors, run, say: None)
    return Installer()


@pytest.fixture
def target(tmp_path: Path) -> Target:
    lock = tmp_path / "lock.txt"
    lock.write_text("keras==3.0\nnumpy==1.0\n")
    return Target(
        id="keras-3.0-x",
        implementation="keras",
        version="3.0",
        backend="x",
        engine="eager",
        namespace="keras",
        float64="none",
        python=(RUNNING,),
        lock={RUNNING: lock, ABSENT: lock},
        environment="keras-3.0-x",
    )


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "root"


def test_an_environment_nobody_made_can_be_made(target: Target, root: Path) -> None:
    """Before anything is built the state names the Python it would have and the command that makes it."""
    seen = look(target, root)
    assert seen.state is State.POSSIBLE
    assert seen.version.startswith(RUNNING)
    assert "nox -s 'target(keras-3.0-x)'" in seen.fix
    with pytest.raises(HarnessFault, match=r"has not been made\. `nox -s 'target\(keras-3\.0-x\)'`"):
        python_of(target, root)


def test_a_prepared_environment_is_ready(target: Target, root: Path, installer: Installer) -> None:
    """After preparing, the record holds the interpreter, what made it and every package."""
    made = prepare(target, root=root, run=installer)
    assert made.state is State.READY
    assert made == look(target, root)
    assert python_of(target, root) == root / "target-keras-3-0-x/bin/python"
    assert made.packages == {"numpy": "1.0", "keras": "3.0"} | dict(sorted(made.packages.items()))
    assert made.made_with == "venv"


def test_a_ready_environment_is_not_made_again(target: Target, root: Path, installer: Installer) -> None:
    """Preparing what is ready runs nothing at all, unless it is asked to be fresh."""
    first = prepare(target, root=root, run=installer)
    done = len(installer.commands)
    assert prepare(target, root=root, run=installer) == first
    assert len(installer.commands) == done
    assert prepare(target, root=root, run=installer, fresh=True).build != first.build


def test_the_lock_is_installed_without_dependencies(target: Target, root: Path, installer: Installer) -> None:
    """A lock is complete, and some contradict package metadata on purpose: nothing else may be drawn in."""
    prepare(target, root=root, run=installer)
    install = next(command for command in installer.commands if "install" in command)
    assert install[-3:] == ["--no-deps", "-r", str(target.lock[RUNNING])]


def test_a_target_whose_interpreter_is_missing_is_shown_as_not_run(root: Path, target: Target) -> None:
    """No CPython of the right version: said with the reason and the way out wherever targets are shown."""
    old = replace(target, python=(ABSENT,))
    for seen in (look(old, root), prepare(old, root=root), look(old, root)):
        assert seen.state is State.IMPOSSIBLE
        assert seen.reason == f"no CPython {ABSENT} was found"
        assert f"`pyenv install {ABSENT}`" in seen.fix
    with pytest.raises(HarnessFault, match=f"no CPython {ABSENT} was found. Install CPython {ABSENT}"):
        python_of(old, root)
    catalogue = Catalogue({old.id: old}, {"p": Pair("p", old.id, old.id)}, {})
    (row,) = environments.target_rows(catalogue, root=root)
    assert (row.state, row.python, row.pairs) == (State.IMPOSSIBLE, ABSENT, ("p",))
    (pair,) = environments.pair_rows(catalogue, root)
    assert pair.state is State.IMPOSSIBLE
    assert pair.reason == f"keras-3.0-x: no CPython {ABSENT} was found"


def test_what_stood_in_the_way_is_looked_at_anew(root: Path, target: Target, installer: Installer) -> None:
    """A missing interpreter that was recorded does not outlast its being installed."""
    prepare(replace(target, python=(ABSENT,)), root=root, run=installer)
    assert look(target, root).state is State.POSSIBLE


def test_a_changed_lock_makes_an_environment_stale(target: Target, root: Path, installer: Installer) -> None:
    """When the pins change the environment is not ready any more, and is made anew, not mended."""
    before = prepare(target, root=root, run=installer)
    target.lock[RUNNING].write_text("keras==3.1\nnumpy==1.0\n")
    assert look(target, root).state is State.POSSIBLE
    after = prepare(target, root=root, run=installer)
    assert after.state is State.READY
    assert after.digest != before.digest
    assert installer.count("venv") == 2


@pytest.mark.parametrize("word", ["venv", "install", "-c"])
def test_an_interrupted_build_never_looks_ready(
    target: Target, root: Path, installer: Installer, word: str
) -> None:
    """Control-C at any step leaves an environment that is not ready, and the next build starts anew."""
    installer.stop_at = word
    with pytest.raises(KeyboardInterrupt):
        prepare(target, root=root, run=installer)
    assert look(target, root).state is State.POSSIBLE
    installer.stop_at, installer.commands = "", []
    assert prepare(target, root=root, run=installer).state is State.READY
    assert installer.count("venv") == 1


def test_an_interrupted_rebuild_does_not_leave_the_old_record(
    target: Target, root: Path, installer: Installer
) -> None:
    """While an environment that was ready is built again, it is not ready."""
    prepare(target, root=root, run=installer)
    installer.stop_at = "install"
    with pytest.raises(KeyboardInterrupt):
        prepare(target, root=root, run=installer, fresh=True)
    assert look(target, root).state is State.POSSIBLE


@pytest.mark.parametrize("harm", ["removed", "made anew", "damaged record"])
def test_a_record_that_speaks_of_another_folder_counts_as_none(
    target: Target, root: Path, installer: Installer, harm: str
) -> None:
    """A folder removed, a folder someone made anew and a record cut short each mean: not ready."""
    made = prepare(target, root=root, run=installer)
    assert made.python is not None
    record = root / "environments/keras-3.0-x.json"
    match harm:
        case "removed":
            made.python.unlink()
        case "made anew":
            (made.python.parents[1] / ".harness-build").write_text("another")
        case _:
            record.write_text(record.read_text()[:40])
    assert look(target, root).state is State.POSSIBLE
    assert prepare(target, root=root, run=installer).state is State.READY


def test_a_folder_made_by_nox_is_used_as_it_is(target: Target, root: Path, installer: Installer) -> None:
    """A virtual environment that was just made is installed into, not made a second time."""
    directory = root / "made-by-nox"
    installer(["venv", str(directory)], {}, 1)
    made = prepare(target, directory=directory, root=root, run=installer)
    assert made.python == directory / "bin/python"
    assert installer.count("venv") == 1


def test_a_failing_install_is_recorded_with_its_last_lines(
    target: Target, root: Path, installer: Installer
) -> None:
    """What cannot be installed is tried twice and then said, with the end of the output and the way out."""
    installer.lacks = "numpy==1.0"
    said: list[str] = []
    failed = prepare(target, root=root, run=installer, say=said.append)
    assert failed.state is State.IMPOSSIBLE
    assert "Could not find a version that satisfies numpy==1.0" in failed.reason
    assert "package index" in failed.fix
    assert installer.count("install") == 2
    assert "trying once more" in said[-1]
    assert look(target, root) == failed
    installer.lacks = ""
    assert prepare(target, root=root, run=installer).state is State.READY


def test_a_namespace_that_does_not_import_is_not_ready(
    target: Target, root: Path, installer: Installer
) -> None:
    """An environment counts as ready only after Keras was imported in it once."""
    installer.imports = Ran(1, "Traceback\nImportError: no such thing")
    failed = prepare(target, root=root, run=installer)
    assert failed.state is State.IMPOSSIBLE
    assert failed.reason.startswith("keras does not import: Traceback\nImportError")


def test_a_full_disk_is_a_record_too(target: Target, root: Path, installer: Installer) -> None:
    """An error of the system while building ends in a record with the reason, not in a traceback."""

    def full(command: Sequence[str], env: Mapping[str, str], seconds: float) -> Ran:
        raise OSError(28, "No space left on device")

    failed = prepare(target, root=root, run=full)
    assert failed.state is State.IMPOSSIBLE
    assert "No space left on device" in failed.reason


def test_a_pin_this_index_lacks_is_replaced(target: Target, root: Path, installer: Installer) -> None:
    """The rest of the lock is installed without dependencies, the alternative with what it depends on."""
    target.lock[RUNNING].write_text("numpy==1.0\ntorch==2.0+cpu\n")
    installer.lacks = "torch==2.0+cpu"
    torch = replace(target, alternatives={"torch==2.0+cpu": "torch==2.0"})
    assert prepare(torch, root=root, run=installer).state is State.READY
    installs = [list(command)[5:] for command in installer.commands if "install" in command]
    assert installs[1:] == [["--no-deps", "numpy==1.0"], ["torch==2.0", "numpy==1.0"]]


def test_a_missing_system_library_is_told_before_anything_is_built(
    target: Target, root: Path, installer: Installer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CNTK without Open MPI: cannot, with the package to install, and no command was run."""
    monkeypatch.setattr(interpreters, "find_library", lambda name: None)
    cntk = replace(target, links={"cntk/libs/a.so": "libmpi.so.40"}, system_packages=("libopenmpi3",))
    for seen in (look(cntk, root), prepare(cntk, root=root, run=installer)):
        assert seen.state is State.IMPOSSIBLE
        assert seen.reason == "the system library libmpi.so.40 is not installed"
        assert "apt-get install libopenmpi3" in seen.fix
    assert installer.commands == []


def test_system_libraries_are_linked_into_the_environment(
    target: Target, root: Path, installer: Installer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A package that knows a library under another name finds it inside the environment."""
    monkeypatch.setattr(interpreters, "find_library", lambda name: Path("/system") / name)
    cntk = replace(target, links={"cntk/libs/libmpi.so.12": "libmpi.so.40"})
    made = prepare(cntk, root=root, run=installer)
    assert made.python is not None
    link = made.python.parents[1] / f"lib/python{RUNNING}/site-packages/cntk/libs/libmpi.so.12"
    assert os.readlink(link) == "/system/libmpi.so.40"


def test_an_existing_interpreter_is_used_as_it_is(target: Target, root: Path, installer: Installer) -> None:
    """A target with an interpreter is ready without any environment being made."""
    given = replace(target, interpreter=Path(sys.executable), python=(), lock={})
    assert prepare(given, root=root, run=installer).state is State.READY
    assert python_of(given, root) == Path(sys.executable)
    assert installer.commands == []


def test_an_interpreter_that_does_not_run_is_said(target: Target, root: Path) -> None:
    """A path that is no Python is told with the key to correct."""
    given = replace(target, interpreter=Path("/no/such/python"))
    with pytest.raises(HarnessFault, match=r"'/no/such/python' is not a Python that runs\. Correct `interp"):
        python_of(given, root)


def test_a_target_with_a_base_shares_its_environment(
    target: Target, root: Path, installer: Installer
) -> None:
    """A checkout laid over a release is ready when the release is."""
    prepare(target, root=root, run=installer)
    mine = replace(target, id="mine", pythonpath=(Path("/checkout"),))
    assert look(mine, root).target == "mine"
    assert python_of(mine, root) == python_of(target, root)


def test_two_at_once_build_once(target: Target, root: Path, installer: Installer) -> None:
    """Two processes that want one environment: the second waits and finds it ready."""
    found: list[State] = []
    threads = [
        threading.Thread(target=lambda: found.append(prepare(target, root=root, run=installer).state))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [State.READY] * 4
    assert installer.count("venv") == 1


def test_remove_forgets_an_environment(target: Target, root: Path, installer: Installer) -> None:
    """What was removed can be made again."""
    prepare(target, root=root, run=installer)
    environments.remove(target, root)
    assert not environments.directory_of(target, root).exists()
    assert look(target, root).state is State.POSSIBLE


def test_pair_rows_say_the_worse_side(target: Target, root: Path, installer: Installer) -> None:
    """A pair can be run only as far as its worse side can."""
    prepare(target, root=root, run=installer)
    other = replace(target, id="other", environment="other")
    catalogue = Catalogue(
        {target.id: target, "other": other},
        {"a": Pair("a", target.id, target.id), "b": Pair("b", target.id, "other", "words")},
        {},
    )
    ready, possible = environments.pair_rows(catalogue, root)
    assert (ready.state, ready.reason, ready.fix) == (State.READY, "", "")
    assert (possible.state, possible.about) == (State.POSSIBLE, "words")
    assert "nox -s compare -- --pair b" in possible.fix


def test_folders_of_the_table_are_apart(root: Path) -> None:
    """No two environments of the table share a folder."""
    table = load().targets.values()
    made = {target.environment for target in table}
    assert len({environments.directory_of(target, root) for target in table}) == len(made) >= 120


@pytest.mark.parametrize("given", [True, False])
def test_home_is_as_the_variable_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: bool) -> None:
    """Environments live where the variable says, in this checkout's .nox, or else in the user's cache."""
    if given:
        monkeypatch.setenv(environments.HOME_VARIABLE, str(tmp_path))
        assert environments.home() == tmp_path
        return
    monkeypatch.delenv(environments.HOME_VARIABLE, raising=False)
    assert environments.home() == environments.PROJECT / ".nox"
    monkeypatch.setattr(environments, "PROJECT", tmp_path / "site-packages")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert environments.home() == tmp_path / "keras-compat-harness"


@pytest.fixture
def open_target(target: Target) -> Target:
    return replace(target, lock={}, python=(RUNNING,), requirements=("keras", "numpy"))


@dataclass
class Index:
    """Stands for a package index: what is newest there, asked by uv or by pip."""

    installer: Installer
    newest: str = "keras==3.1\nnumpy==1.0\n"
    resolved: int = 0

    def __call__(self, command: Sequence[str], env: Mapping[str, str], seconds: float) -> Ran:
        if "compile" in command:
            self.resolved += 1
            assert Path(command[-1]).read_text() == "keras\nnumpy\n"
            return Ran(0, f"# made by uv\n{self.newest}") if self.newest else Ran(1, "No solution found")
        return self.installer(command, env, seconds)


@pytest.fixture
def index(installer: Installer, monkeypatch: pytest.MonkeyPatch) -> Index:
    monkeypatch.setattr(interpreters, "find_uv", lambda: Path("/usr/bin/uv"))
    return Index(installer)


def test_what_is_open_is_the_newest_there_is(open_target: Target, index: Index, root: Path) -> None:
    """Resolved when it is made, remade when the index has something newer, left alone when it has not."""
    first = prepare(open_target, root=root, run=index)
    assert (first.state, first.resolved) == (State.READY, "keras==3.1\nnumpy==1.0\n")
    assert prepare(open_target, root=root, run=index) == first
    index.newest = "keras==3.2\nnumpy==1.0\n"
    second = prepare(open_target, root=root, run=index)
    assert second.resolved == "keras==3.2\nnumpy==1.0\n"
    assert second.build != first.build
    assert look(open_target, root) == second
    assert index.resolved == 3


def test_what_a_plan_resolved_is_installed_as_it_is(open_target: Target, index: Index, root: Path) -> None:
    """The index is not asked again: every shard has the same build."""
    made = prepare(open_target, root=root, run=index, resolved="keras==3.0\n")
    assert (made.state, made.resolved, index.resolved) == (State.READY, "keras==3.0\n", 0)


def test_an_index_that_cannot_tell_leaves_what_is_there(
    open_target: Target, index: Index, root: Path
) -> None:
    """Which is said; and where nothing is there, the target cannot be had, with the reason."""
    index.newest = ""
    none = prepare(open_target, root=root, run=index)
    assert none.state is State.IMPOSSIBLE
    assert "keras, numpy could not be resolved: No solution found" in none.reason
    with pytest.raises(HarnessFault, match="could not be resolved"):
        environments.resolve(open_target, run=index)
    index.newest = "keras==3.1\n"
    there = prepare(open_target, root=root, run=index)
    index.newest = ""
    lines: list[str] = []
    assert prepare(open_target, root=root, run=index, say=lines.append) == there
    assert any("what is newest could not be told, so what is installed stays" in line for line in lines)


def test_without_an_interpreter_nothing_is_resolved(open_target: Target, index: Index, root: Path) -> None:
    """The reason is the interpreter, with the way out."""
    absent = replace(open_target, python=(ABSENT,))
    assert prepare(absent, root=root, run=index).state is State.IMPOSSIBLE
    with pytest.raises(HarnessFault, match=f"no CPython {ABSENT} was found"):
        environments.resolve(absent, run=index)
    assert index.resolved == 0


def test_time_that_is_up_ends_a_build_and_says_nothing_of_the_target(
    target: Target, root: Path, installer: Installer
) -> None:
    """What was half made is begun again by the next call; no record says that it cannot be had."""
    moments = iter([0.0, *[99.0] * 20])

    run = processes.within(10.0, installer, now=lambda: next(moments))
    late = prepare(target, root=root, run=run)
    assert (late.state, late.reason) == (State.POSSIBLE, processes.TimeUp().reason)
    assert look(target, root).state is State.POSSIBLE
    assert prepare(target, root=root, run=installer).state is State.READY


def test_nothing_is_begun_when_the_time_is_up(target: Target, root: Path, installer: Installer) -> None:
    """A ready environment is ready all the same."""
    assert prepare(target, root=root, run=installer, until=time.monotonic()).state is State.POSSIBLE
    assert installer.commands == []
    prepare(target, root=root, run=installer)
    number = len(installer.commands)
    assert prepare(target, root=root, run=installer, until=time.monotonic()).state is State.READY
    assert len(installer.commands) == number


@pytest.mark.parametrize(("code", "at_the_end", "up"), [(0, 99.0, False), (1, 99.0, True), (1, 1.0, False)])
def test_a_command_ended_by_the_clock_is_told_from_one_that_failed(
    code: int, at_the_end: float, up: bool
) -> None:
    """What succeeded at the last moment counts; what failed with time left is a failure of its own."""
    asked: list[float] = []
    moments = iter([4.0, at_the_end])

    def one(command: Sequence[str], env: Mapping[str, str], seconds: float) -> Ran:
        asked.append(seconds)
        return Ran(code, "")

    run = processes.within(10.0, one, now=lambda: next(moments))
    if up:
        with pytest.raises(processes.TimeUp):
            run(["x"], {}, 3600)
    else:
        assert run(["x"], {}, 3600).code == code
    assert asked == [6.0]


def test_a_command_that_takes_too_long_ends_with_all_it_started(tmp_path: Path) -> None:
    """A child of its own that would go on for a minute is gone, and what was said by then is kept."""
    mark = tmp_path / "mark"
    child = f"import time, pathlib; time.sleep(3); pathlib.Path({str(mark)!r}).write_text('late')"
    parent = "import subprocess, sys; print('begun', flush=True); "
    parent += f"subprocess.run([sys.executable, '-c', {child!r}])"
    begun = time.monotonic()
    done = processes.run([sys.executable, "-c", parent], dict(os.environ), 1.0)
    assert done.code == 124
    assert "begun" in done.output
    assert "stopped after 1 seconds" in done.output
    time.sleep(max(0.0, begun + 4.0 - time.monotonic()))
    assert not mark.exists()


def test_a_command_that_cannot_start_has_failed(tmp_path: Path) -> None:
    """Its name and the reason are its output."""
    assert processes.run([str(tmp_path / "none")], {}, 1.0).code == 127


@pytest.fixture
def near(target: Target, root: Path, installer: Installer, monkeypatch: pytest.MonkeyPatch) -> Target:
    """A target whose environment is ready, with a file in it that an installer put there."""
    prepare(target, root=root, run=installer)
    (environments.directory_of(target, root) / "installed.py").write_text("theirs")
    monkeypatch.setattr(installing, "tool", lambda: Tool("uv", Path("uv")))
    return target


def beside(near: Target, folder: Path, *lines: str) -> Target:
    """A target with other pins."""
    lock = folder / "other.txt"
    lock.write_text("\n".join(lines))
    return replace(near, id="other", environment="other", lock={RUNNING: lock})


def test_an_environment_begins_as_a_copy_of_its_neighbours(
    near: Target, root: Path, installer: Installer, tmp_path: Path
) -> None:
    """Its files are linked, and the lock is installed over them; the neighbour stays ready."""
    other = beside(near, tmp_path, "keras==3.1", "numpy==1.0")
    before = installer.count("venv")
    made = prepare(other, root=root, run=installer, neighbour=near)
    assert made.state is State.READY
    assert installer.count("venv") == before
    copied = environments.directory_of(other, root) / "installed.py"
    assert copied.samefile(environments.directory_of(near, root) / "installed.py")
    assert look(near, root).state is State.READY
    assert environments.minor_of(near, root) == RUNNING


@pytest.mark.parametrize("lines", [("keras==3.1",), ("keras==3.1", "numpy==1.0", "scipy==1.0")])
def test_a_neighbour_with_other_distributions_is_no_beginning(
    near: Target, root: Path, installer: Installer, tmp_path: Path, lines: tuple[str, ...]
) -> None:
    """What it has too much would stay."""
    before = installer.count("venv")
    made = prepare(beside(near, tmp_path, *lines), root=root, run=installer, neighbour=near)
    assert made.state is State.READY
    assert installer.count("venv") == before + 1


def test_where_files_cannot_be_linked_an_environment_is_made_anew(
    near: Target, root: Path, installer: Installer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On another disk, say."""

    def refuse(*unused: object, **more: object) -> None:
        raise OSError("another disk")

    monkeypatch.setattr(os, "link", refuse)
    other = beside(near, tmp_path, "keras==3.1", "numpy==1.0")
    before = installer.count("venv")
    assert prepare(other, root=root, run=installer, neighbour=near).state is State.READY
    assert installer.count("venv") == before + 1
    assert environments.minor_of(replace(near, id="nothing", environment="nothing"), root) == ""
