"""``junit.xml``: a test suite per family, a test case per subject, for CI systems.

A subject fails for its unexpected divergences, is skipped where nothing of it could be compared,
and a harness fault is an error in a suite of its own.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement

from harness.model import CaseStatus, Divergence, TargetInfo
from harness.report.records import SIDES, UNEXPECTED, RunRecord
from harness.report.untrusted import clean, one_line

LISTED = 20
"""Divergences named in the text of one failure."""

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def write(run: RunRecord, path: Path) -> None:
    """Write the file."""
    root = Element("testsuites", name=legal(f"{run.pair} {run.run}"))
    totals: Counter[str] = Counter()
    for family, subjects in sorted(_families(run).items()):
        totals += _suite(root, run, family, subjects)
    totals += _faults(root, run)
    for name in ("tests", "failures", "skipped", "errors"):
        root.set(name, str(totals[name]))
    ElementTree(root).write(path, encoding="utf-8", xml_declaration=True)


def legal(text: str, limit: int = 4000) -> str:
    """Text that XML 1.0 allows, nothing hidden in it."""
    return _NOT_XML.sub("\ufffd", clean(text, limit))


Subject = tuple[str, Counter[CaseStatus], Sequence[Divergence]]


def _families(run: RunRecord) -> Mapping[str, list[Subject]]:
    """Subjects with their counts and their unexpected divergences, by family."""
    tallies: dict[str, Counter[CaseStatus]] = {facts.subject: Counter() for facts in run.subjects}
    for judged in run.judged:
        tallies.setdefault(judged.case.subject, Counter())[judged.status] += 1
    found: dict[str, list[Divergence]] = defaultdict(list)
    for divergence in run.divergences():
        tallies.setdefault(divergence.subject, Counter())
        if divergence.verdict in UNEXPECTED:
            found[divergence.subject].append(divergence)
    families = {facts.subject: facts.family for facts in run.subjects}
    out: dict[str, list[Subject]] = defaultdict(list)
    for subject, tally in sorted(tallies.items()):
        family = families.get(subject, subject.split(".", 1)[0])
        out[family].append((subject, tally, found.get(subject, ())))
    return out


def _suite(root: Element, run: RunRecord, family: str, subjects: Sequence[Subject]) -> Counter[str]:
    suite = SubElement(root, "testsuite", name=legal(f"{run.pair}.{family}"))
    totals: Counter[str] = Counter(tests=len(subjects))
    for subject, tally, divergences in subjects:
        case = SubElement(suite, "testcase", classname=legal(f"{run.pair}.{family}"), name=legal(subject))
        compared = sum(tally[s] for s in (CaseStatus.AGREE, CaseStatus.ROUNDING, CaseStatus.DIVERGE))
        if divergences:
            worst = min(divergences, key=lambda d: d.severity.rank)
            message = f"{len(divergences)} unexpected divergences; worst: {worst.severity}: {worst.summary}"
            failure = SubElement(case, "failure", type=str(worst.kind), message=_line(message))
            failure.text = legal("\n".join(_told(divergences)), 40_000)
            totals["failures"] += 1
        elif not compared:
            SubElement(case, "skipped", message=_line(f"Nothing was compared: {_counted(tally)}."))
            totals["skipped"] += 1
    for name in ("tests", "failures", "skipped", "errors"):
        suite.set(name, str(totals[name]))
    return totals


def _told(divergences: Sequence[Divergence]) -> Iterator[str]:
    for divergence in divergences[:LISTED]:
        address, summary = one_line(divergence.case.address, 300), one_line(divergence.summary, 300)
        yield f"{address}: {summary} [{divergence.id}]"
    if len(divergences) > LISTED:
        yield f"… and {len(divergences) - LISTED} more; see divergences.json."


def _counted(tally: Counter[CaseStatus]) -> str:
    return ", ".join(f"{count} {status}" for status, count in tally.items()) or "no case was run"


def _line(text: str) -> str:
    return legal(one_line(text, 500))


def _faults(root: Element, run: RunRecord) -> Counter[str]:
    """Harness faults, and targets that could not be run, as errors."""
    faults = list(run.faults)
    for side in SIDES:
        target = run.target(side)
        if not isinstance(target, TargetInfo) and target.fault not in faults:
            faults.append(target.fault)
    if not faults:
        return Counter()
    suite = SubElement(root, "testsuite", name=legal(f"{run.pair}.harness"))
    for number, fault in enumerate(faults):
        case = SubElement(
            suite, "testcase", classname=legal(f"{run.pair}.harness"), name=_line(f"{number} {fault.target}")
        )
        error = SubElement(case, "error", type="harness fault", message=_line(fault.what))
        error.text = legal("\n".join(part for part in (fault.evidence, fault.fix) if part))
    suite.set("tests", str(len(faults)))
    suite.set("failures", "0")
    suite.set("skipped", "0")
    suite.set("errors", str(len(faults)))
    return Counter(tests=len(faults), errors=len(faults))
