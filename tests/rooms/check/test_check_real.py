"""Real data: what is known to be wrong with it is found, counted exactly, and little else is."""

import re
from functools import cache
from pathlib import Path

import pytest

from tunesmith.artifacts import Finding, Health
from tunesmith.rooms.check import check
from tunesmith.rooms.read import read


@cache
def judged(path: Path) -> tuple[Health, dict[str, Finding]]:
    health = check(read([path]))
    return health, {finding.code: finding for finding in health.findings}


def test_waimai_has_seven_conflicting_texts_and_is_sorted(shared_data: Path) -> None:
    health, found = judged(shared_data / "zh_cls_waimai_10k")
    assert found["conflicting-labels"].count == 7
    assert "sorted-by-label" in found
    assert "duplicates" not in found
    assert health.splits["train"].labels == {"0": 7987, "1": 4000}
    assert health.facts.cjk_share > 0.99
    assert health.verdict.startswith("good enough to train: 11,987 rows, ample")


def test_chnsenticorp_is_sorted(shared_data: Path) -> None:
    health, found = judged(shared_data / "zh_cls_chnsenticorp_htl")
    assert "train (2)" in found["sorted-by-label"].message
    assert health.facts.length_max == 2924
    assert not {"conflicting-labels", "duplicates"} & found.keys()


def test_the_empty_hotel_review_is_named(shared_data: Path) -> None:
    _, found = judged(shared_data / "zh_cls_chnsenticorp_htl")
    assert found["rejected-rows"].count == 1


def test_songs_lost_six_characters(shared_data: Path) -> None:
    _, found = judged(shared_data / "zh_title_songci")
    assert (found["broken-characters"].count, found["broken-characters"].severity) == (6, "note")


@pytest.mark.slow
def test_cluener_has_names_tagged_one_character_short(shared_data: Path) -> None:
    _, found = judged(shared_data / "zh_ner_cluener")
    assert found["cut-spans"].count == 12
    assert found["loose-spans"].count == 28


def test_demo_answers_that_break_off_are_found(shared_data: Path) -> None:
    _, found = judged(shared_data / "en_qa_llamafactory_demo")
    assert "Resplendent Quetzal" in " ".join(row.text for row in found["cut-answers"].rows)
    assert found["placeholder-answers"].count == 6


def test_phone_numbers_of_reviews_are_found_and_hidden(shared_data: Path) -> None:
    health, found = judged(shared_data / "zh_cls_waimai_10k")
    assert found["phone-numbers"].count == 3
    assert not re.search(r"1[3-9]\d{9}", health.model_dump_json())


@pytest.mark.parametrize("name", ["en_cls_sst2", "zh_cls_waimai_10k", "zh_cls_thucnews_titles", "zh_title_songci"])
def test_sound_encodings_are_no_mojibake(shared_data: Path, name: str) -> None:
    _, found = judged(shared_data / name)
    assert not {"mojibake", "chat-tokens", "unfilled-places", "only-links"} & found.keys()


def test_rotten_tomatoes_is_sorted(shared_data: Path) -> None:
    health, found = judged(shared_data / "en_cls_mr_rtpolarity")
    assert "train (2)" in found["sorted-by-label"].message
    assert (health.facts.rows, health.facts.latin_share) == (10662, 1.0)


def test_thucnews_shares_eight_titles_and_lost_characters(shared_data: Path) -> None:
    _, found = judged(shared_data / "zh_cls_thucnews_titles")
    assert found["leakage"].count == 8
    assert found["broken-characters"].count == 35 + 28


def test_sst2_has_nine_duplicates_and_no_order(shared_data: Path) -> None:
    health, found = judged(shared_data / "en_cls_sst2")
    assert (found["duplicates"].count, found["duplicates"].severity) == (9, "note")
    assert not {"conflicting-labels", "sorted-by-label", "small-class"} & found.keys()
    assert health.is_trainable


def test_trec_has_71_duplicates_and_a_class_too_small_to_judge(shared_data: Path) -> None:
    _, found = judged(shared_data / "en_cls_trec")
    assert (found["duplicates"].count, found["duplicates"].severity) == (71, "warning")
    assert found["small-class"].count == 1
    assert "2 (9, ±27)" in found["small-class"].message
    assert found["unbalanced"].count == 1


def test_eprstmt_has_duplicates(shared_data: Path) -> None:
    _, found = judged(shared_data / "zh_cls_fewclue_eprstmt" / "train_few_all.json")
    assert found["duplicates"].count in range(25, 30)


@pytest.mark.parametrize(("split", "count"), [("train", 10), ("test", 4)])
def test_weibo_has_illegal_tags(shared_data: Path, split: str, count: int) -> None:
    _, found = judged(shared_data / "zh_ner_weibo" / f"weiboNER_2nd_conll.{split}")
    assert found["illegal-tags"].count == count
    assert "broken-characters" in found


def test_tnews_hides_characters(shared_data: Path) -> None:
    _, found = judged(shared_data / "zh_cls_fewclue_tnews" / "train_few_all.json")
    shown = " ".join(row.text for row in found["invisible-characters"].rows)
    assert "\\u200b" in shown
    assert "\\ufeff" in shown


def test_ag_news_holds_html(shared_data: Path) -> None:
    _, found = judged(shared_data / "en_cls_title_ag_news")
    assert found["html-remnants"].severity == "warning"
    assert not {"sorted-by-label", "leakage", "unbalanced"} & found.keys()


def test_the_demo_chats_are_usable(shared_data: Path) -> None:
    health, found = judged(shared_data / "zh_qa_llamafactory_demo")
    assert (health.facts.rows, health.band) == (1000, "ample")
    assert not {"empty-answers", "copied-answers", "broken-characters"} & found.keys()


def test_a_play_repeats_its_speakers_and_nobody_minds(shared_data: Path) -> None:
    health, found = judged(shared_data / "en_corpus_tinyshakespeare")
    assert health.band == "ample"
    assert all(finding.severity == "note" for finding in found.values())
