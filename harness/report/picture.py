"""The picture of the API: a map of families, in each a tile per subject, as geometry without any markup.

The blocks are laid out by `squarify` (Bruls, Huizing and van Wijk, "Squarified treemaps", 2000), area by the
number of subjects; a tile's place inside its block is by how badly it stands, so that trouble gathers at the
top left of every block.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby

import squarify

from harness.report.agreement import AGREEMENTS, Agreement, Stand
from harness.report.pages_api import Block, FamilyRow, Legend, Picture, Segment, Tile
from harness.report.untrusted import one_line
from harness.report.wording import plural

WIDTH = 1180
TILE = 19.0
"""Side of a tile the height of the map is chosen for."""
LABEL = 15.0
"""Height of the strip with the family's name."""
GAP = 3.0
WIDE_ENOUGH = 7.4
"""Width of one letter of a label."""


def picture(stands: Sequence[Stand], files: Mapping[str, str]) -> Picture:
    """The map of all subjects; `stands` are in the order of families. files: subject → its page."""
    families = [(name, tuple(group)) for name, group in groupby(stands, key=lambda s: s.family)]
    return Picture(
        width=WIDTH,
        height=height_for(families),
        blocks=blocks(families, files),
        legend=legend(stands),
        families=tuple(family_row(name, group) for name, group in families),
    )


def height_for(families: Sequence[tuple[str, Sequence[Stand]]]) -> int:
    """A height that leaves every tile about `TILE` wide."""
    area = sum(weight(group) for _, group in families)
    return max(60, math.ceil(area / WIDTH))


def weight(group: Sequence[Stand]) -> float:
    """The area a family asks for: its tiles, its label, the gap around it."""
    side = math.sqrt(len(group)) * TILE
    return (side + 2 * GAP) * (side + LABEL + 2 * GAP)


def blocks(families: Sequence[tuple[str, Sequence[Stand]]], files: Mapping[str, str]) -> tuple[Block, ...]:
    """Where each family's block and its tiles are."""
    if not families:
        return ()
    ordered = sorted(families, key=lambda family: -weight(family[1]))
    height = height_for(families)
    sizes = squarify.normalize_sizes([weight(group) for _, group in ordered], WIDTH, height)
    rectangles = squarify.squarify(sizes, 0, 0, WIDTH, height)
    return tuple(
        block(name, group, files, (r["x"], r["y"], r["dx"], r["dy"]))
        for (name, group), r in zip(ordered, rectangles, strict=True)
    )


def block(
    name: str, group: Sequence[Stand], files: Mapping[str, str], place: tuple[float, float, float, float]
) -> Block:
    """One family: its label, then its tiles row by row."""
    left, top, width, height = place
    across, down = width - 2 * GAP, height - 2 * GAP - LABEL
    columns, rows = grid(len(group), across, down)
    wide, high = across / columns, down / rows
    shown = name if len(name) * WIDE_ENOUGH < width else name[: max(1, int(width / WIDE_ENOUGH) - 2)] + "…"
    return Block(
        name=name,
        label=shown,
        href=f"api.html#family={name}",
        x=round(left + GAP, 1),
        y=round(top + GAP, 1),
        tile=(round(wide - 1, 1), round(high - 1, 1)),
        tiles=tuple(
            Tile(
                letter=stand.agreement.letter,
                tone=stand.agreement.tone,
                says=f"{one_line(stand.subject, 80)}: {stand.agreement.name}",
                href=files[stand.subject],
                x=round(left + GAP + wide * (number % columns), 1),
                y=round(top + GAP + LABEL + high * (number // columns), 1),
            )
            for number, stand in enumerate(sorted(group, key=lambda s: s.agreement.order))
        ),
    )


def grid(count: int, across: float, down: float) -> tuple[int, int]:
    """Columns and rows for `count` tiles that are as square as can be in a rectangle."""
    best = (1, count)
    least = math.inf
    for columns in range(1, count + 1):
        rows = math.ceil(count / columns)
        wide, high = across / columns, down / rows
        crooked = max(wide / high, high / wide) if wide > 0 and high > 0 else math.inf
        if crooked < least:
            best, least = (columns, rows), crooked
    return best


def legend(stands: Sequence[Stand]) -> tuple[Legend, ...]:
    """The classes that occur, worst first, with how many subjects are in each."""
    tally = Counter(stand.agreement for stand in stands)
    return tuple(
        Legend(a.letter, a.tone, a.name, tally[a], f"api.html#class={a.letter}")
        for a in AGREEMENTS
        if tally[a]
    )


def family_row(name: str, group: Sequence[Stand]) -> FamilyRow:
    """One family in words and a bar: the map for who does not see it."""
    tally = Counter(stand.agreement for stand in group)
    parts = [f"{n:,} {a.name}" for a, n in sorted(tally.items(), key=lambda item: item[0].order)]
    return FamilyRow(
        name=name,
        href=f"api.html#family={name}",
        subjects=plural(len(group), "subject"),
        bar=stretches(tally),
        said=", ".join(parts),
    )


def stretches(tally: Mapping[Agreement, int]) -> tuple[Segment, ...]:
    """Classes as stretches of one bar, worst first."""
    total = sum(tally.values())
    out, start = [], 0.0
    for agreement, count in sorted(tally.items(), key=lambda item: item[0].order):
        width = 100 * count / total
        out.append(Segment(agreement.tone, round(start, 2), round(width, 2)))
        start += width
    return tuple(out)
