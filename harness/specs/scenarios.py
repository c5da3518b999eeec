"""Scenarios as cases: what the files of `harness/cases/` declare, read without importing them.

A scenario is a function decorated with ``@about("Model.fit", "History", size=(1, 3))`` (see
`harness/cases/scenario.py`). Its first name is the subject; the others are names a divergence of it touches
as well. Every combination of the keyword values is one case.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from harness.errors import WrongUse
from harness.model import Case
from harness.specs.declaration import plain

FILES = (
    "scenarios_models",
    "scenarios_layers",
    "scenarios_inputs",
    "scenarios_training",
    "scenarios_callbacks",
    "scenarios_serialization",
    "scenarios_tensorflow",
)
"""The harness's own files of scenarios, in the order of the report."""

CASES = Path(__file__).parent.parent / "cases"
DECORATOR = "about"
LIMIT = 120.0
"""Seconds one scenario may take; slow backends compile every model anew."""


@dataclass(frozen=True)
class Scenario:
    """One scenario function as its file declares it."""

    script: str
    """``file:function``."""
    subjects: tuple[str, ...]
    """API names it is about, the main one first."""
    promise: str
    """First line of its docstring."""
    values: Mapping[str, tuple[Any, ...]]
    """Keyword arguments and the values they are tried with."""
    dear: bool
    """Performed in the full profile only."""
    line: int


def own_scenarios() -> tuple[Scenario, ...]:
    """Every scenario of the harness itself."""
    return tuple(s for name in FILES for s in scenarios_of(CASES / f"{name}.py"))


def scenarios_of(path: Path) -> tuple[Scenario, ...]:
    """The scenarios of one file, in its order.

    Raises `WrongUse` for a file that cannot be read or a decorator that is not literal.
    """
    try:
        tree = ast.parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, SyntaxError, UnicodeDecodeError) as error:
        raise WrongUse(f"Expected a Python file of scenarios. Received: {path} ({error}).") from error
    names = constants(tree)
    return tuple(
        declared(path, function, call, names)
        for function in tree.body
        if isinstance(function, ast.FunctionDef)
        for call in function.decorator_list
        if isinstance(call, ast.Call) and called(call) == DECORATOR
    )


def constants(tree: ast.Module) -> dict[str, Any]:
    """Names a file gives literal values to, which its decorators may use."""
    out = {}
    for statement in tree.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            try:
                out[statement.targets[0].id] = ast.literal_eval(statement.value)
            except (ValueError, TypeError):
                continue
    return out


def called(call: ast.Call) -> str:
    """Last part of the name that is called."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""


def declared(path: Path, function: ast.FunctionDef, call: ast.Call, names: Mapping[str, Any]) -> Scenario:
    """What one decorated function declares; `names` are the literal constants of its file."""
    place = f"{path.name}:{function.lineno} ({function.name})"
    try:
        subjects = tuple(ast.literal_eval(argument) for argument in call.args)
        values = {str(k.arg): literal(k.value, names) for k in call.keywords}
    except (ValueError, TypeError) as error:
        raise WrongUse(
            f"Expected literal arguments of @{DECORATOR} at {place}. Received: {error}."
        ) from error
    dear = bool(values.pop("dear", False))
    if not subjects or not all(isinstance(s, str) and s for s in subjects):
        raise WrongUse(f"Expected @{DECORATOR} at {place} to name what it is about. Received: {subjects!r}.")
    for name, tried in values.items():
        if not isinstance(tried, tuple) or not tried:
            raise WrongUse(f"Expected a tuple of values for {name!r} at {place}. Received: {tried!r}.")
    accepted = {a.arg for a in (*function.args.args[2:], *function.args.kwonlyargs)}
    if accepted != set(values):
        raise WrongUse(
            f"Expected the function at {place} to take (keras, record) and what @{DECORATOR} lists: "
            f"{sorted(values)}. Received: {sorted(accepted)}."
        )
    promise = (ast.get_docstring(function) or "").split("\n")[0]
    return Scenario(f"{path.stem}:{function.name}", subjects, promise, values, dear, function.lineno)


def literal(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """The value of a literal, or of a name that stands for one."""
    return names[node.id] if isinstance(node, ast.Name) and node.id in names else ast.literal_eval(node)


def scenario_cases(scenarios: Iterable[Scenario], *, profile: str = "full", seed: int = 0) -> list[Case]:
    """The cases of scenarios: one per combination of their values; in ``quick`` every value once."""
    return [
        case_of(scenario, dict(zip(scenario.values, combination, strict=True)), seed)
        for scenario in scenarios
        if profile == "full" or not scenario.dear
        for combination in combinations_of(scenario, profile)
    ]


def combinations_of(scenario: Scenario, profile: str) -> list[tuple[Any, ...]]:
    """Values of a scenario's keywords: all combinations, or as many as let every value appear."""
    axes = list(scenario.values.values())
    if profile == "full":
        return list(product(*axes))
    rows = max((len(values) for values in axes), default=1)
    return [tuple(values[row % len(values)] for values in axes) for row in range(rows)]


def case_of(scenario: Scenario, values: Mapping[str, Any], seed: int) -> Case:
    """One case of a scenario. The names it is about travel in its feed."""
    return Case(
        subject=scenario.subjects[0],
        script=scenario.script,
        parameters={name: plain(value) for name, value in values.items()},
        feed={"about": list(scenario.subjects)},
        seed=seed,
        limit=LIMIT,
    )


def subjects_of(case: Case) -> tuple[str, ...]:
    """Every API name a case is about: a scenario's declared names, or the case's subject alone."""
    names = case.feed.get("about") if isinstance(case.feed, Mapping) else None
    return tuple(names) if names else (case.subject,)
