"""The sessions of the noxfile, run by the real nox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]

UNHAD = """
[[target]]
id = "from-long-ago"
implementation = "keras"
version = "1.0"
backend = "theano"
engine = "theano"
namespace = "keras"
float64 = "none"
python = ["3.4"]
lock = "none.txt"

[pair.unhad]
reference = "from-long-ago"
candidate = "from-long-ago"
"""


def nox(*words: str, envdir: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run nox on this project's noxfile; its streams as text."""
    where = ["--envdir", str(envdir)] if envdir else []
    command = [sys.executable, "-m", "nox", "--noxfile", str(ROOT / "noxfile.py"), *where, *words]
    env = {name: value for name, value in os.environ.items() if not name.startswith("NOX")}
    return subprocess.run(
        command, capture_output=True, text=True, cwd=ROOT, env=env | {"NO_COLOR": "1"}, check=False
    )


def evaluate(expression: str, words: Sequence[str] = ()) -> str:
    """What an expression over the noxfile says when nox is given `words`."""
    script = (
        f"import sys; sys.argv = ['nox', *{list(words)!r}]; sys.path.insert(0, {str(ROOT)!r});"
        f"import noxfile; print({expression})"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=True
    )
    return done.stdout.strip()


@pytest.fixture(scope="module")
def sessions() -> list[dict[str, object]]:
    listed: list[dict[str, object]] = json.loads(nox("--list", "--json", "-k", "not nothing").stdout)
    return listed


def test_the_list_explains_itself(sessions: list[dict[str, object]]) -> None:
    """Every session of `nox -l` says in one sentence what it does."""
    assert {"compare", "pairs", "targets", "tests", "lint", "bench", "coverage", "layers", "report"} <= {
        session["name"] for session in sessions
    }
    for session in sessions:
        assert str(session["description"]).endswith("."), session


def test_every_target_and_every_worker_python_has_a_session(sessions: list[dict[str, object]]) -> None:
    """Each target of the table, and each Python of the worker, is a session of its own."""
    names = {str(session["session"]) for session in sessions}
    assert {"target(keras-3.15.1-jax)", "target(keras-2.3.1-cntk)", "worker_tests(3.6)"} <= names
    assert sum(name.startswith("worker_tests(") for name in names) == 8


def test_compare_is_what_nox_does_by_itself() -> None:
    """`nox` alone compares the default pair."""
    chosen = json.loads(nox("--list", "--json").stdout)
    assert "compare" in {session["session"] for session in chosen}
    assert evaluate("noxfile.wanted()") == "['target(keras-3.15.1-tensorflow)', 'target(tf.keras-2.21)']"


@pytest.mark.parametrize(
    ("words", "made"),
    [
        (["--pair", "cntk"], ["target(keras-2.3.1-tensorflow)", "target(keras-2.3.1-cntk)"]),
        (["--pair=same"], ["target(keras-3.15.1-tensorflow)"]),
        (
            [
                "--only",
                "layers.*",
                "--reference",
                "tf.keras-2.0",
                "--candidate",
                "tf_keras-2.21",
                "--jobs",
                "2",
            ],
            ["target(tf.keras-2.0)", "target(tf_keras-2.21)"],
        ),
        (["--pair", "mdoern"], []),
        (["--reference", "tf.keras-2.0"], []),
        (["--pair"], ["target(keras-3.15.1-tensorflow)", "target(tf.keras-2.21)"]),
    ],
)
def test_compare_requires_just_the_environments_it_needs(words: list[str], made: list[str]) -> None:
    """The words after `--` decide which environments are made; wrong ones are left to the harness."""
    assert evaluate("noxfile.wanted()", ["-s", "compare", "--", *words]) == str(made)


def test_a_pair_of_ones_own_table_is_known(tmp_path: Path) -> None:
    """`--targets my.toml` adds sessions, and an existing interpreter needs none."""
    (tmp_path / "my.toml").write_text(
        "[[target]]\nid = 'mine'\nbase = 'tf.keras-2.21'\npythonpath = ['x']\n"
        f"[[target]]\nid = 'here'\nbase = 'tf.keras-2.21'\ninterpreter = '{sys.executable}'\n"
        "[pair.mine]\nreference = 'mine'\ncandidate = 'here'\n"
    )
    words = ["--", "--targets", str(tmp_path / "my.toml"), "--targets", "tf.keras-2.*", "--pair", "mine"]
    assert evaluate("noxfile.wanted()", words) == "['target(tf.keras-2.21)']"


def test_tests_require_both_sides_of_every_named_pair() -> None:
    """What matters is tested on real Kerases: each side of each named pair, once."""
    required = evaluate("' '.join(noxfile.every_side())").split()
    assert len(required) == len(set(required)) == 16


def test_a_target_that_cannot_be_had_does_not_stop_nox(tmp_path: Path) -> None:
    """No interpreter: the session says so and succeeds, so that `compare` can report it as not run."""
    (tmp_path / "my.toml").write_text(UNHAD)
    (tmp_path / "none.txt").write_text("keras==1.0\n")
    done = nox(
        *("-s", "target(from-long-ago)", "--", "--targets", str(tmp_path / "my.toml")),
        envdir=tmp_path / "envs",
    )
    assert done.returncode == 0, done.stderr
    assert "from-long-ago CANNOT BE RUN: no CPython 3.4 was found. Install CPython 3.4" in done.stderr


@pytest.mark.parametrize(
    ("code", "seen", "attribute"),
    [(0, 0, True), (1, 1, True), (2, 2, True), (3, 3, True), (3, 3, False), (130, 1, True)],
)
def test_nox_ends_with_the_exit_code_of_the_harness(code: int, seen: int, attribute: bool) -> None:
    """nox knows only 0 and 1; wrong use (2) and harness faults (3) pass through it all the same."""
    script = f"""
import sys
sys.path.insert(0, {str(ROOT)!r})
import noxfile
from nox.command import CommandFailed
class Session:
    def run(self, *words, success_codes):
        assert words == ("python", "-m", "harness", "compare", "--jobs", "1")
        failure = CommandFailed("Returned code {code}")
        failure.return_code = {code} if {attribute} else None
        if {code} not in success_codes:
            raise failure
try:
    noxfile.harness(Session(), "compare", "--jobs", "1")
except CommandFailed:
    print("nox reports")
    sys.exit(1)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == seen, done.stderr
    assert done.stdout == ("nox reports\n" if code else "")


def test_an_absent_worker_python_is_said(tmp_path: Path) -> None:
    """Worker tests on a Python that is not there are not run, out loud."""
    (tmp_path / "bin").mkdir()
    uv = tmp_path / "bin/uv"
    uv.write_text('#!/bin/sh\necho \'{"version": "0.9.0"}\'\n')
    uv.chmod(0o755)
    lonely = {"PATH": str(tmp_path / "bin"), "PYENV_ROOT": str(tmp_path), "HOME": str(tmp_path)}
    absent = "3.6"
    done = subprocess.run(
        [sys.executable, "-m", "nox", "--envdir", str(tmp_path / "envs"), "-s", f"worker_tests({absent})"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=lonely,
        check=False,
    )
    assert f"NOT RUN: no CPython {absent} was found" in done.stderr
    assert "skipped" in done.stderr
