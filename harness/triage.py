"""What a person decides of causes, written down: expectations, and exactly what was accepted under them.

Only `harness triage` calls this; no comparison ever writes the baseline.
"""

from __future__ import annotations

import datetime
import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from harness.classify import accepted, baseline
from harness.classify.accepted import DIGITS, Accepted, Entry, Key, key_of
from harness.classify.expectations import Expectation
from harness.errors import WrongUse
from harness.model import CaseStatus, Cause, Divergence, TargetInfo
from harness.report.records import RunRecord, unexpected


@dataclass(frozen=True)
class Decision:
    """One cause accepted: why, and where that is said. Without a link it is nowhere documented."""

    cause: str
    reason: str
    link: str = ""
    id: str = ""
    root: str = ""


@dataclass(frozen=True)
class Refreshed:
    """What writing an accepted file again did."""

    added: int
    changed: int
    removed: int
    kept: int
    uncovered: tuple[Cause, ...]
    """Causes no expectation of the file speaks of."""


def file_of(folder: Path, pair: str) -> Path:
    """The file of expectations of a pair."""
    return folder / f"{pair}.toml"


def speaking(file: Path, record: RunRecord) -> tuple[Expectation, ...]:
    """The expectations of a file that speak of causes of the run's targets."""
    one, two = record.reference, record.candidate
    if not isinstance(one, TargetInfo) or not isinstance(two, TargetInfo):
        raise WrongUse(
            f"Expected a run in which both targets ran. Received: {record.run}; {one.id} or {two.id} "
            "did not. See `harness targets`."
        )
    if not file.is_file():
        return ()
    listed = baseline.accepted_beside(file)
    entries = baseline.parse(file.read_text(encoding="utf-8"), file.name)
    return tuple(
        replace(e, accepted=listed.under(e.id)) for e in entries if e.cause and e.speaks_for(one, two)
    )


def refresh(
    file: Path, record: RunRecord, planned: Collection[str] | None, *, accept: bool = True
) -> Refreshed:
    """Write the accepted file again: what falls under a reviewed cause is accepted, what is gone is dropped.

    planned: hashes of every case there is; a line of another case is dropped. None: none is for that.
    accept: False only drops.
    """
    expectations = speaking(file, record)
    found = [d for judged in record.judged for d in judged.divergences]
    compared = compared_in(record)
    known = None if planned is None else {case[:DIGITS] for case in planned}
    by_cause: dict[str, list[Divergence]] = {}
    for divergence in found:
        by_cause.setdefault(divergence.cause, []).append(divergence)
    keys = {key_of(d) for d in found}
    before = dict(baseline.accepted_beside(file).lines)
    after = dict(before)
    tally: Counter[str] = Counter()
    for expectation in expectations:
        old = before.get(expectation.id, {})
        gone = set(expectation.gone(keys, compared))
        stays = {k: e for k, e in old.items() if k not in gone and (known is None or e.witness in known)}
        shows = by_cause.get(expectation.cause, ()) if accept else ()
        new = accepted.gathered(shows, stays, compared)
        tally += told(old, new)
        after[expectation.id] = new
    named = {e.id for e in baseline.parse(file.read_text(encoding="utf-8"), file.name)}
    after = {name: lines for name, lines in after.items() if name in named}
    write(file, Accepted(after))
    covered = {e.cause for e in expectations}
    return Refreshed(
        tally["added"],
        tally["changed"],
        tally["removed"],
        tally["kept"],
        tuple(c for c in record.causes if c.fingerprint not in covered),
    )


UNSEEN = (CaseStatus.NOT_RUN, CaseStatus.INCONCLUSIVE)


def compared_in(record: RunRecord) -> set[str]:
    """The cases of a run that were held against each other, in few digits."""
    return {j.case.hash[:DIGITS] for j in record.judged if j.status not in UNSEEN}


def told(old: Mapping[Key, Entry], new: Mapping[Key, Entry]) -> Counter[str]:
    """How many lines came, went, changed and stayed."""
    both = old.keys() & new.keys()
    changed = sum(1 for key in both if old[key] != new[key])
    return Counter(
        added=len(new.keys() - old.keys()),
        removed=len(old.keys() - new.keys()),
        changed=changed,
        kept=len(both) - changed,
    )


def write(file: Path, lines: Accepted) -> None:
    """Write the accepted file beside a file of expectations."""
    text = "\n".join(accepted.written(lines)) + "\n"
    baseline.accepted_file(file).write_text(text, encoding="utf-8", newline="\n")


def accept(file: Path, record: RunRecord, decisions: Sequence[Decision]) -> Refreshed:
    """Add expectations for causes of a run, and accept what the run shows of them.

    A cause that has an expectation already keeps it; what is new under it is accepted.

    Raises:
        WrongUse: a decision names no cause of the run, or gives no reason.
    """
    causes = {c.fingerprint: c for c in record.causes}
    have = {e.cause for e in speaking(file, record)}
    text = file.read_text(encoding="utf-8") if file.is_file() else header(record)
    taken = {e.id for e in baseline.parse(text, file.name)}
    for decision in decisions:
        if decision.cause not in causes:
            raise WrongUse(
                f"Expected `--accept` to name a cause of run {record.run}. Received: {decision.cause!r}. "
                "Its causes are in divergences.json, under `fingerprint`; `harness report` makes it anew."
            )
        if decision.cause in have:
            continue
        entry, name = written(causes[decision.cause], decision, taken)
        baseline.parse(text + entry, file.name)
        text += entry
        taken.add(name)
        have.add(decision.cause)
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")
    chosen = {d.cause for d in decisions}
    return refresh_only(file, record, chosen)


def refresh_only(file: Path, record: RunRecord, chosen: Collection[str]) -> Refreshed:
    """Accept what a run shows of some causes; other lines stay as they are."""
    lines = dict(baseline.accepted_beside(file).lines)
    compared = compared_in(record)
    tally: Counter[str] = Counter()
    for expectation in speaking(file, record):
        if expectation.cause in chosen:
            shows = [d for j in record.judged for d in j.divergences if d.cause == expectation.cause]
            old = lines.get(expectation.id, {})
            lines[expectation.id] = accepted.gathered(shows, old, compared)
            tally += told(old, lines[expectation.id])
    write(file, Accepted(lines))
    rest = tuple(c for c in unexpected(record.causes) if c.fingerprint not in chosen)
    return Refreshed(tally["added"], tally["changed"], tally["removed"], tally["kept"], rest)


def header(record: RunRecord) -> str:
    """The beginning of a file of expectations: for which targets it speaks."""
    lines = [f"# What is known of the pair `{record.pair}`; see docs/the-baseline.md.\n"]
    for side, target in (("reference", record.reference), ("candidate", record.candidate)):
        if isinstance(target, TargetInfo):
            lines.append(f"[{side}]\nid = {_quoted(target.id)}\nbackend = {_quoted(target.backend)}\n")
    return "\n".join(lines)


def written(cause: Cause, decision: Decision, taken: Collection[str]) -> tuple[str, str]:
    """An expectation as it stands in its file, and its id."""
    name = decision.id or _named(cause.fingerprint, taken)
    today = datetime.datetime.now(datetime.UTC).date()
    said = f"link = {_quoted(decision.link)}" if decision.link else "documented = false"
    lines = [
        "",
        f"# {cause.title}",
        "[[expectation]]",
        f"id = {_quoted(name)}",
        f"cause = {_quoted(decision.cause)}",
        f"reason = {_quoted(decision.reason)}",
        said,
        f"date = {today.isoformat()}",
        f"kind = {_quoted(str(cause.kind))}",
    ]
    if decision.root:
        lines.append(f"root = {_quoted(decision.root)}")
    return "\n".join(lines) + "\n", name


def _named(fingerprint: str, taken: Collection[str]) -> str:
    name = re.sub(r"[^a-z0-9]+", "-", fingerprint.lower()).strip("-")
    return next(n for n in (name, *(f"{name}-{i}" for i in range(2, len(taken) + 3))) if n not in taken)


def _quoted(text: str) -> str:
    """A TOML basic string: JSON's escapes are TOML's."""
    return json.dumps(text, ensure_ascii=False)


def undocumented(expectations: Iterable[Expectation]) -> list[str]:
    """The reverse list as Markdown: what is observed and reviewed, yet nowhere documented."""
    rows = sorted((e for e in expectations if not e.documented), key=lambda e: e.id)
    out = [
        "# Observed, yet nowhere documented",
        "",
        "Generated by `harness triage --undocumented` from the reviewed baseline: causes for which no",
        "official source (migration guide, release notes, API documentation, issue) has been found so far.",
        "",
        f"{len(rows)} causes.",
        "",
        "| cause | what was found out |",
        "|---|---|",
    ]
    out += [f"| `{e.id}` | {e.reason.replace('|', chr(92) + '|')} |" for e in rows]
    return out


def shared_roots(expectations: Iterable[Expectation]) -> Mapping[str, int]:
    """Roots that are known to show in more than one cause → in how many."""
    counts = Counter(e.root for e in expectations if e.root)
    return {name: number for name, number in sorted(counts.items()) if number > 1}
