"""``summary.md``: the front page in short, for the summary of a CI step.

Markdown lets HTML through, so every character that means something in either becomes a character
reference: text from a target cannot become markup, a link, a mention or another table cell.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from harness.model import CaseStatus, TargetInfo
from harness.report.compose import one_code, verdict
from harness.report.records import SIDES, RunRecord, unexpected
from harness.report.untrusted import one_line
from harness.report.wording import blame_text, share, target_title

CAUSES = 30

_SPECIAL = re.compile(r"""[\\`*_{}\[\]<>&"'#|~@:!$]|(?<=www)\.""", re.IGNORECASE)


def write(run: RunRecord, path: Path) -> None:
    """Write the file."""
    path.write_text("\n".join(lines(run)) + "\n", encoding="utf-8", newline="\n")


def escaped(text: str, limit: int = 160) -> str:
    """Text on one line that stays text in Markdown."""
    return _SPECIAL.sub(lambda found: f"&#{ord(found.group())};", one_line(text, limit))


def lines(run: RunRecord) -> Iterator[str]:
    """The summary, line by line."""
    found = unexpected(run.causes)
    tally = Counter(judged.status for judged in run.judged)
    _, headline, sentence = verdict(run, tally, found)
    titles = [escaped(target_title(run, side)) for side in SIDES]
    yield f"## {titles[0]} against {titles[1]}"
    yield ""
    yield f"**{escaped(headline)}.** {escaped(sentence)}"
    yield ""
    for line in one_code(run):
        yield f"> {escaped(line, 400)}"
        yield ""
    for side in SIDES:
        target = run.target(side)
        if not isinstance(target, TargetInfo):
            told = escaped(f"{target.fault.what} {target.fault.fix}", 600)
            yield f"> {escaped(target.id)} was not run: {told}"
            yield ""
    for fault in run.faults:
        yield f"> Harness fault on {escaped(fault.target)}: {escaped(f'{fault.what} {fault.fix}', 600)}"
        yield ""
    yield "| cases | number | share |"
    yield "|---|---:|---:|"
    total = sum(tally.values())
    for status in CaseStatus:
        yield f"| {status} | {tally[status]:,} | {escaped(share(tally[status], total))} |"
    yield ""
    if not found:
        return
    yield "| severity | cause | subjects | cases | departs from the specification |"
    yield "|---|---|---:|---:|---|"
    for cause in found[:CAUSES]:
        yield (
            f"| {cause.severity} | {escaped(cause.title)} | {len(cause.subjects):,} "
            f"| {len(cause.divergences):,} | {escaped(blame_text(run, cause.blame))} |"
        )
    if len(found) > CAUSES:
        yield ""
        yield f"{len(found) - CAUSES:,} more causes are in the report."
