"""Rules that every case script keeps."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from harness.run.launch import CASES

OURS = ("self", "call", "engine", "built", "run", "found", "stepper")
"""Names that stand for objects of the harness: they have what they are asked for."""


@pytest.mark.parametrize("path", sorted(CASES.glob("*.py")), ids=lambda path: path.stem)
def test_what_a_step_calls_is_looked_up_within_the_step(path: Path) -> None:
    """An implementation that lacks a method shows so in its step; outside of one it would be our fault."""
    looked_up = [
        f"line {call.lineno}: {ast.unparse(given)}"
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call) and ast.unparse(call.func).endswith("record.run") and len(call.args) > 2
        for given in call.args[2:3]
        if isinstance(given, ast.Attribute) and ast.unparse(given.value) not in OURS
    ]
    assert looked_up == []
