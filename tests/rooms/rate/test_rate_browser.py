"""The pages in a real browser: two raters at once, reload, back, offline, hostile text, a killed server, a phone."""

import json
import sqlite3
import time
from pathlib import Path
from typing import Any

import pytest

from browsing import press, saved
from made_ratings import pair
from tunesmith.rooms.rate import Answer, Item
from tunesmith.rooms.rate.links import OWNER

HOSTILE = "<script>document.title='hacked'</script><img src=x onerror=\"document.title='hacked'\"><b>bold</b>"


def test_two_raters_at_once_reload_back_and_take_back(served: Any, open_as: Any) -> None:
    server = served([pair(at) for at in range(8)])
    anna, bo = open_as(server, "1"), open_as(server, "2")
    press(anna, "1", "2")
    press(bo, "3")
    press(anna, "ArrowLeft")
    saved(anna), saved(bo)
    assert sorted(server.votes()) == [
        ("anna", 0, "vote", "first"),
        ("anna", 1, "vote", "second"),
        ("anna", 2, "vote", "first"),
        ("bo", 0, "vote", "tie"),
    ]
    anna.reload()
    anna.wait_for_selector("#answer button")
    assert anna.url.endswith("#4") and anna.inner_text("#count") == "3 of 8"
    anna.go_back()
    anna.wait_for_selector('[aria-pressed="true"]')
    assert anna.inner_text('[aria-pressed="true"]').startswith("A is better")
    press(anna, "3")
    press(anna, "u")
    saved(anna)
    assert server.votes()[-2:] == [("anna", 2, "vote", "tie"), ("anna", 2, "undo", None)]
    assert anna.inner_text("#count") == "2 of 8"


@pytest.mark.slow
def test_votes_of_an_offline_moment_wait_and_come_once(served: Any, open_as: Any) -> None:
    server = served([pair(at) for at in range(30)])
    page = open_as(server, "1")
    press(page, "1")
    saved(page)
    page.context.set_offline(True)
    press(page, "1", "2", "3", "0")
    page.wait_for_selector('#saved[data-status="offline"]')
    assert "4 kept on this device" in page.inner_text("#saved")
    assert len(server.votes()) == 1
    # Another tab of the same browser finds them, and sends them too.
    page.context.set_offline(False)
    other = page.context.new_page()
    other.faults = []
    other.goto(page.url.split("#")[0])
    saved(page), saved(other)
    assert [(place, mark, value) for _, place, mark, value in server.votes()] == [
        (0, "vote", "first"), (1, "vote", "first"), (2, "vote", "second"), (3, "vote", "tie"), (4, "skip", None),
    ]  # fmt: skip


@pytest.mark.slow
def test_votes_outlive_a_closed_tab(served: Any, open_as: Any) -> None:
    server = served([pair(at) for at in range(9)])
    page = open_as(server, "1")
    address = page.url.split("#")[0]
    page.context.set_offline(True)
    press(page, "1", "2")
    page.close()
    page.context.set_offline(False)
    again = page.context.new_page()
    again.faults = []
    again.goto(address)
    again.wait_for_selector("#answer button")
    saved(again)
    assert again.url.endswith("#3")
    assert [value for _, _, _, value in server.votes()] == ["first", "second"]


@pytest.mark.slow
def test_a_killed_server_loses_nothing_that_was_saved_and_gets_the_rest_later(served: Any, open_as: Any) -> None:
    server = served([pair(at) for at in range(20)])
    page = open_as(server, "1")
    press(page, "1", "1", "1")
    saved(page)
    server.kill()
    assert len(server.votes()) == 3
    press(page, "2", "2")
    page.wait_for_selector('#saved[data-status="offline"]')
    server.start()
    saved(page)
    assert [value for _, _, _, value in server.votes()] == ["first"] * 3 + ["second"] * 2


@pytest.mark.slow
def test_hostile_text_is_shown_as_text(served: Any, open_as: Any) -> None:
    answers = (Answer(system="one", text=HOSTILE), Answer(system="two", text="\u202egnorw yaw eht\u202c right"))
    server = served([pair(0, prompt=HOSTILE, answers=answers)], guide=HOSTILE, criteria=(HOSTILE[:50], "b"))
    page = open_as(server, "1")
    assert page.inner_text(".asked .text") == HOSTILE
    assert HOSTILE in page.inner_text(".pair")
    assert page.locator("#item img, #item script, #item b, #answer img").count() == 0
    page.wait_for_timeout(200)
    assert page.title() == "Which answer is better?"
    assert page.locator("legend").first.inner_text() == HOSTILE[:50]


@pytest.mark.slow
def test_ten_thousand_items_stay_fast(served: Any, open_as: Any) -> None:
    server = served([pair(at, prompt=f"question {at} " * 30) for at in range(10_000)], raters=("anna",))
    page = open_as(server, "1")
    began = time.monotonic()
    for place in (9_000, 5_000, 42):
        page.goto(f"{page.url.split('#')[0]}#{place}")
        page.reload()
        page.wait_for_selector("#answer button")
        press(page, "1")
    saved(page)
    assert page.inner_text("#count") == "3 of 10,500"
    assert time.monotonic() - began < 30
    assert [place for _, place, _, _ in server.votes()] == [8_999, 4_999, 41]


@pytest.mark.slow
@pytest.mark.parametrize("locale", ["en-US", "zh-CN"])
def test_a_phone_has_large_targets_and_no_sideways_scrolling(served: Any, open_as: Any, locale: str) -> None:
    long = "一段没有空格的很长的文字" * 40 + "averylongwordwithoutanyspaces" * 10
    answers = (Answer(system="one", text=long), Answer(system="two", text="short"))
    server = served([pair(at, prompt=long, answers=answers) for at in range(3)])
    page = open_as(server, "1", locale=locale, viewport={"width": 360, "height": 640}, has_touch=True, is_mobile=True)
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    for one in page.locator("#answer button").all():
        box = one.bounding_box()
        assert box["height"] >= 44 and box["width"] >= 44
        assert box["y"] + box["height"] <= 640, "within reach without scrolling"
    page.locator("#answer button").nth(1).tap()
    page.wait_for_url("**#2")
    saved(page)
    assert server.votes() == [("anna", 0, "vote", "second")]


@pytest.mark.slow
def test_tags_are_put_right_with_keys_alone(served: Any, open_as: Any) -> None:
    item = Item(
        id="t", prompt="", answers=(Answer(system="one", text=""),), labels=("person", "place"),
        tokens=("Ada", "Byron", "saw", "New", "York"), tags=("B-person", "O", "O", "O", "B-place"),
    )  # fmt: skip
    server = served([item], kind="tags")
    page = open_as(server, "1")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("1")
    for key in ("ArrowRight", "ArrowRight", "Shift+ArrowRight", "2"):
        page.keyboard.press(key)
    page.keyboard.press("Enter")
    page.wait_for_selector("#end:visible")
    saved(page)
    assert server.votes()[0][3] == ["B-person", "I-person", "O", "B-place", "I-place"]


@pytest.mark.slow
def test_a_wrong_label_is_corrected_and_criteria_are_answered_one_by_one(
    served: Any, open_as: Any, tmp_path: Path
) -> None:
    item = Item(id="r", prompt="p", answers=(Answer(system="one", text="0"),), labels=("0", "1", "2"))
    server = served([item], kind="right")
    page = open_as(server, "1")
    page.keyboard.press("2")
    page.wait_for_selector(".labels")
    page.keyboard.press("2")
    page.wait_for_selector("#end:visible")
    saved(page)
    with sqlite3.connect(server.folder / "ratings.sqlite") as base:
        (value,) = base.execute("SELECT value FROM votes").fetchone()
    assert json.loads(value) == {"": False, "correction": "2"}


@pytest.mark.slow
def test_every_criterion_is_asked_before_it_goes_on(served: Any, open_as: Any) -> None:
    server = served(
        [pair(at, answers=(Answer(system="one", text="x"),)) for at in range(2)],
        kind="scale",
        criteria=("fluent", "true"),
    )
    page = open_as(server, "1")
    page.keyboard.press("4")
    page.keyboard.press("Enter")
    assert page.url.endswith("#1")
    page.keyboard.press("2")
    press(page, "Enter")
    saved(page)
    with sqlite3.connect(server.folder / "ratings.sqlite") as base:
        (value,) = base.execute("SELECT value FROM votes").fetchone()
    assert json.loads(value) == {"fluent": 4, "true": 2}


@pytest.mark.slow
def test_the_owner_watches_live(served: Any, open_as: Any) -> None:
    server = served([pair(at) for at in range(12)])
    owner, anna = open_as(server, OWNER, path=""), open_as(server, "1")
    press(anna, "1", "1")
    owner.locator('[data-rater="1"] [data-show=done]', has_text="2 of").wait_for()
    with owner.expect_download() as taken:
        owner.click('a[href="export/jsonl"]')
    assert len(Path(taken.value.path()).read_text(encoding="utf-8").splitlines()) == 2
    server.kill()
    owner.locator("#live", has_text="no connection to the server").wait_for()


@pytest.mark.slow
def test_everything_is_named_for_those_who_listen(served: Any, open_as: Any) -> None:
    server = served([pair(0)], criteria=("fluent", "true"))
    page = open_as(server, "1")
    assert page.get_by_role("group", name="fluent").get_by_role("button", name="A is better").count() == 1
    assert page.get_by_role("progressbar", name="Answered").count() == 1
    assert page.get_by_role("button", name="Take back").count() == 1
    # Tab alone reaches every button, in the order in which it is seen.
    reached = []
    for _ in range(30):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent"))
    assert [text for text in reached if text.startswith("A is better")]


@pytest.mark.slow
def test_who_is_done_may_look_through_and_change(served: Any, open_as: Any) -> None:
    server = served([pair(at) for at in range(3)])
    page = open_as(server, "1")
    press(page, "1", "2", "3")
    page.wait_for_selector("#end:visible")
    page.click("#again")
    page.wait_for_selector('[aria-pressed="true"]')
    press(page, "Enter")
    assert page.inner_text('[aria-pressed="true"]').startswith("B is better")
    page.keyboard.press("1")
    page.wait_for_selector("#end:visible")
    saved(page)
    assert [(place, value) for _, place, _, value in server.votes()] == [
        (0, "first"),
        (1, "second"),
        (2, "tie"),
        (1, "first"),
    ]
