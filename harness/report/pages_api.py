"""What the matrix of the API and the map on the front page say; see `harness.report.page_parts`."""

from __future__ import annotations

from dataclasses import dataclass

from harness.report.page_parts import Filter


@dataclass(frozen=True)
class Segment:
    """One stretch of a bar, in percent of its length."""

    tone: str
    start: float
    width: float


@dataclass(frozen=True)
class Tile:
    """A subject on the map."""

    letter: str
    tone: str
    says: str
    href: str
    x: float
    y: float


@dataclass(frozen=True)
class Block:
    """A family on the map."""

    name: str
    label: str
    href: str
    x: float
    y: float
    tile: tuple[float, float]
    """Width and height of each of its tiles."""
    tiles: tuple[Tile, ...]


@dataclass(frozen=True)
class Legend:
    """A class of agreement and how many subjects are in it."""

    letter: str
    tone: str
    name: str
    subjects: int
    href: str


@dataclass(frozen=True)
class FamilyRow:
    """A family of the API in words and a bar."""

    name: str
    href: str
    subjects: str
    bar: tuple[Segment, ...]
    said: str


@dataclass(frozen=True)
class Picture:
    """The API as a map, and the same in words."""

    width: int
    height: int
    blocks: tuple[Block, ...]
    legend: tuple[Legend, ...]
    families: tuple[FamilyRow, ...]


@dataclass(frozen=True)
class Cell:
    """What one kind of observation showed of a subject; without a letter nothing was found."""

    letter: str = ""
    tone: str = ""
    says: str = ""
    href: str = ""
    count: int = 0


@dataclass(frozen=True)
class ApiRow:
    """A subject in the matrix of the API."""

    subject: str
    href: str
    letter: str
    tone: str
    says: str
    cases: int
    compared: bool
    cells: tuple[Cell, ...]
    """One per column of the page."""
    tokens: str
    """What the filters look at: `harness.report.filters.token` of each of its divergences."""


@dataclass(frozen=True)
class ApiFamily:
    """A section of the matrix."""

    name: str
    rows: tuple[ApiRow, ...]


@dataclass(frozen=True)
class ApiPage:
    """``api.html``: subjects × what was observed of them."""

    columns: tuple[tuple[str, str], ...]
    """Heading, and the kinds it stands for."""
    filters: tuple[Filter, ...]
    legend: tuple[Legend, ...]
    families: tuple[ApiFamily, ...]
    subjects: int
