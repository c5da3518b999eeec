"""The public names of a checkout and their signatures, read from its source.

Both upstream repositories mark what is public with a decorator that takes the public names, so the names, the
order of parameters and literal defaults can be read without importing anything.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

EXPORTS = frozenset({"keras_export", "keras_core_export"})
ROOTS = ("keras.src.", "tf_keras.src.", "tf_keras.api._v2.keras.", "tf_keras.", "tf.keras.", "keras.")
"""Beginnings of dotted paths below which the public names stand."""
NO_DEFAULT = object()


@dataclass(frozen=True)
class Exported:
    """A public class or function."""

    subject: str
    """Its first public name, or the one that is under spec, without the package's."""
    names: tuple[str, ...]
    parameters: tuple[str, ...]
    defaults: Mapping[str, Any]
    """Literal defaults only."""
    is_class: bool


@dataclass(frozen=True)
class _Class:
    bases: tuple[str, ...]
    init: ast.FunctionDef | None


class Exports:
    """What a checkout makes public."""

    def __init__(self, by_path: Mapping[str, Exported], constants: Mapping[str, Any]) -> None:
        self.by_path = by_path
        self.constants = constants
        """Literal constants of modules and of classes, by path."""

    @cached_property
    def by_name(self) -> dict[str, Exported]:
        """By every public name."""
        return {name: one for one in self.by_path.values() for name in one.names}

    @cached_property
    def by_tail(self) -> dict[tuple[str, str], list[Exported]]:
        """By package and name of the definition: what a module further down passes on."""
        out: dict[tuple[str, str], list[Exported]] = {}
        for path, one in self.by_path.items():
            inner = below_root(path).split(".")
            out.setdefault((inner[0], inner[-1]), []).append(one)
        return out

    @cached_property
    def by_last_name(self) -> dict[str, set[Any]]:
        """What the constants of one name are, wherever they stand: modules pass them on to each other."""
        out: dict[str, set[Any]] = {}
        for path, value in self.constants.items():
            out.setdefault(path.rsplit(".", 1)[-1], set()).add(value)
        return out

    def constant(self, dotted: str) -> Any:
        """The literal a constant's path stands for; None where there is none, or several might be meant."""
        last = dotted.rsplit(".", 1)[-1]
        if dotted in self.constants:
            return self.constants[dotted]
        inner = [
            v
            for path, v in self.constants.items()
            if path.endswith("." + ".".join(dotted.rsplit(".", 2)[-2:]))
        ]
        values = set(inner) or (self.by_last_name.get(last, set()) if last.isupper() else set())
        return next(iter(values)) if len(values) == 1 else None

    def find(self, dotted: str) -> Exported | None:
        """What a dotted path of a test's imports names, if that is public."""
        if dotted in self.by_path:
            return self.by_path[dotted]
        inner = below_root(dotted)
        if inner in self.by_name:
            return self.by_name[inner]
        parts = inner.split(".")
        found = self.by_tail.get((parts[0], parts[-1]), [])
        return found[0] if len(found) == 1 else None


def below_root(dotted: str) -> str:
    """A dotted path without the package's own beginning."""
    for root in ROOTS:
        if dotted.startswith(root):
            return dotted.removeprefix(root)
    return dotted


def read_exports(checkout: Path, package: str, under_spec: frozenset[str] = frozenset()) -> Exports:
    """What the package in a checkout makes public.

    under_spec: subjects to prefer where a thing has several public names.
    """
    classes: dict[str, _Class] = {}
    constants: dict[str, Any] = {}
    found: list[tuple[str, ast.ClassDef | ast.FunctionDef, tuple[str, ...]]] = []
    for file in sorted((checkout / package).rglob("*.py")):
        if file.name.endswith("_test.py"):
            continue
        module = ".".join(file.relative_to(checkout).with_suffix("").parts).removesuffix(".__init__")
        body = ast.parse(file.read_text(encoding="utf-8")).body
        constants |= _constants(module, body)
        for node in body:
            if isinstance(node, ast.ClassDef):
                classes.setdefault(node.name, _Class(tuple(_tail(b) for b in node.bases), _init(node)))
            if isinstance(node, ast.ClassDef | ast.FunctionDef):
                names = tuple(_names(node.decorator_list))
                if names:
                    found.append((f"{module}.{node.name}", node, names))
    out: dict[str, Exported] = {}
    for path, node, names in found:
        subject = next((n for n in names if n in under_spec), names[0])
        made = _init_of(node.name, classes) if isinstance(node, ast.ClassDef) else node
        parameters, defaults = _signature(made, skip=isinstance(node, ast.ClassDef))
        out[path] = Exported(subject, names, parameters, defaults, isinstance(node, ast.ClassDef))
    return Exports(out, constants)


def _constants(path: str, body: Sequence[ast.stmt]) -> dict[str, Any]:
    """Literal strings and numbers that a module or the classes in it give names to."""
    out: dict[str, Any] = {}
    for node in body:
        if isinstance(node, ast.ClassDef):
            out |= _constants(f"{path}.{node.name}", node.body)
        elif isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant):
            for target in node.targets:
                if isinstance(target, ast.Name) and isinstance(node.value.value, str | int | float):
                    out[f"{path}.{target.id}"] = node.value.value
    return out


def _names(decorators: Sequence[ast.expr]) -> Iterator[str]:
    for one in decorators:
        if isinstance(one, ast.Call) and _tail(one.func) in EXPORTS:
            for argument in ast.walk(ast.Tuple(elts=list(one.args), ctx=ast.Load())):
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value.removeprefix("keras.")


def _tail(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _init(node: ast.ClassDef) -> ast.FunctionDef | None:
    return next((n for n in node.body if isinstance(n, ast.FunctionDef) and n.name == "__init__"), None)


def _init_of(name: str, classes: Mapping[str, _Class], depth: int = 8) -> ast.FunctionDef | None:
    """The constructor of a class, its own or the first that a base has."""
    one = classes.get(name)
    if one is None or depth == 0:
        return None
    if one.init is not None:
        return one.init
    inherited = (_init_of(base, classes, depth - 1) for base in one.bases if base != name)
    return next((i for i in inherited if i is not None), None)


def _signature(node: ast.FunctionDef | None, *, skip: bool) -> tuple[tuple[str, ...], dict[str, Any]]:
    """Parameter names in order, and those defaults that are literal."""
    if node is None:
        return (), {}
    positional = [a.arg for a in (*node.args.posonlyargs, *node.args.args)]
    given = dict(zip(reversed(positional), reversed(node.args.defaults), strict=False))
    given |= {a.arg: d for a, d in zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True) if d}
    names = (*positional[1 if skip else 0 :], *(a.arg for a in node.args.kwonlyargs))
    defaults = {name: literal(given[name]) for name in names if name in given}
    return names, {name: value for name, value in defaults.items() if value is not NO_DEFAULT}


def literal(node: ast.expr) -> Any:
    """What a literal expression is, or `NO_DEFAULT`."""
    try:
        return ast.literal_eval(node)
    except ValueError:
        return NO_DEFAULT
