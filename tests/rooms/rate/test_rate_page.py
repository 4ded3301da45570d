"""The page of a result: all that is known stands on it, in both languages, and text of the data stays text."""

import re
from html.parser import HTMLParser

import pytest

from made_votes import Poll, guesses, pairs, prefers, singles
from tunesmith.artifacts import Agreement, Interval, Preferred, Ratings
from tunesmith.metrics.sheet import Resampling
from tunesmith.rooms.rate import told
from tunesmith.rooms.rate.page import render
from tunesmith.rooms.rate.result import result
from tunesmith.words import speaking

FEW = Resampling(samples=100)


def said(poll: Poll) -> Ratings:
    return result(poll.votes, poll.items, poll.terms, FEW)


def crowd(systems: tuple[str, ...] = ("old", "new")) -> Poll:
    poll = pairs(40, gold=6, systems=systems)
    for rater in ("anna", "bo", "cy"):
        poll.ask(rater, prefers(0.85), repeats=6)
    poll.ask("dan", guesses, repeats=6)
    return poll


class Seen(HTMLParser):
    """Tags that are open at the end, and all text."""

    VOID = frozenset({"meta", "link", "rect", "line", "circle", "br"})

    def __init__(self, page: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_startendtag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_page_says_it_all_and_needs_nothing_else() -> None:
    ratings = said(crowd())
    page = render(ratings)
    seen = Seen(page)
    assert seen.open == []
    assert "script" not in seen.tags
    assert not re.search(r"https?://|src=|@import|url\(", page)
    doubts = ratings.raters[3].doubts
    assert doubts
    for wanted in (
        "People prefer new to old", "Votes of dan look like chance", "Without them (120 votes of 3 raters on 40 items)",
        "anna · bo", "With 4 raters the intervals speak", "no sign that the place matters", "Holm 1979", *doubts,
    ):  # fmt: skip
        assert wanted in seen.text


def test_names_and_criteria_are_shown_as_text() -> None:
    hostile = '<img src=x onerror="alert(1)">'
    poll = crowd((hostile, "b&b"))
    page = render(said(poll))
    assert hostile not in page
    assert "&lt;img src=x" in page
    assert "img" not in Seen(page).tags


def test_in_chinese_only_names_are_latin() -> None:
    poll = singles(12, systems=("旧", "新"), criteria=("通顺",))
    for rater in ("小安", "小波"):
        poll.ask(rater, lambda draw, item, first: 3 + (item.id[0] == "新") + int(draw.integers(2)))
    with speaking("zh"):
        text = Seen(render(said(poll))).text
    body = text[text.index("通顺：人们更偏好") :]
    words = set(re.findall(r"[A-Za-z]{3,}", body))
    assert words <= {"alpha", "kappa", "Cohen", "Fleiss", "Krippendorff", "Landis", "Koch", "Wilson", "Holm",
                     "Bradley", "Terry"}  # fmt: skip


def test_without_judgements_the_page_says_so() -> None:
    poll = pairs(0, gold=4)
    poll.ask("anna", prefers(0.5))
    assert "No judgement counts yet." in render(said(poll))


def pair(share: float, low: float, high: float, **more: object) -> Preferred:
    body = {"first": "x", "second": "y", "criterion": "", "basis": "choices", "wins": 1, "ties": 0, "losses": 1,
            "items": 40, "p": 0.5, "sign": 0.5, "finding": "unclear",
            "share": Interval(value=share, low=low, high=high)}  # fmt: skip
    return Preferred.model_validate({**body, **more})


def test_the_winner_is_named_first() -> None:
    lost = pair(0.3, 0.2, 0.42, finding="worse", wins=12, losses=28)
    assert told.preference(lost) == "People prefer y to x: 70% of the votes (58–80%) on 40 items."
    turned = told.turned(lost)
    assert (turned.wins, turned.losses, turned.finding) == (28, 12, "better")
    assert told.turned(told.turned(lost)) == turned


def test_what_cannot_be_told_says_what_would() -> None:
    unclear = pair(0.55, 0.4, 0.69, criterion="fluent", items_needed=780, tellable=0.22)
    assert told.preference(unclear) == (
        "fluent: cannot tell x from y: 55% of the votes are for x (40–69%) on 40 items."
        " So many items tell a preference from about 72% up, 4 times in 5."
        " If the share is as it looks now, about 780 items would tell, 740 more."
    )


@pytest.mark.parametrize(
    ("kappa", "name"),
    [(-0.1, "poor"), (0, "slight"), (0.2, "slight"), (0.21, "fair"), (0.5, "moderate"), (0.8, "substantial"),
     (0.81, "almost perfect"), (1, "almost perfect")],
)  # fmt: skip
def test_ranges_of_kappa_have_the_names_of_the_paper(kappa: float, name: str) -> None:
    assert told.band(kappa) == name


def test_agreement_without_variety_is_not_called_agreement() -> None:
    same = Interval(value=1, low=1, high=1)
    one = Agreement(criterion="", level="nominal", items=9, raters=2, same=same, most=1, alpha=None, kappa=None)
    assert told.agreement(one).endswith("nothing to disagree about.")


def test_where_votes_hardly_vary_a_low_alpha_is_no_verdict() -> None:
    # Everybody prefers b nine times in ten, each by a slip of their own.
    poll = pairs(60)
    for rater in ("anna", "bo", "cy"):
        poll.ask(rater, lambda draw, item, first: "b" if draw.random() < 0.9 else "a")
    ratings = said(poll)
    agreed = ratings.whole.agreement[0]
    assert agreed.alpha is not None
    assert agreed.alpha.low < 0 < 0.8 < agreed.same.value
    assert agreed.most == pytest.approx(sum(vote.value == "b" for vote in poll.votes) / 180)
    assert "says little" in told.agreement(agreed)
    assert "convention" not in told.agreement(agreed)
    assert not any("by chance" in limit for limit in ratings.limits)


@pytest.mark.parametrize(
    ("share", "text"), [(0, "0%"), (0.001, "<1%"), (0.5, "50%"), (0.996, ">99%"), (1, "100%"), (0.07, "7%")]
)
def test_not_all_is_never_all(share: float, text: str) -> None:
    assert told.percent(share) == text


def test_spans_with_a_minus_are_written_out() -> None:
    assert told.span(Interval(value=0, low=-0.25, high=0.5), is_share=False) == "-0.25 to 0.50"
    assert told.span(Interval(value=0.5, low=0.25, high=0.75)) == "25–75%"
    assert told.span(Interval(value=0, low=0.001, high=0.2)) == "<1% to 20%"
    assert told.span(Interval(value=0.9, low=0.5, high=0.999)) == "50% to >99%"
