"""Places inside plain data, written as a person would: ``outputs[0].x``.

A key that is not a plain word is quoted: ``logs["val loss"]``. A tagged tuple is a list as far as
paths go, so the same path reaches the same element whether a side gave a tuple or a list.
"""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Any

from harness.model import ABSENT

_PLAIN = re.compile(r"[\w$:\-]+\Z")
_SEGMENT = re.compile(r"\[(\d+)\]|\[(\"(?:[^\"\\]|\\.)*\")\]|\.?([\w$:\-]+)")

Segment = str | int


def child(path: str, segment: Segment) -> str:
    """The path of one key (str) or one element (int) below `path`."""
    if isinstance(segment, int):
        return f"{path}[{segment}]"
    if _PLAIN.match(segment):
        return f"{path}.{segment}" if path else segment
    return f"{path}[{json.dumps(segment)}]"


@lru_cache(maxsize=4096)
def segments(path: str) -> tuple[Segment, ...]:
    """The keys and positions a path goes through. Raises ValueError for what `child` never wrote."""
    out: list[Segment] = []
    position = 0
    while position < len(path):
        found = _SEGMENT.match(path, position)
        if found is None:
            raise ValueError(f"Expected a path such as outputs[0].x. Received: {path!r}.")
        index, quoted, word = found.groups()
        out.append(int(index) if index is not None else json.loads(quoted) if quoted is not None else word)
        position = found.end()
    return tuple(out)


def generalised(path: str) -> str:
    """The path with every position as ``[*]``."""
    out = ""
    for segment in segments(path):
        out = f"{out}[*]" if isinstance(segment, int) else child(out, segment)
    return out


def untagged(value: Any) -> Any:
    """A tagged tuple as the list it holds; anything else as it is."""
    if isinstance(value, dict) and value.keys() == {"$tuple"} and isinstance(value["$tuple"], list):
        return value["$tuple"]
    return value


def at(value: Any, path: str) -> Any:
    """What stands at `path` in `value`; `ABSENT` where there is no such place."""
    for segment in segments(path):
        value = untagged(value)
        if isinstance(segment, int):
            if not isinstance(value, list | tuple) or segment >= len(value):
                return ABSENT
            value = value[segment]
        else:
            if not isinstance(value, dict) or segment not in value:
                return ABSENT
            value = value[segment]
    return value
