"""The rules a table of a person's own may break, each with its sentence.

Every sentence names the thing, the rule, what was received and the way out. Standard library only.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from harness.errors import WrongUse


def known_keys(row: Mapping[str, Any], keys: Sequence[str], *, where: str) -> None:
    """A key nobody knows is a misspelt one; it is never passed over."""
    for key in row:
        if key not in keys:
            raise WrongUse(unknown("key", key, keys, see="docs/add-a-target.md", where=where))


def kind(key: str, value: object, wanted: type | tuple[type, ...], *, where: str) -> None:
    """A value of another kind would be read as something else: the list "3.11" has four elements."""
    if isinstance(value, wanted):
        return
    names: dict[object, str] = {str: "text", list: "a list", dict: "a table"}
    kinds = " or ".join(names[kind] for kind in (wanted if isinstance(wanted, tuple) else (wanted,)))
    raise WrongUse(
        f"Expected `{key}` in {where} to be {kinds}. Received: {value!r}. See docs/add-a-target.md."
    )


def required(row: Mapping[str, Any], keys: Sequence[str], *, where: str, otherwise: str = "") -> None:
    """Keys without which a row says nothing."""
    lacking = [key for key in keys if key not in row]
    if lacking:
        raise WrongUse(
            f"Expected {where} to have `{'`, `'.join(lacking)}`{otherwise}. See docs/add-a-target.md."
        )


def one_of(key: str, value: str, allowed: Sequence[str], *, where: str) -> None:
    """A value from a list that is closed."""
    if value not in allowed:
        raise WrongUse(f"Expected `{key}` of {where} to be one of {', '.join(allowed)}. Received: '{value}'.")


def unknown(what: str, given: str, known: Iterable[str], *, see: str, where: str = "") -> str:
    """The sentence for a name that does not exist: the likely ones, or all when there are few."""
    known = list(known)
    close = difflib.get_close_matches(given, known, n=4, cutoff=0.6)
    listed = ", ".join(known) if len(known) <= 16 else f"the {len(known)} there are"
    meant = f" Did you mean {' or '.join(close)}?" if close else ""
    place = f" in {where}" if where else ""
    return f"Expected `{what}`{place} to be one of {listed}. Received: '{given}'.{meant} See `{see}`."
