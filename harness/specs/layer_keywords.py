"""Keyword arguments that every layer takes, once took, or must refuse: tried one at a time.

`Layer.__init__` takes `name`, `dtype`, `trainable` and the legacy shape arguments beside what the
subject itself declares (https://keras.io/api/layers/base_layer/); anything else must be refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from harness.specs.declaration import OMIT, Parameter, Spec

DRAWING = ("rate", "dropout", "recurrent_dropout", "stddev")
"""Parameters that, when positive, make a subject draw at random while training."""


def keywords(shape: tuple[int, ...] | None = None, **required: Any) -> tuple[Mapping[str, Any], ...]:
    """Parameter sets with one of every layer's keyword arguments beside the required ones.

    shape: the first feed's shape without the batch axis, for the legacy shape arguments.
    """
    single: list[dict[str, Any]] = [
        {"unknown_argument": 1},
        {"name": "a/b"},
        {"dtype": "float64"},
        {"dtype": "mixed_float16"},
        {"trainable": False},
    ]
    if shape is not None:
        single += [{"input_shape": shape}, {"batch_input_shape": (2, *shape)}]
    return tuple({**required, **one} for one in single)


def one_sided(name: str, who: str) -> Parameter:
    """A parameter that only some implementations take; its values belong into `Spec.extra`.

    In the covering array half of the cases would end at the constructor of the others, and say
    nothing about the rest of the subject.
    """
    return Parameter(name, (OMIT,), why_few=f"Only {who} takes it: tried alone, in `extra`.")


def alone(name: str, *values: Any, **required: Any) -> tuple[Mapping[str, Any], ...]:
    """Parameter sets with one value of one parameter beside the required ones."""
    return tuple({**required, name: value} for value in values)


def draws(spec: Spec, parameters: Mapping[str, Any]) -> bool:
    """Whether outputs of the subject with these parameters may be random while training.

    A layer that is random by nature always may; one with optional dropout (recurrent layers,
    attention) only when the case asks for it, also inside a wrapped layer or cell.
    """
    return spec.random or _asks_to_draw(parameters)


def _asks_to_draw(parameters: Any) -> bool:
    if isinstance(parameters, (list, tuple)):
        return any(_asks_to_draw(p) for p in parameters)
    if not isinstance(parameters, Mapping):
        return False
    return any(
        (name in DRAWING and isinstance(value, (int, float)) and value > 0) or _asks_to_draw(value)
        for name, value in parameters.items()
    )
