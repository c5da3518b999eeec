"""A cause as a decision of the baseline, ready to be filled in and accepted."""

from __future__ import annotations

from harness.model import Cause
from harness.report.untrusted import one_line

TITLE = 200


def entry(cause: Cause) -> str:
    """The TOML that `harness triage --accept-all-from` takes. Refused until a person has given the reason."""
    lines = [
        f"# {one_line(cause.title, TITLE)}",
        "[[expectation]]",
        f"cause = {quoted(cause.fingerprint)}",
        'reason = ""  # why it is known, in a sentence',
        'link = ""  # where that is said: migration guide, release notes, issue; empty: nowhere',
    ]
    return "\n".join(lines) + "\n"


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
