"""The calls a test file makes, found by following it without running it.

A test is followed once for each row of parameters its decorators give it, a loop over literal values once for
each of them, a condition both ways. What is computed stays `Unknown`: it is counted, not guessed.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path
from typing import Any

from harness.upstream.evaluating import DEPTH, Following
from harness.upstream.exports import Exports
from harness.upstream.values import Function, Name, Unknown

ROWS = 150
"""How many rows of parameters of one test are followed."""


def read_test(file: Path, *, checkout: Path, repository: str, exports: Exports) -> Following:
    """Follow one test file: its `facts` and its `programs`."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    where = file.relative_to(checkout).as_posix()
    following = Following(exports, repository, where)
    names = following.module = module_names(tree, following)
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            follow_class(node, names, following)
        elif isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
            follow_test(node, names, following)
    return following


def module_names(tree: ast.Module, following: Following) -> dict[str, Any]:
    """What the names of a test module stand for: imports, its own functions and classes, its constants."""
    names: dict[str, Any] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for one in node.names:
                shown = one.asname or one.name.split(".")[0]
                names[shown] = Name(one.name if one.asname else shown)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for one in node.names:
                names[one.asname or one.name] = Name(f"{node.module}.{one.name}")
    for node in tree.body:
        if isinstance(node, ast.FunctionDef):
            names[node.name] = Function("def", node)
        elif isinstance(node, ast.ClassDef):
            names[node.name] = Function("class")
    following.module = names
    for node in tree.body:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            following.statement(node, names, 0)
    return names


def follow_class(node: ast.ClassDef, names: Mapping[str, Any], following: Following) -> None:
    """Follow every test of a class, after its ``setUp``."""
    methods = {n.name: n for n in node.body if isinstance(n, ast.FunctionDef)}
    following.methods = methods
    following.attributes = {}
    for statement in node.body:
        if isinstance(statement, ast.Assign):
            following.statement(statement, following.attributes, 0, names)
    for name in ("setUpClass", "setUp"):
        if name in methods:
            following.block(methods[name].body, dict(names), 1)
    for name, method in methods.items():
        if name.startswith("test"):
            follow_test(method, names, following)


def follow_test(test: ast.FunctionDef, names: Mapping[str, Any], following: Following) -> None:
    """Follow a test once for each row of its parameters."""
    arguments = [a.arg for a in test.args.args if a.arg not in ("self", "cls")]
    for row in _first(rows_of(test, arguments, names, following), ROWS):
        inner = dict(names) | {a: Unknown("a parameter of the test") for a in arguments} | row
        following.block(test.body, inner, DEPTH)


def rows_of(
    test: ast.FunctionDef, arguments: list[str], names: Mapping[str, Any], following: Following
) -> Iterator[dict[str, Any]]:
    """The rows of parameters that the decorators of a test give."""
    rows: list[dict[str, Any]] = []
    for decorator in test.decorator_list:
        if not isinstance(decorator, ast.Call):
            continue
        name = (
            decorator.func.attr
            if isinstance(decorator.func, ast.Attribute)
            else getattr(decorator.func, "id", "")
        )
        given = [following.value(a, dict(names), 0) for a in decorator.args if not isinstance(a, ast.Starred)]
        given += [
            v
            for a in decorator.args
            if isinstance(a, ast.Starred)
            for v in _elements(following.value(a.value, dict(names), 0))
        ]
        keywords = {k.arg: following.value(k.value, dict(names), 0) for k in decorator.keywords if k.arg}
        if name in ("product", "named_product"):
            axes = keywords | {str(k): v for one in given if isinstance(one, Mapping) for k, v in one.items()}
            rows += [dict(zip(axes, one, strict=True)) for one in product(*map(_elements, axes.values()))]
        elif name in ("parameters", "named_parameters"):
            flat = _elements(given[0]) if len(given) == 1 and isinstance(given[0], list | tuple) else given
            if len(given) == 1 and name == "parameters" and isinstance(given[0], tuple):
                flat = given
            rows += [_row(one, arguments, named=name == "named_parameters") for one in flat]
        elif name == "parametrize" and len(given) > 1 and isinstance(given[0], str):
            rows += [
                _row(one, [a.strip() for a in given[0].split(",")], named=False)
                for one in _elements(given[1])
            ]
    yield from rows or [{}]


def _row(values: Any, arguments: list[str], *, named: bool) -> dict[str, Any]:
    if isinstance(values, Mapping):
        return {str(k): v for k, v in values.items() if k != "testcase_name"}
    listed = list(values) if isinstance(values, list | tuple) else [values]
    return dict(zip(arguments, listed[1:] if named else listed, strict=False))


def _elements(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else [value]


def _first(rows: Iterable[dict[str, Any]], number: int) -> Iterator[dict[str, Any]]:
    for place, row in enumerate(rows):
        if place < number:
            yield row
