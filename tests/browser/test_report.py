"""A report in a real browser: Chromium of the system, driven by playwright.

Screenshots are kept in the folder that ``HARNESS_SCREENSHOTS`` names, where it is set.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest

from harness.crossload.records import MatrixRecord
from harness.report import crossload
from harness.report.files import write
from tests.report.records_of_a_run import run_record
from tests.report.test_crossload import record as crossload_record  # noqa: F401 (a fixture)

NEEDED = bool(os.environ.get("HARNESS_NEED_BROWSER"))
"""Whether tests that cannot run are a failure: set in CI, so that they are never left out unnoticed."""

if not NEEDED:
    pytest.importorskip(
        "playwright.sync_api", reason="The browser tests need playwright: pip install -e .[tests]"
    )
    pytest.importorskip(
        "axe_playwright_python", reason="The browser tests need axe-core: pip install -e .[tests]"
    )
import axe_playwright_python  # noqa: E402
from playwright import sync_api  # noqa: E402

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None and not NEEDED,
    reason="The browser tests need Chromium: apt-get install chromium fonts-dejavu.",
)
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
)
AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text("utf-8")
SCRIPT = "window.hurt"
PAGES = (
    "index.html",
    "api.html",
    "causes.html",
    "changes.html",
    "environment.html",
    "reading.html",
    "causes/*",
    "subjects/*",
    "divergences/*",
)
SIZES = {"wide": (1280, 900), "narrow": (390, 844)}


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with everything hostile in it."""
    directory = tmp_path_factory.mktemp("report")
    write(run_record(), directory)
    return directory


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """One browser for all tests."""
    with sync_api.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(params=["light", "dark"])
def scheme(request: pytest.FixtureRequest) -> str:
    """Both colour schemes."""
    return str(request.param)


def _some(report: Path) -> list[Path]:
    """Pages of every kind; of each folder the first ones."""
    return [path for pattern in PAGES for path in sorted(report.glob(pattern))[:5]]


@pytest.mark.parametrize("size", SIZES)
def test_pages_are_calm_in_a_browser(report: Path, chromium: Any, scheme: str, size: str) -> None:
    """No page writes to the console, asks the network, runs what a target sent, or is wider than
    the window; each is styled, so the policy lets its own style through."""
    width, height = SIZES[size]
    page = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    console: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: console.append(message.text))
    page.on("pageerror", lambda error: console.append(str(error)))
    page.on("dialog", lambda dialog: console.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    for path in _some(report):
        page.goto(path.as_uri())
        assert not console, path
        assert all(url.startswith("file:") for url in asked), path
        assert page.evaluate(SCRIPT) is None, path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate("getComputedStyle(document.body).marginTop") == "0px", path
    page.goto((report / "index.html").as_uri())
    _keep(page, f"index-{size}-{scheme}")
    page.close()


@pytest.mark.parametrize("size", SIZES)
def test_the_headline_is_on_the_first_screen(report: Path, chromium: Any, size: str) -> None:
    """Without scrolling one sees which two, the result in a sentence, and the worst severity."""
    width, height = SIZES[size]
    page = chromium.new_page(viewport={"width": width, "height": height})
    page.goto((report / "index.html").as_uri())
    for selector in ("h1", ".verdict .headline"):
        box = page.locator(selector).bounding_box()
        assert box["y"] + box["height"] < height
    assert "unexpected causes" in page.locator(".headline").inner_text()
    page.close()


def test_the_keyboard_reaches_the_content(report: Path, chromium: Any) -> None:
    """The first stop of the Tab key leads past the navigation."""
    page = chromium.new_page()
    page.goto((report / "index.html").as_uri())
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.url.endswith("#content")
    page.close()


def test_text_has_contrast(report: Path, chromium: Any, scheme: str) -> None:
    """Every text stands out from its ground by 4.5 to 1, as WCAG 2.2 asks (success criterion 1.4.3)."""
    page = chromium.new_page(color_scheme=scheme)
    for pattern in PAGES:
        page.goto(sorted(report.glob(pattern))[0].as_uri())
        assert page.evaluate(CONTRAST) == [], pattern
    page.close()


def test_axe_finds_nothing(report: Path, chromium: Any, scheme: str) -> None:
    """axe-core knows of no fault of accessibility on any kind of page, in light and in dark.

    It is put into the page from outside, where the page's own policy does not reach.
    """
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    for path in _some(report):
        page.goto(path.as_uri())
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        page.evaluate(AXE)
        found = page.evaluate(f"axe.run({{ runOnly: {AXE_TAGS} }})")["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200], v["help"]) for v in found] == [], path
    context.close()


def test_cross_load_pages_are_calm_and_open_to_all(
    crossload_record: MatrixRecord,  # noqa: F811
    tmp_path: Path,
    chromium: Any,
    scheme: str,
) -> None:
    """The pages of the cross-load matrix keep to their own policy, fit a small screen; axe finds no fault."""
    crossload.write(crossload_record, tmp_path)
    pages = sorted(tmp_path.rglob("*.html"))
    assert pages
    strict = chromium.new_page(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    console: list[str] = []
    strict.on("console", lambda message: console.append(message.text))
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    for path in pages:
        strict.goto(path.as_uri())
        assert console == [], path
        assert strict.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        page.goto(path.as_uri())
        page.evaluate(AXE)
        found = page.evaluate(f"axe.run({{ runOnly: {AXE_TAGS} }})")["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200], v["help"]) for v in found] == [], path
    strict.close()
    context.close()


AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


@pytest.fixture
def api(report: Path, chromium: Any) -> Iterator[Any]:
    """The matrix of the API; nothing may reach the console."""
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    console: list[str] = []
    page.on("console", lambda message: console.append(message.text))
    page.on("pageerror", lambda error: console.append(str(error)))
    page.goto((report / "api.html").as_uri())
    yield page
    assert not console
    context.close()


def _shown(page: Any) -> list[str]:
    rows = page.locator("table[data-rows] tbody tr:not(.group):visible th")
    return [text.strip() for text in rows.all_inner_texts()]


def test_the_search_narrows_the_matrix(api: Any) -> None:
    """What is typed leaves only rows that hold it, counted; clearing brings all of them back."""
    everything = _shown(api)
    api.get_by_label("Search").fill("convlstm")
    assert _shown(api) == ["layers.ConvLSTM2D"]
    assert api.locator("output").inner_text() == f"1 of {len(everything)} subjects"
    api.get_by_text("Clear all").click()
    assert _shown(api) == everything


def test_filters_ask_of_one_divergence_at_once(api: Any) -> None:
    """Severity and blame together find subjects where one divergence answers both."""
    api.get_by_label("Severity").select_option("config")
    config = _shown(api)
    api.get_by_label("Departs").select_option("candidate")
    assert config
    assert _shown(api) == []
    api.get_by_label("Severity").select_option("numbers")
    letters = api.locator("table[data-rows] tbody tr:not(.group):visible td:nth-child(2)").all_inner_texts()
    assert {letter.strip() for letter in letters} == {"N"}


def test_every_state_of_the_filters_is_an_address(api: Any, report: Path, chromium: Any) -> None:
    """Another reader who opens the copied address sees the same rows; so does one who goes back and forth."""
    api.get_by_label("Class").select_option("N")
    api.get_by_label("Verdict").select_option("expected")
    api.get_by_label("Search").fill("lstm")
    rows = _shown(api)
    assert rows
    api.get_by_text("Copy link to this view").click()
    address = api.evaluate("navigator.clipboard.readText()")
    assert address == api.url
    other = chromium.new_page()
    other.goto(address)
    assert _shown(other) == rows
    assert other.get_by_label("Search").input_value() == "lstm"
    other.goto((report / "api.html").as_uri() + "#severity=numbers&nonsense=1&kind=nonsense")
    assert _shown(other) == [name for name in _shown(other) if name] != rows
    assert other.get_by_label("Severity").input_value() == "numbers"
    other.close()


def test_the_front_page_leads_to_a_view_of_the_matrix(report: Path, chromium: Any) -> None:
    """A class in the legend of the map opens the matrix with just its subjects."""
    page = chromium.new_page(viewport={"width": 1280, "height": 900})
    page.goto((report / "index.html").as_uri())
    link = page.locator(".legend li", has_text="silent different numbers").first
    count = int(link.locator(".soft").inner_text().replace(",", ""))
    link.locator("a").click()
    assert len(_shown(page)) == count
    page.close()


def test_causes_are_narrowed_too(report: Path, chromium: Any) -> None:
    """The page of all causes has the same search and filters."""
    page = chromium.new_page()
    page.goto((report / "causes.html").as_uri() + "#kind=config")
    assert [text.split()[0] for text in _shown(page)] == ["Config"]
    assert page.locator("output").inner_text().startswith("1 of ")
    page.close()


def test_a_program_can_be_copied(report: Path, chromium: Any) -> None:
    """The button beside a program puts just its text on the clipboard and says so."""
    context = chromium.new_context(permissions=["clipboard-read", "clipboard-write"])
    page = context.new_page()
    page.goto(next(report.glob("causes/outputs-differ-*.html")).as_uri())
    for button in page.locator("button[data-copy]").all():
        text = page.locator(f"#{button.get_attribute('data-copy')}").text_content()
        button.click()
        sync_api.expect(button).to_have_text("Copied")
        assert page.evaluate("navigator.clipboard.readText()") == text
    assert page.locator("button[data-copy]").count() == 3
    context.close()


def test_plots_are_drawn_and_told(report: Path, chromium: Any) -> None:
    """Where numbers differ there are three plots, each with marks inside its frame and a sentence."""
    page = chromium.new_page()
    page.goto(next(report.glob("causes/outputs-differ-*.html")).as_uri())
    frames = page.locator("figure > svg").all()
    assert len(frames) >= 3
    for frame in frames:
        assert len(frame.get_attribute("aria-label")) > 60
        outer = frame.bounding_box()
        marks = frame.locator("path.ring, path.cross, path.dot, rect.bars").all()
        assert marks
        for mark in marks:
            box = mark.bounding_box()
            if box["height"]:
                assert outer["x"] <= box["x"]
                assert box["x"] + box["width"] <= outer["x"] + outer["width"]
                assert outer["y"] <= box["y"]
                assert box["y"] + box["height"] <= outer["y"] + outer["height"]
    page.close()


def test_everything_can_be_read_without_a_script(report: Path, chromium: Any) -> None:
    """Without JavaScript every subject is in the matrix, and no dead form is shown."""
    context = chromium.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((report / "api.html").as_uri())
    assert page.locator("table[data-rows] tbody tr:not(.group)").count() == 36
    assert not page.locator("form.filters").is_visible()
    page.locator("nav[aria-label=Families] a").first.click()
    assert page.url.endswith("#family=layers")
    context.close()


def test_a_page_is_ready_soon(tmp_path: Path, chromium: Any) -> None:
    """With as many subjects as the API has and 100,000 observations, no page is over 2 MB and the heavy ones
    are interactive in two seconds.

    The seconds are those of the page's own thread, so that a busy machine does not decide.
    """
    write(run_record(subjects=[f"L{n}" for n in range(3000)], per_subject=17, diverging=1), tmp_path)
    sizes = {str(p.relative_to(tmp_path)): p.stat().st_size for p in tmp_path.rglob("*.html")}
    assert max(sizes.values()) < 2_000_000
    largest = max((name for name in sizes if "/" in name), key=lambda name: sizes[name])
    for name in ("index.html", "api.html", "causes.html", largest):
        page = chromium.new_page(viewport={"width": 1280, "height": 900})
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        page.goto((tmp_path / name).as_uri())
        page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done)))")
        spent = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
        assert 0 < spent["TaskDuration"] < 2, name
        page.close()


def test_no_link_leads_nowhere(report: Path, chromium: Any) -> None:
    """Every internal address of every kind of page is a file of the report, as the browser resolves it."""
    page = chromium.new_page()
    for path in _some(report):
        page.goto(path.as_uri())
        for href in page.evaluate(
            "[...document.querySelectorAll('a[href]')].map(a => a.href.baseVal ?? a.href)"
        ):
            whole = page.evaluate("href => new URL(href, location.href).href", href)
            if whole.startswith("file:"):
                assert Path(unquote(urlsplit(whole).path)).exists(), (path, href)
    page.close()


CONTRAST = """() => {
  const rgb = text => (text.match(/[\\d.]+/g) || []).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255)
    .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = element => {
    for (; element; element = element.parentElement) {
      const color = rgb(getComputedStyle(element).backgroundColor);
      if (color.length === 3 || color[3] === 1) return color;
    }
    return [255, 255, 255];
  };
  const poor = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; node = walker.nextNode();) {
    const element = node.parentElement, style = getComputedStyle(element);
    if (!node.data.trim() || element.closest('details:not([open])')) continue;
    const back = ground(element), alpha = Number(style.opacity);
    const front = rgb(style.color).slice(0, 3).map((v, i) => v * alpha + back[i] * (1 - alpha));
    const [high, low] = [light(front), light(back)].sort((a, b) => b - a);
    const ratio = (high + 0.05) / (low + 0.05);
    if (ratio < 4.5) poor.add(`${element.tagName}.${element.className} ${ratio.toFixed(2)}`);
  }
  return [...poor];
}"""


def _keep(page: Any, name: str) -> None:
    folder = os.environ.get("HARNESS_SCREENSHOTS")
    if folder:
        page.screenshot(path=str(Path(folder) / f"{name}.png"))
