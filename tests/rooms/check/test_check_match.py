"""How well a model's vocabulary and window fit the texts."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from tunesmith import flow
from tunesmith.artifacts import Match, Reading
from tunesmith.errors import ModelError
from tunesmith.rooms.check import Clean, Lens, LensFor, check
from tunesmith.rooms.check import match as match_module
from tunesmith.rooms.check.match import match
from tunesmith.rooms.check.rows import sample
from tunesmith.rooms.read import read
from tunesmith.scripts import script, scripts
from tunesmith.settings import PrepareSettings, Settings

MakeReading = Callable[..., Reading]

WORDS = {"[UNK]": 0, "good": 1, "bad": 2, "film": 3, "the": 4}
TASK = "text-classification"


def words(texts: pa.Array) -> pa.Array:
    """A token a word, 0 for what is not known."""
    return pa.array([[WORDS.get(word, 0) for word in text.split()] for text in texts.to_pylist()], pa.list_(pa.int32()))


TOY = Lens(
    name="toy",
    key="toy",
    tokenize=words,
    unknown=0,
    window=10,
    vocabulary=5,
    scripts={"Latin": 5},
    own_tokens=1.0,
)


def rows(*texts: str, n: int = 40) -> list[dict[str, str]]:
    return [{"text": text, "label": str(i % 2)} for i in range(n) for text in texts]


def test_scripts_are_told_by_the_names_of_letters() -> None:
    assert [script(c) for c in "aÄ中あ한Я1，"] == ["Latin", "Latin", "Han", "Kana", "Hangul", "Cyrillic", "", ""]
    assert scripts(["abc 中文", "中 1"]) == {"Latin": 3, "Han": 3}


def test_texts_of_its_own_words_are_a_good_match(make_reading: MakeReading) -> None:
    health = check(make_reading(TASK, {"train": rows("the good film", "the bad film")}), lens=TOY)
    assert health.match is not None
    assert (health.match.grade, health.match.unknown_share, health.match.rows) == ("good", 0.0, 80)
    assert not {"poor-match", "fair-match", "cut-by-window"} & {finding.code for finding in health.findings}


@pytest.mark.parametrize(("strange", "grade"), [(1, "fair"), (6, "poor")])
def test_unknown_tokens_are_graded(make_reading: MakeReading, strange: int, grade: str) -> None:
    made = [*rows("the good film", n=25), *rows("the odd film", n=strange)]
    found = match(make_reading(TASK, {"train": made}), TOY)
    assert found is not None
    assert found.unknown_share == pytest.approx(strange / (3 * (25 + strange)), abs=1e-4)
    assert (found.grade, "of the tokens are unknown" in found.because) == (grade, True)


def test_a_script_that_the_vocabulary_lacks_is_a_poor_match(make_reading: MakeReading) -> None:
    spelled = replace(TOY, unknown=None, byte_ids=frozenset({0}))
    health = check(make_reading(TASK, {"train": rows("好 电影 the")}), lens=spelled)
    (finding,) = [finding for finding in health.findings if finding.code == "poor-match"]
    assert finding.severity == "warning"
    assert "50% of the letters are Han, of which its vocabulary holds 0 entries" in finding.message
    assert "66.7% of the tokens are single bytes" in finding.message
    assert "--model scratch" in finding.do
    assert health.is_trainable


def test_a_model_of_the_language_that_is_here_is_named_first(make_reading: MakeReading) -> None:
    knowing = replace(TOY, others=lambda: {"a/chinese": ("zh",), "an/other": ("fr",)})
    health = check(make_reading(TASK, {"train": rows("好电影")}), lens=knowing)
    assert [f.do for f in health.findings if f.code == "poor-match"] == ["use --model a/chinese"]


def test_who_needs_a_model_that_writes_is_not_sent_to_one_that_reads(make_reading: MakeReading) -> None:
    reading = make_reading(TASK, {"train": rows("好电影")})
    reads, writes = (check(reading, lens=replace(TOY, key=str(asked), must_write=asked)) for asked in (False, True))
    told = [next(f.do for f in health.findings if f.code == "poor-match") for health in (reads, writes)]
    assert "bert" in told[0]
    assert "bert" not in told[1]
    assert "that writes this language" in told[1]


def test_a_window_cuts_what_is_behind_it(make_reading: MakeReading) -> None:
    made = [*rows("film " * 8, n=30), *rows("film " * 18, n=10)]
    health = check(make_reading(TASK, {"train": made}), lens=TOY)
    assert health.match is not None
    (cut,) = health.match.cuts
    assert (cut.field, cut.rows, cut.tokens, cut.p95) == ("text", 0.25, round(100 / 420, 4), 18)
    assert {f.code: f.severity for f in health.findings}["cut-by-window"] == "warning"


@pytest.mark.parametrize(
    ("first", "second", "lost"), [(3, 20, (0, 16)), (20, 3, (16, 0)), (9, 9, (6, 5)), (2, 2, (0, 0))]
)
def test_of_a_pair_the_longer_one_is_cut_first(
    make_reading: MakeReading, first: int, second: int, lost: tuple[int, int]
) -> None:
    pairs = [{"text": "film " * first, "text2": "film " * second, "label": str(i % 2)} for i in range(20)]
    found = match(make_reading(TASK, {"train": pairs}), TOY)
    assert found is not None
    assert [cut.tokens for cut in found.cuts] == [round(lost[0] / first, 4), round(lost[1] / second, 4)]


def test_nothing_is_cut_where_windows_move_along(make_reading: MakeReading) -> None:
    found = match(make_reading("language-modeling", {"train": [{"text": "film " * 50} for _ in range(20)]}), TOY)
    assert found is not None and found.cuts == ()


def test_many_rows_are_sampled_by_chance_and_it_is_said(
    make_reading: MakeReading, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(match_module, "MATCH_ROWS", 50)
    reading = make_reading(TASK, {"train": [*rows("the odd film", n=100), *rows("the good film", n=100)]})
    health = check(reading, lens=TOY)
    assert health.match is not None and health.match.rows == 50
    assert 0.1 < health.match.unknown_share < 0.25
    assert any("50 of 200 rows looked at, drawn by chance" in finding.message for finding in health.findings)


def test_a_sample_holds_rows_from_everywhere_within_its_characters(make_reading: MakeReading) -> None:
    reading = make_reading(TASK, {"train": [{"text": f"{i:04}", "label": "0"} for i in range(300)]})
    drawn = sample(reading, 200, characters=240)
    at = np.array([int(text) for text in drawn.fields["text"].to_pylist()])
    assert drawn.rows == at.size == 61
    assert at.min() < 60 and at.max() > 240
    assert drawn.fields["text"] == sample(reading, 200, characters=240).fields["text"]


def test_pictures_have_no_match(make_reading: MakeReading) -> None:
    assert match(make_reading("image-classification", {"train": [{"path": "a.png", "label": "0"}] * 20}), TOY) is None


def test_the_texts_choose_the_lens_where_nobody_named_a_model(make_reading: MakeReading) -> None:
    seen: list[float] = []

    def make(facts: Any) -> Lens | None:
        seen.append(facts.cjk_share)
        return None

    health = check(make_reading(TASK, {"train": rows("好电影")}), lens=LensFor(key="chosen", make=make))
    assert (seen, health.match) == ([1.0], None)


def test_minilm_is_no_match_for_chinese_and_scratch_is_not_judged(tmp_path: Path) -> None:
    path = tmp_path / "r.tsv"
    path.write_text("".join(f"{i % 2}\t这家店的外卖第{i}次送得很快味道不错\n" for i in range(40)), encoding="utf-8")
    reading = flow.read([path])
    assert flow.check(reading).match is None
    assert flow.check(reading, model="scratch").match is None
    found = flow.check(reading, model="minilm")
    assert found.match is not None and found.match.grade == "poor"
    assert "minilm is a poor match for these texts" in {finding.title for finding in found.findings}
    # Both are kept, each under its own name.
    assert flow.check(reading).match is None
    assert flow.check(reading, model="minilm") == found


def test_a_model_that_is_not_here_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "r.tsv"
    path.write_text("".join(f"{i % 2}\ttext number {i}\n" for i in range(40)), encoding="utf-8")
    with pytest.raises(ModelError, match="no such folder"):
        flow.check(flow.read([path]), model=str(tmp_path / "nowhere"))


@pytest.mark.parametrize("name", ["zh_cls_thucnews_titles"])
def test_minilm_on_real_chinese(shared_data: Path, name: str) -> None:
    found = flow.check(read([shared_data / name]), model="minilm").match
    assert found is not None and found.grade == "poor"
    assert found.unknown_share > 0.5


@pytest.mark.parametrize("name", ["en_cls_trec"])
def test_minilm_on_real_english(shared_data: Path, name: str) -> None:
    found = flow.check(read([shared_data / name])).match
    assert found is not None and (found.model, found.grade) == ("minilm", "good")


def held(reading: Reading, lens: Lens) -> Match:
    found = match(reading, lens)
    assert found is not None
    return found


def test_cleaning_that_was_asked_for_comes_before_the_tokens(make_reading: MakeReading) -> None:
    reading = make_reading(TASK, {"train": rows("THE GOOD FILM")})
    assert held(reading, TOY).unknown_share == 1.0
    assert held(reading, replace(TOY, clean=pc.utf8_lower)).unknown_share == 0.0


def test_cleaning_that_makes_unknown_words_known_is_advised_with_its_figure(make_reading: MakeReading) -> None:
    reading = make_reading(TASK, {"train": rows("THE GOOD FILM odd")})
    steps = {"case": pc.utf8_lower, "upper": pc.utf8_upper}
    health = check(reading, lens=replace(TOY, steps=steps))
    assert health.match is not None
    assert (health.match.remedy, health.match.remedied_share) == ("case", 0.25)
    (told,) = [finding.do for finding in health.findings if finding.code == "poor-match"]
    assert told.startswith("better: prepare.clean=case, after which 25.0% are unknown; or ")


@pytest.mark.parametrize("step", [pc.utf8_upper, pc.utf8_reverse])
def test_cleaning_that_brings_little_is_not_advised(make_reading: MakeReading, step: Clean) -> None:
    found = held(make_reading(TASK, {"train": rows("the odd odd film")}), replace(TOY, steps={"step": step}))
    assert (found.unknown_share, found.remedy) == (0.5, "")


def test_a_good_match_asks_for_no_cleaning(make_reading: MakeReading) -> None:
    def never(texts: pa.StringArray) -> pa.StringArray:
        raise AssertionError("nothing is to be mended")

    assert held(make_reading(TASK, {"train": rows("the good film")}), replace(TOY, steps={"step": never})).remedy == ""


def test_traditional_poems_are_to_be_simplified_for_a_model_of_simplified_ones(shared_data: Path) -> None:
    reading = flow.read([shared_data / "zh_title_chinese_poetry" / "poet.tang.0.json"])
    model = str(shared_data.parent / "models" / "llama-zh-poem-750k")
    raw, converted = (
        flow.check(reading, model=model, settings=Settings(prepare=PrepareSettings(clean=steps))).match
        for steps in (None, ("traditional-to-simplified",))
    )
    assert raw is not None and converted is not None
    assert raw.remedy == "traditional-to-simplified"
    assert raw.remedied_share < raw.unknown_share / 2
    assert converted.unknown_share == pytest.approx(raw.remedied_share, abs=0.02)
    assert converted.remedy == ""
