"""One issue text per new cause, in Markdown: what differs, on which versions, and a program that shows it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from harness.model import Cause, Divergence, TargetInfo, digest
from harness.report.literals import NotWritable
from harness.report.markdown import escaped
from harness.report.programs import PACKAGES, program
from harness.report.records import SIDES, RunRecord
from harness.report.untrusted import clean, one_line, slug
from harness.report.values import brief
from harness.report.wording import MEANING, blame_text, plural

SUBJECTS = 20
SHORT = 300


def file_of(record: RunRecord, cause: Cause) -> str:
    """The name of a cause's issue text: the same every night."""
    return f"{slug(record.pair)}-{slug(cause.title, cause.fingerprint)}.md"


def write(record: RunRecord, causes: Sequence[Cause], folder: Path) -> list[Path]:
    """Write the issue texts of causes; returns the files."""
    folder.mkdir(parents=True, exist_ok=True)
    out = []
    for cause in causes:
        path = folder / file_of(record, cause)
        path.write_text("\n".join(lines(record, cause)) + "\n", encoding="utf-8", newline="\n")
        out.append(path)
    return out


def entry(record: RunRecord, cause: Cause, path: Path) -> dict[str, str]:
    """What a program needs to open the issue: title, file, and what to look for so as to open it once."""
    title = one_line(f"{record.pair}: {cause.title}", 200)
    return {"file": path.name, "title": title, "pair": record.pair, "marker": marker(record, cause)}


def marker(record: RunRecord, cause: Cause) -> str:
    """What stands in the text of a cause and of no other."""
    return f"cause {slug(record.pair)} {digest(cause.fingerprint)}"


def lines(record: RunRecord, cause: Cause) -> Iterator[str]:
    """The text; a marker at its end tells it from every other."""
    yield f"# {escaped(f'{record.pair}: {cause.title}', 200)}"
    yield ""
    yield f"**{escaped(str(cause.severity))}.** {escaped(MEANING[cause.severity], 300)}"
    yield ""
    names = [f"`{one_line(name, 80)}`".replace("``", "") for name in cause.subjects[:SUBJECTS]]
    more = f" and {len(cause.subjects) - SUBJECTS} more" if len(cause.subjects) > SUBJECTS else ""
    yield f"Seen in {plural(len(cause.divergences), 'case')} of {', '.join(map(escaped_code, names))}{more}."
    yield f"Departs from the specification: {escaped(blame_text(record, cause.blame))}."
    yield ""
    yield "| | " + " | ".join(escaped(record.target(side).id) for side in SIDES) + " |"
    yield "|---|---|---|"
    for name, values in versions(record):
        yield f"| {escaped(name)} | " + " | ".join(escaped(value) for value in values) + " |"
    yield ""
    if cause.divergences:
        yield from example(record, cause.divergences[0])
    yield f"<sub>keras-compat-harness: {marker(record, cause)}</sub>"


def escaped_code(name: str) -> str:
    """A name as code, with nothing in it that ends the code."""
    return "`" + name.strip("`").replace("`", "'").replace("|", "¦") + "`"


def versions(record: RunRecord) -> Iterator[tuple[str, list[str]]]:
    """Python and the packages that matter, on both sides."""
    sides = [record.target(side) for side in SIDES]
    infos = [s for s in sides if isinstance(s, TargetInfo)]
    yield "Python", [s.python if isinstance(s, TargetInfo) else "not run" for s in sides]
    for name in PACKAGES:
        if any(name in info.packages for info in infos):
            yield name, [s.packages.get(name, "–") if isinstance(s, TargetInfo) else "not run" for s in sides]


def example(record: RunRecord, divergence: Divergence) -> Iterator[str]:
    """One case of the cause: both sides' values, and a program for each."""
    yield f"For example {escaped(divergence.case.address, 300)}: {escaped(divergence.summary, 300)}"
    yield ""
    for difference in divergence.differences[:3]:
        yield f"- {escaped(difference.where)}"
        for side in SIDES:
            value = difference.reference if side == "reference" else difference.candidate
            yield f"  - {escaped(record.target(side).id)}: {escaped(brief(value, SHORT), SHORT)}"
    yield ""
    for side in SIDES:
        target = record.target(side)
        if not isinstance(target, TargetInfo):
            continue
        try:
            text = program(divergence.case, target, step=divergence.path.split(".")[0])
        except NotWritable:
            continue
        yield f"<details><summary>Program for {escaped(target.id)}</summary>"
        yield ""
        yield from fenced(text)
        yield ""
        yield "</details>"
        yield ""


def fenced(text: str) -> Iterator[str]:
    """Code in a fence that is longer than any row of backticks in it."""
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}python"
    yield clean(text, 20_000).rstrip("\n")
    yield fence
