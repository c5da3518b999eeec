"""Following statements and expressions of a test, collecting what is passed to public names."""

from __future__ import annotations

import ast
import builtins
import operator
from collections.abc import Callable, Iterable, Mapping
from itertools import product
from typing import Any

from harness.upstream import arrays
from harness.upstream.exports import Exported, Exports
from harness.upstream.facts import Fact, Program
from harness.upstream.values import OWN_CLASS, Function, Made, Name, Tensor, Unknown, plain

DEPTH = 4
"""How deep functions of the test file are followed into each other."""
TURNS = 40
"""How many turns of one loop are followed."""
BUDGET = 200_000
"""How many expressions of one test file are followed."""

FED = frozenset({"y_true", "y_pred", "x", "inputs", "sequences", "w", "input", "logits"})
"""Arguments of public functions and methods that are data, not settings."""
METHODS = {"__call__": "call", "call": "call", "update_state": "call", "adapt": "adapt"}
"""Methods of a made object whose arguments are facts."""
OF_ONE = frozenset({"metrics.Mean", "metrics.Sum", "metrics.MeanTensor"})
"""Metrics of one array; all others compare two."""
HELPERS = {
    "run_layer_test": {"kwargs": "init_kwargs", "call": "call_kwargs"},
    "layer_test": {"kwargs": "kwargs", "call": ""},
}
"""Upstream's helpers that make and call a layer: by which arguments."""

OPERATORS: Mapping[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: operator.floordiv,
    ast.Mod: operator.mod,
    ast.Pow: operator.pow,
}

Names = dict[str, Any]


class Following:
    """One test file being followed: what it passed so far."""

    def __init__(self, exports: Exports, repository: str, file: str) -> None:
        self.exports = exports
        self.repository = repository
        self.file = file
        self.facts: list[Fact] = []
        self.programs: list[Program] = []
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
                return _negated(op, self.value(operand, names, depth))
            case ast.BinOp(left=left, op=op, right=right):
                return _joined(op, self.value(left, names, depth), self.value(right, names, depth))
            case ast.IfExp(body=body, orelse=orelse):
                chosen, _ = self.value(body, names, depth), self.value(orelse, names, depth)
                return chosen
            case ast.Subscript(value=of, slice=key):
                return _item(self.value(of, names, depth), self.value(key, names, depth))
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
                return self.helped(helper, arguments, keywords)
            of = self.value(node.func.value, names, depth)
            if isinstance(of, Made):
                return self.method(of, node.func.attr, arguments, keywords)
            if isinstance(of, Tensor):
                return arrays.method_of(of, node.func.attr, arguments)
            if isinstance(of, Mapping):
                return _of_mapping(of, node.func.attr, arguments)
            called = self.attribute(of, node.func.attr, node.func.value)
        else:
            called = self.value(node.func, names, depth)
        return self.called(called, arguments, keywords, depth)

    def called(self, what: Any, arguments: list[Any], keywords: Names, depth: int) -> Any:
        """What calling something gives."""
        if isinstance(what, Function):
            return self.enter(what, arguments, keywords, depth)
        if isinstance(what, Made):
            return self.method(what, "__call__", arguments, keywords)
        if not isinstance(what, Name):
            return Unknown()
        if what.dotted.startswith(("builtins.", "itertools.")):
            return _builtin(what.dotted.rsplit(".", 1)[-1], arguments, keywords)
        found = self.exports.find(what.dotted)
        if found is None:
            return arrays.made_by(what.dotted, arguments, keywords)
        bound = bind_arguments(found, arguments, keywords)
        if found.subject in ("Input", "layers.Input", "KerasTensor"):
            return arrays.symbolic(bound)
        self.record(found, bound)
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

    def method(self, made: Made, name: str, arguments: list[Any], keywords: Names) -> Any:
        """What is passed to a method of a made object."""
        role = METHODS.get(name)
        if role is None or not arguments:
            return Unknown()
        leading = 2 if made.subject.startswith(("losses.", "metrics.")) and made.subject not in OF_ONE else 1
        keywords = dict(keywords)
        if made.subject.startswith(("losses.", "metrics.")) and len(arguments) > leading:
            keywords.setdefault("sample_weight", arguments[leading])
        fed = arguments[:leading] if role == "call" else arguments[:1]
        whole = fed[0] if len(fed) == 1 else [_as_array(one) for one in fed]
        if not any(isinstance(one, Unknown) for one in fed):
            self.add(made.subject, "input" if role == "call" else role, "", whole)
        for key, value in keywords.items():
            self.add(made.subject, "call", key, value)
        more = keywords if role == "call" else {f"${role}": whole}
        self.programs.append(
            self.program(made.subject, made.parameters, whole if role == "call" else None, more)
        )
        return Unknown()

    def program(
        self, subject: str, parameters: Mapping[str, Any], inputs: Any, call: Mapping[str, Any]
    ) -> Program:
        """What one call passes, all together."""
        made, named = plain(self.public(parameters)), plain(self.public(call))
        return Program(subject, made, plain(self.public(inputs)), named, self.repository, self.file)

    def helped(self, helper: Mapping[str, str], arguments: list[Any], keywords: Names) -> Any:
        """What upstream's own helper of layer tests is given."""
        cls = arguments[0] if arguments else keywords.get("layer_class", keywords.get("layer_cls"))
        found = self.exports.find(cls.dotted) if isinstance(cls, Name) else None
        if found is None:
            return Unknown()
        given = keywords.get(helper["kwargs"], arguments[1] if len(arguments) > 1 else {})
        if isinstance(given, Mapping):
            self.record(found, given)
        called = keywords.get(helper["call"], {})
        called = called if isinstance(called, Mapping) else {}
        for key, value in called.items():
            self.add(found.subject, "call", key, value)
        fed = _fed(keywords)
        if isinstance(given, Mapping):
            self.programs.append(self.program(found.subject, given, fed, called))
        if fed is not None:
            self.add(found.subject, "input", "", fed)
        return Unknown()

    def record(self, found: Exported, given: Mapping[str, Any]) -> None:
        """Facts of a call of a public class or function."""
        fed = {k: v for k, v in given.items() if k in FED and not found.is_class}
        if fed and not any(isinstance(v, Unknown) for v in fed.values()):
            self.add(
                found.subject, "input", "", list(fed.values()) if len(fed) > 1 else next(iter(fed.values()))
            )
        own = {name: value for name, value in given.items() if name not in fed}
        inputs = list(fed.values()) if len(fed) > 1 else next(iter(fed.values()), None)
        self.programs.append(self.program(found.subject, own, inputs, {}))
        for name, value in given.items():
            if name not in fed:
                self.add(found.subject, "parameter", name, value, default=_is_default(found, name, value))

    def add(self, subject: str, role: str, name: str, value: Any, *, default: bool = False) -> None:
        """Keep a fact."""
        self.facts.append(
            Fact(subject, role, name, plain(self.public(value)), self.repository, self.file, default)
        )

    def public(self, value: Any) -> Any:
        """A value with imported names replaced by public ones."""
        if isinstance(value, Name):
            found = self.exports.find(value.dotted)
            constant = self.exports.constant(value.dotted) if found is None else None
            return Name(found.subject if found else value.dotted) if constant is None else constant
        if isinstance(value, Made):
            return Made(value.subject, {k: self.public(v) for k, v in value.parameters.items()})
        if isinstance(value, list | tuple):
            return type(value)(self.public(v) for v in value)
        if isinstance(value, Mapping):
            return {k: self.public(v) for k, v in value.items()}
        return value


def bind_arguments(found: Exported, arguments: list[Any], keywords: Mapping[str, Any]) -> Names:
    """Arguments by name; those without one are left out."""
    return dict(zip(found.parameters, arguments, strict=False)) | dict(keywords)


def _is_default(found: Exported, name: str, value: Any) -> bool:
    if name not in found.defaults:
        return False
    default = found.defaults[name]
    return type(default) is type(value) and bool(default == value)


def _fed(keywords: Mapping[str, Any]) -> Any:
    """What a helper feeds: data given, or data of a shape and dtype given."""
    data = keywords.get("input_data")
    if data is not None:
        return None if isinstance(data, Unknown) else data
    shapes, dtypes = keywords.get("input_shape"), keywords.get("input_dtype")
    form = "sparse" if keywords.get("input_sparse") is True else "dense"
    return _of_shape(shapes, dtypes, form)


def _of_shape(shapes: Any, dtypes: Any, form: str) -> Any:
    if isinstance(shapes, Mapping):
        each = {
            k: _of_shape(v, dtypes.get(k) if isinstance(dtypes, Mapping) else dtypes, form)
            for k, v in shapes.items()
        }
        return None if None in each.values() else each
    if isinstance(shapes, list | tuple) and shapes and all(isinstance(s, list | tuple) for s in shapes):
        every = [_of_shape(s, dtypes, form) for s in shapes]
        return None if None in every else every
    if not isinstance(shapes, list | tuple):
        return None
    shape = tuple(s if isinstance(s, int) else None for s in shapes)
    return Tensor(shape, arrays.dtype_name(dtypes) or "float32", form)


def _as_array(value: Any) -> Any:
    """A nested list of numbers as the array it holds."""
    known = arrays.of_values(value) if isinstance(value, list | tuple) else None
    return known if known is not None and known.dtype != "string" else value


def _load(target: ast.expr) -> ast.expr:
    """The target of an augmented assignment as an expression that is read."""
    if isinstance(target, ast.Name):
        return ast.Name(id=target.id, ctx=ast.Load())
    return target


def _negated(op: ast.unaryop, value: Any) -> Any:
    if isinstance(value, Tensor):
        return value
    if isinstance(op, ast.USub) and isinstance(value, int | float):
        return -value
    if isinstance(op, ast.Not) and isinstance(value, bool):
        return not value
    return Unknown()


def _joined(op: ast.operator, left: Any, right: Any) -> Any:
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


def _item(of: Any, key: Any) -> Any:
    if isinstance(of, Mapping):
        return of.get(key, Unknown()) if isinstance(key, str) else Unknown()
    if isinstance(of, list | tuple) and isinstance(key, int) and -len(of) <= key < len(of):
        return of[key]
    return Unknown()


def _of_mapping(of: Mapping[str, Any], method: str, arguments: list[Any]) -> Any:
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


def _builtin(name: str, arguments: list[Any], keywords: Names) -> Any:
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
