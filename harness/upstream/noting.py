"""What a test passes to something public, kept as facts and programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.upstream import arrays
from harness.upstream.exports import Exported, Exports
from harness.upstream.facts import Fact, Program
from harness.upstream.values import Made, Name, Tensor, Unknown, plain

FED = frozenset({"y_true", "y_pred", "x", "inputs", "sequences", "w", "input", "logits"})
"""Arguments of public functions and methods that are data, not settings."""


METHODS = {"__call__": "call", "call": "call", "update_state": "call", "adapt": "adapt"}
"""Methods of a made object whose arguments are facts."""


OF_ONE = frozenset({"metrics.Mean", "metrics.Sum", "metrics.MeanTensor"})
"""Metrics of one array; all others compare two."""


class Notes:
    """The facts and programs of one test file."""

    def __init__(self, exports: Exports, repository: str, file: str) -> None:
        self.exports = exports
        self.repository = repository
        self.file = file
        self.facts: list[Fact] = []
        self.programs: list[Program] = []

    def method(self, made: Made, name: str, arguments: list[Any], keywords: Mapping[str, Any]) -> Any:
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

    def helped(self, helper: Mapping[str, str], arguments: list[Any], keywords: Mapping[str, Any]) -> Any:
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
