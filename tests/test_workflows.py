"""The workflows: what they have the harness do is something that the harness does."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness import cli
from harness.commands.sharding import matrix, pairs_of
from harness.shards.planning import groups_of_pairs, plan_shards
from harness.targets import load

FOLDER = Path(__file__).resolve().parents[1] / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))

RESTORED_AND_SAVED = ("Environments of an earlier", "Keep the environments for the next")


def steps(path: Path) -> list[dict[str, Any]]:
    """Every step of every job."""
    jobs = yaml.safe_load(path.read_text())["jobs"]
    return [step for job in jobs.values() for step in job["steps"]]


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_job_ends_some_time(path: Path) -> None:
    """A job without a limit of its own could run for six hours."""
    for name, job in yaml.safe_load(path.read_text())["jobs"].items():
        assert 0 < job["timeout-minutes"] <= 240, name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_from_outside_is_pasted_into_a_script(path: Path) -> None:
    """What a person typed, or a plan says, reaches a shell as a variable, never as part of its text."""
    for step in steps(path):
        assert "${{" not in step.get("run", ""), step


def test_the_commands_of_the_night_are_understood() -> None:
    """Every `python -m harness` of the workflow is one the command line takes."""
    told = [line for step in steps(FOLDER / "nightly.yml") for line in step.get("run", "").splitlines()]
    commands = [line.split("python -m harness ", 1)[1] for line in told if "python -m harness " in line]
    assert len(commands) == 3
    values = {"$PROFILE": "full", "$COUNT": "3", "${stores[@]}": "a.sqlite", "$(nproc)": "2"}
    for command in commands:
        text = re.sub(r" > \S+$", "", command)
        words = [values.get(word, word) for word in shlex.split(text)]
        assert cli.parser().parse_args(words).command in ("shard", "nightly")


def test_a_shard_that_fails_stops_no_other() -> None:
    """The matrix is the plan's, no shard is cancelled for another, and merging waits for all of them."""
    jobs = yaml.safe_load((FOLDER / "nightly.yml").read_text())["jobs"]
    assert jobs["shard"]["strategy"] == {
        "fail-fast": False,
        "matrix": "${{ fromJSON(needs.plan.outputs.matrix) }}",
    }
    assert jobs["merge"]["needs"] == ["plan", "shard"]
    assert jobs["merge"]["if"].startswith("always()")


def test_environments_are_kept_whatever_came_of_a_shard() -> None:
    """One target that cannot be made does not have those of the others made anew every night."""
    named = {step.get("name"): step for step in steps(FOLDER / "nightly.yml")}
    restore, save = (named[f"{name} night"] for name in RESTORED_AND_SAVED)
    assert restore["with"]["path"] == save["with"]["path"]
    assert save["if"] == "!cancelled() && steps.after.outputs.list != steps.before.outputs.list"
    assert save["with"]["key"] == f"${{{{ steps.{restore['id']}.outputs.cache-primary-key }}}}"
    key, again = restore["with"]["key"], restore["with"]["restore-keys"]
    assert key == again + "${{ github.run_id }}"  # what was kept is never written again under its key


def test_the_pairs_of_the_night_are_pairs_of_the_table() -> None:
    """A pair that is added to it is in the next night, and the matrix has the keys the jobs read."""
    text = (FOLDER / "nightly.yml").read_text()
    table = load()
    found = re.search(r"vars\.NIGHTLY_PAIRS \|\| '([\w,.-]+)'", text)
    assert found is not None
    pairs = pairs_of(found[1], table, default=False)
    assert pairs == list(table.pairs.values())
    plan = plan_shards(groups_of_pairs(pairs), count=12)
    entries = matrix(plan, table)["include"]
    assert len(entries) == 12
    for name in set(re.findall(r"matrix\.(\w+)", text)) - {"json"}:
        assert all(name in entry for entry in entries), name
    old = {python for entry in entries for python in entry["old_pythons"].split()}
    assert old <= {"3.6", "3.7"}
    assert any("libopenmpi3" in entry["system_packages"] for entry in entries)
