"""A report in a real browser: Chromium of the system, driven by playwright.

Screenshots are kept in the folder that ``HARNESS_SCREENSHOTS`` names, where it is set.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from harness.report.files import write
from tests.report.records_of_a_run import run_record

sync_api = pytest.importorskip(
    "playwright.sync_api", reason="The browser tests need the package playwright: pip install playwright."
)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="The browser tests need Chromium: apt-get install chromium fonts-dejavu."
)
SCRIPT = "window.hurt"
PAGES = ("index.html", "causes.html", "environment.html", "causes/*", "subjects/*", "divergences/*")
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
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
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
