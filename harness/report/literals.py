"""Plain data and recipes of arrays as Python source.

The code for an array draws the very numbers the case was fed: `harness/worker/recipes.py` says how,
and a test holds every kind of recipe against it.
"""

from __future__ import annotations

import ast
import keyword
import math
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

from harness.model import Plain

FUNCTIONS = Path(__file__).parent.parent / "cases" / "functions.py"
"""The functions a case may bring along (``$function``); read as text, never imported."""


class NotWritable(Exception):
    """The value has no form as a short program; says why."""


def place_seed(seed: int, place: int) -> int:
    """Seed of the stream of one array: `seed` of the case, `place` of the array in the case."""
    return int((seed * 1000003 + place * 7919 + 12345) % (2**32))


class Writer:
    """Writes the values of one case; counts arrays, because each has its own stream."""

    def __init__(self, seed: int, namespace: str = "keras") -> None:
        self.seed = seed
        self.namespace = namespace
        self.place = 0
        self.functions: dict[str, str] = {}
        """Name → definition of the case's own functions that were written so far."""
        self.imports: list[str] = []

    def value(self, plain: Plain) -> str:
        """One value as an expression."""
        if isinstance(plain, Mapping):
            return self._mapping(plain)
        if isinstance(plain, list):
            return "[" + ", ".join(self.value(v) for v in plain) + "]"
        if isinstance(plain, float) and not math.isfinite(plain):
            return f'float("{plain}")'
        return ascii(plain)

    def keywords(self, parameters: Mapping[str, Plain]) -> str:
        """Keyword arguments as they stand in a call."""
        named = [(name, self.value(value)) for name, value in parameters.items()]
        inside = [f"{name}={text}" for name, text in named if is_name(name)]
        rest = [f"{name!a}: {text}" for name, text in named if not is_name(name)]
        return ", ".join(inside + (["**{" + ", ".join(rest) + "}"] if rest else []))

    def symbol(self, dotted: str) -> str:
        """A dotted name below the namespace."""
        if not all(is_name(part) for part in dotted.split(".")):
            raise NotWritable(f"{dotted[:80]!a} is not a dotted Python name.")
        return f"{self.namespace}.{dotted}"

    def _mapping(self, plain: Mapping[str, Plain]) -> str:
        if "$tuple" in plain:
            inside = [self.value(v) for v in plain["$tuple"]]
            return "(" + ", ".join(inside) + ("," if len(inside) == 1 else "") + ")"
        if "$object" in plain:
            return f"{self.symbol(plain['$object'])}({self.keywords(plain.get('parameters', {}))})"
        if "$attribute" in plain:
            return self.symbol(plain["$attribute"])
        if "$dtype" in plain:
            return ascii(plain["$dtype"])
        if "$array" in plain:
            self.place += 1
            return array_code(plain, self.seed, self.place)
        if "$function" in plain:
            name = str(plain["$function"])
            self.functions[name] = function_source(name)
            return name
        if "$ragged" in plain:
            self.imports = ["import tensorflow as tf"]
            dtype = ascii(str(plain.get("dtype", "float32")))
            return f"tf.ragged.constant({_listed(plain['$ragged'])}, dtype={dtype})"
        unknown = [key for key in plain if key.startswith("$")]
        if unknown:
            raise NotWritable(f"A value tagged {unknown[0][:40]!a} is made by the case script itself.")
        return "{" + ", ".join(f"{k!a}: {self.value(v)}" for k, v in plain.items()) + "}"


@cache
def _functions() -> Mapping[str, str]:
    source = FUNCTIONS.read_text("utf-8")
    found = [node for node in ast.parse(source).body if isinstance(node, ast.FunctionDef)]
    return {node.name: ast.get_source_segment(source, node) or "" for node in found}


def function_source(name: str) -> str:
    """The definition of one of the functions that cases bring along."""
    if name not in _functions():
        raise NotWritable(f"The case scripts have no function called {name[:40]!a}.")
    return _functions()[name]


def is_name(text: str) -> bool:
    """Whether text can stand as a name in Python source."""
    return text.isascii() and text.isidentifier() and not keyword.iskeyword(text)


def array_code(recipe: Mapping[str, Plain], seed: int, place: int = 1) -> str:
    """The array of a recipe as an expression over ``np``; see `harness.specs.declaration.Array`."""
    dtype = str(recipe.get("dtype", "float32"))
    if "literal" in recipe:
        kind = "object" if dtype == "string" else dtype
        return f"np.array({_listed(recipe['literal'])}, dtype={kind!a})"
    shape = tuple(int(n) for n in recipe["shape"])
    values = str(recipe.get("values", "normal"))
    code = _drawn(values, shape, f"np.random.RandomState({place_seed(seed, place)})", recipe.get("high", 5))
    if values not in ("bools", "lengths"):
        scale, shift = float(recipe.get("scale", 1.0)), float(recipe.get("shift", 0.0))
        code = f"({code} * {scale!r})" if scale != 1.0 else code
        code = f"({code} + {shift!r})" if shift != 0.0 else code
        if dtype == "float64":
            code += '.astype("float32")'
    return f"{code}.astype({dtype!a})"


def _drawn(values: str, shape: tuple[int, ...], stream: str, high: Plain) -> str:
    """Values of one kind in float64 (or bool)."""
    count = math.prod(shape)
    if values in _BY_STREAM:
        return _BY_STREAM[values].format(stream=stream, count=count, shape=shape, high=int(high))
    if values == "zeros":
        return f"np.zeros({shape})"
    if values == "ones":
        return f"np.ones({shape})"
    if values == "offset":
        return f"(1e4 + np.arange({count})).reshape({shape})"
    if values == "kinks":
        return f"np.resize({list(_KINKS)}, {shape})"
    if values == "one_hot":
        rows = math.prod(shape[:-1])
        return f"np.eye({shape[-1]})[{stream}.randint(0, {shape[-1]}, size={rows})].reshape({shape})"
    if values == "lengths":
        rows, last = math.prod(shape[:-1]), shape[-1]
        lengths = [1 + (row * 2 + last // 2) % last for row in range(rows)]
        return f"(np.arange({last}) < np.array({lengths})[:, None]).reshape({shape})"
    if values == "padded":
        keep = max(shape[1] - shape[1] // 3, 1) if len(shape) > 1 else 0
        normal = f"{stream}.standard_normal({shape})"
        return f"({normal} * (np.arange({shape[1]}) < {keep}){_axes(len(shape) - 2)})" if keep else normal
    if values == "special":
        normal = f"{stream}.standard_normal({count})"
        marks = ((1, "np.nan"), (3, "np.inf"), (5, "-np.inf"))
        placed = {(place * count // 7) % count: value for place, value in marks} if count else {}
        inside = ", ".join(f"{k}: {v}" for k, v in placed.items())
        return f"np.array([{{{inside}}}.get(i, v) for i, v in enumerate({normal})]).reshape({shape})"
    raise NotWritable(f"No kind of values is called {values[:40]!a}.")


_KINKS: Sequence[float] = (-3.0, -2.5, -1.0, -0.0, 0.0, 0.5, 1.0, 2.5, 3.0, 6.0, -6.0, 0.2, -0.2)

_BY_STREAM: Mapping[str, str] = {
    "normal": "{stream}.standard_normal({shape})",
    "uniform": "{stream}.random_sample({shape})",
    "positive": "(0.5 + {stream}.random_sample({shape}))",
    "large": "(100.0 * {stream}.standard_normal({shape}))",
    "tiny": "(1e-20 * {stream}.standard_normal({shape}))",
    "integers": "{stream}.randint(0, {high}, size={shape})",
    "signs": "({stream}.randint(0, 2, size={shape}) * 2.0 - 1.0)",
    "bools": "{stream}.randint(0, 2, size={shape}).astype(bool)",
    "probabilities": "(lambda out: out / out.sum(axis=-1, keepdims=True))"
    "(0.05 + {stream}.random_sample({shape}))",
}


def _axes(count: int) -> str:
    """Index that adds trailing axes for broadcasting."""
    return "[:" + ", None" * count + "]" if count > 0 else ""


def _listed(literal: Any) -> str:
    """A nested list as source; special floats included."""
    if isinstance(literal, list | tuple):
        return "[" + ", ".join(_listed(v) for v in literal) + "]"
    if isinstance(literal, float) and not math.isfinite(literal):
        return f'float("{literal}")'
    return ascii(literal)
