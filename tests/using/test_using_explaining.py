"""A finished run explains its answers: by the path that predicts, on a page that is safe, and says what it cannot."""

import io
import json
import re
import shutil
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from made import reviews, write_reviews, write_sentences
from tunesmith import flow, using
from tunesmith.artifacts import Explanation, Explanations, Temperature
from tunesmith.cli.app import run as command
from tunesmith.errors import UserError
from tunesmith.rooms.evaluate import CALIBRATION
from tunesmith.rooms.explain import page
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed
from tunesmith.using import Wish
from writers import write_talks, write_writer

QUICK = {"train.threads": 1, "evaluate.bootstrap_samples": 100, "train.epochs": 3, "model.name": "scratch",
         "model.scratch_size": "tiny"}  # fmt: skip
RUDE = "the meal number 3 was rude and the staff slow"


def trained(folder: Path, data: Path, name: str, **wishes: Any) -> Path:
    settings = changed(Settings(), QUICK | {key.replace("__", "."): value for key, value in wishes.items()})
    flow.start([data], settings, name=name).finish()
    return folder / "runs" / name


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("explained")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TUNESMITH_CACHE", str(folder / "cache"))
        yield folder


@pytest.fixture(scope="module")
def shop(here: Path) -> Path:
    return trained(here, write_reviews(here / "reviews.tsv", 60), "shop")


@pytest.fixture(scope="module")
def tagger(here: Path) -> Path:
    return trained(here, write_sentences(here / "tags.txt", 40), "tagger", train__epochs=5, train__learning_rate=5e-3)


@pytest.fixture(scope="module")
def writer(here: Path) -> Path:
    model = write_writer(here / "base")
    wishes = {"model__name": str(model), "train__epochs": 1, "train__learning_rate": 0.01}
    return trained(here, write_talks(here / "talks.jsonl", 24), "talks", **wishes)


def one(found: Explanations) -> Explanation:
    assert len(found.explanations) == 1
    return found.explanations[0]


class Safe(HTMLParser):
    """Refuses what a page may not hold: scripts, events, and anything from elsewhere."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "iframe", "object", "link", "base", "form"}, tag
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            if name in {"src", "href", "xlink:href"}:
                assert (value or "").startswith(("#", "data:image/png;base64,")), value


def page_of(found: Explanations) -> str:
    text = Path(found.page).read_text(encoding="utf-8")
    Safe().feed(text)
    assert "default-src 'none'" in text
    assert not set(text) & {"\x07", "\u202e"}
    return text


def predicted(run: Path, text: str) -> dict[str, Any]:
    (answer,) = using.predict(run, io.BytesIO(json.dumps({"text": text}).encode()))
    return answer


def test_the_command_says_what_decided_and_gives_numbers(
    shop: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["-o", str(tmp_path / "page.html"), "--attention", str(tmp_path / "weights.npz"), "--json"]
    assert command(["explain", str(shop), RUDE, *options]) == 0
    found = one(Explanations.model_validate_json(capsys.readouterr().out))
    answer = predicted(shop, RUDE)
    assert found.answer == answer["label"] == "bad"
    # The same path as predict, but for the packing of texts.
    assert found.value == pytest.approx(answer["scores"]["bad"], abs=1e-4)
    assert sum(word.gradient for word in found.words) == pytest.approx(found.value - found.empty, abs=0.011)
    assert found.is_complete and found.is_share and [word.text for word in found.words] == RUDE.split()
    gone = {word.text: word.without for word in found.words}
    assert min(gone, key=lambda text: gone[text] or 1.0) in {"rude", "slow"}
    assert len(found.neighbours) == 5 and {row.label for row in found.neighbours} <= {"good", "bad"}
    assert found.positions == "rotary" and found.heads == {"itself": (2, 2)}
    assert {one.method for one in found.faith} == {"gradient", "occlusion", "attention"}
    with np.load(tmp_path / "weights.npz", allow_pickle=False) as arrays:
        assert list(arrays) == ["1.itself"] and arrays["1.itself"].shape[:2] == (2, 2)
        np.testing.assert_allclose(arrays["1.itself"].sum(-1), 1.0, atol=0.01)
    assert all(len(one.curve) == len(found.counts) == len(found.random_low) for one in found.faith)


def test_it_is_as_sure_as_predict_is(shop: Path, tmp_path: Path) -> None:
    """A temperature that lies with the model is in both."""
    run = shutil.copytree(shop, tmp_path / "warm")
    Temperature(temperature=3.0, fitted_on="dev", because="for a test").write(run / "model" / CALIBRATION)
    found = one(using.explain(run, RUDE, wish=Wish(page=tmp_path / "p.html")))
    assert found.value == pytest.approx(predicted(run, RUDE)["scores"]["bad"], abs=1e-4)
    assert found.value < predicted(shop, RUDE)["scores"]["bad"] - 0.01


def test_the_page_stands_alone_and_can_be_read(shop: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["explain", str(shop), RUDE]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("Decided: bad (") and "because of: '" in shown and f"page: {shop}/explain.html" in shown
    text = (shop / "explain.html").read_text(encoding="utf-8")
    Safe().feed(text)
    assert (
        text.count("<math") >= 2
        and text.count('class="small"') == 4
        and ("Checked: " in text or "Not better than chance" in text)
    )
    assert "the weights differ from the model&#39;s own by at most" in text


def test_in_chinese_all_of_it_is_chinese(
    shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    assert command(["explain", str(shop), RUDE, "-o", str(tmp_path / "page.html")]) == 0
    assert capsys.readouterr().out.startswith("判定：bad（")
    text = (tmp_path / "page.html").read_text(encoding="utf-8")
    body = re.sub(
        r"<style>.*?</style>|<math.*?</math>|<svg.*?</svg>|<p class=.eyebrow.*?</p>|<[^>]+>", " ", text, flags=re.S
    )
    english = set(re.findall(r"[a-z]{4,}", body))
    own = {word for _, review in reviews() for word in review.split()}
    assert english - own - set(RUDE.split()) <= {"reviews", "softmax"}


def test_hostile_text_stays_text(shop: Path, tmp_path: Path) -> None:
    bad = '<script>alert(1)</script> "><img src=x onerror=alert(2)> \u202e rude \x07 {{ 7 * 7 }}'
    text = page_of(using.explain(shop, bad, wish=Wish(page=tmp_path / "p.html")))
    assert "&lt;" in text and "<img" not in text
    # Where nothing cleaned them away, they are shown.
    assert page.visible("a\x07\u202e") == "a\u2407[U+202E]"


def test_personal_data_is_hidden_everywhere(shop: Path, tmp_path: Path) -> None:
    text = "call 138 0013 8001 or write to jane.roe@contoso.org about the rude staff"
    found = using.explain(shop, text, wish=Wish(page=tmp_path / "p.html"))
    for shown in (page_of(found), found.model_dump_json()):
        assert "13*" in shown or "13<" in shown
        assert not re.search(r"0013|8001|jane|roe\b|contoso", shown)


@pytest.mark.parametrize("text", ["", "  \n "])
def test_nothing_cannot_be_explained(shop: Path, text: str) -> None:
    with pytest.raises(UserError, match="Expected a text to explain"):
        using.explain(shop, text)


def test_what_was_not_read_is_said(shop: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "MOST_PLACES", 8)
    found = using.explain(shop, " ".join(["slow"] * 700), wish=Wish(page=tmp_path / "p.html"))
    unread = sum(not word.is_read for word in one(found).words)
    assert 0 < unread < 700
    assert any(f"its last {unread:,} words" in note for note in one(found).notes)
    assert "Drawn are the first 8 of " in page_of(found) and 'class="word unread' in page_of(found)


def test_one_word_has_no_order_to_check(shop: Path, tmp_path: Path) -> None:
    found = one(using.explain(shop, "rude", wish=Wish(page=tmp_path / "p.html")))
    assert found.faith == () and any("one word" in note for note in found.notes)


def test_several_texts_lie_on_one_page_and_methods_are_checked(shop: Path, tmp_path: Path) -> None:
    file = tmp_path / "more.txt"
    file.write_text("\n".join(text for _, text in reviews(6)) + "\n", encoding="utf-8")
    found = using.explain(shop, file, wish=Wish(limit=3, check=2, page=tmp_path / "p.html"))
    assert len(found.explanations) == 3
    assert [trust.method for trust in found.trust] == ["gradient", "occlusion", "attention", "gradient-attention"]
    assert all(trust.rows == 2 and trust.gain.low <= trust.gain.value <= trust.gain.high for trust in found.trust)
    text = page_of(found)
    assert found.trusted in text.replace("&#39;", "'") and text.count("<article") == 3
    assert found.trusted.startswith("Over 2 held-out rows, against random orders: integrated gradients ")


def test_a_word_is_asked_for_where_words_are_answered(shop: Path, tagger: Path) -> None:
    with pytest.raises(UserError, match="answers for single words"):
        using.explain(shop, RUDE, wish=Wish(word=1))
    with pytest.raises(UserError, match="a word from 1 to 4; got 9"):
        using.explain(tagger, "Ada wrote page3 .", wish=Wish(word=9))


@pytest.mark.parametrize(("words", "options"), [("neither", []), ("both", ["text", "--file", "x.txt"])])
def test_a_text_or_a_file(shop: Path, words: str, options: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["explain", str(shop), *options]) == 2
    assert f"Expected a text or --file; got {words}" in capsys.readouterr().err


def test_of_a_tagged_sentence_the_surest_word_is_explained(tagger: Path, tmp_path: Path) -> None:
    text = "we saw Paris bay2 ."
    answer = predicted(tagger, text)
    found = using.explain(tagger, text, wish=Wish(page=tmp_path / "p.html"))
    explained = one(found)
    assert explained.focus is not None and explained.about == "word"
    assert explained.answer == answer["tags"][explained.focus] and explained.answer != "O"
    assert any("--word" in note for note in explained.notes)
    other = one(using.explain(tagger, text, wish=Wish(word=1, page=tmp_path / "p.html")))
    assert (other.focus, other.answer) == (0, answer["tags"][0])
    # Neighbours are words in their sentences, with tags.
    assert all(re.search(r"\[\S+\]", row.text) and row.label for row in explained.neighbours)
    page_of(found)


def test_of_an_answer_every_token_counts(writer: Path, tmp_path: Path) -> None:
    asked = "what is cat number 3?"
    (answer,) = using.predict(writer, io.BytesIO(json.dumps({"question": asked}).encode()))
    found = using.explain(writer, asked, wish=Wish(page=tmp_path / "p.html"))
    explained = one(found)
    assert explained.answer == answer["answer"] and explained.about == "answer" and not explained.is_share
    assert explained.value < 0 and [word.text for word in explained.words if word.is_read]
    assert "".join(word.text for word in explained.words) == asked.replace(" ", "")
    assert all(row.agrees is None for row in explained.neighbours)
    assert "log-probability" in page_of(found)


def test_the_name_of_a_file_is_not_taken_for_a_text(here: Path, shop: Path) -> None:
    (here / "odd.png").write_bytes(b"no picture")
    with pytest.raises(UserError, match=r"the name of a file, 'odd.png'(.|\n)*--file"):
        using.explain(shop, "odd.png")
