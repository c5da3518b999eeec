"""Scenarios as specs: what the files of `harness/cases/` declare, read without importing them.

A scenario is a function decorated with ``@about("Model.fit", "History", size=(1, 3))`` (see
`harness/cases/scenario.py`). Its first name is the subject; the others are names a divergence of it touches
as well. Its keywords are parameters like those of any spec.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from harness.errors import WrongUse
from harness.model import Case
from harness.specs.declaration import Feed, Parameter, Spec

FILES = (
    "scenarios_models",
    "scenarios_layers",
    "scenarios_inputs",
    "scenarios_training",
    "scenarios_callbacks",
    "scenarios_serialization",
    "scenarios_tensorflow",
    "scenarios_backend",
    "scenarios_details",
    "scenarios_reported",
    "scenarios_legacy",
)
"""The harness's own files of scenarios, in the order of the report."""

CASES = Path(__file__).parent.parent / "cases"
DECORATOR = "about"
LIMIT = 120.0
"""Seconds one scenario may take unless it says ``limit=…``; slow backends compile every model anew."""


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
    limit: float
    """Seconds it may take inside a target."""


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
    limit = values.pop("limit", LIMIT)
    if not subjects or not all(isinstance(s, str) and s for s in subjects):
        raise WrongUse(f"Expected @{DECORATOR} at {place} to name what it is about. Received: {subjects!r}.")
    if isinstance(limit, bool) or not isinstance(limit, int | float) or limit <= 0:
        raise WrongUse(f"Expected `limit` at {place} to be seconds. Received: {limit!r}.")
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
    return Scenario(f"{path.stem}:{function.name}", subjects, promise, values, float(limit))


def literal(node: ast.expr, names: Mapping[str, Any]) -> Any:
    """The value of a literal, or of a name that stands for one."""
    return names[node.id] if isinstance(node, ast.Name) and node.id in names else ast.literal_eval(node)


def spec_of(scenario: Scenario) -> Spec:
    """A scenario as a spec: its values are parameters, and the names it is about travel in its feed."""
    return Spec(
        subject=scenario.subjects[0],
        family="scenarios",
        script=scenario.script,
        feeds=(Feed("program", {"about": list(scenario.subjects)}),),
        parameters=tuple(
            Parameter(name, values, why_few="" if len(values) > 1 else "the scenario names one")
            for name, values in scenario.values.items()
        ),
        no_oracle="a program has no reference of its own; the implementations are held against each other",
        source=f"{scenario.promise} ({scenario.script})",
        dear=(),
        limit=scenario.limit,
    )


def specs_of(path: Path) -> tuple[Spec, ...]:
    """The specs of a user's own file of scenarios."""
    return tuple(spec_of(scenario) for scenario in scenarios_of(path))


def subjects_of(case: Case) -> tuple[str, ...]:
    """Every API name a case is about: a scenario's declared names, or the case's subject alone."""
    inputs = case.feed.get("inputs") if isinstance(case.feed, Mapping) else None
    names = inputs.get("about") if isinstance(inputs, Mapping) else None
    return tuple(names) if names else (case.subject,)


SPECS = tuple(replace(spec_of(scenario), programs=True) for scenario in own_scenarios())
