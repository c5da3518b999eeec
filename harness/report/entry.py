"""A cause as an entry of the baseline, ready to paste but for the reason and the link."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from harness.model import Cause, TargetInfo
from harness.report.agreement import api_family
from harness.report.records import RunRecord
from harness.report.untrusted import slug

FEW = 8
"""Subjects named one by one; of more, their families are."""


def entry(run: RunRecord, cause: Cause) -> str:
    """The TOML text of an expectation that covers the cause. Refused until reason and link are there."""
    lines = [
        "[[expectation]]",
        f"id = {quoted(slug(cause.title, cause.fingerprint))}",
        f"subjects = [{', '.join(quoted(glob) for glob in globs(cause.subjects))}]",
        f"fingerprint = {quoted(cause.fingerprint)}",
        'reason = ""  # why it is known, in a sentence',
        'link = ""  # where that is written: migration guide, release notes, issue',
        f"date = {run.ended[:10]}",
    ]
    for side in ("reference", "candidate"):
        target = run.reference if side == "reference" else run.candidate
        if isinstance(target, TargetInfo):
            lines += ["", f"[expectation.{side}]", f"id = {quoted(target.id)}"]
    return "\n".join(lines) + "\n"


def globs(subjects: Sequence[str]) -> list[str]:
    """The subjects as globs, few enough to read."""
    if len(subjects) <= FEW:
        return [exact(subject) for subject in subjects]
    families: dict[str, list[str]] = defaultdict(list)
    for subject in subjects:
        families[api_family(subject)].append(subject)
    out: list[str] = []
    for members in families.values():
        named = len(members) == 1 or "." not in members[0]
        out += map(exact, members) if named else [f"{exact(members[0].split('.')[0])}.*"]
    return out


def exact(name: str) -> str:
    """A glob that matches just this name."""
    return "".join(f"[{c}]" if c in "*?[" else c for c in name)


def quoted(text: str) -> str:
    """A TOML basic string in which nothing is hidden."""
    inside = "".join(c if c.isprintable() and c not in '"\\' else escaped(c) for c in text)
    return f'"{inside}"'


def escaped(character: str) -> str:
    """A character as TOML escapes it; what TOML cannot hold becomes the replacement character."""
    if character in '"\\':
        return f"\\{character}"
    place = ord(character)
    return f"\\U{0xFFFD if 0xD800 <= place <= 0xDFFF else place:08X}"
