"""The map of the API, as geometry."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pytest

from harness.report.agreement import stands
from harness.report.pages_api import Block
from harness.report.picture import GAP, LABEL, WIDTH, grid, picture

from .records_of_a_run import run_record

NAMES = [
    *(f"layers.L{n}" for n in range(143)),
    *(f"ops.o{n}" for n in range(600)),
    *(f"losses.l{n}" for n in range(40)),
    "a_family_with_a_very_long_name.one",
    "tree.one",
]


def _picture(names: list[str]):  # type: ignore[no-untyped-def]
    run = replace(run_record(hostile=False), judged=(), causes=())
    return picture(stands(run, names), {name: f"subjects/{name}.html" for name in names})


def _boxes(block: Block) -> list[tuple[float, float, float, float]]:
    return [(t.x, t.y, t.x + block.tile[0], t.y + block.tile[1]) for t in block.tiles]


def test_every_subject_has_a_tile_that_leads_to_its_page() -> None:
    """No subject is left out, and each tile says in words what its colour says."""
    made = _picture(NAMES)
    tiles = [tile for block in made.blocks for tile in block.tiles]
    assert sorted(tile.href for tile in tiles) == sorted(f"subjects/{name}.html" for name in NAMES)
    assert all(tile.says.endswith(": not observed on both sides") for tile in tiles)


def test_tiles_are_inside_the_map_and_do_not_overlap() -> None:
    """Every tile is within the picture, and no two share ground."""
    made = _picture(NAMES)
    boxes = [box for block in made.blocks for box in _boxes(block)]
    assert all(
        x >= 0 and y >= 0 and right <= WIDTH and bottom <= made.height for x, y, right, bottom in boxes
    )
    for one, two in itertools.combinations(boxes, 2):
        assert (
            one[2] <= two[0] + 0.2
            or two[2] <= one[0] + 0.2
            or one[3] <= two[1] + 0.2
            or two[3] <= one[1] + 0.2
        )


def test_tiles_can_be_read() -> None:
    """In a family of many subjects a tile is large enough for its letter."""
    assert all(min(block.tile) > 9 for block in _picture(NAMES).blocks if len(block.tiles) > 5)


def test_a_picture_of_nothing_is_empty() -> None:
    """Without a subject there is no block."""
    assert _picture([]).blocks == ()


@pytest.mark.parametrize(
    ("count", "across", "down"), [(1, 10, 10), (12, 40, 30), (7, 100, 10), (100, 100, 100)]
)
def test_a_grid_holds_all(count: int, across: float, down: float) -> None:
    """Columns times rows are enough, with no row left empty."""
    columns, rows = grid(count, across, down)
    assert columns * (rows - 1) < count <= columns * rows


def test_a_rectangle_without_room_still_holds_all() -> None:
    """Where a block is smaller than its frame the tiles are in one column."""
    assert grid(5, -2 * GAP, -LABEL) == (1, 5)


def test_the_families_say_in_words_what_the_map_shows() -> None:
    """Each family has its count, a bar without a gap and a sentence."""
    run = run_record(hostile=False)
    names = [facts.subject for facts in run.subjects]
    row = picture(stands(run, names), {name: name for name in names}).families[0]
    assert row.subjects == "36 subjects"
    assert row.said.startswith("24 silent different numbers, ")
    assert row.bar[0].start == 0
    assert sum(segment.width for segment in row.bar) == pytest.approx(100, abs=0.1)
