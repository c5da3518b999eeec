"""What was bisected on real Kerases, decided again from what each release was observed to do.

`tests/known/bisected.json` holds, per change, how the targets of the table and the releases between them
behaved when they were run. The search has to come to the same two releases from these observations, and to
ask no release that was not run; the page that lists the answers has to say the same.
"""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from packaging.version import Version

from harness.narrowing import Narrowing, along
from harness.report.dates import Mark

ROOT = Path(__file__).parents[1]
FOUND: list[dict[str, Any]] = json.loads((ROOT / "tests/known/bisected.json").read_text("utf-8"))
PAGE = (ROOT / "docs/bisected.md").read_text("utf-8")


@pytest.mark.parametrize("found", FOUND, ids=lambda found: f"{found['id']} {found['cause']}")
def test_the_observations_lead_to_the_same_two_releases(found: dict[str, Any]) -> None:
    """From the targets of the table to the change, then halving; each answer was run on both sides of it."""
    table = {version: Mark(mark) for version, mark in found["table"]}
    between, asked = found["between"], {v: Mark(m) for v, m in found["asked"]}
    assert (between[0], between[-1]) in along(list(table), table)
    search = Narrowing(between, {v: table[v] for v in (between[0], between[-1])})
    search.narrow(asked.__getitem__)
    changes = {(c.before, c.before_mark, c.after, c.after_mark, c.left) for c in search.changes()}
    expected = (found["before"], Mark(found["before_mark"]), found["after"], Mark(found["after_mark"]), ())
    assert expected in changes
    run = {**table, **asked}
    assert run[found["before"]] is not run[found["after"]]
    neighbours = set(pairwise(between))
    assert (found["before"], found["after"]) in neighbours, "some release lies between the two"


@pytest.mark.parametrize("found", [f for f in FOUND if f["named"]], ids=lambda found: str(found["id"]))
def test_the_release_is_the_one_the_report_names(found: dict[str, Any]) -> None:
    """As its text has it: a minor release, or the first of it."""
    named = Version(found["named"]).release
    assert Version(found["after"]).release[: len(named)] == named
    assert Version(found["before"]).release[: len(named)] < named


@pytest.mark.parametrize("found", FOUND, ids=lambda found: f"{found['id']} {found['cause']}")
def test_an_answer_has_its_evidence_and_stands_on_the_page(found: dict[str, Any]) -> None:
    """What differs between the two, the tags, and a row that names both releases."""
    assert found["evidence"]
    assert any(link.split("/compare/")[1] for link in found["links"])
    name = found["id"] if found["id"] != "modern" else found["cause"].replace("|", "\\|")
    rows = [line for line in PAGE.splitlines() if line.startswith((f"| {name} |", f"| `{name}` |"))]
    cells = f"| {found['lineage']} | {found['before']} | {found['after']} |"
    assert any(cells in row for row in rows)


def test_ten_causes_of_modern_and_the_reports_are_there() -> None:
    """No row is lost by accident, and no cause counts twice."""
    modern = {(f["cause"], f["lineage"], f["after"]) for f in FOUND if f["id"] == "modern"}
    assert len({cause for cause, _, _ in modern}) >= 10
    assert len({f["id"] for f in FOUND if f["named"]}) >= 10
