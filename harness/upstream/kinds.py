"""When two values are of one kind, so that trying the one tells what trying the other would.

The rule, from the strictest to the widest:

- None, True, False, and strings that choose something are of one kind only with themselves;
- integers by where they lie: below -1, -1, 0, 1, above 1; floats by where they lie: negative, 0, between 0
  and 1, 1, above 1, infinite, not a number; an integer is never of the kind of a float;
- of a scale, for which every positive number is documented to do (`SCALES`), only the sign counts, and
  whether it is written 1 or 1.0 does not; of a seed nothing counts; of a shape that only makes an input
  (`SHAPES`), whether a length is left open;
- a tuple is never of the kind of a list; both go by length (up to three; more is "many") and by the kinds of
  their elements in order (of many: by the set of them); dicts by their keys and the kinds of their values;
- strings that are free text (a name, a word of a vocabulary) are all of one kind, the empty one apart; so are
  those that no Keras knows (`UNHEARD_OF`);
- what is fed: a number or a nested list of numbers is of the kind of the array it holds;
- an array by the class of its dtype, its rank, whether it is empty, whether it is dense, sparse or ragged;
- an object of a public class is of the kind of another of that class, whatever its own parameters are: those
  are asked of the class's own spec. Initializers, regularizers and constraints go further: any of them,
  given as an object or by its name, is of the kind of another given the same way;
- a public function or class is of one kind only with itself, a function the user wrote with any other.
"""

from __future__ import annotations

import math
from collections.abc import Hashable, Mapping
from functools import cache

from harness.model import Plain, canonical
from harness.specs.registry import all_specs

MANY = 4
"""From how many elements on a list is one of many."""
FREE_TEXT = frozenset({"name", "unit_name", "prefix", "basename"})
"""Parameters whose strings choose nothing."""
SCALES = frozenset(
    {"learning_rate", "initial_learning_rate", "end_learning_rate", "warmup_target", "lr", "epsilon",
     "l1", "l2", "l", "max_value", "min_value", "value", "stddev", "gain", "delta", "gamma", "clipnorm",
     "clipvalue", "global_clipnorm", "weight_decay", "decay", "initial_accumulator_value",
     "l1_regularization_strength", "l2_regularization_strength", "beta", "decay_steps", "decay_rate",
     "m_mul", "t_mul", "scale", "temperature", "threshold", "loss_scale_factor"}
)  # fmt: skip
"""Parameters for which every positive number does, so that 1 is nothing special."""
SHAPES = frozenset({"input_shape", "batch_input_shape", "batch_shape"})
"""Keywords of layers that stand for an input before the layer."""
UNHEARD_OF = frozenset(
    {"nope", "typo", "unknown", "invalid", "invalid_mode", "invalid_dist", "invalid_average", "abc",
     "foo", "dummy", "undefined", "wrong", "bad", "random_string", "gibberish"}
)  # fmt: skip
"""Strings that tests pass, ours or upstream's, because no Keras knows them."""
BY_FAMILY = {"initializer": "initializers", "regularizer": "regularizers", "constraint": "constraints"}
"""Endings of parameters → the module whose members are of one kind."""

Kind = Hashable


class Undecided(Exception):
    """A value that is not known well enough to have a kind."""


def kind_of(value: Plain, parameter: str = "", *, inside: bool = False) -> Kind:
    """The kind of a value of a parameter.

    inside: the value is an element of a list or dict, where strings are free text.

    Raises:
        Undecided: something in it was computed while the test ran.
    """
    if value is None or isinstance(value, bool):
        return ("is", value)
    if parameter == "seed" and isinstance(value, int):
        return ("seed",)
    if parameter in SCALES and isinstance(value, int | float) and math.isfinite(value):
        return ("scale", "negative" if value < 0 else "positive" if value else "0")
    if parameter in SHAPES and isinstance(value, list | Mapping):
        return ("shape", canonical(value).count("null") > 0)
    if isinstance(value, int):
        return ("int", value if -1 <= value <= 1 else "above 1" if value > 1 else "below -1")
    if isinstance(value, float):
        return ("float", _range(value))
    if isinstance(value, str):
        return _of_text(value, parameter, free=inside)
    if isinstance(value, list):
        return ("list", _of_elements(value, parameter))
    if isinstance(value, Mapping):
        return _of_tagged(value, parameter)
    raise Undecided(f"Expected plain data. Received: {type(value).__name__}.")


def _range(value: float) -> str:
    if math.isnan(value) or math.isinf(value):
        return str(value)
    if value in (0.0, 1.0):
        return str(value)
    return "negative" if value < 0 else "between 0 and 1" if value < 1 else "above 1"


def _of_text(value: str, parameter: str, *, free: bool) -> Kind:
    if free or parameter in FREE_TEXT:
        return ("text", bool(value))
    if value in UNHEARD_OF or value.startswith("invalid_"):
        return ("unheard of",)
    module = _module_for(parameter)
    if module and value.replace("_", "").lower() in members(module):
        return ("name of one of", module)
    return ("str", value)


def _of_elements(values: list[Plain], parameter: str) -> Kind:
    kinds = tuple(kind_of(v, parameter, inside=True) for v in values)
    return ("many", frozenset(kinds)) if len(kinds) >= MANY else kinds


def _of_tagged(value: Mapping[str, Plain], parameter: str) -> Kind:
    if "$opaque" in value:
        raise Undecided(str(value["$opaque"]))
    if "$float" in value:
        return ("float", str(value["$float"]))
    if "$tuple" in value:
        return ("tuple", _of_elements(value["$tuple"], parameter))
    if "$dtype" in value:
        return ("str", value["$dtype"])
    if "$function" in value:
        return ("class" if value["$function"] == "class" else "function",)
    if "$array" in value:
        return array_kind(value)
    if "$ragged" in value:
        return (
            "array",
            dtype_class(value.get("dtype", "float32")),
            _depth(value["$ragged"]),
            False,
            "ragged",
        )
    if "$object" in value:
        return _of_symbol("object", str(value["$object"]))
    if "$attribute" in value:
        return _of_symbol("symbol", str(value["$attribute"]))
    return ("dict", frozenset((k, kind_of(v, k, inside=True)) for k, v in value.items()))


def _of_symbol(form: str, subject: str) -> Kind:
    module, _, last = subject.partition(".")
    if module in BY_FAMILY.values():
        return (form, module)
    if module == "tensorflow" and last.rsplit(".", 1)[-1] in DTYPES:
        return ("str", last.rsplit(".", 1)[-1])
    if module in ("tensorflow", "numpy"):
        return ("str", last) if last in DTYPES else ("function",)
    return (form, subject)


DTYPES = frozenset(
    {"float16", "float32", "float64", "bfloat16", "int8", "int16", "int32", "int64", "uint8", "uint16",
     "uint32", "uint64", "bool", "string"}
)  # fmt: skip


def fed_kind(value: Plain) -> Kind:
    """The kind of what is fed: arrays, numbers and lists of numbers, in their structure."""
    if isinstance(value, bool) or (isinstance(value, list | int | float) and (leaf := leaf_class(value))):
        found = "bool" if isinstance(value, bool) else leaf
        shape = _shape(value)
        return ("array", found, len(shape), 0 in shape, "dense")
    if isinstance(value, list):
        return ("list", tuple(fed_kind(v) for v in value))
    if isinstance(value, Mapping) and "$tuple" in value:
        return ("list", tuple(fed_kind(v) for v in value["$tuple"]))
    if isinstance(value, Mapping) and not any(key.startswith("$") for key in value):
        return ("dict", tuple((k, fed_kind(v)) for k, v in sorted(value.items())))
    return kind_of(value)


def leaf_class(value: Plain) -> str:
    """bool, int or float where a nested list holds nothing else, the widest of them; else nothing."""
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int | float):
        return type(value).__name__
    if not isinstance(value, list) or not value:
        return ""
    found = {leaf_class(v) for v in value}
    return "" if "" in found else next(k for k in ("float", "int", "bool") if k in found)


def array_kind(value: Mapping[str, Plain]) -> Kind:
    """The kind of an array, a recipe of ours or one read from a test."""
    return ("array", *array_parts(value))


def array_parts(value: Mapping[str, Plain]) -> tuple[str, int, bool, str]:
    """Class of the dtype, rank, whether it is empty, and its form."""
    literal, shape = value.get("literal"), value.get("shape")
    if literal is not None:
        shape = _shape(literal)
    if shape is None:
        raise Undecided("an array of unknown shape")
    form = str(value.get("form", "dense"))
    return dtype_class(value.get("dtype")), len(shape), 0 in shape, DENSE.get(form, form)


DENSE = {"symbolic": "dense"}
"""A symbolic input is of the kind of an array: the case script feeds both."""


def dtype_class(name: Plain) -> str:
    """bool, int, float, complex or string."""
    if not isinstance(name, str):
        raise Undecided("an array of unknown dtype")
    text = name.lower()
    for beginning, found in (
        ("bool", "bool"),
        ("uint", "int"),
        ("int", "int"),
        ("complex", "complex"),
        ("s", "string"),
    ):
        if text.startswith(beginning):
            return found
    return {"i": "int", "object": "string", "o": "string"}.get(text, "float")


def _shape(literal: Plain) -> list[int]:
    if not isinstance(literal, list):
        return []
    return [len(literal), *(_shape(literal[0]) if literal else ())]


def _depth(literal: Plain) -> int:
    return 1 + max((_depth(v) for v in literal), default=0) if isinstance(literal, list) else 0


def _module_for(parameter: str) -> str:
    return next((m for ending, m in BY_FAMILY.items() if parameter.endswith(ending)), "")


@cache
def members(module: str) -> frozenset[str]:
    """The names of a module's members that have a spec, without case and underscores."""
    names = {s.subject.partition(".")[2] for s in all_specs() if s.subject.startswith(f"{module}.")}
    return frozenset(n.replace("_", "").lower() for n in names)
