"""Which observations say what rounding can do to a cell.

Where numbers of a cell differ bit for bit, both sides are performed again with weights and inputs moved by
one unit in the last place. A reader that has the same model in hand after two loads, bit for bit in
everything observed, would be asked one question twice: it is asked once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import numpy as np

from harness.model import Case, Observation

OF_THE_FILE = frozenset({"load", "logged", "custom", "way"})
"""Steps about the file. Every other one is about the model in hand, which is all that arithmetic sees."""


class Alike:
    """For every reader, the loads that led to one and the same model: the first stands for all."""

    def __init__(self) -> None:
        self._first: dict[tuple[str, str, str], Case] = {}
        self._of: dict[tuple[str, str], Case] = {}

    def add(self, reader: str, model: str, case: Case, read: Observation) -> Case:
        """The case whose jitters are evidence for this one."""
        first = self._first.setdefault((reader, model, model_digest(read)), case)
        self._of[(reader, case.hash)] = first
        return first

    def of(self, reader: str, case: Case) -> Case:
        """The case that `add` has named; a case that was never added stands for itself."""
        return self._of.get((reader, case.hash), case)


def model_digest(read: Observation) -> str:
    """A digest of everything observed of a model: equal digests, equal models as far as anyone has looked."""
    hasher = hashlib.blake2b(digest_size=16)
    for step in read.steps:
        if step.name not in OF_THE_FILE:
            hasher.update(f"{step.name}\0{step.status}\0".encode())
            feed(hasher, step.value)
    return hasher.hexdigest()


def feed(hasher: hashlib.blake2b, value: Any) -> None:
    """Feed a decoded value: arrays by type, shape and bits, containers with their structure."""
    if isinstance(value, np.ndarray):
        hasher.update(f"array {value.dtype.str} {value.shape}\0".encode())
        hasher.update(repr(value.tolist()).encode() if value.dtype == object else value.tobytes())
    elif isinstance(value, Mapping):
        hasher.update(f"map {len(value)}\0".encode())
        for key, each in value.items():
            hasher.update(f"{key}\0".encode())
            feed(hasher, each)
    elif isinstance(value, list | tuple):
        hasher.update(f"list {len(value)}\0".encode())
        for each in value:
            feed(hasher, each)
    else:
        hasher.update(f"{type(value).__name__} {value!r}\0".encode())
