"""Pages in a real browser: nothing sticks out of a phone or of paper, and all is there without a script."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tunesmith.rooms.report import Facts
from tunesmith.rooms.report.page import render

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="there is no chromium here")
sync_api = pytest.importorskip("playwright.sync_api")

# The inside of A4 with margins of 15 mm, at 96 dots an inch.
PHONE, PAPER = 360, 680

# Elements that reach past the window, but for those in a box that scrolls by itself.
STICKING_OUT = """
() => [...document.querySelectorAll("body *")]
  .filter(one => !one.closest(".scroll") && !one.closest(".hidden")
    && one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
  .map(one => one.tagName + " " + one.textContent.slice(0, 60))
"""


@pytest.fixture(scope="module")
def page() -> Iterator[Any]:
    with sync_api.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser.new_context(java_script_enabled=True).new_page()
        browser.close()


@pytest.mark.parametrize("name", ["deep", "wrong", "hostile", "tagging"])
def test_nothing_sticks_out_of_a_phone_or_of_paper(
    page: Any, runs: dict[str, Facts], name: str, tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(render(runs[name]), encoding="utf-8")
    page.goto(file.as_uri())
    for width, media in ((PHONE, "screen"), (PAPER, "print")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(media=media)
        assert page.evaluate(STICKING_OUT) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_every_link_of_the_contents_leads_to_a_heading_in_sight(
    page: Any, runs: dict[str, Facts], tmp_path: Path
) -> None:
    file = tmp_path / "report.html"
    file.write_text(render(runs["deep"]), encoding="utf-8")
    page.goto(file.as_uri())
    page.emulate_media(media="screen")
    links = page.locator("nav a")
    assert links.count() == 10
    for at in range(links.count()):
        links.nth(at).click()
        target = page.locator(":target h2").first
        assert target.is_visible() and target.inner_text() == links.nth(at).inner_text()


def test_folded_parts_are_printed(page: Any, runs: dict[str, Facts], tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(render(runs["deep"]), encoding="utf-8")
    page.goto(file.as_uri())
    folded = page.locator("details table").last
    page.emulate_media(media="screen")
    assert not folded.is_visible()
    page.emulate_media(media="print")
    assert folded.is_visible() and folded.bounding_box()["height"] > 100
