"""Known differences (reported, documented, read from code), and the rules that recognise them in a report.

An entry states a fact (what differs, where it was reported or documented) and the rules by which a divergence
of a report is recognised as that very difference. A rule is about the fields of one divergence in
``divergences.json``; every field given must match, ``*`` stands for anything:

    subject    one of its API names          case       its address         kind, path
    reference  what the reference gave       candidate  what the candidate gave

The rules were written by reading the divergences, not by the harness: an entry is found only when a
divergence of its API has its kind, its place and its two sides.
"""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FIELDS = ("case", "kind", "path", "reference", "candidate")


@dataclass(frozen=True)
class Rule:
    """One way a report can show an entry: patterns by field."""

    patterns: Mapping[str, re.Pattern[str]]

    def shows(self, divergence: Mapping[str, Any]) -> bool:
        """Whether a divergence is the entry's."""
        subjects = divergence.get("subjects") or [divergence["subject"]]
        about = self.patterns.get("subject")
        if about is not None and not any(about.fullmatch(subject) for subject in subjects):
            return False
        return all(
            pattern.fullmatch(text_of(divergence[name]))
            for name, pattern in self.patterns.items()
            if name != "subject"
        )


@dataclass(frozen=True)
class Known:
    """One known difference."""

    id: str
    pair: str
    api: str
    title: str
    source: str
    rules: tuple[Rule, ...] = ()
    raw: tuple[Mapping[str, str], ...] = ()
    """The rules as they are written."""
    not_found: str = ""
    """The reason, where it is known not to be shown."""


@dataclass
class Recall:
    """What a report shows of the known differences."""

    found: list[tuple[Known, Mapping[str, Any]]] = field(default_factory=list)
    missing: list[Known] = field(default_factory=list)


def text_of(value: Any) -> str:
    """A field of a divergence as text."""
    return value if isinstance(value, str) else json.dumps(value)


def pattern_of(text: str) -> re.Pattern[str]:
    """A pattern in which only ``*`` is special, for whole texts of any number of lines."""
    return re.compile(".*".join(re.escape(part) for part in text.split("*")), re.DOTALL)


def known(paths: Iterable[Path]) -> list[Known]:
    """The entries of some files, in their order.

    Raises ValueError for an entry without a rule and without the reason why, and for a field no rule has.
    """
    entries = []
    for path in paths:
        for raw in tomllib.loads(path.read_text(encoding="utf-8"))["known"]:
            given = dict(raw)
            raw_rules = tuple(given.pop("shown_by", ()))
            rules = tuple(Rule(patterns_of(rule, given["id"])) for rule in raw_rules)
            entry = Known(rules=rules, raw=raw_rules, **given)
            if not rules and not entry.not_found:
                raise ValueError(f"Expected {entry.id} to have `shown_by` or `not_found`. Received: neither.")
            entries.append(entry)
    return entries


def patterns_of(rule: Mapping[str, str], id: str) -> dict[str, re.Pattern[str]]:
    """The patterns of one rule."""
    unknown = set(rule) - {"subject", *FIELDS}
    if unknown or "subject" not in rule:
        raise ValueError(
            f"Expected a rule of {id} to have a subject and of {FIELDS}. Received: {sorted(rule)}."
        )
    return {name: pattern_of(text) for name, text in rule.items()}


def recall(entries: Sequence[Known], divergences: Sequence[Mapping[str, Any]]) -> Recall:
    """Look for every entry."""
    out = Recall()
    for entry in entries:
        shown = next((d for rule in entry.rules for d in divergences if rule.shows(d)), None)
        if shown is None:
            out.missing.append(entry)
        else:
            out.found.append((entry, shown))
    return out
