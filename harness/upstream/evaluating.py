"""Following statements and expressions of a test, collecting what is passed to public names."""

from __future__ import annotations

import ast
import builtins
from collections.abc import Iterable, Mapping
from typing import Any

from harness.upstream import arrays
from harness.upstream.computing import TURNS, builtin, item, joined, negated, of_mapping
from harness.upstream.exports import Exported, Exports
from harness.upstream.noting import Notes
from harness.upstream.values import OWN_CLASS, Function, Made, Name, Tensor, Unknown, plain

DEPTH = 4
"""How deep functions of the test file are followed into each other."""
BUDGET = 200_000
"""How many expressions of one test file are followed."""

HELPERS = {
    "run_layer_test": {"kwargs": "init_kwargs", "call": "call_kwargs"},
    "layer_test": {"kwargs": "kwargs", "call": ""},
}
"""Upstream's helpers that make and call a layer: by which arguments."""


Names = dict[str, Any]


class Following:
    """One test file being followed: what it passed so far."""

    def __init__(self, exports: Exports, repository: str, file: str) -> None:
        self.exports = exports
        self.notes = Notes(exports, repository, file)
        self.module: Names = {}
        self.methods: Mapping[str, ast.FunctionDef] = {}
        self.attributes: Names = {}
        self.left = BUDGET

    # Statements

    def block(self, body: Iterable[ast.stmt], names: Names, depth: int) -> Any:
        """Follow statements; the value the first ``return`` gives."""
        given: Any = None
        for node in body:
            returned = self.statement(node, names, depth)
            given = returned if given is None else given
        return given

    def statement(
        self, node: ast.stmt, names: Names, depth: int, outer: Mapping[str, Any] | None = None
    ) -> Any:
        """Follow one statement."""
        seen = dict(outer) | names if outer is not None else names
        match node:
            case ast.Assign(targets=targets, value=value):
                result = self.value(value, seen, depth)
                for target in targets:
                    self.bind(target, result, names, depth)
            case ast.AnnAssign(target=target, value=ast.expr() as value):
                self.bind(target, self.value(value, seen, depth), names, depth)
            case ast.AugAssign(target=target, op=op, value=value):
                joined = ast.BinOp(left=_load(target), op=op, right=value)
                self.bind(target, self.value(joined, seen, depth), names, depth)
            case ast.For(target=target, iter=source, body=body):
                return self.loop(target, source, body, names, depth)
            case ast.If(test=test, body=body, orelse=orelse) | ast.While(test=test, body=body, orelse=orelse):
                self.value(test, seen, depth)
                return self.block([*body, *orelse], names, depth)
            case ast.With(items=items, body=body):
                for item in items:
                    entered = self.value(item.context_expr, seen, depth)
                    if item.optional_vars is not None:
                        self.bind(item.optional_vars, entered, names, depth)
                return self.block(body, names, depth)
            case ast.Try():
                handled = [s for h in node.handlers for s in h.body]
                return self.block([*node.body, *handled, *node.orelse, *node.finalbody], names, depth)
            case ast.FunctionDef(name=name):
                names[name] = Function("def", node, names)
            case ast.ClassDef(name=name):
                names[name] = Function(OWN_CLASS)
            case ast.Return(value=ast.expr() as value) | ast.Expr(value=value):
                result = self.value(value, seen, depth)
                return result if isinstance(node, ast.Return) else None
        return None

    def loop(self, target: ast.expr, source: ast.expr, body: list[ast.stmt], names: Names, depth: int) -> Any:
        """Follow a loop once for each literal value it goes through."""
        values = self.value(source, names, depth)
        turns = list(values)[:TURNS] if isinstance(values, list | tuple | Mapping) else [Unknown()]
        given: Any = None
        for one in turns:
            self.bind(target, one, names, depth)
            returned = self.block(body, names, depth)
            given = returned if given is None else given
        return given

    def bind(self, target: ast.expr, value: Any, names: Names, depth: int) -> None:
        """Let a target of an assignment stand for a value."""
        match target:
            case ast.Name(id=name):
                names[name] = value
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                known = isinstance(value, list | tuple) and len(value) == len(targets)
                for place, one in enumerate(targets):
                    self.bind(one, value[place] if known else Unknown(), names, depth)
            case ast.Attribute(value=ast.Name(id="self"), attr=name):
                self.attributes[name] = value
            case ast.Subscript(value=ast.Name(id=name), slice=key):
                held, place = names.get(name), self.value(key, names, depth)
                if isinstance(held, Mapping) and isinstance(place, str):
                    names[name] = {**held, place: value}

    # Expressions

    def value(self, node: ast.expr, names: Names, depth: int) -> Any:
        """What an expression is, as far as it can be known."""
        self.left -= 1
        if self.left < 0:
            return Unknown("too much to follow")
        match node:
            case ast.Constant(value=value):
                return value if value is None or isinstance(value, bool | int | float | str) else Unknown()
            case ast.Name(id=name):
                known = Name(f"builtins.{name}") if hasattr(builtins, name) else Unknown()
                return names.get(name, self.module.get(name, known))
            case ast.Attribute(value=of, attr=attr):
                return self.attribute(self.value(of, names, depth), attr, of)
            case ast.Tuple(elts=elements):
                return tuple(self.values(elements, names, depth))
            case ast.List(elts=elements):
                return self.values(elements, names, depth)
            case ast.Dict():
                return self.mapping(node, names, depth)
            case ast.Call():
                return self.call(node, names, depth)
            case ast.Lambda():
                return Function("lambda", node, names)
            case ast.UnaryOp(op=op, operand=operand):
                return negated(op, self.value(operand, names, depth))
            case ast.BinOp(left=left, op=op, right=right):
                return joined(op, self.value(left, names, depth), self.value(right, names, depth))
            case ast.IfExp(body=body, orelse=orelse):
                chosen, _ = self.value(body, names, depth), self.value(orelse, names, depth)
                return chosen
            case ast.Subscript(value=of, slice=key):
                return item(self.value(of, names, depth), self.value(key, names, depth))
            case (
                ast.ListComp(elt=element, generators=[one]) | ast.GeneratorExp(elt=element, generators=[one])
            ):
                values = self.value(one.iter, names, depth)
                out, inner = [], dict(names)
                for value in list(values)[:TURNS] if isinstance(values, list | tuple) else ():
                    self.bind(one.target, value, inner, depth)
                    out.append(self.value(element, inner, depth))
                return out if isinstance(values, list | tuple) else Unknown()
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.expr):
                self.value(child, names, depth)
        return Unknown()

    def values(self, nodes: Iterable[ast.expr], names: Names, depth: int) -> list[Any]:
        """The elements of a list, spread ones included."""
        out: list[Any] = []
        for node in nodes:
            if isinstance(node, ast.Starred):
                spread = self.value(node.value, names, depth)
                out += list(spread) if isinstance(spread, list | tuple) else [Unknown()]
            else:
                out.append(self.value(node, names, depth))
        return out

    def mapping(self, node: ast.Dict, names: Names, depth: int) -> Any:
        """A dict with literal keys."""
        out: Names = {}
        for key, value in zip(node.keys, node.values, strict=True):
            inner = self.value(value, names, depth)
            if key is None:
                out |= inner if isinstance(inner, Mapping) else {}
            else:
                out[str(plain(self.value(key, names, depth)))] = inner
        return out

    def attribute(self, of: Any, attr: str, node: ast.expr) -> Any:
        """What an attribute is."""
        if isinstance(node, ast.Name) and node.id == "self":
            return self.attributes.get(attr, Function("method", self.methods.get(attr)))
        if isinstance(of, Name):
            return Name(f"{of.dotted}.{attr}")
        return Unknown()

    # Calls

    def call(self, node: ast.Call, names: Names, depth: int) -> Any:
        """What a call gives; what it passes to something public becomes facts."""
        arguments = self.values(node.args, names, depth)
        keywords: Names = {}
        for keyword in node.keywords:
            value = self.value(keyword.value, names, depth)
            if keyword.arg:
                keywords[keyword.arg] = value
            elif isinstance(value, Mapping):
                keywords |= {str(k): v for k, v in value.items()}
        if isinstance(node.func, ast.Attribute):
            helper = HELPERS.get(node.func.attr)
            if helper is not None:
                return self.notes.helped(helper, arguments, keywords)
            of = self.value(node.func.value, names, depth)
            if isinstance(of, Made):
                return self.notes.method(of, node.func.attr, arguments, keywords)
            if isinstance(of, Tensor):
                return arrays.method_of(of, node.func.attr, arguments)
            if isinstance(of, Mapping):
                return of_mapping(of, node.func.attr, arguments)
            called = self.attribute(of, node.func.attr, node.func.value)
        else:
            called = self.value(node.func, names, depth)
        return self.called(called, arguments, keywords, depth)

    def called(self, what: Any, arguments: list[Any], keywords: Names, depth: int) -> Any:
        """What calling something gives."""
        if isinstance(what, Function):
            return self.enter(what, arguments, keywords, depth)
        if isinstance(what, Made):
            return self.notes.method(what, "__call__", arguments, keywords)
        if not isinstance(what, Name):
            return Unknown()
        if what.dotted.startswith(("builtins.", "itertools.")):
            return builtin(what.dotted.rsplit(".", 1)[-1], arguments, keywords)
        found = self.exports.find(what.dotted)
        if found is None:
            return arrays.made_by(what.dotted, arguments, keywords)
        bound = bind_arguments(found, arguments, keywords)
        if found.subject in ("Input", "layers.Input", "KerasTensor"):
            return arrays.symbolic(bound)
        self.notes.record(found, bound)
        if found.is_class:
            return Made(found.subject, bound)
        return arrays.made_by(what.dotted, arguments, keywords)

    def enter(self, function: Function, arguments: list[Any], keywords: Names, depth: int) -> Any:
        """Follow a function of the test file."""
        node = function.body
        if node is None or depth <= 0:
            return Unknown()
        named = [a.arg for a in node.args.args if a.arg not in ("self", "cls")]
        inner = dict(function.names) | {a: Unknown() for a in named}
        for argument, default in zip(reversed(named), reversed(node.args.defaults), strict=False):
            inner[argument] = self.value(default, dict(function.names), 0)
        inner |= dict(zip(named, arguments, strict=False)) | keywords
        if node.args.kwarg:
            inner[node.args.kwarg.arg] = {k: v for k, v in keywords.items() if k not in named}
        if isinstance(node, ast.Lambda):
            return self.value(node.body, inner, depth - 1)
        return self.block(node.body, inner, depth - 1)


def bind_arguments(found: Exported, arguments: list[Any], keywords: Mapping[str, Any]) -> Names:
    """Arguments by name; those without one are left out."""
    return dict(zip(found.parameters, arguments, strict=False)) | dict(keywords)


def _load(target: ast.expr) -> ast.expr:
    """The target of an augmented assignment as an expression that is read."""
    if isinstance(target, ast.Name):
        return ast.Name(id=target.id, ctx=ast.Load())
    return target
