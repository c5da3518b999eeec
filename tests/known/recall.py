"""Which known differences (reported, documented, read from code) a finished report shows: ``nox -s recall``.

An entry of ``tests/known/*.toml`` states a fact (what differs, where it was reported or documented) and
the rules by which a divergence of a report is recognised as that very difference. A rule is about the
fields of one divergence in ``divergences.json``; every field given must match, ``*`` stands for anything:

    subject    one of its API names          case       its address         kind, path
    reference  what the reference gave       candidate  what the candidate gave

The rules were written by reading the divergences, not by the harness: an entry is found only when a
divergence of its API has its kind, its place and its two sides.
"""

from __future__ import annotations

import argparse
import json
import re
import shlex
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
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


def table(looked: Recall) -> str:
    """The rows of `docs/known-divergences.md`."""
    rows = ["| API | what differs | source | case that diverges | where |", "|---|---|---|---|---|"]
    for entry, shown in looked.found:
        source = f"[link]({entry.source})" if entry.source.startswith("http") else entry.source
        case = str(shown["case"])
        case = case if len(case) < 90 else case[:89] + "…"
        cells = (f"`{entry.api}`", entry.title, source, f"`{case}`", f"`{shown['path']}`")
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def commands(entries: Sequence[Known]) -> list[str]:
    """The comparisons that perform the cases of the entries, one for each pair."""
    cases: dict[str, dict[str, None]] = {}
    for entry in entries:
        for rule in entry.raw:
            if "case" in rule:
                pattern = rule["case"].replace("[", "[[]")  # a bracket opens a set in a pattern of cases
                cases.setdefault(entry.pair, {})[pattern] = None
    return [
        " ".join(("python -m harness compare", sides(pair), *(f"--only {shlex.quote(c)}" for c in only)))
        for pair, only in cases.items()
    ]


def sides(pair: str) -> str:
    """The options that name a pair."""
    reference, dots, candidate = pair.partition("..")
    return f"--reference {reference} --candidate {candidate}" if dots else f"--pair {pair}"


def main(words: Sequence[str]) -> int:
    """Print what is found and what is not; 1 when an entry that is claimed to be found is not."""
    parser = argparse.ArgumentParser(prog="recall", description="Which known divergences a report shows.")
    parser.add_argument("reports", nargs="*", type=Path, help="reports of one pair; the latest by default")
    parser.add_argument("--known", type=Path, action="append", help="a file of entries; all by default")
    parser.add_argument("--table", action="store_true", help="print rows for docs/known-divergences.md")
    parser.add_argument("--commands", action="store_true", help="print what performs the entries' cases")
    given = parser.parse_args(words)
    if given.commands:
        print("\n".join(commands(known(given.known or sorted(HERE.glob("*.toml"))))))
        return 0
    pairs, divergences = set(), []
    for report in given.reports or [ROOT / "reports" / "latest"]:
        path = report / "divergences.json" if report.is_dir() else report
        if not path.is_file():
            print(f"Expected a finished report. Received: {path}, no file. Run `nox -s compare` first.")
            return 2
        content = json.loads(path.read_text(encoding="utf-8"))
        pairs.add(content["pair"])
        divergences += content["divergences"]
    entries = [entry for entry in known(given.known or sorted(HERE.glob("*.toml"))) if entry.pair in pairs]
    looked = recall(entries, divergences)
    if given.table:
        print(table(looked))
    else:
        for entry, shown in looked.found:
            print(f"found      {entry.id}: {shown['case']} at {shown['path']}")
        for entry in looked.missing:
            print(f"NOT FOUND  {entry.id}: {entry.not_found or entry.title}")
    lost = [entry for entry in looked.missing if not entry.not_found]
    ending = f"; {len(lost)} that should be shown are not" if lost else ""
    print(f"{len(looked.found)} of {len(entries)} known differences of {', '.join(pairs)} are shown{ending}")
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
