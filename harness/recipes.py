"""The arrays of a case, outside a target: the very generator the worker uses, loaded by path.

An oracle must see the same bits as the implementations. A second copy of the generator could drift, so this
is the one file of the worker the outside reads as code; it needs numpy only and knows nothing of any Keras.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from harness.model import Case

Array = np.ndarray[Any, Any]


def _load() -> ModuleType:
    path = Path(__file__).resolve().parent / "worker" / "recipes.py"
    spec = importlib.util.spec_from_file_location("harness_recipes", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_worker = _load()


class Drawer:
    """Makes plain values of a case, drawing its arrays in the order the worker draws them."""

    def __init__(self, seed: int, variant: str | None = None) -> None:
        self._seed = seed
        self._variant = variant
        self._place = 0

    def value(self, plain: Any) -> Any:
        """Tuples, lists and dicts rebuilt, recipes drawn; tags that name Keras objects stay as they are."""
        if isinstance(plain, list):
            return [self.value(v) for v in plain]
        if not isinstance(plain, dict):
            return plain
        if "$array" in plain:
            self._place += 1
            return _worker.make(plain, self._seed, self._variant, self._place)
        if "$tuple" in plain:
            return tuple(self.value(v) for v in plain["$tuple"])
        if "$object" in plain:
            return plain | {"parameters": {k: self.value(v) for k, v in plain.get("parameters", {}).items()}}
        return {k: self.value(v) for k, v in plain.items()}


def drawn(case: Case) -> tuple[dict[str, Any], Any, dict[str, Any]]:
    """Parameters, inputs and call arguments of a case with their arrays, as the worker draws them.

    The worker draws parameters first, then what a layer adapts to, the inputs, and the further arguments.
    """
    drawer = Drawer(case.seed, case.variant)
    parameters = {k: drawer.value(v) for k, v in case.parameters.items()}
    call = dict(case.feed.get("call", {})) if isinstance(case.feed, Mapping) else {}
    early = {k: drawer.value(call.pop(k)) for k in ("$adapt",) if k in call}
    inputs = case.feed.get("inputs") if isinstance(case.feed, Mapping) else case.feed
    if isinstance(inputs, Mapping) and "$arguments" in inputs:
        inputs = inputs["$arguments"]
    made = drawer.value(inputs)
    return parameters, made, {k: drawer.value(v) for k, v in call.items()} | early


def largest_fed(case: Case) -> int:
    """The size of the largest array among the inputs and call arguments of a case, without drawing them."""
    feed = case.feed
    inputs = feed.get("inputs") if isinstance(feed, Mapping) else feed
    if isinstance(inputs, Mapping) and "$arguments" in inputs:
        inputs = inputs["$arguments"]
    return max(_largest_of(inputs), _largest_of(feed.get("call", {}) if isinstance(feed, Mapping) else {}))


def _largest_of(plain: Any) -> int:
    """What `largest` says of plain data once a `Drawer` has made values of it."""
    if isinstance(plain, dict) and "$array" in plain:
        drawn = _worker.make(plain, 0).size if "literal" in plain else math.prod(plain["shape"])
        return max(1, int(drawn))
    if isinstance(plain, dict) and "$object" in plain:
        plain = plain.get("parameters", {})
    if isinstance(plain, dict | list):
        return max(map(_largest_of, plain.values() if isinstance(plain, dict) else plain), default=1)
    return 1


def weights(facts: Iterable[Mapping[str, Any]], seed: int) -> list[Array]:
    """The weights a case gives a subject, from what the subject said of its weights."""
    return [
        _worker.weight(tuple(fact["shape"]), fact["dtype"], fact["name"], place, seed)
        for place, fact in enumerate(facts)
    ]


def largest(structure: Any) -> int:
    """The size of the largest array of a structure, at least 1."""
    if isinstance(structure, np.ndarray):
        return max(1, int(structure.size))
    if isinstance(structure, Mapping):
        return max((largest(v) for v in structure.values()), default=1)
    if isinstance(structure, list | tuple):
        return max((largest(v) for v in structure), default=1)
    return 1


def as_float64(structure: Any) -> Any:
    """Floating-point arrays widened to float64, the rest as it is."""
    if isinstance(structure, np.ndarray):
        return structure.astype(np.float64) if structure.dtype.kind == "f" else structure
    if isinstance(structure, Mapping):
        return {k: as_float64(v) for k, v in structure.items()}
    if isinstance(structure, tuple):
        return tuple(as_float64(v) for v in structure)
    if isinstance(structure, list):
        return [as_float64(v) for v in structure]
    return structure
