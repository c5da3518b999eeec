"""Cases that a search found."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from harness.errors import WrongUse
from harness.model import Case
from harness.plan import plan
from harness.specs.declaration import Array, Feed, Spec
from harness.specs.found import FILE, LEARNT, found_cases, keep
from harness.specs.registry import all_specs

SPEC = Spec("layers.ReLU", "layers", "layer", (Feed("x", Array((2,))),), limit=7.0)
CASE = Case("layers.ReLU", "layer", {"threshold": 3}, {"inputs": Array((5,)).plain()}, observe=("brief",))


def test_a_kept_case_comes_back_as_it_was(tmp_path: Path) -> None:
    """What was kept is performed just so; its spec lends the limit."""
    path = tmp_path / "found.jsonl"
    assert keep([(CASE, "differs")], path) == 1
    (again,) = found_cases([SPEC], 0, path)
    assert again.hash == CASE.hash
    assert again.limit == 7.0
    assert "found" in again.label


def test_a_case_is_kept_once(tmp_path: Path) -> None:
    """Finding it again adds no line."""
    path = tmp_path / "found.jsonl"
    assert keep([(CASE, "differs"), (CASE, "differs")], path) == 1
    assert keep([(CASE, "differs otherwise")], path) == 0
    assert len(path.read_text().splitlines()) == 1


def test_a_case_without_a_spec_is_left_out(tmp_path: Path) -> None:
    """A subject that has no spec any more has no cases either."""
    path = tmp_path / "found.jsonl"
    keep([(CASE, "differs")], path)
    assert found_cases([], 0, path) == []
    assert found_cases([SPEC], 0, tmp_path / "none.jsonl") == []


def test_a_line_that_is_no_case_is_wrong_use(tmp_path: Path) -> None:
    """The message names the line and the way out."""
    path = tmp_path / "found.jsonl"
    path.write_text('\n{"subject": "layers.ReLU"}\n')
    with pytest.raises(WrongUse, match=r"line 2 of found\.jsonl"):
        found_cases([SPEC], 0, path)


def test_what_showed_nothing_new_stays_out_of_quick(tmp_path: Path) -> None:
    """A line marked ``full_only`` is a case of `full`; the label says which file it came from."""
    path = tmp_path / "learnt.jsonl"
    keep([(CASE, "passed by a test")], path)
    path.write_text(path.read_text().replace('{"feed"', '{"full_only": true, "feed"'))
    assert found_cases([SPEC], 0, path, label="learnt", profile="quick") == []
    (case,) = found_cases([SPEC], 0, path, label="learnt")
    assert case.label.startswith("learnt ")


def test_what_was_learnt_from_upstream_is_part_of_the_corpus() -> None:
    """`full` holds every line, `quick` those that showed something."""
    lines = [json.loads(line) for line in LEARNT.read_text("utf-8").splitlines()]
    learnt = found_cases(all_specs(), 0, LEARNT, label="learnt")
    assert len(learnt) == len(lines)
    quick = {case.hash for case in plan(all_specs())}
    kept = [case for case, line in zip(learnt, lines, strict=True) if not line.get("full_only")]
    assert kept
    assert all(case.hash in quick for case in kept)


def test_every_committed_find_is_part_of_the_corpus() -> None:
    """Each line of the file is planned."""
    lines = [line for line in FILE.read_text("utf-8").splitlines() if line.strip()]
    found = found_cases(all_specs())
    assert len(found) == len(lines)
    planned = {case.hash for case in plan(all_specs())}
    assert all(case.hash in planned for case in found)
