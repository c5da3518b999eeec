"""Operations on values that are known."""

from __future__ import annotations

import ast
from typing import Any

import pytest

from harness.upstream.computing import builtin, item, joined, negated, of_mapping
from harness.upstream.values import Tensor, Unknown

ARRAY = Tensor((2, 3), "float32", "dense")
OTHER = Tensor((3,), "float32", "dense")


def is_unknown(value: Any) -> bool:
    return isinstance(value, Unknown)


def test_signs() -> None:
    """Numbers and truth values turn, arrays keep their shape, the rest is not known."""
    assert negated(ast.USub(), 2) == -2
    assert negated(ast.Not(), True) is False
    assert negated(ast.USub(), ARRAY) is ARRAY
    assert is_unknown(negated(ast.Invert(), 2))


def test_operators() -> None:
    """What Python itself would give; an array stays one, its shape only where both agree on it."""
    assert joined(ast.Add(), [1], [2]) == [1, 2]
    assert joined(ast.Mult(), ARRAY, 2) is ARRAY
    assert joined(ast.Add(), ARRAY, ARRAY) == ARRAY
    assert joined(ast.Add(), ARRAY, OTHER).shape is None
    for op, left, right in (
        (ast.Div(), 1, 0),
        (ast.Add(), 1, "a"),
        (ast.Pow(), 10_001, 10_001),
        (ast.MatMult(), 1, 2),
        (ast.Add(), None, 1),
    ):
        assert is_unknown(joined(op, left, right))


def test_elements() -> None:
    """Those there are; an index beyond the end and a key that is none are not known."""
    assert item({"a": 1}, "a") == 1
    assert item([1, 2], -1) == 2
    assert all(map(is_unknown, (item({"a": 1}, 0), item({"a": 1}, "b"), item([1], 1), item(3, 0))))


def test_methods_of_a_dict() -> None:
    """Its views, a copy, and a look-up with and without a default."""
    held = {"a": 1}
    assert of_mapping(held, "items", []) == [("a", 1)]
    assert of_mapping(held, "keys", []) == ["a"]
    assert of_mapping(held, "values", []) == [1]
    assert of_mapping(held, "copy", []) == held
    assert of_mapping(held, "get", ["b", 2]) == 2
    assert is_unknown(of_mapping(held, "pop", ["b"]))
    assert is_unknown(of_mapping(held, "update", [held]))


@pytest.mark.parametrize(
    ("name", "arguments", "given"),
    [
        ("dict", [{"a": 1}], {"a": 1, "b": 2}),
        ("tuple", [[1]], (1,)),
        ("list", [(1,)], [1]),
        ("range", [3], [0, 1, 2]),
        ("zip", [[1, 2], [3, 4]], [(1, 3), (2, 4)]),
        ("product", [[1], [2, 3]], [(1, 2), (1, 3)]),
        ("enumerate", [["a"]], [(0, "a")]),
        ("len", [[1, 2]], 2),
        ("float", ["1.5"], 1.5),
        ("int", [2.5], 2),
    ],
)
def test_functions_of_python(name: str, arguments: list[Any], given: Any) -> None:
    """They give what they give in Python."""
    assert builtin(name, arguments, {"b": 2} if name == "dict" else {}) == given


@pytest.mark.parametrize(
    ("name", "arguments"), [("list", []), ("range", ["a"]), ("int", ["a"]), ("open", []), ("len", [3])]
)
def test_what_cannot_be_worked_out_is_not_known(name: str, arguments: list[Any]) -> None:
    """Nothing is guessed."""
    assert is_unknown(builtin(name, arguments, {}))
