"""What is said of a language model: how well it foretells, what it writes, and what training changed."""

import pytest

from tunesmith.artifacts import Interval, Sample
from tunesmith.rooms.report import Facts, card
from tunesmith.rooms.report.limits import limits
from tunesmith.rooms.report.loading import loading
from tunesmith.rooms.report.page import render
from tunesmith.rooms.report.verdict import verdict


def between(value: float, low: float, high: float) -> Interval:
    return Interval(value=value, low=low, high=high)


def at(value: float) -> Interval:
    return between(value, value, value)


MEASURES = {
    "loss": between(3.5, 3.4, 3.6),
    "perplexity": between(33.1, 30.0, 36.6),
    "bits_character": at(2.5),
    "rouge_1": between(0.312, 0.28, 0.34),
    "chrf": at(0.2),
    "exact_match": at(0.02),
    "repetition": at(0.05),
    "stop_rate": at(0.97),
}
HOSTILE = "<script>alert(1)</script> 13812345678"


def writing(facts: Facts, *, base: dict[str, Interval] | None = None, **changes: Interval) -> Facts:
    """The same run as one of chat, with a sample of what it wrote."""
    sample = Sample(
        path="a.jsonl", line=7, prompt="why?", reference="because", answer=HOSTILE, base="no", has_stopped=False
    )
    evaluation = facts.evaluation.model_copy(
        update={
            "main": "loss", "metrics": MEASURES | changes, "per_class": {}, "confusion": (), "confusion_labels": (),
            "mistakes": (), "samples": (sample,), "written": 128, "base": base or {},
        }
    )  # fmt: skip
    plan = facts.plan.model_copy(update={"task": "chat"})
    reading = facts.reading.model_copy(update={"task": "chat", "labels": {}})
    return facts.model_copy(update={"evaluations": (evaluation,), "plan": plan, "reading": reading})


def test_the_headline_is_what_it_writes_and_the_rest_how_it_foretells(english: Facts) -> None:
    words = verdict(writing(english))
    assert words.headline == "Usable for drafts that people check: 31.2% of its words are those that should come."
    assert words.expect == (
        "What it writes shares 31.2% of its words with what should come (ROUGE-1; chrF 20.0%).",
        "At each token it wavers as if between 33.10 equally likely ones (perplexity).",
        "2.0% of its answers are the very text that should come.",
    )
    assert "to answer" in words.lead and "labels" not in words.lead
    assert words.no_skill is None and words.grade == "care"


@pytest.mark.parametrize(
    ("before", "grade", "headline"),
    [
        (between(5.0, 4.9, 5.1), "care", "Usable for drafts"),
        (
            between(3.6, 3.5, 3.7),
            "unproven",
            "Not worth using yet: not shown to be better than the model before",
        ),
        (between(2.0, 1.9, 2.1), "unusable", "Do not use it: the model before training does better and costs nothing."),
    ],
)
def test_the_verdict_follows_what_training_changed(english: Facts, before: Interval, grade: str, headline: str) -> None:
    words = verdict(writing(english, base={"loss": before}))
    assert words.grade == grade and words.headline.startswith(headline)


@pytest.mark.parametrize(
    ("low", "high", "ending"),
    [(50.0, 70.0, "is 33.10 now: better."), (20.0, 29.0, "is 33.10 now: worse."), (32.0, 70.0, "that may be chance.")],
)
def test_lower_perplexity_is_better_and_overlap_is_chance(english: Facts, low: float, high: float, ending: str) -> None:
    words = verdict(writing(english, base={"perplexity": between((low + high) / 2, low, high)}))
    assert words.expect[-1].startswith("Perplexity was") and words.expect[-1].endswith(ending)


def test_answers_that_do_not_end_or_go_in_circles_are_limits(english: Facts) -> None:
    assert not any("limit of their length" in one or "repeats itself" in one for one in limits(writing(english)))
    found = " ".join(limits(writing(english, stop_rate=at(0.6), repetition=at(0.4))))
    assert "40.0% of its answers did not end by themselves" in found and "repeats itself: 40.0%" in found
    assert "whether they are true, nobody checked" in found and "knows only these labels" not in found


def test_page_and_card_show_what_was_written_without_personal_data(english: Facts) -> None:
    facts = writing(english, base={"rouge_1": at(0.1)})
    page, text = render(facts), card(facts)
    assert "&lt;script&gt;" in page and "<script>" not in page
    assert "13812345678" not in page
    assert "what should come" in page and "(cut at the limit)" in page
    assert "before training" in text and "| label |" not in text


@pytest.mark.parametrize("language", ["en", "zh"])
def test_both_languages_have_a_verdict(english: Facts, language: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", language)
    words = verdict(writing(english, base={"perplexity": at(60.0)}))
    assert "31.2%" in words.headline and "33.10" in words.expect[-1]
    assert ("训练前" in words.expect[-1]) is (language == "zh")


@pytest.mark.parametrize("task", ["chat", "language-modeling", "masked-language-modeling", "seq2seq-generation"])
def test_the_lines_that_load_it_are_python(task: str) -> None:
    compile(loading(task, 'a "b"'), "card", "exec")
    assert ("AutoModelForSeq2SeqLM" in loading(task, "x")) is (task == "seq2seq-generation")
