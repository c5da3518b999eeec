"""How an environment is built: make it, install the lock, link system libraries, import Keras once.

Bytecode is always compiled: uv writes none by itself, and where `PYTHONDONTWRITEBYTECODE` is set every
process would compile TensorFlow again, five seconds each time. Standard library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from harness import interpreters
from harness.targets import Target

try:
    import fcntl
except ImportError:  # pragma: no cover - Windows has no such lock; two builds at once are the user's care
    fcntl = None  # type: ignore[assignment]

INSTALL_SECONDS = 3600
FETCH_SECONDS = 600
VERIFY_SECONDS = 600
_TAIL_LINES = 12


@dataclass(frozen=True)
class Ran:
    """What came of a command."""

    code: int
    output: str

    @property
    def tail(self) -> str:
        """The last lines of its output."""
        return "\n".join(self.output.strip().splitlines()[-_TAIL_LINES:])


Run = Callable[[Sequence[str], Mapping[str, str], float], Ran]
"""Runs a command in an environment for at most so many seconds."""


@dataclass(frozen=True)
class Tool:
    """What makes environments and installs into them: uv, or venv and pip."""

    name: str
    uv: Path | None = None


class BuildFailed(Exception):
    """A step of a build failed; `reason` and `fix` go into the environment's record."""

    def __init__(self, reason: str, *, fix: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.fix = fix
        self.digest = ""


class TimeUp(BuildFailed):
    """A build was given up because the time a person gave was over; it says nothing about the target."""

    def __init__(self) -> None:
        super().__init__(
            "the time given was up while its environment was being made",
            fix="Give more time, or run it again: what was downloaded is kept.",
        )


def within(until: float, run: Run, now: Callable[[], float] = time.monotonic) -> Run:
    """A `Run` that ends at a moment (`time.monotonic`): what is under way then is stopped, nothing is begun.

    The `Run` it gives raises `TimeUp`.
    """

    def bounded(command: Sequence[str], env: Mapping[str, str], seconds: float) -> Ran:
        left = until - now()
        if left <= 0:
            raise TimeUp
        done = run(command, env, min(seconds, left))
        if done.code != 0 and now() >= until:
            raise TimeUp
        return done

    return bounded


def run(command: Sequence[str], env: Mapping[str, str], seconds: float) -> Ran:
    """Run a command, its output captured; one that cannot start or does not end has failed."""
    try:
        process = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # what an installer starts ends with it
        )
    except OSError as error:
        return Ran(127, f"{command[0]}: {error.strerror}")
    with process:
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            _end(process)
            said, _ = process.communicate()
            return Ran(124, f"{said.decode(errors='replace')}\nstopped after {seconds:.0f} seconds")
        except BaseException:
            _end(process)
            raise
    return Ran(process.returncode, said.decode(errors="replace"))


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a process and all it started."""
    with contextlib.suppress(ProcessLookupError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:  # pragma: no cover - Windows
            process.kill()


def tool() -> Tool:
    """uv where it is there, else venv and pip."""
    uv = interpreters.find_uv()
    return Tool("uv", uv) if uv else Tool("venv")


_ASTRAY = (
    *("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "UV_PYTHON", "UV_SYSTEM_PYTHON"),
    *("PIP_REQUIRE_VIRTUALENV", "PIP_TARGET", "PIP_PREFIX", "PIP_USER"),
)


def clean_environment(**more: str) -> dict[str, str]:
    """This process's variables without those that would lead Python or an installer elsewhere."""
    return {name: value for name, value in os.environ.items() if name not in _ASTRAY} | more


def fetch_python(
    minors: Sequence[str], run: Run, say: Callable[[str], None]
) -> interpreters.Interpreter | None:
    """Let uv download the best interpreter that it has, where uv is there and may."""
    uv = interpreters.find_uv()
    minor = next((m for m in minors if interpreters.uv_has(m)), None)
    if uv is None or minor is None or os.environ.get("UV_PYTHON_DOWNLOADS") == "never":
        return None
    say(f"no CPython {minor} here; asking uv for one")
    done = run([os.fspath(uv), "python", "install", minor], clean_environment(), FETCH_SECONDS)
    if done.code != 0:
        return None
    interpreters.find.cache_clear()
    return interpreters.find(minor)


def make(
    directory: Path,
    interpreter: interpreters.Interpreter,
    *,
    tool: Tool,
    run: Run,
    say: Callable[[str], None],
) -> None:
    """A new, empty virtual environment at `directory`; what was there is removed."""
    say(f"making {directory.name} with {tool.name} and Python {interpreter.version}")
    shutil.rmtree(directory, ignore_errors=True)
    directory.parent.mkdir(parents=True, exist_ok=True)
    if tool.uv:
        command = [os.fspath(tool.uv), "venv", "--python", os.fspath(interpreter.path), os.fspath(directory)]
    else:
        command = [os.fspath(interpreter.path), "-m", "venv", os.fspath(directory)]
    done = run(command, clean_environment(), INSTALL_SECONDS)
    if done.code != 0:
        fix = "Install uv (`python3 -m pip install uv`), or this interpreter's venv and ensurepip"
        raise BuildFailed(
            f"no virtual environment could be made: {done.tail}",
            fix=f"{fix} (`apt-get install python3-venv`).",
        )


def copy(neighbour: Path, directory: Path, *, say: Callable[[str], None]) -> bool:
    """A virtual environment with all that a neighbour's has, its files linked; whether that could be done.

    An installer puts new files in the place of those it exchanges, so the neighbour's stay as they are.
    """
    say(f"making {directory.name} from {neighbour.name}")
    begun = directory.with_name(f"{directory.name}.begun")  # what is interrupted never looks like one
    for folder in (begun, directory):
        shutil.rmtree(folder, ignore_errors=True)
    try:
        shutil.copytree(neighbour, begun, symlinks=True, copy_function=os.link)
        begun.rename(directory)
    except OSError:  # another disk, or one without links
        shutil.rmtree(begun, ignore_errors=True)
        return False
    return True


def install(
    target: Target, python: Path, lock: Path, *, tool: Tool, run: Run, say: Callable[[str], None]
) -> None:
    """Install the lock, twice if need be, and the alternatives of pins that cannot be had."""
    pins = lock.read_text().split()
    say(f"installing {len(pins)} packages with {tool.name}")
    env = clean_environment(**_index(tool))
    done = run(_install_command(python, tool, ["--no-deps", "-r", os.fspath(lock)]), env, INSTALL_SECONDS)
    others = {pin: other for pin, other in target.alternatives.items() if pin in pins}
    if done.code != 0 and others:
        say(f"not on this index: {', '.join(others)}; installing {', '.join(others.values())}")
        done = _install_otherwise(python, pins, others, tool=tool, run=run, env=env)
    elif done.code != 0:
        # Source distributions of old packages can fail when two are built at once.
        say("the install failed; trying once more")
        done = run(_install_command(python, tool, ["--no-deps", "-r", os.fspath(lock)]), env, INSTALL_SECONDS)
    if done.code != 0:
        raise BuildFailed(f"the install failed: {done.tail}", fix=_install_fix(target, done.output))
    if tool.uv and not _compiles(python):
        # uv's own compiling needs Python 3.7.
        packages = [os.fspath(path) for path in python.parents[1].glob("lib/python*/site-packages")]
        run([os.fspath(python), "-m", "compileall", "-q", *packages], env, INSTALL_SECONDS)


def resolve(target: Target, interpreter: interpreters.Interpreter, *, run: Run) -> str:
    """What an open target consists of today: a complete list of pins, one a line.

    Raises:
        BuildFailed: the index cannot be asked, or has nothing that fits together.
    """
    uv = interpreters.find_uv()
    with tempfile.TemporaryDirectory(prefix="harness-") as own:
        if uv:
            asked, other = Path(own, "requirements.in"), Path(own, "overrides.txt")
            asked.write_text("".join(f"{line}\n" for line in target.requirements))
            other.write_text("".join(f"{line}\n" for line in target.overrides))
            command = [os.fspath(uv), "pip", "compile", "--quiet", "--no-header", "--no-annotate"]
            command += ["--python", os.fspath(interpreter.path), "--override", os.fspath(other)]
            done = run(
                [*command, *_found_at(), os.fspath(asked)],
                clean_environment(**_index(Tool("uv", uv))),
                FETCH_SECONDS,
            )
            lines = done.output.splitlines()
            pins = [line.strip() for line in lines if line.strip() and not line.lstrip().startswith("#")]
        else:
            report = Path(own, "report.json")
            command = [os.fspath(interpreter.path), "-m", "pip", "install", "--quiet", "--dry-run"]
            command += ["--ignore-installed", "--report", os.fspath(report), *target.requirements]
            done = run(command, clean_environment(), INSTALL_SECONDS)
            pins = _reported(report, target) if done.code == 0 else []
    if done.code != 0 or not pins:
        wanted = ", ".join(target.requirements)
        raise BuildFailed(
            f"{wanted} could not be resolved: {done.tail}", fix=_install_fix(target, done.output)
        )
    return "".join(f"{pin}\n" for pin in sorted(pins))


def _reported(report: Path, target: Target) -> list[str]:
    """The pins of pip's report, without packages that an override keeps out."""
    kept_out = {canonical_name(line) for line in target.overrides if ";" in line}
    found = [item["metadata"] for item in json.loads(report.read_text())["install"]]
    return [f"{m['name']}=={m['version']}" for m in found if canonical_name(m["name"]) not in kept_out]


def canonical_name(requirement: str) -> str:
    """The name of the distribution that a requirement or a pin is about, as indexes compare it."""
    name = re.split(r"[\s\[;<>=!~@(]", requirement.strip(), maxsplit=1)[0]
    return re.sub(r"[-_.]+", "-", name).lower()


def _install_otherwise(
    python: Path,
    pins: Sequence[str],
    others: Mapping[str, str],
    *,
    tool: Tool,
    run: Run,
    env: Mapping[str, str],
) -> Ran:
    """The lock without the pins that cannot be had, then what stands for them with its dependencies."""
    kept = [pin for pin in pins if pin not in others]
    done = run(_install_command(python, tool, ["--no-deps", *kept]), env, INSTALL_SECONDS)
    if done.code == 0:
        done = run(_install_command(python, tool, [*others.values(), *kept]), env, INSTALL_SECONDS)
    return done


def _install_command(python: Path, tool: Tool, what: Sequence[str]) -> list[str]:
    if tool.uv is None:
        return [os.fspath(python), "-m", "pip", "install", "--no-input", *what]
    compiling = ["--compile-bytecode"] if _compiles(python) else []
    uv = [os.fspath(tool.uv), "pip", "install", "--python", os.fspath(python)]
    return [*uv, *compiling, *_found_at(), *what]


def _found_at() -> list[str]:
    """uv's options for the folders of packages that pip would look into."""
    links = [entry for entry in os.environ.get("PIP_FIND_LINKS", "").split() if _there(entry)]
    return [part for entry in links for part in ("--find-links", entry)]


def _compiles(python: Path) -> bool:
    """Whether uv can compile bytecode with this interpreter: from Python 3.7 on."""
    return not (python.parents[1] / "lib" / "python3.6").exists()


def _there(entry: str) -> bool:
    return "://" in entry or Path(entry).exists()


def _index(tool: Tool) -> dict[str, str]:
    """uv reads none of pip's variables; what they say of the package index holds for both."""
    same = {"PIP_INDEX_URL": "UV_DEFAULT_INDEX", "PIP_CERT": "SSL_CERT_FILE"}
    if tool.uv is None:
        return {}
    return {
        uvs: os.environ[pips] for pips, uvs in same.items() if pips in os.environ and uvs not in os.environ
    }


def link(target: Target, directory: Path) -> None:
    """Links from inside the environment to system libraries that a package knows under other names."""
    for name, library in target.links.items():
        found = interpreters.find_library(library)
        if found is None:
            raise BuildFailed(
                f"the system library {library} is not installed",
                fix=system_fix(target) or "Install it and run this again.",
            )
        for packages in directory.glob("lib/python*/site-packages"):
            (packages / name).unlink(missing_ok=True)
            (packages / name).symlink_to(found)


_VERIFY = """
import glob, importlib, json, os, sys
wanted, prelude, backend = sys.argv[1:4]
if prelude:
    with open(prelude) as file:
        exec(compile(file.read(), prelude, "exec"), {"__name__": "prelude"})
parts = (wanted + ".layers").split(".")
module = importlib.import_module(parts[0])
for depth, part in enumerate(parts[1:], 2):
    try:
        module = getattr(module, part)
    except AttributeError:
        module = importlib.import_module(".".join(parts[:depth]))
where = module.Dense.__module__
if backend:
    said = importlib.import_module(wanted).backend.backend()
    if said != backend:
        raise SystemExit("the backend is %s, not %s" % (said, backend))
packages = {}
for folder in sys.path:
    for kind in ("*.dist-info", "*.egg-info"):
        for found in glob.glob(os.path.join(folder, kind)):
            name = os.path.basename(found).split("-")
            if len(name) > 1:
                packages[name[0].replace("_", "-").lower()] = name[1].replace(".dist", "").replace(".egg", "")
print("HARNESS " + json.dumps({"dense": where, "packages": packages}))
"""


def verify(target: Target, python: Path, *, run: Run, say: Callable[[str], None]) -> dict[str, str]:
    """Import the namespace once inside the environment; the installed distributions and their versions.

    Raises:
        BuildFailed: it does not import, or runs another backend than the target's.
    """
    say(f"importing {target.namespace}")
    asked = target.backend if target.namespace in ("keras", "keras_core") else ""
    prelude = os.fspath(target.prelude) if target.prelude else ""
    with tempfile.TemporaryDirectory(prefix="harness-") as own:
        quiet = {"TF_CPP_MIN_LOG_LEVEL": "3", "CUDA_VISIBLE_DEVICES": ""}
        places = {"HOME": own, "KERAS_HOME": os.path.join(own, ".keras")}
        if target.pythonpath:
            places["PYTHONPATH"] = os.pathsep.join(map(os.fspath, target.pythonpath))
        env = clean_environment(**quiet, **places, **target.env)
        command = [os.fspath(python), "-c", _VERIFY, target.namespace, prelude, asked]
        done = run(command, env, VERIFY_SECONDS)
    said = [line for line in done.output.splitlines() if line.startswith("HARNESS ")]
    if done.code != 0 or not said:
        raise BuildFailed(
            f"{target.namespace} does not import: {done.tail or f'exit code {done.code}'}",
            fix=system_fix(target) or "See the output above, and the target's note in `harness targets`.",
        )
    packages: dict[str, str] = json.loads(said[-1].removeprefix("HARNESS "))["packages"]
    return dict(sorted(packages.items()))


def system_fix(target: Target) -> str:
    """How to have the system packages a target needs; empty when it needs none."""
    if not target.system_packages:
        return ""
    return f"`apt-get install {' '.join(target.system_packages)}` (or your system's like of it), then again."


_FIXES = (
    ("No space left", "Free some disk: an environment takes up to 2 GB."),
    ("Temporary failure in name resolution", "Check the network and run this again."),
    ("error sending request", "Check the network and the package index, and run this again."),
    ("Could not find a version", "The package index in use lacks a pin of this lock; use one that has it."),
    ("No solution found", "The package index in use lacks a pin of this lock; use one that has it."),
    ("no wheels with a matching", "This machine's system or processor has no build of a pin of this lock."),
)
"""Words of pip's and uv's output, and what helps."""


def _install_fix(target: Target, output: str) -> str:
    known = next((fix for words, fix in _FIXES if words in output), "")
    return (
        known or system_fix(target) or "Run it again; if it fails again, the lines above say which package."
    )


@contextlib.contextmanager
def digest_on_failure(digest: str) -> Iterator[None]:
    """Note on a failure what was being installed: it stands for as long as the lock is the same."""
    try:
        yield
    except BuildFailed as failure:
        failure.digest = digest
        raise


@contextlib.contextmanager
def locked(file: IO[str]) -> Iterator[None]:
    """Hold the lock of an open file; waits for whoever has it."""
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_EX)
    yield


def lock_shared(file: IO[str]) -> None:
    """Hold the lock of an open file together with others, until it is closed."""
    if fcntl is not None:
        fcntl.flock(file, fcntl.LOCK_SH)


def lock_at_once(file: IO[str]) -> bool:
    """Hold the lock of an open file alone, until it is closed; False when somebody has it."""
    if fcntl is None:
        return False
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
