"""The pages of a report."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit
from xml.etree.ElementTree import Element

import html5lib
import pytest
from jinja2 import UndefinedError

from harness.errors import HarnessFault
from harness.report.files import write
from harness.report.html import SCRIPTS, environment_of_templates, hashed, headed, script, ticks

from .records_of_a_run import HOSTILE, aliased_record, run_record, unavailable_record

HTML = "{http://www.w3.org/1999/xhtml}"
SOURCE = "https://keras.io/api/layers/"
STATE = re.compile("(class|severity)=.")
"""A fragment that is a state of the filters and no place; every family is both."""


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with everything hostile in it."""
    directory = tmp_path_factory.mktemp("report")
    write(run_record(), directory)
    return directory


@pytest.fixture(scope="module")
def pages(report: Path) -> dict[Path, Element]:
    """Every page, parsed strictly: anything HTML does not allow is an error."""
    parser = html5lib.HTMLParser(strict=True)
    return {path: parser.parse(path.read_bytes()) for path in sorted(report.rglob("*.html"))}


def _elements(pages: dict[Path, Element]) -> Iterator[tuple[Path, Element]]:
    for path, page in pages.items():
        for element in page.iter():
            if isinstance(element.tag, str):
                yield path, element


def test_every_kind_of_page_is_there(report: Path) -> None:
    """A report has its front page, causes, subjects, divergences, environments and programs."""
    for name in (
        "index.html",
        "api.html",
        "causes.html",
        "environment.html",
        "divergences.json",
        "junit.xml",
        "summary.md",
    ):
        assert (report / name).is_file()
    for folder in ("causes", "subjects", "divergences", "repro"):
        assert any((report / folder).iterdir())


def test_every_link_leads_somewhere(pages: dict[Path, Element]) -> None:
    """Every internal link resolves to a file, and its fragment to an element of that file."""
    ids = {path: {e.get("id") for e in page.iter() if e.get("id")} for path, page in pages.items()}
    seen = 0
    for path, element in _elements(pages):
        href = element.get("href")
        if href is None or href == SOURCE:
            continue
        parts = urlsplit(href)
        assert (parts.scheme, parts.netloc) == ("", ""), (path, href)
        to = (path.parent / unquote(parts.path)).resolve() if parts.path else path
        assert to.is_file(), (path, href)
        if parts.fragment and not STATE.match(parts.fragment):
            assert parts.fragment in ids[to], (path, href)
        seen += 1
    assert seen > 1000


def test_nothing_is_loaded_or_run(pages: dict[Path, Element]) -> None:
    """No script but the report's own, no handler, no image, no address but the specification's source."""
    for path, element in _elements(pages):
        tag = element.tag.removeprefix(HTML)
        assert tag not in {"img", "iframe", "object", "embed", "link", "base"}, (path, tag)
        if tag == "script":
            assert element.text in {script(kind) for kind in SCRIPTS}, path
            assert not element.attrib, path
        assert tag != "form" or not {"action", "method"} & element.attrib.keys(), path
        for name, value in element.attrib.items():
            assert not str(name).startswith("on"), (path, tag, name)
            assert name != "style", (path, tag)
            assert "javascript:" not in str(value) or name not in {"href", "src"}, (path, value)
            if name in {"href", "src"} and ":" in value:
                assert value == SOURCE


def test_every_page_forbids_what_it_does_not_need(pages: dict[Path, Element]) -> None:
    """The policy allows nothing but the page's own style and the report's own script, by their hashes."""
    scripted = 0
    for page in pages.values():
        policy = [e.get("content") for e in page.iter(f"{HTML}meta") if e.get("http-equiv")]
        assert len(policy) == 1
        scripts = list(page.iter(f"{HTML}script"))
        digest = "'sha256-[A-Za-z0-9+/=]+'"
        allowed = f"; script-src {digest}" if scripts else ""
        assert re.fullmatch(
            f"default-src 'none'; style-src {digest}{allowed}; base-uri 'none'; form-action 'none'",
            str(policy[0]),
        )
        assert all(hashed(str(script.text)) in str(policy[0]) for script in scripts)
        scripted += len(scripts)
    assert scripted > 2


def test_hidden_characters_never_reach_a_page(report: Path) -> None:
    """No terminal escape, null byte or reordering character is in any file of the report."""
    hidden = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
    for path in report.rglob("*"):
        if path.is_file():
            assert not hidden.search(path.read_text("utf-8")), path


def test_a_megabyte_is_cut_aloud(report: Path) -> None:
    """A text of a megabyte is shortened on the page, which says how long it was."""
    assert all(path.stat().st_size < 400_000 for path in report.rglob("*.html"))
    assert any(
        "1,000,000 characters" in path.read_text("utf-8") for path in report.rglob("divergences/*.html")
    )


def test_markup_is_shown_as_text(pages: dict[Path, Element]) -> None:
    """What a target called <script> is read as that text."""
    front = next(page for path, page in pages.items() if path.name == "index.html")
    assert HOSTILE[0] in "".join(front.itertext())


def test_pages_can_be_walked_by_ear_and_keyboard(pages: dict[Path, Element]) -> None:
    """Each page has a language, a title, one main, one first heading, a way past the navigation;
    each table a caption and headers with a scope; headings leave out no level; ids are unique."""
    for path, page in pages.items():
        assert page.get("lang") == "en"
        assert "".join(page.find(f".//{HTML}title").itertext()).strip(), path
        assert len(list(page.iter(f"{HTML}main"))) == 1
        assert len(list(page.iter(f"{HTML}h1"))) == 1
        assert page.find(f".//{HTML}a[@class='skip']").get("href") == "#content"
        for table in page.iter(f"{HTML}table"):
            assert table[0].tag == f"{HTML}caption", path
            assert all(th.get("scope") for th in table.iter(f"{HTML}th")), path
        levels = [int(e.tag[-1]) for e in page.iter() if re.fullmatch(r"\{.*\}h[1-6]", str(e.tag))]
        assert all(b - a <= 1 for a, b in itertools.pairwise(levels)), path
        ids = [e.get("id") for e in page.iter() if e.get("id")]
        assert len(ids) == len(set(ids)), path


def test_a_source_that_is_no_web_address_is_no_link(report: Path) -> None:
    """Only an https source becomes a link."""
    dense = next(report.glob("subjects/layers-dense-*.html")).read_text("utf-8")
    assert "javascript:window.hurt=1" in dense
    assert 'href="javascript' not in dense


def test_the_same_record_gives_the_same_bytes(report: Path, tmp_path: Path) -> None:
    """A report is a function of its record."""
    write(run_record(), tmp_path)
    files = sorted(p.relative_to(report) for p in report.rglob("*") if p.is_file())
    assert files == sorted(p.relative_to(tmp_path) for p in tmp_path.rglob("*") if p.is_file())
    for file in files:
        assert (report / file).read_bytes() == (tmp_path / file).read_bytes(), file


def test_pages_of_an_earlier_report_go(tmp_path: Path) -> None:
    """Written again with fewer pages, a report keeps none of the old ones; other files stay."""
    write(run_record(), tmp_path, per_cause=10)
    (tmp_path / "mine.txt").write_text("mine")
    before = len(list(tmp_path.glob("divergences/*.html")))
    write(run_record(), tmp_path, per_cause=2)
    assert len(list(tmp_path.glob("divergences/*.html"))) < before
    assert (tmp_path / "mine.txt").is_file()


def test_what_was_left_out_is_said(tmp_path: Path) -> None:
    """Where divergences have no page of their own the front page says so, and only there."""
    text = write(run_record(hostile=False), tmp_path, per_cause=2).read_text("utf-8")
    assert re.search(r"\d+ of 144 divergences have a page of their own", text)
    text = write(run_record(hostile=False), tmp_path, per_cause=1000).read_text("utf-8")
    assert "have a page of their own" not in text


def test_one_code_is_said_at_the_top(tmp_path: Path) -> None:
    """Where both names are one code object the front page says so before any figure."""
    text = write(aliased_record(), tmp_path).read_text("utf-8")
    assert text.index("one code object") < text.index('class="tally"')


def test_a_target_not_run_is_never_a_pass(tmp_path: Path) -> None:
    """Where a side was not run the report says so, with the way out, and nothing agrees."""
    text = write(unavailable_record(), tmp_path).read_text("utf-8")
    assert "Not compared" in text
    assert "No CPython 3.6 was found." in text
    assert "Install CPython 3.6." in text
    assert "Nothing unexpected" not in text


def test_a_folder_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    """The fault names the folder and the way out."""
    (tmp_path / "file").write_text("")
    with pytest.raises(HarnessFault, match="rebuild the report"):
        write(aliased_record(), tmp_path / "file")


def test_a_template_cannot_print_what_is_not_there() -> None:
    """A name that is not defined is an error, not an empty place."""
    with pytest.raises(UndefinedError):
        environment_of_templates().from_string("{{ page.nothing }}").render(page=object())


def test_ticks_are_code_and_stay_inert() -> None:
    """What stands between backticks is code; markup inside stays text; an odd tick stays a tick."""
    assert ticks("a `b<` c") == "a <code>b&lt;</code> c"
    assert ticks("<i> ` \x1b") == "&lt;i&gt; ` ⟨U+001B⟩"
    assert headed("") == ""
