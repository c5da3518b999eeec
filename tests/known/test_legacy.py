"""The lists of reported differences between historical targets: each entry against corpus and targets."""

import tomllib
from pathlib import Path
from typing import Any

import pytest

from harness.model import Kind
from harness.pipeline import may_match
from harness.plan import plan
from harness.specs.registry import all_specs
from harness.targets import load

KNOWN = [
    entry
    for name in ("legacy.toml", "legacy-further.toml")
    for entry in tomllib.loads((Path(__file__).parent / name).read_text(encoding="utf-8"))["known"]
]


def test_every_report_is_listed_once() -> None:
    """An id stands for one report, and every report has somewhere to be read."""
    ids = [each["id"] for each in KNOWN]
    assert len(set(ids)) == len(ids)
    assert all(each["source"].startswith("https://") for each in KNOWN)


@pytest.mark.parametrize("known", KNOWN, ids=[each["id"] for each in KNOWN])
def test_every_report_has_two_targets_a_kind_and_a_case(known: dict[str, Any]) -> None:
    """A named pair or two targets of the table, a kind of difference, and a case of the corpus."""
    table = load()
    assert known["pair"] in table.pairs or set(known["pair"].split("..")) <= table.targets.keys()
    assert known.get("shown_by") or known["not_found"]
    for rule in known.get("shown_by", ()):
        assert rule["kind"] in set(Kind)
        only = (rule["case"].replace("[", "?"),)  # a bracket opens a set in a pattern of cases
        cases = plan([s for s in all_specs() if may_match(s, only)], profile="full", only=only, seed=0)
        assert cases, "the corpus has no such case"
