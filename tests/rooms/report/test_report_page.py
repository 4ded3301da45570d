"""The page: complete, well-formed, closed to the outside, and in one language."""

import itertools
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from made_depth import with_evaluation
from made_facts import HOSTILE

from tunesmith.artifacts import Interval
from tunesmith.rooms.report import Facts, report
from tunesmith.rooms.report.confusions import heat, top_confusions, wrong_answers
from tunesmith.rooms.report.environment import MOST_MISTAKES
from tunesmith.rooms.report.loading import loading
from tunesmith.rooms.report.measures import ends, label, value
from tunesmith.rooms.report.page import render, sections
from tunesmith.rooms.report.texts import MOST_CHARACTERS, cut, differing, flattened, pieces, shown

POINT = Interval(value=0.5, low=0.4, high=0.6)
VOID = {"meta", "br", "link", "img", "input", "hr"}
CJK = re.compile("[\u4e00-\u9fff]")
HEADINGS = ("h1", "h2", "h3", "th", "dt", "summary", "caption", "figcaption")


class Page(HTMLParser):
    """Checks nesting while it reads, and keeps what the tests ask about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[tuple[str, str]] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        assert len(dict(attrs)) == len(attrs), f"an attribute twice in <{tag}>"
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open:
            self.words.append((self.open[-1], data.strip()))

    def text(self) -> str:
        return " ".join(" ".join(words for tag, words in self.words if tag != "style").split())

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def squeezed(text: object) -> str:
    """A text as the page shows it: one space for many, what is invisible made visible."""
    return " ".join(str(text).replace("\x07", "\u2407").replace("\u202e", "[U+202E]").split())


def test_the_page_is_well_formed_and_closed_to_the_outside(each: Facts) -> None:
    text = render(each)
    page = Page(text)
    assert {tag for tag, _ in page.tags}.isdisjoint(
        {"script", "link", "img", "iframe", "object", "form", "input", "base"}
    )
    for tag, attributes in page.tags:
        assert not any(name.startswith("on") or name in ("src", "srcset", "action", "style") for name in attributes), (
            tag
        )
        assert (attributes.get("href") or "#").startswith("#")
    assert "url(" not in text and "@import" not in text
    policies = [meta["content"] for meta in page.named("meta") if meta.get("http-equiv") == "Content-Security-Policy"]
    assert policies == ["default-src 'none'; style-src 'unsafe-inline'; img-src data:; media-src data:"]
    assert any(meta.get("name") == "viewport" for meta in page.named("meta"))


def test_the_page_can_be_read_by_ear(each: Facts) -> None:
    page = Page(render(each))
    levels = [int(tag[1]) for tag, _ in page.tags if re.fullmatch("h[1-6]", tag)]
    assert levels[0] == 1 and levels.count(1) == 1
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels))
    assert all(cell.get("scope") in ("col", "row", "colgroup") for cell in page.named("th"))
    for picture in page.named("svg"):
        assert picture.get("role") == "img" or picture.get("aria-hidden") == "true"
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    assert {link["href"] for link in page.named("a")} <= {f"#{name}" for name in ids}


def test_every_score_choice_finding_label_and_limit_appears(each: Facts) -> None:
    text = Page(render(each)).text()
    for evaluation in each.evaluations:
        for name, score in evaluation.metrics.items():
            assert label(name) in text and value(name, score) in text and ends(name, score) in text
    for name, one in each.evaluation.per_class.items():
        assert squeezed(name) in text and ends("f1", one.f1) in text
    for choice in each.plan.choices:
        assert squeezed(choice.name) in text
        assert squeezed(choice.because) in text
    for finding in each.health.findings:
        assert finding.message in text and finding.do in text
    for digest in (each.plan.model.sha256, each.plan.data_key, *(source.sha256 for source in each.reading.sources)):
        assert digest in text
    for name in flattened(each.plan.settings.model_dump()):
        assert name in text


MOST_BYTES = 400_000
"""A page that is mailed around."""


def test_the_page_is_small(each: Facts) -> None:
    assert len(render(each).encode()) < MOST_BYTES


def test_a_section_stands_where_there_is_something_to_say(deep: Facts, english: Facts) -> None:
    more = {"confidence", "slices", "robustness"}
    assert {name for name, _ in sections(deep)} - {name for name, _ in sections(english)} == more
    page = Page(render(deep))
    assert {f"#{name}" for name, _ in sections(deep)} <= {link["href"] for link in page.named("a")}


def test_what_was_judged_is_told_and_drawn(deep: Facts) -> None:
    page = Page(render(deep))
    text = page.text()
    for words in (
        "usable with care",
        "it is right 82 times in 100",
        "worse by 18.0 points",
        "typing errors",
        "Waht is an atom ?",
        "a linear model on word counts",
        "+5.2",
        "Labels to look at",
        "Most doubtful answers",
    ):
        assert words in text
    assert "13812345678" not in text
    titles = [picture for picture in page.named("svg") if "aria-labelledby" in picture]
    assert {str(one["aria-labelledby"]).split("-")[0] for one in titles} >= {"reliability", "coverage", "loss"}


def test_a_doubted_label_is_not_listed_as_an_error_too(deep: Facts) -> None:
    doubted = deep.evaluation.suspects
    both = with_evaluation(deep, mistakes=(*doubted, *deep.evaluation.mistakes), doubtful=())
    assert Page(render(both)).text().count(f"TREC.test.all:{doubted[0].line} ") <= 1


def test_tagging_errors_are_told_word_by_word(runs: dict[str, Facts]) -> None:
    wrong = (
        runs["tagging"]
        .evaluation.mistakes[0]
        .model_copy(update={"truth": "Green/B-location Bay/I-location", "answer": "Green/B-group Bay/O"})
    )
    text = Page(render(with_evaluation(runs["tagging"], mistakes=(wrong,)))).text()
    assert re.search(r"Green truth location → answer group Bay truth location → answer –", text)


@pytest.mark.parametrize(
    ("truth", "answer", "expected"),
    [
        ("a/b/B-x", "a/b/O", [("a/b", "x", "–")]),
        ("a/B-x", "a/I-x", [("a", "B-x", "I-x")]),
        ("person: a", "person: b", []),
        ("a/O b/B-x", "a/O", []),
    ],
)
def test_words_are_told_only_where_both_list_the_same(
    truth: str, answer: str, expected: list[tuple[str, str, str]]
) -> None:
    assert [(one.word, one.truth, one.answer) for one in differing(truth, answer)] == expected


def test_hostile_texts_are_shown_not_obeyed(runs: dict[str, Facts]) -> None:
    text = render(runs["hostile"])
    assert "<script" not in text and "\x07" not in text and "\u202e" not in text
    assert "&lt;script&gt;alert" in text and "{{ 7 * 7 }}" in text and "\n49" not in text
    shown_text = Page(text).text()
    assert squeezed(HOSTILE) in shown_text
    assert f"({len(HOSTILE) * 40:,} characters)" in shown_text


def test_the_chinese_page_speaks_chinese(runs: dict[str, Facts], monkeypatch: pytest.MonkeyPatch) -> None:
    english = {words for tag, words in Page(render(runs["chinese"])).words if tag in HEADINGS}
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    page = Page(render(runs["chinese"]))
    assert page.named("html") == [{"lang": "zh"}]
    left = {words for tag, words in page.words if tag in HEADINGS and not CJK.search(words)}
    # Names of settings, files, versions and the run itself are the same in every language.
    kept = {choice.name for choice in runs["chinese"].plan.choices} | {s.path for s in runs["chinese"].reading.sources}
    assert left - kept <= {"text", "label"} and len(english - left) > 20
    assert not re.search("[\u4e00-\u9fff][,;:!?]", " ".join(w for t, w in page.words if t in HEADINGS))


def test_an_english_page_has_no_chinese(english: Facts) -> None:
    page = Page(render(english))
    assert page.named("html") == [{"lang": "en"}] and not CJK.search(page.text())


def test_errors_come_with_their_place_and_the_rest_is_counted(runs: dict[str, Facts]) -> None:
    page = Page(render(runs["chinese"]))
    places = [words for tag, words in page.words if tag == "code" and re.fullmatch(r"test\.txt:\d+", words)]
    assert places == [f"test.txt:{31 + i}" for i in range(MOST_MISTAKES)]
    assert "4 more are in report.json." in page.text()


def test_no_errors_are_said_to_be_none(runs: dict[str, Facts]) -> None:
    text = Page(render(runs["perfect"])).text()
    assert "No errors on these rows." in text and "Nothing: every answer was right." in text
    assert "Nothing to report." in text


def test_many_classes_get_a_list_instead_of_a_matrix(runs: dict[str, Facts]) -> None:
    many, few = Page(render(runs["many"])), Page(render(runs["english"]))
    assert "The other 60 classes" in many.text() and "of this truth" in many.text()
    assert not any(box.get("class") == "heat" for box in many.named("div"))
    assert any(box.get("class") == "heat" for box in few.named("div"))


def test_tags_stand_over_their_words(runs: dict[str, Facts]) -> None:
    words = Page(render(runs["tagging"])).words
    assert ("b", "Empire State Building") in words and ("rt", "location") in words and ("b", "view") not in words


def test_memory_foretold_and_taken_stand_side_by_side(english: Facts) -> None:
    taken = english.trained.model_copy(update={"peak_bytes": 910_000_000})
    text = Page(render(english.model_copy(update={"trained": taken}))).text()
    assert "910 MB taken, at most 930 MB foretold" in text
    unknown = english.trained.model_copy(update={"peak_bytes": 0})
    assert "MB taken" not in Page(render(english.model_copy(update={"trained": unknown}))).text()


def test_a_run_without_a_forecast_claims_none(english: Facts) -> None:
    none = english.plan.forecast.model_copy(update={"seconds": 0.0})
    text = Page(render(english.model_copy(update={"plan": english.plan.model_copy(update={"forecast": none})}))).text()
    assert "3 min 12 s taken, not foretold" in text and "at most 6 min" not in text


def test_report_writes_both_files_whole(english: Facts, tmp_path: Path) -> None:
    page = report(tmp_path, english)
    assert page == tmp_path / "report.html" and page.read_text(encoding="utf-8") == render(english)
    assert Facts.load(tmp_path / "report.json") == english
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.json"]


def test_the_command_survives_a_shell(english: Facts) -> None:
    odd = english.model_copy(update={"trained": english.trained.model_copy(update={"run": "my runs/a'b"})})
    assert """tunesmith train 'my runs/a'"'"'b/plan.yaml'""" in Page(render(odd)).text()


def test_confusions_are_ordered_and_add_up(english: Facts) -> None:
    pairs = top_confusions(english.evaluation)
    assert [pair.count for pair in pairs] == sorted((pair.count for pair in pairs), reverse=True)
    assert sum(pair.count for pair in pairs) == wrong_answers(english.evaluation)
    assert all(pair.truth != pair.answer and 0 < pair.share <= 1 for pair in pairs)


@pytest.mark.parametrize(("count", "shade"), [(0, 0), (1, 1), (19, 1), (20, 2), (50, 3), (100, 4), (200, 5), (999, 5)])
def test_shades_follow_the_legend(count: int, shade: int) -> None:
    assert heat(count, (count, 1000 - count)) == shade


def test_a_long_text_says_how_long_it_is() -> None:
    assert cut("x" * MOST_CHARACTERS) == "x" * MOST_CHARACTERS
    assert cut("x" * 2000) == "x" * MOST_CHARACTERS + "… (2,000 characters)"


@pytest.mark.parametrize(
    ("value", "text"), [(None, "–"), (5e-5, "5e-5"), (0.06, "0.06"), (True, "True"), (["a"], "['a']")]
)
def test_values_are_shown_as_written(value: object, text: str) -> None:
    assert shown(value) == text


def test_the_loading_lines_are_python_whatever_the_path() -> None:
    compile(loading("text-classification", 'a"b\\c\n模型'), "card", "exec")
    assert "模型" in loading("text-classification", "模型")


@pytest.mark.parametrize(
    ("tokens", "tags", "expected"),
    [
        (
            ["In", "Green", "Bay", "."],
            ["O", "B-LOC", "I-LOC", "O"],
            [("In ", ""), ("Green Bay", "LOC"), (" ", ""), (". ", "")],
        ),
        (["\u5728", "\u5317", "\u4eac"], ["O", "B-LOC", "I-LOC"], [("\u5728", ""), ("\u5317\u4eac", "LOC")]),
        (["Ann", "Bo"], ["B-PER", "B-PER"], [("Ann", "PER"), (" ", ""), ("Bo", "PER"), (" ", "")]),
        (["no", "tags"], [], [("no tags ", "")]),
        ([], [], []),
    ],
)
def test_sentences_fall_into_entities_and_the_rest(
    tokens: list[str], tags: list[str], expected: list[tuple[str, str]]
) -> None:
    assert [(piece.text, piece.type) for piece in pieces(tokens, tags)] == expected


def test_settings_are_written_as_on_the_command_line() -> None:
    assert flattened({"train": {"epochs": 3, "seed": 17}, "read": {}}) == {
        "train.epochs": 3,
        "train.seed": 17,
        "read": {},
    }


def test_what_was_decided_on_the_way_is_told(english: Facts) -> None:
    notes = ("out of memory: from here on 4 examples per forward pass", "not finite: <loss> nan")
    assert "on the way" not in Page(render(english)).text()
    told = english.model_copy(update={"trained": english.trained.model_copy(update={"notes": notes})})
    page = Page(render(told))
    assert [words for tag, words in page.words if tag == "dd" and words in notes] == list(notes)
    assert ("dt", "on the way") in page.words


def test_errors_without_a_confidence_claim_none(english: Facts) -> None:
    far = english.evaluation.mistakes[0].model_copy(update={"confidence": 0.0, "truth": "3.5", "answer": "1.25"})
    facts = with_evaluation(english, mistakes=(far,), metrics={"mae": POINT, "r2": POINT}, main="r2")
    text = Page(render(facts)).text()
    assert "The worst first:" in text and "answer 1.25 TREC.test.all" in text
