"""The page of a search: whole, escaped, without network, and every figure on it."""

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from made_searches import SPACE, made_search, trial
from tunesmith.rooms.report import search_page
from tunesmith.rooms.report.parallel import axis
from tunesmith.rooms.report.search import render


class Tags(HTMLParser):
    """Which tags are open, to see that all are closed."""

    VOID = frozenset({"meta"})

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.seen: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_page_is_whole_and_needs_nothing_else(language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", language)
    page = render(made_search())
    tags = Tags()
    tags.feed(page)
    assert tags.open == [] and "script" not in tags.seen
    assert not re.search(r"""(src|href)=["'](?!#)""", page)
    for figure in ("0.8600", "0.8200", "70%", "searches/shop-search/best/plan.yaml", "each trial has at most 4 epochs"):
        assert figure in page
    assert page.count("<tr") == 4 + 1 + 2 + 1 + 6 + 1


def test_a_line_for_every_scored_trial_and_the_best_on_top() -> None:
    page = render(made_search())
    picture = page[page.index('class="chart parallel"') :]
    lines = re.findall(r'<polyline class="(\w+)" points="[^"]*"><title>([^<]*)</title>', picture)
    assert [look for look, _ in lines] == ["thin"] * 4 + ["main"]
    assert lines[-1][1].startswith("trial 2: 0.8600, learning_rate=0.0003")


def test_text_from_outside_is_escaped(tmp_path: Path) -> None:
    bad = made_search(name="<script>alert(1)</script>", notes=("<img src=x>",))
    path = search_page(bad, tmp_path / "report.html")
    text = path.read_text(encoding="utf-8")
    assert "<script>" not in text and "<img" not in text and "&lt;script&gt;" in text


def test_little_is_enough_for_a_page() -> None:
    few = made_search(trials=(trial(2, 0.86),), repeats=(), gain=None, importance={}, evaluation=None, notes=())
    page = render(few)
    assert "too few to tell" in page and 'class="chart parallel"' not in page


def test_an_axis_places_numbers_by_size_or_logarithm_and_choices_in_steps() -> None:
    trials = [trial(at, 0.5) for at in (0, 3, 8)]
    rate, _, dropout, decay = (axis(one, trials, name="x", shown={}) for one in SPACE)
    assert [rate.places[1e-4], rate.places[1e-4 * 9]] == pytest.approx([0, 1])
    assert rate.places[4e-4] == pytest.approx(0.631, abs=1e-3)
    assert decay.places[0.03] == pytest.approx(3 / 8)
    assert dropout.places == {None: 0.25, 0.0: 0.75}
