"""Scores of written texts: against other people's programs, by brute force, and 1 for a text with itself."""

import json
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tunesmith.metrics.direction import worth
from tunesmith.metrics.overlap import bleu, bleu_sums, chrf, chrf_sums, longest_common, rouge
from tunesmith.metrics.segments import pieces, words
from tunesmith.metrics.sheet import Resampling, ScoreSheet
from tunesmith.metrics.writing import writing_scores

ENGLISH = [
    ("The cat sat on the mat.", "The cat was sitting on the mat, at 4.30 p.m."),
    ("He doesn't pay $1,000.50 for a well-made chair!", "She didn't pay $1,000.50 for the well-made chairs."),
    ("Nothing here matches at all", "completely different words"),
    ("Prices rose 3-4% in May; wages did not.", "Prices rose by 3-4% in May, but wages did not rise."),
]
CHINESE = [
    ("明月照高楼，清风入我怀。", "明月照高楼，流光正徘徊。"),
    ("今天天气很好,我们去公园", "今天的天气非常好，我们去公园散步吧！"),
    ("春眠不觉晓", "处处闻啼鸟"),
    ("模型有3个层。", "这个模型一共有12个层。"),
]
# sacrebleu 2.6.0: BLEU(tokenize="13a" or "zh"), CHRF(), of all texts and (BLEU, effective_order=True) of each.
SACREBLEU = {
    "en": (0.27980393493574984, 0.49118045029236684, [0.11835764736093042, 0.2777619034011791, 0.0, 0.427306499472557]),
    "zh": (0.2720421331737772, 0.2285903413208089, [0.43361890903486766, 0.2530604488919925, 0.0, 0.18168644632623682]),
}
# rouge-score 0.1.2: RougeScorer(["rouge1", "rouge2", "rougeL"]), for Chinese with a tokenizer of characters.
ROUGE_SCORE = {
    "en": [(10 / 18, 0.375, 10 / 18), (2 / 3, 6 / 11, 2 / 3), (0, 0, 0), (6 / 7, 12 / 19, 6 / 7)],
    "zh": [(0.5, 4 / 9, 0.5), (20 / 27, 0.56, 20 / 27), (0, 0, 0)],
}
PAIRS = {"en": ENGLISH, "zh": CHINESE}
PERFECT = ("rouge_1", "rouge_2", "rouge_l", "chrf", "bleu", "exact_match", "length_ratio", "stop_rate")

texts = st.text(alphabet="ab 明月。,.3é\u0301ก", max_size=30)


def scored(answers: list[str], references: list[str], samples: int = 0) -> ScoreSheet:
    return writing_scores(answers, references, [True] * len(answers), resampling=Resampling(samples=samples))


@pytest.mark.parametrize("language", PAIRS)
def test_bleu_and_chrf_are_those_of_sacrebleu(language: str) -> None:
    pairs, (whole, characters, each) = PAIRS[language], SACREBLEU[language]
    sums = np.stack([bleu_sums(pieces(answer), pieces(reference)) for answer, reference in pairs])
    assert bleu(sums) == pytest.approx(each, abs=1e-12)
    assert bleu(sums.sum(0)[None]) == pytest.approx(whole, abs=1e-12)
    runs = np.stack([chrf_sums(*pair) for pair in pairs]).sum(0)
    assert chrf(runs[None]) == pytest.approx(characters, abs=1e-12)


@pytest.mark.parametrize("language", PAIRS)
def test_rouge_is_that_of_rouge_score(language: str) -> None:
    for (answer, reference), expected in zip(PAIRS[language], ROUGE_SCORE[language], strict=False):
        assert rouge(words(answer), words(reference)) == pytest.approx(expected)


@given(st.lists(st.sampled_from("abc"), max_size=9), st.lists(st.sampled_from("abc"), max_size=9))
def test_the_longest_common_subsequence_is_the_longest(first: list[str], second: list[str]) -> None:
    def of(letters: list[str]) -> set[tuple[str, ...]]:
        return {chosen for size in range(len(letters) + 1) for chosen in combinations(letters, size)}

    assert longest_common(first, second) == max(map(len, of(first) & of(second)))


@given(texts)
def test_every_text_repeats_itself(text: str) -> None:
    found = scored([text], [text]).values()
    written = [name for name in PERFECT if name != "length_ratio" or text]
    assert [found[name] for name in written] == pytest.approx([1.0] * len(written))


@given(texts, texts)
def test_scores_are_shares_and_swapping_changes_no_rouge(answer: str, reference: str) -> None:
    found = scored([answer], [reference])
    assert all(0 <= one.value <= 1 + 1e-12 for name, one in found.metrics.items() if name != "length_ratio")
    back = scored([reference], [answer])
    assert [found.metrics[name] for name in PERFECT[:3]] == [back.metrics[name] for name in PERFECT[:3]]


def test_real_chinese_and_english_repeat_themselves(shared_data: Path) -> None:
    """PITFALLS 21: ROUGE of identical Chinese texts was 0 elsewhere."""
    chinese = json.loads((shared_data / "zh_qa_llamafactory_demo" / "alpaca_zh_demo.json").read_text(encoding="utf-8"))
    poems = json.loads((shared_data / "zh_title_songci" / "ci.song.0.json").read_text(encoding="utf-8"))
    answers = [row["output"] for row in chinese[:40]] + ["".join(poem["paragraphs"]) for poem in poems[:40]]
    found = scored(answers, answers).values()
    assert [found[name] for name in PERFECT] == pytest.approx([1.0] * len(PERFECT))
    shifted = scored(answers, answers[1:] + answers[:1]).values()
    assert 0.02 < shifted["rouge_1"] < 0.6 and shifted["exact_match"] == 0


def test_intervals_hold_the_value_and_narrow_with_more_texts() -> None:
    answers, references = map(list, zip(*(ENGLISH + CHINESE), strict=True))
    few, many = scored(answers, references, 300), scored(answers * 12, references * 12, 300)
    for name in ("rouge_1", "chrf", "bleu", "repetition"):
        one = few.metrics[name]
        assert one.low <= one.value <= one.high
        assert many.metrics[name].high - many.metrics[name].low <= one.high - one.low
    assert few.metrics["bleu"].low < few.metrics["bleu"].high


def test_shares_of_faults_stay_shares_and_ratios_above_zero() -> None:
    # One text in ten goes in circles, so that a straight interval would reach below 0.
    answers = ["go on and on and on and on and on and on"] + [f"w{at} x{at} y{at} z{at} u{at}" for at in range(9)]
    found = scored(answers, ["a long answer was wanted here " * 20] * 10, 300).metrics
    assert 0 <= found["repetition"].low < found["repetition"].value < found["repetition"].high <= 1
    assert 0 < found["length_ratio"].low < found["length_ratio"].value < found["length_ratio"].high


def test_what_is_said_again_and_what_differs() -> None:
    looped = scored(["go on and on and on and on", "never"], ["x", "y"]).values()
    # Of 5 runs of 4 words, "on and on and" and "and on and on" come again, once each.
    assert looped["repetition"] == pytest.approx(2 / 5)
    assert looped["distinct_1"] == pytest.approx(4 / 9)
    assert looped["distinct_2"] == pytest.approx(3 / 7)
    assert worth("repetition", 0.1) > worth("repetition", 0.2)
    half = writing_scores(["ab", "c"], ["abcd", "ef"], [True, False], resampling=Resampling(samples=0)).values()
    assert (half["length_ratio"], half["stop_rate"]) == (0.5, 0.5)


def test_words_are_cut_as_their_script_is_written() -> None:
    assert words("Don't 你好World, café") == ["don", "t", "你", "好", "world", "café"]
    assert words("ภาษา") == ["ภ", "า", "ษ", "า"]
    assert words("ni\u0301") == ["ni\u0301"]
    assert words("한국어 말") == ["한국어", "말"]
    assert pieces("A well-made 3.5, 你好。(ok)") == ["A", "well-made", "3.5", ",", "你", "好", "。", "(", "ok", ")"]
