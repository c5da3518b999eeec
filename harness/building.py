"""How an environment is built: make it, install the lock, link system libraries, import Keras once.

Bytecode is always compiled: uv writes none by itself, and where `PYTHONDONTWRITEBYTECODE` is set every
process would compile TensorFlow again, five seconds each time. Standard library only.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from harness import interpreters
from harness.installing import FETCH_SECONDS, INSTALL_SECONDS, Tool, system_fix
from harness.processes import BuildFailed, Run, clean_environment
from harness.targets import Target

VERIFY_SECONDS = 600


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


@contextlib.contextmanager
def digest_on_failure(digest: str) -> Iterator[None]:
    """Note on a failure what was being installed: it stands for as long as the lock is the same."""
    try:
        yield
    except BuildFailed as failure:
        failure.digest = digest
        raise
