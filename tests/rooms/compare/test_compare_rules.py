"""Rules that cost nothing: what they learn, and how a model stands beside them."""

from collections import Counter, defaultdict
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from made import reviews, sentences
from made_entrants import entrant
from tunesmith.metrics.sheet import Resampling
from tunesmith.rooms.compare import RULES, as_entrant, baselines, lesson
from tunesmith.rooms.compare.baselines import TITLES
from tunesmith.rooms.compare.rules import Lesson
from tunesmith.rooms.compare.rules.lesson import MOST_ROWS
from tunesmith.rooms.compare.rules.letters import ALPHABET, chance, count
from tunesmith.tasks import TASKS

LABELS = ("bad", "good")


def given(task: str, labels: tuple[str, ...], train: dict[str, list[Any]], asked: dict[str, list[Any]]) -> Lesson:
    learned = pa.table(train)
    return Lesson(task=TASKS.get(task), labels=labels, train=learned, dev=learned, asked=pa.table(asked))


def of_reviews(rows: int = 80, asked: int = 40) -> Lesson:
    made = reviews(rows + asked)
    columns = [
        {"text": [text for _, text in part], "label": [label for label, _ in part]}
        for part in (made[:rows], made[rows:])
    ]
    return given("text-classification", LABELS, columns[0], columns[1])


def chosen(answers: Any) -> list[int]:
    return [int(one.argmax()) for one in answers]


def truths_of(one: Lesson) -> list[int]:
    return [LABELS.index(label) for label in one.asked.column("label").to_pylist()]


def test_every_rule_that_a_task_declares_is_there_and_has_a_name_in_both_languages() -> None:
    declared = {rule for name in TASKS for rule in TASKS.get(name).baselines}
    assert declared <= RULES.keys() == TITLES.keys()


def test_the_majority_is_of_the_training_rows() -> None:
    one = given(
        "text-classification", LABELS, {"text": ["a", "b", "c"], "label": ["good", "good", "bad"]}, {"text": ["x", "y"]}
    )
    assert chosen(RULES["majority"](one).answers) == [1, 1]


def test_words_tell_made_reviews_apart() -> None:
    one = of_reviews()
    assert chosen(RULES["tfidf"](one).answers) == truths_of(one)


def test_characters_tell_chinese_apart() -> None:
    texts = ["房间很好很干净", "服务太差很脏", "早餐很好吃干净", "隔音太差又脏"] * 5
    one = given(
        "text-classification", LABELS, {"text": texts, "label": ["good", "bad"] * 10}, {"text": ["干净好", "脏差"]}
    )
    assert chosen(RULES["tfidf"](one).answers) == [1, 0]


def test_one_class_alone_leaves_nothing_to_learn() -> None:
    one = given("text-classification", LABELS, {"text": ["a", "b"], "label": ["good", "good"]}, {"text": ["x"]})
    assert chosen(RULES["tfidf"](one).answers) == [1]


def test_a_word_has_the_tag_that_it_mostly_had() -> None:
    labels = ("O", "B-LOC", "I-LOC", "B-PER")
    made = sentences(40)
    train = {"tokens": [[w for w, _ in s] for s in made], "tags": [[t for _, t in s] for s in made]}
    one = given("token-classification", labels, train, {"tokens": [["Grace", "saw", "Lima", "tomorrow"]]})
    (answer,) = RULES["word-tags"](one).answers or []
    assert [labels[at] for at in answer.argmax(-1)] == ["B-PER", "O", "B-LOC", "O"]


def testchances_of_all_characters_sum_to_one() -> None:
    counts: list[defaultdict[str, Counter[str]]] = [defaultdict(Counter) for _ in range(3)]
    count(counts, "the cat sat on the mat")
    seen = sum(chance(counts, "th", character) for character in set("the cat sat on the mat"))
    unseen = chance(counts, "th", "\U0010ffff") * (ALPHABET - len(set("the cat sat on the mat")))
    assert seen + unseen == pytest.approx(1.0)


def test_familiar_letters_are_foretold_better() -> None:
    one = given(
        "language-modeling", (), {"text": ["the cat sat on the mat"] * 20}, {"text": ["the cat sat", "zq xj vw kp"]}
    )
    familiar, strange = RULES["letters"](one).answers or []
    assert familiar[0] < strange[0] / 4
    assert familiar[2] == 11


def test_the_likest_question_lends_its_answer() -> None:
    def talk(question: str, answer: str) -> list[dict[str, str]]:
        return [{"role": "user", "content": question}, {"role": "assistant", "content": answer}]

    train = {"messages": [talk("how do I boil an egg", "ten minutes"), talk("who wrote Faust", "Goethe")]}
    asked = {"messages": [talk("who was it that wrote Faust?", ""), talk("boil one egg", "")]}
    assert RULES["nearest"](given("chat", (), train, asked)).texts == ["Goethe", "ten minutes"]


@pytest.mark.parametrize(
    ("text", "first"), [("One. Two.", "One."), ("\u4e00\u3002\u4e8c", "\u4e00\u3002"), ("a\nb", "a")]
)
def test_the_first_sentence_ends_where_it_does(text: str, first: str) -> None:
    asked = {"title": ["x"], "content": [text]}
    assert RULES["first-sentence"](given("title-generation", (), asked, asked)).texts == [first]


def test_scores_and_sets_of_labels_have_rules_too() -> None:
    texts = ["red apple", "red sky", "blue apple", "blue sky"] * 5
    scores = given(
        "regression", ("score",), {"text": texts, "score": [1.0, 1.0, 5.0, 5.0] * 5}, {"text": ["red", "blue"]}
    )
    low, high = (float(one[0]) for one in RULES["tfidf-score"](scores).answers or [])
    assert low < 2.5 < 3.5 < high
    assert [float(one[0]) for one in RULES["mean"](scores).answers or []] == [3.0, 3.0]
    labels = [["red"], ["red", "far"], [], ["far"]] * 5
    sets = given("multi-label-classification", ("far", "red"), {"text": texts, "labels": labels}, {"text": ["red sky"]})
    (answer,) = RULES["tfidf-sets"](sets).answers or []
    assert (answer >= 0.5).all()


def test_of_very_many_rows_a_seeded_sample_is_learned_from(tmp_path: Path) -> None:
    table = pa.table({"text": [str(row) for row in range(MOST_ROWS + 500)], "label": ["good"] * (MOST_ROWS + 500)})
    path = tmp_path / "rows.arrow"
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)

    def learned() -> Lesson:
        return lesson(
            TASKS.get("text-classification"), LABELS, train=path, dev=path, held=path, rows=[5, 2], seed=1
        )  # fmt: skip

    assert learned().train.num_rows == MOST_ROWS
    assert learned().train.equals(learned().train)
    assert learned().asked.column("text").to_pylist() == ["5", "2"]


def judged(wrong: int) -> tuple[Any, Lesson]:
    one = of_reviews(20, 60)
    truths = truths_of(one)
    answers = [1 - truth if row < wrong else truth for row, truth in enumerate(truths)]
    return entrant("run", answers, truths), one


def test_a_model_is_set_beside_each_rule_in_words() -> None:
    model, learned = judged(0)
    majority, tfidf = baselines(model, [learned], Resampling(samples=200))
    assert (majority.name, majority.metric) == ("majority", "f1_macro")
    assert majority.difference.value == pytest.approx(1 - majority.metrics["f1_macro"].value)
    assert majority.words.startswith(
        "always the most frequent label: 0.333; this model is 66.7 points of f1_macro better"
    )
    assert tfidf.seconds < 60


def test_a_model_that_is_worse_than_counting_words_is_told_so() -> None:
    model, learned = judged(30)
    _, tfidf = baselines(model, [learned], Resampling(samples=200))
    assert "WORSE" in tfidf.words and tfidf.difference.high < 0 and tfidf.p < 0.05


def test_a_rule_may_be_an_entrant() -> None:
    model, learned = judged(5)
    rule = as_entrant("majority", [learned], model)
    assert rule.plan is None
    assert np.shape(rule.outcomes.answers) == (60, 2)


def test_a_rule_learns_in_each_fold_anew() -> None:
    model, learned = judged(5)
    halves = [replace(learned, asked=learned.asked.slice(first, 30)) for first in (0, 30)]
    one, two = (as_entrant("tfidf", lessons, model) for lessons in ([learned], halves))
    np.testing.assert_allclose(one.outcomes.answers, two.outcomes.answers)
    turned = replace(halves[1], train=learned.train.slice(0, 2))
    other = as_entrant("tfidf", [halves[0], turned], model)
    np.testing.assert_allclose(one.outcomes.answers[:30], other.outcomes.answers[:30])
    assert not np.allclose(one.outcomes.answers[30:], other.outcomes.answers[30:])
