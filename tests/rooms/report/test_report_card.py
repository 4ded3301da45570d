"""The model card: valid front matter, plain words, no machine's paths."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from huggingface_hub import ModelCard
from made_facts import HOSTILE

from tunesmith.rooms.report import Facts, card
from tunesmith.rooms.report.card import inline


def front(text: str) -> dict[str, Any]:
    match = re.match(r"---\n(.*?)\n---\n", text, re.DOTALL)
    assert match is not None
    loaded = yaml.safe_load(match[1])
    assert isinstance(loaded, dict)
    return loaded


def test_front_matter_is_yaml_whatever_the_labels(each: Facts) -> None:
    loaded = front(card(each))
    assert loaded["tags"] == ["tunesmith", each.reading.task] and loaded["pipeline_tag"] == each.reading.task
    assert "f1" in loaded["metrics"] and len(loaded["metrics"]) == len(set(loaded["metrics"]))


def test_the_language_is_given_only_where_it_is_known(runs: dict[str, Facts]) -> None:
    assert front(card(runs["chinese"]))["language"] == "zh"
    assert "language" not in front(card(runs["english"]))
    japanese = runs["chinese"].reading.model_copy(update={"preview": ({"text": "今日はいい天気ですね"},)})
    assert "language" not in front(card(runs["chinese"].model_copy(update={"reading": japanese})))


def test_the_sections_and_every_score_are_there(english: Facts) -> None:
    text = card(english)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == [
        "What it is",
        "Intended use",
        "Limits",
        "Scores",
        "Data",
        "Training",
        "How to load and reproduce",
    ]
    assert f"| accuracy | {100 * english.evaluation.metrics['accuracy'].value:.1f}% |" in text
    for name, score in english.evaluation.per_class.items():
        assert f"| {name} | {score.support} |" in text
    assert "| dev · 558 rows |" in text and 'pipeline("text-classification", model="path/to/this/folder")' in text
    assert english.plan.model.sha256 in text and "| torch | 2.13.0 |" in text


def test_hubs_read_the_scores_as_ours_and_unverified(each: Facts, tmp_path: Path) -> None:
    path = tmp_path / "README.md"
    path.write_text(card(each), encoding="utf-8")
    found = ModelCard.load(path).data.eval_results
    assert found is not None and len(found) == sum(len(one.metrics) for one in each.evaluations)
    scores = [one for evaluation in each.evaluations for one in evaluation.metrics.values()]
    assert [one.metric_value for one in found] == pytest.approx([one.value for one in scores], abs=1e-6)
    assert not any(one.verified for one in found)
    assert {one.dataset_split for one in found} == {one.split for one in each.evaluations}


def test_what_was_judged_stands_in_the_card(deep: Facts, english: Facts) -> None:
    text = card(deep)
    assert "## How far to trust it" in text and "## How far to trust it" not in card(english)
    for words in (
        "it is right 82 times in 100",
        "typing errors (12.5 points lost",
        "better than a linear model",
        "e-mail",
    ):
        assert words in text
    assert "13812345678" not in text


@pytest.mark.parametrize(
    ("name", "expected"), [("minilm", None), ("owner/base-1.5", "owner/base-1.5"), ("runs/base/model", None)]
)
def test_only_a_hubs_name_is_given_as_the_base(english: Facts, name: str, expected: str | None) -> None:
    model = english.plan.model.model_copy(update={"name": name, "path": "/somewhere/else"})
    plan = english.plan.model_copy(update={"model": model})
    assert front(card(english.model_copy(update={"plan": plan}))).get("base_model") == expected


def test_hostile_texts_stay_words(runs: dict[str, Facts]) -> None:
    text = card(runs["hostile"])
    assert "<script" not in text and "\x07" not in text and "\u202e" not in text
    assert not re.search(r"^# not a heading", text, re.MULTILINE)
    body = text.split("\n---\n", 1)[1]
    assert "\n---\n" not in body


def test_rows_of_a_table_have_as_many_cells_as_its_head(runs: dict[str, Facts]) -> None:
    blocks = [block.splitlines() for block in card(runs["hostile"]).split("\n\n") if block.startswith("|")]
    assert len(blocks) >= 4
    for lines in blocks:
        assert len({len(re.findall(r"(?<!\\)\|", line)) for line in lines}) == 1


def test_no_path_of_the_machine_leaves_with_the_model(english: Facts) -> None:
    moved = english.trained.model_copy(update={"run": "/home/ann/runs/trec", "model": "/home/ann/runs/trec/model"})
    sources = tuple(s.model_copy(update={"path": f"/home/ann/{s.path}"}) for s in english.reading.sources)
    reading = english.reading.model_copy(update={"sources": sources})
    assert "/home/ann" not in card(english.model_copy(update={"trained": moved, "reading": reading}))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain, 88.1%", "plain, 88.1%"),
        ("a|b", "a\\|b"),
        ("# head", "\\# head"),
        ("1. first", "1\\. first"),
        ("- item", "\\- item"),
        ("-0.020 to 0.1", "-0.020 to 0.1"),
        ("---", "\\---"),
        ("two\nlines\tand  gaps", "two lines and gaps"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("[x](y) *z* `c` ![i]", "\\[x\\](y) \\*z\\* \\`c\\` !\\[i\\]"),
        ("", ""),
    ],
)
def test_inline_is_plain_words_of_one_line(text: str, expected: str) -> None:
    assert inline(text) == expected


def test_inline_keeps_every_printable_character() -> None:
    assert {char for char in HOSTILE if char.isalnum()} <= set(inline(HOSTILE))


def test_chinese_headings(runs: dict[str, Facts], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    headings = re.findall(r"^## (.+)$", card(runs["chinese"]), re.MULTILINE)
    assert headings == ["这是什么", "用途", "局限", "分数", "数据", "训练", "如何加载与复现"]
