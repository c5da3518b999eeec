"""What operations on values that are known give; what is not known stays so."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from itertools import product
from typing import Any

from harness.upstream.values import Tensor, Unknown

TURNS = 40
"""How many turns of one loop are followed."""


OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}


def negated(op: ast.unaryop, value: Any) -> Any:
    """What a sign or a ``not`` before a value gives."""
    if isinstance(value, Tensor):
        return value
    if isinstance(op, ast.USub) and isinstance(value, int | float):
        return -value
    if isinstance(op, ast.Not) and isinstance(value, bool):
        return not value
    return Unknown()


def joined(op: ast.operator, left: Any, right: Any) -> Any:
    """What an operator between two values gives."""
    if isinstance(left, Tensor) or isinstance(right, Tensor):
        one = left if isinstance(left, Tensor) else right
        both = isinstance(left, Tensor) and isinstance(right, Tensor)
        return one if not both or left == right else Tensor(None, one.dtype, one.form)
    known = (int, float, str, list, tuple)
    if isinstance(left, known) and isinstance(right, known) and type(op) in OPERATORS:
        small = not (
            isinstance(op, ast.Mult | ast.Pow)
            and any(isinstance(v, int) and abs(v) > 10_000 for v in (left, right))
        )
        try:
            return OPERATORS[type(op)](left, right) if small else Unknown()
        except (TypeError, ValueError, ArithmeticError):
            return Unknown()
    return Unknown()


def item(of: Any, key: Any) -> Any:
    """What stands under a key."""
    if isinstance(of, Mapping):
        return of.get(key, Unknown()) if isinstance(key, str) else Unknown()
    if isinstance(of, list | tuple) and isinstance(key, int) and -len(of) <= key < len(of):
        return of[key]
    return Unknown()


def of_mapping(of: Mapping[str, Any], method: str, arguments: list[Any]) -> Any:
    """What a method of a dict gives."""
    match method:
        case "items":
            return list(of.items())
        case "keys":
            return list(of)
        case "values":
            return list(of.values())
        case "copy":
            return dict(of)
        case "get" | "pop" if arguments and isinstance(arguments[0], str):
            return of.get(arguments[0], arguments[1] if len(arguments) > 1 else Unknown())
    return Unknown()


def builtin(name: str, arguments: list[Any], keywords: dict[str, Any]) -> Any:
    """What a function of Python's own, or of `itertools`, gives."""
    lists = [list(a) for a in arguments if isinstance(a, list | tuple)]
    every = len(lists) == len(arguments) and bool(arguments)
    match name:
        case "dict":
            return dict(arguments[0] if arguments and isinstance(arguments[0], Mapping) else {}) | keywords
        case "list" | "tuple" | "sorted" if every:
            return tuple(lists[0]) if name == "tuple" else lists[0]
        case "range" if all(isinstance(a, int) for a in arguments) and arguments:
            return list(range(*arguments))[:TURNS]
        case "zip" if every:
            return [tuple(v) for v in zip(*lists, strict=False)]
        case "product" if every:
            return [tuple(v) for v in product(*lists)]
        case "enumerate" if every:
            return [tuple(v) for v in enumerate(lists[0])]
        case "len" if every:
            return len(lists[0])
        case "float" | "int" if arguments and isinstance(arguments[0], int | float | str):
            try:
                return float(arguments[0]) if name == "float" else int(arguments[0])
            except (ValueError, OverflowError):
                return Unknown()
    return Unknown()
