"""The pages of a matrix over releases and of a night in a real browser."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from harness import scale
from harness.model import Fault
from harness.nightly import matrix, pages
from harness.nightly.figures import Figures, History
from tests.browser.test_report import (
    AXE,
    AXE_TAGS,
    CONTRAST,
    SCRIPT,
    SIZES,
    _keep,
    chromium,  # noqa: F401 (a fixture)
    pytestmark,  # noqa: F401 (says when there is no browser)
    scheme,  # noqa: F401 (a fixture)
)
from tests.report.records_of_a_run import HOSTILE

CASES = 120
KINDS = ("index.html", "lineages/*", "releases/*", "subjects/*", "night.html")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A matrix of invented observations, and a night with everything hostile in it beside its pages."""
    folder = tmp_path_factory.mktemp("matrix")
    scale.make(folder, CASES)
    scale.tell(folder)
    good = Figures(
        "modern", "run", "keras-3", "tf.keras-2", {"keras-3": "3.15.1"}, cases={"agree": 990, "diverge": 7},
        causes=3, unexpected=1, new=0, gone=1,
    )  # fmt: skip
    bad = replace(good, pair="jax", unexpected=4, new=2, gone=None)
    lost = replace(good, pair="lost", not_run={"tf.keras-2": HOSTILE[1]}, unexpected=None, new=None)
    figures = (good, bad, lost)
    nights = [{"night": f"2026-01-{n:02}", "pairs": {f.pair: asdict(f) for f in figures}} for n in (1, 2, 3)]
    faults = tuple(Fault("keras-3", text[:500], "", text[:200], 3) for text in HOSTILE)
    issues = tuple((f"issues/{n}.md", text[:200]) for n, text in enumerate(HOSTILE))
    releases = tuple(matrix.Release(text[:100], "keras-3", text[:50], 3, 1, 2) for text in HOSTILE)
    grid = matrix.Figures("run", 28_318, 42, 41, {"keras-2": HOSTILE[2]}, 900, 5, 3, releases)
    about = {"jobs": 2}
    night = pages.Night("2026-01-03", figures, faults, issues, ("Not all was reached.",), about, grid)
    pages.write_index(pages.page(night, History(nights)), folder / "report" / "night.html")
    return folder / "report"


def some(site: Path) -> Iterator[tuple[str, Path]]:
    """The largest pages of every kind, which hold the most of what can go wrong, and the smallest."""
    for pattern in KINDS:
        found = sorted(site.glob(pattern), key=lambda path: -path.stat().st_size)
        assert found, pattern
        yield from ((pattern.strip("/*").removesuffix(".html"), path) for path in {*found[:2], found[-1]})


@pytest.mark.parametrize("size", SIZES)
def test_pages_are_calm_in_a_browser(site: Path, chromium: Any, scheme: str, size: str) -> None:  # noqa: F811
    """None writes to the console, asks the network, runs what a target sent, or is wider than the window."""
    width, height = SIZES[size]
    page = chromium.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
    console: list[str] = []
    asked: list[str] = []
    page.on("console", lambda message: console.append(message.text))
    page.on("pageerror", lambda error: console.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    for name, path in some(site):
        page.goto(path.as_uri())
        assert not console, path
        assert all(url.startswith("file:") for url in asked), path
        assert page.evaluate(SCRIPT) is None, path
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
        assert page.evaluate("getComputedStyle(document.body).marginTop") == "0px", path
        _keep(page, f"matrix-{name}-{size}-{scheme}")
    page.close()


def test_axe_finds_nothing(site: Path, chromium: Any, scheme: str) -> None:  # noqa: F811
    """axe-core knows of no fault of accessibility, and every text stands out from its ground."""
    context = chromium.new_context(color_scheme=scheme, bypass_csp=True)
    page = context.new_page()
    for _, path in some(site):
        page.goto(path.as_uri())
        page.evaluate("for (const d of document.querySelectorAll('details')) d.open = true")
        page.evaluate(AXE)
        found = page.evaluate(f"axe.run({{ runOnly: {AXE_TAGS} }})")["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:200], v["help"]) for v in found] == [], path
        assert page.evaluate(CONTRAST) == [], path
    context.close()
