"""What is installed into an environment: the lock, or what an open target consists of today."""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from harness import interpreters
from harness.processes import BuildFailed, Ran, Run, clean_environment
from harness.targets import Target

INSTALL_SECONDS = 3600
FETCH_SECONDS = 600


@dataclass(frozen=True)
class Tool:
    """What makes environments and installs into them: uv, or venv and pip."""

    name: str
    uv: Path | None = None


def tool() -> Tool:
    """uv where it is there, else venv and pip."""
    uv = interpreters.find_uv()
    return Tool("uv", uv) if uv else Tool("venv")


def install(
    target: Target, python: Path, lock: Path, *, tool: Tool, run: Run, say: Callable[[str], None]
) -> None:
    """Install the lock, twice if need be, and the alternatives of pins that cannot be had."""
    pins = lock.read_text().split()
    say(f"installing {len(pins)} packages with {tool.name}")
    env = clean_environment(**_index(tool))
    if tool.uv is None and _is_oldest(python):
        # What pip of Python 3.6 does not know are wheels of manylinux2010 and later: it would take protobuf
        # without its compiled part, with which TensorFlow 1 makes graphs in three times the time.
        run([os.fspath(python), "-m", "pip", "install", "--quiet", "--upgrade", "pip"], env, FETCH_SECONDS)
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
    if tool.uv and _is_oldest(python):
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
    compiling = [] if _is_oldest(python) else ["--compile-bytecode"]
    uv = [os.fspath(tool.uv), "pip", "install", "--python", os.fspath(python)]
    return [*uv, *compiling, *_found_at(), *what]


def _found_at() -> list[str]:
    """uv's options for the folders of packages that pip would look into."""
    links = [entry for entry in os.environ.get("PIP_FIND_LINKS", "").split() if _there(entry)]
    return [part for entry in links for part in ("--find-links", entry)]


def _is_oldest(python: Path) -> bool:
    """Whether this is Python 3.6, with which uv compiles no bytecode, and whose own pip is of 2018."""
    return (python.parents[1] / "lib" / "python3.6").exists()


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
