"""The baseline on disk: TOML files of expectations, checked entry by entry when they are loaded.

Their schema is described in `reports/baseline/README.md`.
"""

from __future__ import annotations

import datetime
import tomllib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

from packaging.specifiers import InvalidSpecifier, SpecifierSet

from harness.classify import accepted
from harness.classify.accepted import Accepted
from harness.classify.expectations import Condition, Expectation
from harness.compare import paths
from harness.errors import WrongUse
from harness.model import Kind


def load(folder: Path) -> tuple[Expectation, ...]:
    """Every expectation in the folder's TOML files, by file name.

    Raises WrongUse for what breaks the schema.
    """
    out: dict[str, Expectation] = {}
    files: dict[str, str] = {}
    for file in sorted(folder.glob("*.toml")):
        listed = accepted_beside(file)
        for expectation in parse(file.read_text(encoding="utf-8"), file.name):
            if expectation.id in out:
                raise WrongUse(
                    f"{file.name}: Expected every `id` once. Received {expectation.id!r} again (first in "
                    f"{files[expectation.id]}). Rename one of the two or delete it."
                )
            out[expectation.id] = replace(expectation, accepted=listed.under(expectation.id))
            files[expectation.id] = file.name
    return tuple(out.values())


def accepted_file(file: Path) -> Path:
    """The generated file beside a file of expectations."""
    return file.with_suffix(".accepted")


def accepted_beside(file: Path) -> Accepted:
    """What was accepted under the expectations of a file."""
    beside = accepted_file(file)
    if not beside.is_file():
        return Accepted()
    return accepted.parse(beside.read_text(encoding="utf-8"), beside.name)


def parse(text: str, file: str) -> tuple[Expectation, ...]:
    """The expectations of one TOML text; `file` names it in errors."""
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise WrongUse(
            f"{file}: Expected TOML. Received: {error}. See reports/baseline/README.md."
        ) from error
    unknown = sorted(document.keys() - {"expectation", "reference", "candidate"})
    if unknown:
        raise WrongUse(
            f"{file}: Expected only [[expectation]] entries, [reference] and [candidate]. "
            f"Received: {', '.join(unknown)}. Remove them."
        )
    entries = document.get("expectation", [])
    if not isinstance(entries, list) or not all(isinstance(e, dict) for e in entries):
        raise WrongUse(
            f"{file}: Expected `[[expectation]]` (an array of tables). Received a single value or table."
        )
    whole = {side: document[side] for side in ("reference", "candidate") if side in document}
    return tuple(_Reader(whole | entry, file, number).read() for number, entry in enumerate(entries, start=1))


class _Reader:
    """Reads one entry and says what is wrong with it: file, entry, rule, what was received, the way out."""

    FIELDS = frozenset(Expectation.__dataclass_fields__) - {"accepted"}
    CONDITION = frozenset(Condition.__dataclass_fields__)

    def __init__(self, entry: dict[str, Any], file: str, number: int) -> None:
        self.entry = entry
        self.name = f"{file}: expectation {entry.get('id', f'number {number}')!r}"

    def wrong(self, rule: str, received: Any, way_out: str) -> WrongUse:
        return WrongUse(f"{self.name}: Expected {rule}. Received: {received!r}. {way_out}")

    def read(self) -> Expectation:
        unknown = sorted(self.entry.keys() - self.FIELDS)
        if unknown:
            raise self.wrong(f"only {', '.join(sorted(self.FIELDS))}", unknown, "Remove or rename it.")
        cause = self.value("cause", "a text", _is_text, optional=True) or ""
        subjects = self.value("subjects", "a list of globs, at least one", _is_names, optional=bool(cause))
        kind = self.value("kind", f"one of {', '.join(Kind)}", lambda v: v in set(Kind), optional=True)
        fingerprint = self.value("fingerprint", "a text", _is_text, optional=True) or ""
        path = self.value("path", "a glob of paths", _is_path, optional=True) or ""
        documented = self.value("documented", "true or false", lambda v: isinstance(v, bool), optional=True)
        narrow = sorted(self.entry.keys() & {"subjects", "fingerprint", "path", "parameters", "size"})
        if cause and narrow:
            raise self.wrong(
                "an entry with a `cause` to leave the rest to the accepted file", narrow, "Remove it."
            )
        if not cause and not fingerprint and not (kind and path):
            raise self.wrong(
                "a `cause`, or a `fingerprint`, or a `kind` and a `path`",
                sorted(self.entry),
                "Copy the fingerprint from divergences.json.",
            )
        return Expectation(
            id=self.value("id", "a name of letters, digits, '-', '_', '.' and '/'", _is_id),
            subjects=tuple(subjects or ("*",)),
            reason=self.value("reason", "a sentence that says why it is known", _is_text),
            link=self.value(
                "link", "an http(s) address where it is documented", _is_link, optional=documented is False
            )
            or "",
            date=self.value("date", "a TOML date such as 2026-11-23", _is_date),
            fingerprint=fingerprint,
            kind=Kind(kind) if kind else None,
            path=path,
            parameters=self.value("parameters", "a table of parameter values", _is_table, optional=True)
            or {},
            size=self.size(),
            reference=self.condition("reference"),
            candidate=self.condition("candidate"),
            cause=cause,
            documented=documented is not False,
            root=self.value("root", "a text", _is_text, optional=True) or "",
        )

    def value(self, name: str, rule: str, valid: Callable[[Any], bool], *, optional: bool = False) -> Any:
        if name not in self.entry:
            if optional:
                return None
            raise self.wrong(f"`{name}`: {rule}", "nothing", f"Add `{name}`; see reports/baseline/README.md.")
        value = self.entry[name]
        if not valid(value):
            raise self.wrong(f"`{name}` to be {rule}", value, "See reports/baseline/README.md.")
        return value

    def size(self) -> tuple[float, float] | None:
        value = self.value("size", "[smallest, largest] of the relative difference", _is_range, optional=True)
        return (float(value[0]), float(value[1])) if value is not None else None

    def condition(self, side: str) -> Condition:
        table = self.value(side, "a table of target conditions", _is_table, optional=True) or {}
        unknown = sorted(table.keys() - self.CONDITION)
        if unknown:
            raise self.wrong(
                f"`{side}` to hold only {', '.join(sorted(self.CONDITION))}", unknown, "Remove or rename it."
            )
        for name in ("id", "backend"):
            if name in table and not _is_text(table[name]):
                raise self.wrong(f"`{side}.{name}` to be a glob", table[name], "Write it as a text.")
        packages = table.get("packages", {})
        if not _is_table(packages) or not all(_is_specifier(v) for v in packages.values()):
            raise self.wrong(
                f"`{side}.packages` to map a distribution to versions such as '>=3.12'",
                packages,
                "Quote the versions.",
            )
        normal = {name.lower().replace("_", "-"): v for name, v in cast(dict[str, str], packages).items()}
        return Condition(id=table.get("id", "*"), backend=table.get("backend", "*"), packages=normal)


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value.strip())


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and all(c.isalnum() or c in "-_./" for c in value)


def _is_names(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(_is_text(v) for v in value)


def _is_link(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(("https://", "http://"))


def _is_date(value: Any) -> bool:
    return isinstance(value, datetime.date) and not isinstance(value, datetime.datetime)


def _is_table(value: Any) -> bool:
    return isinstance(value, dict)


def _is_path(value: Any) -> bool:
    if not _is_text(value):
        return False
    try:
        paths.segments(str(value).replace("[*]", "").replace("*", "_").replace("?", "_"))
    except ValueError:
        return False
    return True


def _is_specifier(value: Any) -> bool:
    if not isinstance(value, str) or not value.strip():
        return False
    try:
        SpecifierSet(value)
    except InvalidSpecifier:
        return False
    return True


def _is_range(value: Any) -> bool:
    numeric = (
        isinstance(value, list)
        and len(value) == 2
        and all(isinstance(v, int | float) and not isinstance(v, bool) for v in value)
    )
    return numeric and 0 <= value[0] <= value[1]
