"""What two configurations say alike, though they are spelt differently from release to release."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

RENAMED = {"lr": "learning_rate", "beta1": "beta_1", "beta2": "beta_2", "batch_input_shape": "batch_shape"}
"""Keys that were renamed: old name → new name."""

PASSED_OVER = frozenset(
    {"module", "registered_name", "build_config", "compile_config", "shared_object_id", "function"}
)
"""Keys that say where a class lives in one release, or repeat what is said elsewhere, or hold bytecode, which
never comes out the same twice."""

LOSSES = {"mse": "mean_squared_error", "mae": "mean_absolute_error"}


def layers_of(config: Any) -> dict[str, Mapping[str, Any]]:
    """Each layer's own config by its name, inner models' layers below theirs."""
    found: dict[str, Mapping[str, Any]] = {}
    for prefix, each in _layers("", config):
        found[prefix] = each
    return found


def _layers(prefix: str, config: Any) -> Iterator[tuple[str, Mapping[str, Any]]]:
    entries = config.get("layers") if isinstance(config, Mapping) else config
    for entry in entries if isinstance(entries, list) else []:
        own = entry.get("config") if isinstance(entry, Mapping) else None
        if isinstance(own, Mapping):
            name = f"{prefix}{own.get('name', '')}"
            yield name, own
            yield from _layers(f"{name}/", own)


def common_differences(one: Any, two: Any, place: str = "") -> list[tuple[str, Any, Any]]:
    """Scalars that both sides give under one key, with different values.

    What only one side says is not compared; None says nothing: a release may spell out what it stands for.
    Releases add and rename keys; a key of both with another value is another layer.
    """
    one, two = simple(one), simple(two)
    if isinstance(one, Mapping) and isinstance(two, Mapping):
        left, right = renamed(one), renamed(two)
        return [
            found
            for key in left
            if key in right and key not in PASSED_OVER and key != "layers"
            for found in common_differences(left[key], right[key], f"{place}.{key}" if place else key)
        ]
    if isinstance(one, list) and isinstance(two, list):
        if len(one) != len(two):
            return [] if any(isinstance(v, Mapping | list) for v in (*one, *two)) else [(place, one, two)]
        return [
            found
            for index, (a, b) in enumerate(zip(one, two, strict=True))
            for found in common_differences(a, b, f"{place}[{index}]")
        ]
    if None not in (one, two) and is_scalar(one) and is_scalar(two) and not same(one, two):
        return [(place, one, two)]
    return []


def renamed(mapping: Mapping[str, Any]) -> dict[str, Any]:
    """A mapping under the newer names of its keys."""
    return {RENAMED.get(key, key): value for key, value in mapping.items()}


def simple(value: Any) -> Any:
    """A value without the wrapping of one release: tuples as lists, policies and dtypes by their name."""
    if isinstance(value, Mapping):
        keys = set(value)
        if keys == {"$scalar"}:
            return value["$scalar"][1]
        if keys in ({"$dtype"}, {"$tuple"}, {"$shape"}):
            return simple(next(iter(value.values())))
        inner = value.get("config")
        if "Policy" in str(value.get("class_name", "")) and isinstance(inner, Mapping):
            return inner.get("name")
    return value


def is_scalar(value: Any) -> bool:
    """Whether a value can be compared as it is."""
    return value is None or isinstance(value, bool | int | float | str)


def same(one: Any, two: Any) -> bool:
    """Whether two scalars are one, numbers once rounded to float32."""
    if (
        isinstance(one, bool)
        or isinstance(two, bool)
        or not all(isinstance(v, int | float) for v in (one, two))
    ):
        return bool(one == two)
    with np.errstate(over="ignore"):
        return bool(np.float32(one) == np.float32(two))


def loss_name(value: Any) -> Any:
    """A loss by the name of its function: a class, a function and a short string may mean one loss."""
    if isinstance(value, str):
        snake = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", value).lower()
        return LOSSES.get(snake, snake)
    if isinstance(value, Sequence):
        return [loss_name(v) for v in value]
    if isinstance(value, Mapping):
        return {key: loss_name(v) for key, v in value.items()}
    return value
