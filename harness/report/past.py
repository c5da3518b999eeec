"""What is kept of a run so that the next one can say what appeared, went and changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from harness.classify.divergences import extent
from harness.report.agreement import letters
from harness.report.records import Before, RunRecord, Told
from harness.report.untrusted import one_line


def kept(record: RunRecord) -> dict[str, Any]:
    """The causes and the stand of every subject, as plain data."""
    told = {
        cause.fingerprint: asdict(
            Told(
                title=one_line(cause.title, 300),
                severity=str(cause.severity),
                verdict=str(cause.verdict),
                cases=len(cause.divergences),
                subjects=len(cause.subjects),
                extent=min(1e300, max(extent(d) for d in cause.divergences)),
            )
        )
        for cause in record.causes
    }
    return {"causes": told, "letters": letters(record)}


def before(run: str, started: str, content: Mapping[str, Any]) -> Before:
    """An earlier run from what was kept of it."""
    causes = {fingerprint: Told(**told) for fingerprint, told in content["causes"].items()}
    return Before(run, started, causes, dict(content["letters"]))


def before_of(record: RunRecord) -> Before:
    """An earlier run from its whole record."""
    return before(record.run, record.started, kept(record))
