"""Text that came from a target, made safe to show.

A class name, a config or an error text may hold anything: markup, terminal escapes, characters
that reorder a line, a megabyte. Escaping for HTML, JSON or XML is each writer's own business; here
what no reader should ever interpret is replaced by something visible, and length is capped aloud.
"""

from __future__ import annotations

import hashlib
import re

LONG = 4000
"""Characters shown of one text on a page."""

_HIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f"  # controls except tab and line feed
    "\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb"  # invisible, bidirectional
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # surrogates on their own, non-characters
    "\U000e0000-\U000e007f]"  # tags
)
_NOT_SLUG = re.compile(r"[^a-z0-9]+")


def _visible(found: re.Match[str]) -> str:
    return f"\u27e8U+{ord(found.group()):04X}\u27e9"


def clean(text: str, limit: int = LONG) -> str:
    """`text` with nothing hidden in it and at most about `limit` characters, saying what was cut.

    Controls and other invisible or reordering characters become their code: ``⟨U+001B⟩``. Tab and line
    feed stay. Cleaning again changes nothing unless it cuts.
    """
    if len(text) > limit:
        text = f"{_cut(text, limit)} … [{len(text):,} characters, the first {limit:,} shown]"
    return _seen(text)


def _seen(text: str) -> str:
    """A text in which nothing is hidden: most are printable from end to end, which is told at once."""
    return text if text.isprintable() else _HIDDEN.sub(_visible, text)


def _cut(text: str, limit: int) -> str:
    return text[:limit].replace("\r\n", "\n")


def one_line(text: str, limit: int = 200) -> str:
    """`text` cleaned and on one line, for titles, comments and table cells."""
    shortened = text if len(text) <= limit else text[: limit - 1] + "…"
    return _seen(" ".join(shortened.split()))


def slug(text: str, identity: str = "", length: int = 48) -> str:
    """A file name's stem: a few safe characters of `text` and a hash of `identity` (or `text`).

    Only ``a-z``, ``0-9`` and ``-`` occur, so it is the same file on every file system and needs no
    quoting in an address.
    """
    words = _NOT_SLUG.sub("-", text[:200].lower()).strip("-")[:length].strip("-")
    mark = hashlib.blake2b((identity or text).encode("utf-8", "backslashreplace"), digest_size=5).hexdigest()
    return f"{words}-{mark}" if words else mark
