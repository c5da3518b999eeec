"""Which targets a matrix holds, and the lineages they are points of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from harness import rules
from harness.errors import WrongUse
from harness.judging import Contestant
from harness.model import Fault
from harness.report.matrix_records import Column, Lineage
from harness.run.launch import Launch
from harness.targets import Catalogue, Target

DEFAULT = "default"
"""The selection that is taken when nothing else is asked for."""
ALONE = "other targets"
"""Stands for a lineage where a target is a point of none."""


def chosen(
    catalogue: Catalogue, *, lineages: Sequence[str] = (), patterns: Sequence[str] = (), selection: str = ""
) -> tuple[Target, ...]:
    """The targets a person asked for, in the order of the table: whole lineages and patterns of ids together.

    With neither, a named selection of the table.

    Raises:
        WrongUse: a name or pattern that matches nothing.
    """
    if selection and selection not in catalogue.selections:
        raise WrongUse(
            rules.unknown("selection", selection, catalogue.selections, see="harness/targets.toml")
        )
    if not lineages and not patterns:
        patterns = catalogue.selections.get(selection or DEFAULT, ("*",))
    elif selection:
        patterns = (*patterns, *catalogue.selections[selection])
    wanted = {t.id for name in lineages for t in catalogue.lineage(name)}
    wanted |= {t.id for t in (catalogue.select(patterns) if patterns else ())}
    return tuple(t for t in catalogue.targets.values() if t.id in wanted)


def column_of(target: Target) -> Column:
    """A target as a column that has not been observed yet."""
    return Column(
        id=target.id,
        implementation=target.implementation,
        version=target.version,
        backend=target.backend,
        namespace=target.namespace,
        lineages=target.lineage,
        order=target.order,
        float64=target.float64 != "none",
        why="it was not asked for",
    )


def not_run(column: Column, fault: Fault) -> Column:
    """A column whose target could not be had, or broke before it could be observed."""
    return replace(column, fingerprint="", why=fault.what, evidence=fault.evidence, fix=fault.fix)


def contestant(column: Column) -> Contestant:
    """A column as judging takes it, for looking things up only."""
    return Contestant(Launch(column.id, Path(), column.namespace, "", column.backend), 0, column.float64)


def lineages_of(columns: Iterable[Column]) -> tuple[Lineage, ...]:
    """The lineages of the columns, each with its columns oldest first; the longest come first."""
    found: dict[str, list[Column]] = {}
    for column in columns:
        for name in column.lineages or (ALONE,):
            found.setdefault(name, []).append(column)
    made = [Lineage(n, tuple(c.id for c in sorted(cs, key=lambda c: c.order))) for n, cs in found.items()]
    return tuple(sorted(made, key=lambda line: (line.name == ALONE, -len(line.columns), line.name)))


def plain(columns: Iterable[Column]) -> list[dict[str, Any]]:
    """Columns as the store keeps them with a run."""
    return [asdict(column) for column in columns]


def from_plain(rows: Iterable[Mapping[str, Any]]) -> tuple[Column, ...]:
    """Columns as the store kept them."""
    return tuple(
        Column(
            **{**row, **{name: tuple(row[name]) for name in ("lineages", "order", "same", "different")}},
        )
        for row in rows
    )
