"""What an expression of a test can be known to be, without running it.

Numbers, strings, None, lists, tuples and dicts stand for themselves; the records below stand for the rest.
"""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from harness.model import Plain

LONGEST = 6
"""How many elements of a list are kept: from four elements on, one more does not change its kind."""


@dataclass(frozen=True)
class Unknown:
    """A value that is not literal: computed while the test runs."""

    why: str = "computed"


@dataclass(frozen=True)
class Name:
    """Something that was imported, by its dotted path: a module, a class, a function."""

    dotted: str


@dataclass(frozen=True)
class Made:
    """An object made by calling a public class."""

    subject: str
    parameters: Mapping[str, Any]


@dataclass(frozen=True)
class Function:
    """A function written in the test; `body` is None where it cannot be followed."""

    what: str
    body: ast.FunctionDef | ast.Lambda | None = None
    names: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Tensor:
    """An array or tensor: shape and dtype where known; form: dense, sparse, ragged or symbolic."""

    shape: tuple[int | None, ...] | None = None
    dtype: str | None = None
    form: str = "dense"


OWN_CLASS = "class"
"""`Function.what` of a class written in the test."""


def plain(value: Any) -> Plain:
    """A value as plain data, in the tags of `harness.model`; lists are cut to `LONGEST` elements."""
    if isinstance(value, Tensor):
        shape = None if value.shape is None else list(value.shape)
        return {"$array": True, "shape": shape, "dtype": value.dtype, "form": value.form}
    if isinstance(value, Made):
        return {"$object": value.subject, "parameters": plain(value.parameters)}
    if isinstance(value, Name):
        return {"$attribute": value.dotted}
    if isinstance(value, Function):
        return {"$function": value.what}
    if isinstance(value, tuple):
        return {"$tuple": [plain(v) for v in value[:LONGEST]]}
    if isinstance(value, list):
        return [plain(v) for v in value[:LONGEST]]
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, float) and value - value != 0:
        return {"$float": repr(value)}
    if value is None or isinstance(value, bool | int | float | str):
        return value
    return {"$opaque": value.why if isinstance(value, Unknown) else "computed"}


def is_literal(value: Plain) -> bool:
    """Whether nothing in plain data is opaque."""
    if isinstance(value, dict):
        return "$opaque" not in value and all(is_literal(v) for v in value.values())
    if isinstance(value, list):
        return all(is_literal(v) for v in value)
    return True
