"""Which known differences a finished report shows: ``nox -s recall``; see `harness/recall.py`."""

from __future__ import annotations

import argparse
import json
import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

from harness.recall import Known, Recall, known, recall

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PERFORM = "python -m harness compare --profile full"


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
        " ".join((PERFORM, sides(pair), *(f"--only {shlex.quote(c)}" for c in only)))
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
