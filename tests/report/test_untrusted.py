"""Text from a target."""

from __future__ import annotations

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness.report.untrusted import _HIDDEN, clean, one_line, slug

from .records_of_a_run import HOSTILE


def test_terminal_escapes_become_visible() -> None:
    """An escape character is shown as its code."""
    assert clean("\x1b[31mred\x00\x7f\x9b") == "⟨U+001B⟩[31mred⟨U+0000⟩⟨U+007F⟩⟨U+009B⟩"


def test_reordering_characters_become_visible() -> None:
    """A right-to-left override is shown as its code."""
    assert clean("a\u202eb") == "a⟨U+202E⟩b"


def test_tab_and_line_feed_stay() -> None:
    """Tab and line feed are ordinary text."""
    assert clean("a\tb\nc") == "a\tb\nc"


def test_long_text_is_cut_aloud() -> None:
    """What was cut is said with both lengths."""
    cut = clean("x" * 5000, 100)
    assert cut.startswith("x" * 100 + " …")
    assert "5,000 characters, the first 100 shown" in cut
    assert len(cut) < 200


def test_text_at_the_limit_is_whole() -> None:
    """A text that just fits is not touched."""
    assert clean("x" * 100, 100) == "x" * 100


@given(st.text())
def test_cleaning_again_changes_nothing(text: str) -> None:
    """Clean text stays as it is."""
    assert clean(clean(text)) == clean(text)


@given(st.text(st.characters(), max_size=300))
def test_nothing_hidden_is_left(text: str) -> None:
    """No control, surrogate or bidirectional character survives, and UTF-8 can hold the rest."""
    out = clean(text)
    out.encode("utf-8")
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", out)


def test_whatever_is_hidden_is_not_printable() -> None:
    """A text that Python calls printable from end to end may be taken as it is."""
    characters = map(chr, range(sys.maxunicode + 1))
    assert not [c for c in characters if c.isprintable() and _HIDDEN.match(c)]


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_one_line_is_one_short_line(text: str) -> None:
    """Titles are one line of bounded length."""
    line = one_line(text, 80)
    assert "\n" not in line
    assert len(line) < 80 * 8


@pytest.mark.parametrize(
    "text", [*HOSTILE, "../../etc/passwd", "", "layers.Conv2D", "CON", "ä/ö"], ids=range(12)
)
def test_slugs_are_safe_file_names(text: str) -> None:
    """A file name holds a-z, 0-9 and hyphens only and is short."""
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?", slug(text))
    assert len(slug(text)) <= 60


def test_slugs_differ_where_only_case_or_signs_differ() -> None:
    """Two names that a file system might take for one get two files."""
    assert (
        len({slug("layers.ELU"), slug("layers.Elu"), slug("layers-elu"), slug("x", "1"), slug("x", "2")}) == 5
    )
