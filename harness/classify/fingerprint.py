"""Which divergences have one cause: kind, place and change, without what is particular to one case."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from typing import Any

from harness.classify import templates
from harness.classify.severity import status
from harness.compare.observations import CASE, LATER
from harness.compare.values import SIGN_OF_ZERO
from harness.model import ABSENT, Difference, Kind, short

LONGEST = 240
"""Characters of a fingerprint; what is longer ends in a hash of the whole."""

OF_SUBJECT = frozenset(
    {Kind.VALUE, Kind.PRECISION, Kind.SPECIAL, Kind.DISTRIBUTION, Kind.SHAPE, Kind.STRUCTURE}
)
"""Kinds of results: one root in a subject shows in its outputs, gradients and predictions alike, so
that all of a case's differences of such a kind are one, named by the first step that shows it."""


def fingerprints(
    subject: str, differences: Sequence[Difference], keep: Collection[str] = ()
) -> tuple[str, ...]:
    """One fingerprint per difference of one case, in order.

    differences: in the order of the script. keep: names of the case's parameters.
    """
    first: dict[str, str] = {}
    holders = _other_classes(differences)
    out = []
    for given in differences:
        difference = holders.get((given.step, _holder(given.path, holders, given.step)), given)
        if difference.kind in OF_SUBJECT and not _is_sign(difference):
            step = first.setdefault(difference.kind, difference.step)
            text = f"{difference.kind}|{subject}|{step}"
        else:
            text = "|".join((difference.kind.value, *_particulars(subject, difference, keep)))
        out.append(_capped(text))
    return tuple(out)


def _other_classes(differences: Sequence[Difference]) -> dict[tuple[str, str], Difference]:
    """Serialised objects of another class, by step and path: what else differs inside follows from it."""
    end = ".class_name"
    return {
        (d.step, d.path[: -len(end)]): d
        for d in differences
        if d.kind is Kind.CONFIG and d.path.endswith(end)
    }


def _holder(path: str, holders: Collection[tuple[str, str]], step: str) -> str:
    """The outermost object of another class that a path lies in; empty when there is none."""
    inside = [holder for where, holder in holders if where == step and path.startswith(holder + ".")]
    return min(inside, key=len, default="")


def _particulars(subject: str, difference: Difference, keep: Collection[str]) -> tuple[str, ...]:
    """What tells one cause from another inside a kind that is not a result."""
    kind, one, two = difference.kind, difference.reference, difference.candidate
    if kind is Kind.OUTCOME:
        return _outcome(subject, difference, keep)
    if kind is Kind.ERROR:
        # Both refuse: which argument it was does not make it another matter.
        told = " → ".join(templates.told(side, subject) for side in (one, two))
        return (LATER if difference.note == LATER else difference.step, told)
    if _is_sign(difference):
        return (subject, difference.step, SIGN_OF_ZERO)
    if kind is Kind.DTYPE and isinstance(one, str) and isinstance(two, str):
        return (difference.step, f"{short(one)} → {short(two)}")
    if kind is Kind.WARNINGS:
        return (_warned(one, subject, keep) + " → " + _warned(two, subject, keep),)
    return (
        templates.place(difference.step, difference.path),
        templates.change(one, two, subject, names=kind is Kind.NAMES),
    )


def _outcome(subject: str, difference: Difference, keep: Collection[str]) -> tuple[str, ...]:
    """The side that failed tells the cause; a whole case that broke is a matter of its subject."""
    sides = (("reference", difference.reference), ("candidate", difference.candidate))
    failed = [(name, side) for name, side in sides if status(side) not in ("returned", "")]
    told = tuple(f"{name} {templates.told(side, subject, keep)}" for name, side in failed)
    if any(status(side) == "missing" for _, side in failed) or difference.step == CASE:
        return (subject, difference.step, *told)
    if not failed:
        only = "candidate" if difference.reference is ABSENT else "reference"
        return (subject, difference.step, f"only in the {only}")
    return (difference.step, *told)


def _warned(side: Any, subject: str, keep: Collection[str]) -> str:
    """The warnings of one side, each category once with the template of its first text."""
    seen: dict[str, str] = {}
    for warning in side if isinstance(side, list) else ():
        seen.setdefault(str(warning["category"])[:60], templates.message(str(warning["text"]), subject, keep))
    return ", ".join(f"{category}: {text}" for category, text in sorted(seen.items())) or "none"


def _is_sign(difference: Difference) -> bool:
    return difference.kind is Kind.SPECIAL and difference.note == SIGN_OF_ZERO


def _capped(text: str) -> str:
    text = "".join(c if c.isprintable() else " " for c in text)
    if len(text) <= LONGEST:
        return text
    return text[: LONGEST - 18] + "…#" + hashlib.blake2b(text.encode(), digest_size=8).hexdigest()
