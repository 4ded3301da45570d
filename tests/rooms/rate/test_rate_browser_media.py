"""Pictures and sounds in a real browser: shown, enlarged and played, by hand and by keys, on a desk and on a phone."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from browsing import Page, press, saved, until
from made_media import picture, wav
from tunesmith.rooms.rate import Answer, Item

PHONE = {"viewport": {"width": 360, "height": 640}, "has_touch": True, "is_mobile": True}


def pictures(folder: Path, count: int, side: int = 32) -> list[Item]:
    items = []
    for at in range(count):
        path = folder / f"{at}.png"
        picture(at, is_striped=True, side=side).save(path)
        answers = (Answer(system="one", text="striped"),)
        items.append(
            Item(id=f"p{at}", prompt="", answers=answers, labels=("striped", "plain"), image=str(path), place=path.name)
        )
    return items


def sounds(folder: Path, count: int) -> list[Item]:
    items = []
    for at in range(count):
        (folder / f"{at}.wav").write_bytes(wav(at))
        answers = (Answer(system="one", text="low"),)
        items.append(Item(id=f"s{at}", prompt="", answers=answers, sound=str(folder / f"{at}.wav")))
    return items


def drawn(page: Page) -> tuple[float, float]:
    """Width and height of the picture that is shown, once it is there."""
    until(page, "document.querySelector('.picture img')?.complete")
    assert page.evaluate("document.querySelector('.picture img').naturalWidth") > 0
    box = page.locator(".picture img").bounding_box()
    return box["width"], box["height"]


@pytest.mark.slow
def test_a_small_picture_is_large_enough_to_see_and_goes_before_the_answer(
    served: Any, open_as: Any, tmp_path: Path
) -> None:
    server = served(pictures(tmp_path, 12), kind="right", systems=("one",))
    page = open_as(server, "1")
    assert drawn(page) == (256, 256)
    assert page.locator("#item > *").first.get_attribute("class") == "seen"
    page.keyboard.press("z")
    page.wait_for_selector("dialog.zoom[open]")
    # While it is open, no key is a vote.
    page.keyboard.press("1")
    page.keyboard.press("Escape")
    page.wait_for_selector("dialog.zoom", state="detached")
    assert server.votes() == []
    press(page, "1")
    # What comes next was fetched already: without a connection it is there.
    until(page, "performance.getEntriesByType('resource').filter((one) => one.name.includes('/media/')).length >= 5")
    saved(page)
    page.context.set_offline(True)
    press(page, "1")
    assert drawn(page) == (256, 256)
    page.context.set_offline(False)
    saved(page)


@pytest.mark.slow
def test_a_phone_shows_a_picture_whole_and_enlarges_what_is_touched(served: Any, open_as: Any, tmp_path: Path) -> None:
    server = served(pictures(tmp_path, 1, side=1600), kind="right", systems=("one",))
    page = open_as(server, "1", **PHONE)
    width, height = drawn(page)
    assert width <= 328 and height <= 0.45 * 640 + 1
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for one in page.locator("#answer button").all():
        box = one.bounding_box()
        assert box["y"] + box["height"] <= 640, "answers are within reach beside the picture"
    page.locator(".picture").tap()
    large = page.locator("dialog img")
    assert round(large.bounding_box()["width"]) == 360
    large.tap(position={"x": 300, "y": 300})
    assert round(large.bounding_box()["width"]) == 900
    assert page.evaluate("document.querySelector('.room').scrollLeft") > 200
    page.get_by_role("button", name="Close").tap()
    page.wait_for_selector("dialog.zoom", state="detached")


@pytest.mark.slow
def test_a_phone_shows_both_answers_of_a_word_beside_the_picture(served: Any, open_as: Any, tmp_path: Path) -> None:
    both = tuple(Answer(system=name, text=text) for name, text in (("one", "striped"), ("two", "plain")))
    items = [replace(item, answers=both) for item in pictures(tmp_path, 2)]
    page = open_as(served(items, kind="ab", systems=("one", "two")), "1", **PHONE)
    drawn(page)
    bar = page.locator("#answer").bounding_box()["y"]
    for one in page.locator(".pair .card").all():
        box = one.bounding_box()
        assert box["y"] + box["height"] <= bar + 1, "no answer lies under the buttons"
    page.locator("#answer button").first.tap()
    saved(page)


@pytest.mark.slow
def test_space_plays_and_pauses_and_keys_answer_also_after_the_mouse(served: Any, open_as: Any, tmp_path: Path) -> None:
    server = served(sounds(tmp_path, 3), kind="scale", systems=("one",))
    page = open_as(server, "1")
    page.evaluate("document.querySelector('audio').loop = true")
    page.keyboard.press("Space")
    until(page, "document.querySelector('audio').currentTime > 0.05")
    page.keyboard.press("Space")
    until(page, "document.querySelector('audio').paused")
    page.locator("audio").click(position={"x": 25, "y": 25})
    until(page, "document.activeElement.id === 'item'")
    press(page, "4")
    saved(page)
    assert [value for _, _, _, value in server.votes()] == [4]
    # The sound before was stopped, the new one waits.
    assert page.evaluate("document.querySelectorAll('audio').length") == 1
    assert page.evaluate("document.querySelector('audio').paused")


@pytest.mark.slow
def test_what_cannot_be_shown_is_said_and_may_be_left_out(served: Any, open_as: Any, tmp_path: Path) -> None:
    items = [*pictures(tmp_path, 1), *sounds(tmp_path, 1)]
    for name in ("0.png", "0.wav"):
        (tmp_path / name).write_bytes(b"nothing of the kind")
    server = served(items, kind="right", systems=("one",))
    page = open_as(server, "1")
    told = set()
    for _ in range(2):
        page.wait_for_selector("#item .alarm")
        told.add(page.inner_text("#item .alarm").split(".")[0])
        page.keyboard.press("0")
        page.wait_for_timeout(200)
    assert told == {"This picture cannot be shown", "This sound cannot be played"}
    page.wait_for_selector("#end:visible")


@pytest.mark.slow
def test_practice_shows_a_picture(served: Any, open_as: Any, tmp_path: Path) -> None:
    server = served(pictures(tmp_path, 1), kind="right", systems=("one",))
    page = open_as(server, "1", path="practice")
    assert drawn(page)[0] >= 200
    page.keyboard.press("1")
    assert page.inner_text("#answer .good") == "Yes. This is: circle."
