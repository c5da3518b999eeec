"""Cases in the case scripts' own words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from harness.model import Case, Kind
from harness.plan import cases_of
from harness.report.literals import NotWritable, Writer
from harness.report.repro import repro
from harness.report.told_program import told
from harness.specs.registry import all_specs

from .records_of_a_run import target

SIDES = (target("reference"), target("candidate"))
OWN = """
import os
import json
from . import other
LIMIT = 3
UNUSED = 4


def perform(case, context):
    return other.helped(LIMIT), os.sep


def idle():
    return json
"""
OTHER = """
def helped(x):
    return inner(x)


def inner(x):
    return x
"""


def told_from(folder: Path, script: str = "own") -> str:
    """The program of a script in a folder."""
    case = Case("x", script, {}, {"inputs": None})
    return "\n".join(told(case, Writer(0), step="s", graph=False, folder=folder))


def test_nearly_every_scenario_can_be_told() -> None:
    """Each program is valid Python and needs no harness, but for a few scenarios that need its engine."""
    scenarios = [s for s in all_specs() if s.script.startswith("scenarios_")]
    refused = []
    for spec in scenarios:
        case = cases_of(spec, profile="full")[0]
        try:
            text = repro(case, *SIDES, step="scenario", kind=Kind.VALUE, title="", form="script")
        except NotWritable:
            refused.append(spec.subject)
            continue
        ast.parse(text)
        assert "harness_" not in text
    assert len(refused) <= len(scenarios) // 20


def test_what_cannot_be_told_is_refused(tmp_path: Path) -> None:
    """A user's own script is run by its file; a graph has no such form; an engine's knowledge is not told."""
    with pytest.raises(NotWritable, match="user's own"):
        told_from(tmp_path, "mine:f")
    with pytest.raises(NotWritable, match="compute at once"):
        told(Case("x", "lookup", {}, {"inputs": None}), Writer(0), step="s", graph=True)
    (tmp_path / "own.py").write_text("def perform(case, context):\n    context.engine.gradients()\n")
    with pytest.raises(NotWritable, match=r"engine\.gradients"):
        told_from(tmp_path)


def test_only_what_is_needed_is_told(tmp_path: Path) -> None:
    """What the script reaches is there, from its own file and from those it leans on; the rest is not."""
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "other.py").write_text(OTHER)
    text = told_from(tmp_path)
    ast.parse(text)
    for needed in ("def inner", "LIMIT = 3", "return helped(LIMIT)", "import os"):
        assert needed in text
    for idle in ("UNUSED", "idle", "json"):
        assert idle not in text


def test_two_functions_of_one_name_are_not_mixed(tmp_path: Path) -> None:
    """Where two files have a function of one name there is no program, rather than a wrong one."""
    (tmp_path / "own.py").write_text(OWN.replace("helped", "perform"))
    (tmp_path / "other.py").write_text(OTHER.replace("helped", "perform"))
    with pytest.raises(NotWritable, match="called 'perform'"):
        told_from(tmp_path)


def test_what_a_file_takes_from_another_is_found_there(tmp_path: Path) -> None:
    """A name that a sibling itself imports is told from where it is defined; one that is nowhere is not."""
    (tmp_path / "own.py").write_text(OWN)
    (tmp_path / "other.py").write_text("from .third import helped\n")
    (tmp_path / "third.py").write_text("def helped(n):\n    return n + 41\n")
    assert "return n + 41" in told_from(tmp_path)
    (tmp_path / "bare").mkdir()
    (tmp_path / "bare" / "own.py").write_text(OWN)
    (tmp_path / "bare" / "other.py").write_text("")
    with pytest.raises(NotWritable, match=r"'helped' is not defined in other\.py"):
        told_from(tmp_path / "bare")


def test_what_a_file_takes_under_another_name_has_that_name(tmp_path: Path) -> None:
    """`from .third import helped as help_me` names the function anew."""
    (tmp_path / "own.py").write_text(
        "from .third import helped as help_me\n\n\ndef perform(case, context):\n    return help_me(1)\n"
    )
    (tmp_path / "third.py").write_text("def helped(n):\n    return n + 41\n")
    text = told_from(tmp_path)
    assert text.index("def helped(n)") < text.index("help_me = helped") < text.index("def perform")


def test_a_scenario_that_reads_the_scripts_own_files_has_no_program() -> None:
    """The file would have to come along."""
    case = Case("models.load_model", "scenarios_serialization:foreign_folders", {"how": "load_model"}, None)
    with pytest.raises(NotWritable, match="no program brings along"):
        told(case, Writer(0), step="load", graph=False)
