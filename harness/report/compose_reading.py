"""How to read a report: the letters and the words, from the tables the rest of the harness uses."""

from __future__ import annotations

import re

from harness import model
from harness.model import CaseStatus, Severity
from harness.report.agreement import UNREVIEWED
from harness.report.pages import ReadingPage, Word
from harness.report.wording import MEANING, STATUS_MEANING

RULE = re.compile(r"^(=+) =+$", re.MULTILINE)


def reading_page() -> ReadingPage:
    """The page."""
    return ReadingPage(
        severities=tuple(
            (a.letter, a.tone, str(s), MEANING[s]) for s, a in zip(Severity, UNREVIEWED, strict=True)
        ),
        statuses=tuple((str(status), STATUS_MEANING[status]) for status in CaseStatus),
        words=glossary(model.__doc__ or ""),
    )


def glossary(text: str) -> tuple[Word, ...]:
    """The words of the table in a docstring: rules of ``=`` around it, further lines indented."""
    rules = list(RULE.finditer(text))
    if len(rules) < 2:
        return ()
    width = len(rules[0][1]) + 1
    words: list[Word] = []
    for line in text[rules[0].end() : rules[-1].start()].strip("\n").splitlines():
        word, meaning = line[:width].strip(), line[width:].strip()
        if word:
            words.append(Word(word, meaning))
        elif words:
            words[-1] = Word(words[-1].word, f"{words[-1].meaning} {meaning}")
    return tuple(words)
