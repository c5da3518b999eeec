"""The workflows: what they have the harness do is something that the harness does."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml

from harness import cli
from harness.commands.sharding import matrix, pairs_of
from harness.shards.planning import groups_of_pairs, groups_of_targets, plan_shards
from harness.targets import load

FOLDER = Path(__file__).resolve().parents[1] / ".github" / "workflows"
WORKFLOWS = sorted(FOLDER.glob("*.yml"))

RESTORED_AND_SAVED = ("Environments of an earlier", "Keep the environments for the next")


def steps(path: Path) -> list[dict[str, Any]]:
    """Every step of every job."""
    jobs = yaml.safe_load(path.read_text())["jobs"]
    return [step for job in jobs.values() for step in job.get("steps", ())]


def jobs_of(name: str) -> dict[str, Any]:
    """The jobs of a workflow."""
    found: dict[str, Any] = yaml.safe_load((FOLDER / name).read_text())["jobs"]
    return found


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_every_job_ends_some_time(path: Path) -> None:
    """A job without a limit of its own could run for six hours."""
    for name, job in jobs_of(path.name).items():
        if "uses" in job:  # its jobs have limits of their own
            assert FOLDER.parents[1].joinpath(job["uses"]) in WORKFLOWS, name
        else:
            assert 0 < job["timeout-minutes"] <= 240, name


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_nothing_from_outside_is_pasted_into_a_script(path: Path) -> None:
    """What a person typed, or a plan says, reaches a shell as a variable, never as part of its text."""
    for step in steps(path):
        assert "${{" not in step.get("run", ""), step


def test_the_commands_of_the_night_are_understood() -> None:
    """Every `python -m harness` of the workflow is one the command line takes."""
    both = [step for name in ("nightly.yml", "shards.yml") for step in steps(FOLDER / name)]
    told = [line for step in both for line in step.get("run", "").splitlines()]
    commands = [line.split("python -m harness ", 1)[1] for line in told if "python -m harness " in line]
    assert len(commands) == 4
    values = {
        "$PROFILE": ["full"],
        "$COUNT": ["3"],
        "${columns[@]}": ["--matrix"],
        "${evidence[@]}": ["--evidence", "evidence.json"],
        "${stores[@]}": ["a.sqlite"],
        "$(nproc)": ["2"],
    }
    seen = set()
    for command in commands:
        text = re.sub(r" > \S+$", "", command)
        words = [part for word in shlex.split(text) for part in values.get(word, [word])]
        asked = cli.parser().parse_args(words)
        seen.add((asked.command, getattr(asked, "word", "")))
    assert seen == {("shard", "plan"), ("shard", "run"), ("shard", "evidence"), ("nightly", "")}


def test_a_shard_that_fails_stops_no_other() -> None:
    """The matrix is the plan's, no shard is cancelled for another, and merging waits for all of them."""
    (shard,) = jobs_of("shards.yml").values()
    assert shard["strategy"] == {"fail-fast": False, "matrix": "${{ fromJSON(inputs.matrix) }}"}
    jobs = jobs_of("nightly.yml")
    assert jobs["merge"]["needs"] == ["plan", "shards", "evidence", "evidence-shards"]
    for name in ("evidence", "evidence-shards", "merge"):
        assert jobs[name]["if"].startswith("always()"), name


def test_shards_and_evidence_are_performed_by_one_workflow() -> None:
    """Each time with a plan that is an artifact of the job before, and with its matrix."""
    jobs = jobs_of("nightly.yml")
    taken = yaml.safe_load((FOLDER / "shards.yml").read_text())[True]["workflow_call"]["inputs"]
    for name, before, plan in (("shards", "plan", "plan"), ("evidence-shards", "evidence", "evidence")):
        job = jobs[name]
        assert job["uses"] == "./.github/workflows/shards.yml"
        assert job["with"] == {"matrix": f"${{{{ needs.{before}.outputs.matrix }}}}", "plan": plan}
        assert set(job["with"]) == set(taken)
        uploads = [s["with"] for s in jobs[before]["steps"] if "upload-artifact" in s.get("uses", "")]
        assert uploads == [{"name": plan, "path": f"{plan}.json"}]
        assert {"matrix"} <= set(jobs[before]["outputs"])


def test_a_variable_switches_the_matrix_off() -> None:
    """Without it there are no columns, and so neither evidence nor jobs for it."""
    jobs = jobs_of("nightly.yml")
    (plan,) = [step for step in jobs["plan"]["steps"] if step.get("id") == "plan"]
    assert plan["env"]["MATRIX"] == "${{ vars.NIGHTLY_MATRIX || 'true' }}"
    assert "needs.plan.outputs.columns != '0'" in jobs["evidence"]["if"]
    assert "needs.evidence.result == 'success'" in jobs["evidence-shards"]["if"]


def test_environments_are_kept_whatever_came_of_a_shard() -> None:
    """One target that cannot be made does not have those of the others made anew every night."""
    named = {step.get("name"): step for step in steps(FOLDER / "shards.yml")}
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
    groups = groups_of_pairs(pairs)
    taken = [id for group in groups for id in group.targets]
    columns = table.select(table.selections["nightly"])
    groups += groups_of_targets(columns, taken)
    plan = plan_shards(groups, count=60)
    entries = matrix(plan, table)["include"]
    assert len(groups) < len(entries) == 60, "the pairs with most targets are cut into slices"
    assert len(json.dumps(entries)) < 500_000  # an output of a job may have a megabyte
    asked = re.findall(r"matrix\.(\w+)", (FOLDER / "shards.yml").read_text())
    for name in asked:
        assert all(name in entry for entry in entries), name
    old = {python for entry in entries for python in entry["old_pythons"].split()}
    assert old <= {"3.6", "3.7"}
    assert any("libopenmpi3" in entry["system_packages"] for entry in entries)
