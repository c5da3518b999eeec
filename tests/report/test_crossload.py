"""The report of the matrix opens from disk, escapes everything, and keeps to its schema."""

from __future__ import annotations

import ast
import base64
import hashlib
import json
import re
from dataclasses import replace
from html import unescape
from pathlib import Path

import html5lib
import jsonschema
import pytest

from harness.crossload.records import (
    Cell,
    Finding,
    MatrixRecord,
    Opened,
    Result,
    TargetFacts,
    Treated,
    Written,
)
from harness.crossload.table import FORMATS, models
from harness.model import Fault, Severity
from harness.report import crossload, crossload_pages, crossload_programs

EVIL = "<script>alert(1)</script>\x1b[31m"
SCHEMA = Path(crossload.__file__).with_name("schema") / "crossload.schema.json"


@pytest.fixture
def record() -> MatrixRecord:
    """Two targets, two formats, every sort of cell, texts that nobody should trust."""
    ids = ("tf.keras-2.21", "keras-3.15.1-tensorflow")
    targets = tuple(TargetFacts(i, "keras", "1", "tensorflow", "3.11.7", {"keras": "3"}) for i in ids)
    finding = Finding("weights", Severity.NUMBERS, EVIL, EVIL, EVIL)
    made = [
        Cell(w, r, f, "dense", result, EVIL, (finding,), (EVIL,), (EVIL,), Severity.NUMBERS,
             error_type="E", error_part=EVIL, message=EVIL, second_tries=(EVIL,), notes=(EVIL,),
             digest="0" * 32)
        for f in ("h5", "pickle") for w in ids for r in ids for result in (Result.DIFFERS, Result.EQUAL)
        if f != "pickle" or w == r
    ]  # fmt: skip
    written = tuple(Written(i, "h5", "dense", "0" * 32, 9, ("a", i, EVIL)) for i in ids)
    opened = (Opened(ids[0], ids[1], "lambda.h5", "load", Treated.EXECUTED, EVIL),)
    return MatrixRecord(
        "run", "s", "e", targets, ("dense",), ("h5", "pickle"), tuple(made), written, opened,
        (Fault("t", EVIL),),
    )  # fmt: skip


def test_json_keeps_to_its_schema(record: MatrixRecord, tmp_path: Path) -> None:
    """`crossload.json` is what its schema says, with every cell."""
    crossload.write(record, tmp_path)
    found = json.loads((tmp_path / "crossload.json").read_text())
    jsonschema.validate(found, json.loads(SCHEMA.read_text()))
    assert len(found["cells"]) == len(record.cells)
    assert sum(found["counts"].values()) == len(record.cells)


def test_pages_are_whole_and_hold_no_markup_of_a_target(record: MatrixRecord, tmp_path: Path) -> None:
    """Every page is proper HTML, every link leads somewhere, and what a target said is escaped."""
    crossload.write(record, tmp_path)
    for page in tmp_path.rglob("*.html"):
        text = page.read_text("utf-8")
        html5lib.HTMLParser(strict=True).parse(text)
        assert "<script" not in text
        assert "\x1b" not in text
        for href in re.findall(r'href="([^"]+)"', text):
            if href.startswith("https:"):
                continue
            file, _, mark = href.partition("#")
            other = (page.parent / file) if file else page
            assert other.is_file(), (page, href)
            assert not mark or f'id="{mark}"' in other.read_text("utf-8"), (page, href)


def test_style_is_what_the_policy_allows(record: MatrixRecord, tmp_path: Path) -> None:
    """The one style sheet of a page is known to its policy by hash; otherwise a browser drops it silently."""
    text = crossload.write(record, tmp_path).read_text("utf-8")
    (style,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    (policy,) = re.findall(r'Content-Security-Policy" content="([^"]*)"', text)
    assert f"sha256-{digest}" in unescape(policy)
    assert "table.grid" in style


def test_findings_of_all_targets_say_all(record: MatrixRecord) -> None:
    """A list of every target is a word; a shorter one is in the order of the matrix."""
    ids = [t.id for t in record.targets]
    assert crossload_pages.listed(reversed(ids), ids) == "all 2"
    assert crossload_pages.listed([ids[1]], ids) == ids[1]
    assert {row.writers for row in crossload_pages.told(record) if row.format == "h5"} == {"all 2"}


def test_an_untrusted_file_shows_the_worst_that_came_of_it(record: MatrixRecord) -> None:
    """Of several ways to open a file the worst is in the grid; a reader that was not asked has none."""
    reader = record.targets[0].id
    refused = Opened(reader, reader, "lambda.h5", "load with safe_mode=True", Treated.REFUSED, "no")
    more = replace(record, opened=(refused, *record.opened))
    ((name, (first, second)),) = crossload_pages.trap_grid(more)
    assert (name, second) == ("lambda.h5", None)
    assert first is not None
    assert first.result is Treated.EXECUTED
    assert first.how.startswith("load: ran what the file holds")


def test_programs_are_there_for_what_the_matrix_holds(record: MatrixRecord, tmp_path: Path) -> None:
    """Two programs for every model and format with cells, and a grid that names its models."""
    crossload.write(record, tmp_path)
    names = {path.name for path in (tmp_path / "crossload" / "programs").iterdir()}
    assert names == {f"dense-{f}-{s}.py" for f in ("h5", "pickle") for s in ("read", "write")}
    assert [grid.models for grid in crossload_pages.grids(record)] == [("dense",), ("dense",)]


@pytest.mark.parametrize("format", FORMATS, ids=lambda f: f.name)
def test_programs_define_all_they_use(format: object) -> None:
    """Both programs of every model are whole: they parse, and build the model they name."""
    for model in models():
        for make in (crossload_programs.writing, crossload_programs.reading):
            text = make(model.name, model.about, format)  # type: ignore[arg-type]
            tree = ast.parse(text)
            defined = {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
            assert {model.name, "data"} <= defined
