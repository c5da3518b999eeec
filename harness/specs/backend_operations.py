"""`keras.ops`: results and their dtypes, for the backends of Keras 3 to be held against each other.

https://keras.io/api/ops/ : operations follow NumPy's definitions of the same name.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from harness.specs.declaration import OMIT, Array, Feed, Parameter, Spec
from harness.specs.oracles.backend import positional, without_nan

SOURCE = "https://keras.io/api/ops/"

FLOAT = Array((3, 4))
OTHERS: Mapping[str, Array] = {
    "float32": FLOAT,
    "float64": Array((3, 4), dtype="float64"),
    "int32": Array((3, 4), dtype="int32", values="integers"),
    "bool": Array((3, 4), dtype="bool", values="bools"),
    "float16": Array((3, 4), dtype="float16"),
    "special": Array((2, 5), values="special"),
    "kinks": Array((2, 13), values="kinks"),
    "empty": Array((0, 3)),
}

UNARY = (
    "abs", "absolute", "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctanh", "ceil", "conj", "cos",
    "cosh", "deg2rad", "exp", "exp2", "expm1", "floor", "imag", "isfinite", "isinf", "isnan", "log", "log10",
    "log1p", "log2", "logical_not", "negative", "ones_like", "real", "reciprocal", "round", "sign", "signbit",
    "sin", "sinh", "size", "sqrt", "square", "tan", "tanh", "transpose", "trunc", "zeros_like", "ravel",
)  # fmt: skip
REDUCING = (
    "all", "amax", "amin", "any", "argmax", "argmin", "average", "count_nonzero", "max", "mean", "median",
    "min", "prod", "std", "sum", "var",
)  # fmt: skip
ALONG = ("argsort", "cumprod", "cumsum", "diff", "flip", "sort")
BINARY = (
    "add", "arctan2", "bitwise_and", "divide", "equal", "floor_divide", "greater", "greater_equal", "less",
    "less_equal", "logaddexp", "logical_and", "logical_or", "logical_xor", "maximum", "minimum", "mod",
    "multiply", "not_equal", "power", "subtract", "true_divide",
)  # fmt: skip
PRODUCTS = ("matmul", "dot", "inner", "outer", "vdot", "kron")

MIXED: Mapping[str, tuple[str, str]] = {
    "float32": ("float32", "float32"),
    "int32 and float32": ("int32", "float32"),
    "int32": ("int32", "int32"),
    "int32 and int64": ("int32", "int64"),
    "float16 and float32": ("float16", "float32"),
    "float64 and float32": ("float64", "float32"),
    "bool and int32": ("bool", "int32"),
}


def _of(dtype: str, *shape: int) -> Array:
    kinds = {"int32": "integers", "int64": "integers", "bool": "bools"}
    return Array(shape, dtype=dtype, values=kinds.get(dtype, "normal"))


def operation(
    name: str,
    feeds: Mapping[str, Any],
    *parameters: Parameter,
    plain: bool = False,
    oracle: Callable[..., Any] | None = None,
) -> Spec:
    """The spec of one operation; NumPy's function of its name is the oracle unless another is given."""
    compute = oracle or getattr(np, name, None)
    if compute is not None and name in ("argmax", "argmin"):
        compute = without_nan(compute)
    return Spec(
        subject=f"ops.{name}",
        family="operations",
        script="function",
        feeds=tuple(
            Feed(label, inputs, call={"$plain": True} if plain else {"$gradients": True})
            for label, inputs in feeds.items()
        ),
        parameters=parameters,
        oracle=None if compute is None else positional(compute),
        no_oracle="" if compute is not None else "NumPy has no function of this name",
        source=SOURCE,
        dear=(),
        limit=20.0,
    )


AXIS = Parameter("axis", (OMIT, 0, -1), invalid=(7,))
DTYPES = ("float32", "float64", "int32", "int64", "bool", "float16")
DTYPE = Parameter("dtype", (OMIT, *DTYPES), invalid=("nope",))


def _whole(*values: int) -> Array:
    return Array(literal=list(values), dtype="int32")


def _two(first: tuple[int, ...], second: tuple[int, ...]) -> dict[str, Any]:
    return {
        label: {"$arguments": [_of(one, *first), _of(two, *second)]} for label, (one, two) in MIXED.items()
    }


EDGES: Mapping[str, Any] = {
    "overflow": {"$arguments": [_whole(2**31 - 1, -(2**31), 65536), _whole(1, -1, 65536)]},
    "negative": {"$arguments": [_whole(-7, 7, -7, 7), _whole(2, -2, -2, 3)]},
    "zero": {"$arguments": [_whole(-7, 0, 7), _whole(0, 0, 0)]},
    "ties": {"$arguments": [Array((13,), values="kinks"), Array((13,), values="kinks")]},
}
"""Pairs at which whole numbers leave their type, remainders change sign, a division has no result."""


OPERATIONS: tuple[Spec, ...] = (
    *(operation(name, OTHERS) for name in UNARY),
    *(operation(name, OTHERS, AXIS) for name in REDUCING),
    *(operation(name, {k: OTHERS[k] for k in ("float32", "int32", "float64")}, AXIS) for name in ALONG),
    *(operation(name, {**_two((3, 4), (3, 4)), **EDGES}) for name in BINARY),
    *(operation(name, _two((3, 3), (3, 3))) for name in PRODUCTS),
    operation("ones", {"shape": {"$arguments": [(2, 3)]}}, DTYPE, plain=True),
    operation("zeros", {"shape": {"$arguments": [(2, 3)]}}, DTYPE, plain=True),
    operation("full", {"shape": {"$arguments": [(2, 3), 2]}}, DTYPE, plain=True),
    operation("eye", {"size": {"$arguments": [3]}}, DTYPE, plain=True),
    operation("arange", {"end": {"$arguments": [5]}, "float end": {"$arguments": [5.0]}}, DTYPE, plain=True),
    operation("linspace", {"ends": {"$arguments": [0, 1]}}, DTYPE, Parameter("num", (OMIT, 5)), plain=True),
    operation("identity", {"size": {"$arguments": [3]}}, DTYPE, plain=True),
    operation(
        "array",
        {"numbers": {"$arguments": [[1, 2]]}, "floats": {"$arguments": [[1.0, 2]]}},
        DTYPE,
        plain=True,
    ),
)
