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

CHANCES = ("rate", "stddev", "factor", "height_factor", "width_factor", "x_factor", "y_factor")
"""Parameters of random layers from which, or with which probability, they draw."""

ALWAYS_DRAWING = ("layers.AugMix", "layers.CutMix", "layers.MixUp", "layers.RandAugment")
"""Layers whose factor is not the only thing that is drawn, even at zero."""

CERTAIN_WHEN_FIXED = (
    "layers.RandomBrightness",
    "layers.RandomColorDegeneration",
    "layers.RandomHeight",
    "layers.RandomHue",
    "layers.RandomRotation",
    "layers.RandomSaturation",
    "layers.RandomSharpness",
    "layers.RandomTranslation",
    "layers.RandomWidth",
    "layers.RandomZoom",
)
"""Layers that draw one factor and nothing else: a range without extent makes them certain.

Not so `RandomContrast`, whose two numbers are how far it goes down and up: (0.5, 0.5) draws from 0.5 to 1.5.
"""


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

    A layer with optional dropout (recurrent layers, attention) draws only when the case asks for
    it, also inside a wrapped layer or cell. A layer that is random by nature always may, unless
    every factor given is zero, or is a range without extent where nothing else is drawn.
    """
    if not spec.random:
        return _asks_to_draw(parameters)
    if spec.subject in ALWAYS_DRAWING:
        return True
    fixed = [_fixed(parameters[name]) for name in CHANCES if parameters.get(name) is not None]
    if not fixed or None in fixed:
        return True
    return any(fixed) and spec.subject not in CERTAIN_WHEN_FIXED


def _fixed(value: Any) -> float | None:
    """The value of a factor that leaves no choice; None where there is one."""
    if isinstance(value, Mapping):
        value = value.get("$tuple")
    if isinstance(value, (tuple, list)):
        return float(value[0]) if len(value) == 2 and value[0] == value[1] else None
    return 0.0 if value == 0 else None


def _asks_to_draw(parameters: Any) -> bool:
    if isinstance(parameters, (list, tuple)):
        return any(_asks_to_draw(p) for p in parameters)
    if not isinstance(parameters, Mapping):
        return False
    return any(
        (name in DRAWING and isinstance(value, (int, float)) and value > 0) or _asks_to_draw(value)
        for name, value in parameters.items()
    )
