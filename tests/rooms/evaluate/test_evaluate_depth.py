"""What lies behind scores: confidence, thresholds, prices, parts that are worse, rows to look at, changed texts."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from torch import nn

from made import TEMPLATE
from tunesmith.artifacts import Evaluation, Temperature
from tunesmith.metrics.calibration import Decisions
from tunesmith.outcomes import Outcomes
from tunesmith.rooms.evaluate import Held, evaluate, pooled, predict, robustness, temperature
from tunesmith.rooms.evaluate.calibration import kept_temperature, sureness, thresholds
from tunesmith.rooms.evaluate.changes import CHANGES, NEIGHBOURS, case, punctuation, typos, width, word_by_word
from tunesmith.rooms.evaluate.costs import cheapest, costs, prices
from tunesmith.rooms.evaluate.doubts import is_suspect
from tunesmith.rooms.evaluate.features import Features
from tunesmith.rooms.evaluate.pooled import Part, pooled_again
from tunesmith.rooms.evaluate.slices import properties
from tunesmith.rooms.prepare import Encoding, encode_split
from tunesmith.settings import EvaluateSettings
from tunesmith.settings.parse import changed, pairs
from tunesmith.settings.tree import Settings
from tunesmith.tasks import TASKS
from tunesmith.tasks.columns import lists

Maker = Callable[..., Any]
SETTINGS = EvaluateSettings(bootstrap_samples=100, batch_tokens=64)


def draw() -> np.random.Generator:
    return np.random.default_rng(7)


class Noisy(nn.Module):
    """As sure as the first number says, three times too sure: label 1 with a chance of sigmoid((number - 20) / 12)."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, input_ids: torch.Tensor, **others: torch.Tensor) -> SimpleNamespace:
        strength = (input_ids[:, len(TEMPLATE.prefix)].float() - 20) / 4
        return SimpleNamespace(logits=torch.stack([torch.zeros_like(strength), strength], dim=1))


def noisy_rows(count: int, seed: int = 1) -> list[tuple[str, str]]:
    rng = np.random.default_rng(seed)
    numbers = rng.integers(4, 37, count)
    is_pos = rng.random(count) < 1 / (1 + np.exp(-(numbers - 20) / 12))
    return [(f"{n} {rng.integers(4, 60)}", "pos" if pos else "neg") for n, pos in zip(numbers, is_pos, strict=True)]


def scored(case: Any, **held: Any) -> Evaluation:
    rows = Held(encoded=case.encoded, raw=case.raw, sources=case.sources, **held)
    return evaluate(case.subject, rows, settings=SETTINGS, run="runs/x", split="test")


def fitted(made: Any, on: str = "dev") -> Temperature:
    kept = Outcomes.load(made.raw.with_name("outcomes.arrow"))
    return temperature(made.subject.task, kept.truths, kept.answers, on=on, seed=1)


# ---------------------------------------------------------------- confidence


def test_a_temperature_is_fitted_on_other_rows_saved_and_used_by_predict(case: Maker, tmp_path: Path) -> None:
    made = case(noisy_rows(400), model=Noisy())
    plain = scored(made, keep=tmp_path / "outcomes.arrow")
    heat = fitted(made)
    assert heat.temperature == pytest.approx(3.0, rel=0.35)
    assert heat.fitted_on == "dev"
    assert kept_temperature(tmp_path).temperature == 1.0
    heat.write(tmp_path / "calibration.json")
    assert kept_temperature(tmp_path) == heat
    sure = replace(made.subject, temperature=heat)
    found = scored(replace(made, subject=sure))
    assert plain.calibration is not None and found.calibration is not None
    assert plain.calibration.error_after is None
    assert found.calibration.error == plain.calibration.error
    assert found.calibration.error_after is not None
    assert found.calibration.error_after.value < 0.6 * found.calibration.error.value
    assert found.metrics == plain.metrics
    answers = list(predict(sure, made.encoded, raw=made.raw, sources=made.sources, settings=SETTINGS, at_least=0.7))
    before = list(predict(made.subject, made.encoded, raw=made.raw, sources=made.sources, settings=SETTINGS))
    assert [one["label"] for *_, one in answers] == [one["label"] for *_, one in before]
    assert "unsure" not in before[0][2]
    assert all(one["unsure"] == (max(one["scores"].values()) < 0.7) for *_, one in answers)
    assert 0 < sum(one["unsure"] for *_, one in answers) < 400


def test_a_temperature_that_does_not_help_other_rows_stays_one_and_says_why(case: Maker, tmp_path: Path) -> None:
    made = case(noisy_rows(40), model=Noisy())
    scored(made, keep=tmp_path / "outcomes.arrow")
    assert fitted(made) == Temperature(because="only 40 rows to fit it on")
    found = []
    for seed in range(12):
        rng = np.random.default_rng(seed)
        right = [np.asarray([1 - p, p], np.float32) for p in rng.random(400)]
        truths = [int(rng.random() < one[1]) for one in right]
        found.append(temperature(TASKS.get("text-classification"), truths, right, on="dev", seed=1))
    stayed = [one for one in found if one.temperature == 1.0]
    # A parameter that is not needed helps other rows one time in six.
    assert len(stayed) >= 8
    assert "no temperature made confidences of other dev rows truer" in stayed[0].because


def test_tagged_sentences_have_a_confidence_for_each_word(case: Maker, bert: Maker) -> None:
    rng = draw()
    words = [[str(one) for one in rng.integers(4, 60, 6)] for _ in range(60)]
    rows = [(one, ["O" if int(word) % 3 else "B-PER" for word in one]) for one in words]
    made = case(rows, model=bert(3, of_tokens=True), labels=("O", "B-PER", "I-PER"), task="token-classification")
    found = scored(made)
    assert found.calibration is not None
    assert sum(one.rows for one in found.calibration.bins) == 360
    assert found.thresholds[0].answered == 1.0
    assert len(found.doubtful) == 20


def test_a_sentence_is_as_sure_as_its_least_sure_word() -> None:
    decisions = Decisions(
        probabilities=np.asarray([[0.9, 0.1], [0.4, 0.6], [0.8, 0.2]]),
        truths=np.asarray([0, 1, 1]), rows=np.asarray([0, 0, 1]),
    )  # fmt: skip
    found = sureness(decisions, 2)
    assert found.confidence.tolist() == [0.6, 0.8]
    assert found.right.tolist() == [True, False]
    told = thresholds(found)
    assert [(one.at_least, one.answered, one.right.value) for one in told] == [
        (0.0, 1.0, 0.5), (0.5, 1.0, 0.5), (0.6, 1.0, 0.5), (0.7, 0.5, 0.0), (0.8, 0.5, 0.0),
    ]  # fmt: skip


def test_folds_are_judged_by_temperatures_of_other_rows_and_keep_their_answers(case: Maker, tmp_path: Path) -> None:
    made = case(noisy_rows(300), model=Noisy())
    single = scored(made)
    part = Part(subject=made.subject, held=Held(encoded=made.encoded, raw=made.raw, sources=made.sources))
    kept = tmp_path / "kept.arrow"
    found = pooled([part, part], singles=[single, single], settings=SETTINGS, run="x", keep=kept)
    assert found.rows == 600 and Outcomes.load(kept).folds == [1] * 300 + [2] * 300
    assert found.calibration is not None and found.calibration.error_after is not None
    assert found.calibration.fitted_on == "cross-validation"
    assert found.calibration.error_after.value < found.calibration.error.value
    # The models are gone, and what they answered gives the same scores again.
    assert found.calibration is not None
    stays = replace(
        made.subject, model=nn.Identity(), temperature=Temperature(temperature=found.calibration.temperature)
    )
    told, again = Outcomes.load(kept), tmp_path / "again.arrow"
    parts = [replace(part, subject=stays)] * 2
    other = pooled_again(parts, told, singles=[single, single], settings=SETTINGS, run="x", keep=again)
    assert (other.metrics, other.notes, other.mistakes) == (found.metrics, found.notes, found.mistakes)
    assert other.calibration is not None and other.calibration.error_after == found.calibration.error_after
    assert Outcomes.load(again).folds == told.folds and Outcomes.load(again).keys == told.keys


# ---------------------------------------------------------------- prices


def test_the_cheapest_answer_is_not_the_likeliest_where_errors_have_prices() -> None:
    table, strange = prices(["ham", "spam"], {"ham:spam": 9, "eggs": 2})
    assert table.tolist() == [[0, 9], [1, 0]]
    assert strange == ["eggs"]
    # Calling ham spam costs 9: only beyond 90% it pays.
    assert cheapest(np.asarray([[0.15, 0.85], [0.05, 0.95]]), table).tolist() == [0, 1]


def test_what_is_saved_is_counted_by_the_truth() -> None:
    rng = draw()
    spam = rng.random(2000)
    decisions = Decisions(
        probabilities=np.stack([1 - spam, spam], 1), truths=(rng.random(2000) < spam).astype(int),
        rows=np.arange(2000),
    )  # fmt: skip
    found, notes = costs(decisions, ["ham", "spam"], {"ham:spam": 9}, rows=2000)
    assert found is not None and notes == ()
    assert found.saved.value == pytest.approx(found.plain.value - found.least.value)
    # Of uniform confidences: 9/8 + 1/8 before; 0.45 from 0.9 on and below it at most 0.405.
    assert found.plain.value == pytest.approx(1.25, abs=0.15)
    assert found.least.value == pytest.approx(0.45, abs=0.05)
    assert found.saved.low > 0
    assert costs(decisions, ["ham", "spam"], None, rows=2000) == (None, ())


def test_prices_are_typed_as_pairs() -> None:
    given = changed(Settings(), pairs(["costs=ham:spam=9,spam=2"]))
    assert given.evaluate.costs == {"ham:spam": 9.0, "spam": 2.0}


# ---------------------------------------------------------------- parts


def test_the_part_that_is_worse_is_found_among_all(case: Maker) -> None:
    rng = np.random.default_rng(3)
    rows = []
    for at in range(400):
        is_long, is_pos = at // 2 % 4 == 0, rng.random() < 0.5
        is_right = rng.random() < (0.55 if is_long else 0.95)
        number = 36 if is_pos == is_right else 4
        rows.append((" ".join([str(number), *["7"] * (12 if is_long else 2 + at % 3)]), "pos" if is_pos else "neg"))
    found = scored(case(rows)).slices
    worse = [one for one in found if one.is_worse]
    assert [(one.by, one.name, one.rows) for one in worse] == [("length", "13 tokens", 100)]
    assert worse == list(found[:1])
    one = worse[0]
    assert one.metric == "accuracy"
    assert one.value.high < one.rest
    assert one.share_of_errors > 0.6
    assert {other.by for other in found} == {"length", "label", "source"}


def made_features(**changes: Any) -> Features:
    no = np.zeros(100, bool)
    known: dict[str, Any] = {
        "tokens": np.arange(100), "cut": no, "unknown": no, "rare": None, "script": ["Latin"] * 100,
        "source": ["a.tsv"] * 100, "group": None, "columns": {},
    }  # fmt: skip
    return Features(**known | changes)


def test_parts_are_quarters_of_numbers_and_values_of_columns() -> None:
    names = [str(at) for at in range(100)]
    columns = {"price": [str(at % 50) for at in range(100)], "shop": ["x", None] * 50, "label": names}
    found = list(properties(made_features(columns=columns)))
    by = {name: [one for one in found if one.by == name] for name in ("length", "price", "shop", "label", "script")}
    assert [int(one.chosen.sum()) for one in by["length"]] == [26, 25, 24, 25]
    assert len(by["price"]) == 4 and sum(int(one.chosen.sum()) for one in by["price"]) == 100
    assert {one.name for one in by["shop"]} == {"x", "empty"}
    # Labels that look like numbers are still names; of many the most frequent are looked at.
    assert len(by["label"]) == 30
    assert by["script"] == []


def test_rows_that_the_split_kept_together_are_no_independent_draws(case: Maker) -> None:
    made = case(noisy_rows(200), model=Noisy())
    with pa.memory_map(str(made.raw)) as file:
        table = pa.ipc.open_file(file).read_all()
    right = [one == "pos" for one in table.column("label").to_pylist()]
    # Authors whose texts are all of one kind, and so all right or all wrong alike.
    authors = [f"{one}{at % 20}" for at, one in enumerate(right)]
    table = table.append_column("keep.author", pa.array(authors))
    made = replace(made, raw=made.raw.with_name("authors.arrow"))
    with pa.OSFile(str(made.raw), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    plain, grouped = scored(made), scored(made, group_by="author")
    assert grouped.notes == (f"intervals: 200 rows in {len(set(authors))} groups that belong together",)
    assert plain.notes == ()
    assert {name: one.value for name, one in plain.metrics.items()} == {
        name: one.value for name, one in grouped.metrics.items()
    }
    assert grouped.metrics["accuracy"] != plain.metrics["accuracy"]
    # Where all are of one author, how authors differ cannot be seen: each row counts, and it is said.
    one = table.set_column(table.schema.get_field_index("keep.author"), "keep.author", pa.array(["a"] * len(authors)))
    with pa.OSFile(str(made.raw), "wb") as sink, pa.ipc.new_file(sink, one.schema) as writer:
        writer.write_table(one)
    alone = scored(made, group_by="author")
    assert alone.metrics["accuracy"] == plain.metrics["accuracy"]
    assert alone.notes[0].startswith("intervals: all 200 rows are parts of one whole and are taken for independent")


# ---------------------------------------------------------------- rows to look at


def test_a_sure_and_wrong_answer_is_a_suspect_and_an_unsure_one_is_not() -> None:
    sure = [[0.96, 0.04]] * 20 + [[0.04, 0.96]] * 20
    probabilities = np.asarray([*sure, [0.03, 0.97], [0.3, 0.7], [0.07, 0.93]])
    truths = np.asarray([0] * 20 + [1] * 20 + [0, 0, 0])
    found = is_suspect(Decisions(probabilities=probabilities, truths=truths, rows=np.arange(43)))
    # 0.93 is less than the 0.96 with which rows of label 1 are answered.
    assert np.flatnonzero(found).tolist() == [40]
    # A third class, which is never answered: there the model is wrong, not the label.
    wider = np.concatenate([probabilities, np.zeros((43, 1))], axis=1)
    unknown = Decisions(probabilities=wider, truths=np.where(truths == 0, 2, truths), rows=np.arange(43))
    assert not is_suspect(unknown).any()


def test_the_least_sure_rows_are_listed_right_ones_too(case: Maker) -> None:
    found = scored(case([("20 5", "neg"), ("36", "pos"), ("21", "pos"), ("4", "pos")]))
    assert [(one.line, one.truth, one.answer) for one in found.doubtful[:2]] == [(11, "neg", "neg"), (12, "pos", "pos")]
    assert found.doubtful[0].confidence == pytest.approx(0.5)
    assert found.doubtful[0].text == "20 5"


# ---------------------------------------------------------------- changed texts


def test_changes_keep_words_and_are_seeded() -> None:
    text = "The quick brown fox, jumps over the lazy dog."
    assert typos(text, draw()) == typos(text, draw()) != text
    assert len(typos(text, draw()).split()) == 9
    assert case(text, draw()) == text.lower()
    assert case("lower already", draw()) == "LOWER ALREADY"
    assert punctuation(text, draw()) == "The quick brown fox jumps over the lazy dog"
    assert punctuation("...", draw()) == "..."
    assert width(text, draw()) == text
    assert width("价格\uff1a１００", draw()) == "价格:100"
    assert width("价格100", draw()) == "价格１００"
    chinese = "今天天气很好我们去公园玩吧"
    slipped = typos(chinese, draw())
    assert slipped != chinese and set(slipped) <= set(chinese)
    assert set(NEIGHBOURS["g"]) == set("fhtyvb")


def test_no_change_ever_parts_or_drops_a_word_of_a_list() -> None:
    words = ["Das", "ist", "gut", ",", "nicht", "wahr", "?", "ß", "北京", "X1", "..."]
    for change in CHANGES.values():
        for seed in range(20):
            found = word_by_word(change, words, np.random.default_rng(seed))
            assert len(found) == len(words)
            assert all(word and not word.isspace() and len(word.split()) == 1 for word in found)


class Lower(nn.Module):
    """Says ``pos`` for texts that begin with an even id; ids are hashes of words, so any change of a word matters."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, input_ids: torch.Tensor, **others: torch.Tensor) -> SimpleNamespace:
        strength = 4.0 * (input_ids[:, len(TEMPLATE.prefix)] == 7).float() - 2
        return SimpleNamespace(logits=torch.stack([torch.zeros_like(strength), strength], dim=1))


def test_changed_texts_are_scored_on_the_same_rows(case: Maker) -> None:
    def first_letter(texts: pa.StringArray) -> pa.ListArray:
        return lists([7 if word[:1].isupper() else 8 for word in text.split()] for text in texts.to_pylist())

    rows = [("Good morning." if at % 2 else "bad evening", "pos" if at % 2 else "neg") for at in range(120)]
    made = case([("7", "pos")] * 2, model=Lower())
    made = replace_rows(made, rows, first_letter)
    held = Held(encoded=made.encoded, raw=made.raw, sources=made.sources)
    plain = evaluate(made.subject, held, settings=SETTINGS, run="x", split="test")
    assert plain.metrics["accuracy"].value == 1.0
    way = Encoding(task=made.subject.task, encoder=first_letter, labels=made.subject.labels, unknown=1)
    found = robustness(
        plain, made.subject, held, lambda raw, target: encode_split(raw, target, way), seconds=60, settings=SETTINGS
    ).robustness
    by = {one.change: one for one in found}
    assert set(by) == {"typos", "case", "punctuation"}
    # Every text changes its case, and with it every answer turns.
    assert by["case"].rows == 120 and by["case"].answers_changed == 1.0
    assert by["case"].value.value == 0.0
    assert by["case"].difference.value == -1.0 and by["case"].difference.high < -0.9
    assert " ⇒ " in by["case"].example and " → " in by["case"].example
    # Only half of the texts have a stop.
    assert by["punctuation"].rows == 60
    assert by["punctuation"].difference.value == 0.0 and by["punctuation"].example == ""
    short = robustness(plain, made.subject, held, lambda raw, target: encode_split(raw, target, way), seconds=0.0,
                       settings=SETTINGS)  # fmt: skip
    assert short.robustness == () and "no time" in short.notes[-1]


class Tagger(nn.Module):
    """Tags each id by its remainder: 6 is O, 7 is B-PER."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))

    def forward(self, input_ids: torch.Tensor, **others: torch.Tensor) -> SimpleNamespace:
        return SimpleNamespace(logits=4.0 * torch.nn.functional.one_hot(input_ids % 3, 3).float())


def test_changed_words_of_tagged_sentences_keep_their_tags(case: Maker) -> None:
    rng = draw()
    words = [rng.choice(["Ann", "sees", "Rome", "today", "."], 5).tolist() for _ in range(60)]
    tags = [["B-PER" if word == "Ann" else "O" for word in one] for one in words]

    def known(texts: pa.StringArray) -> pa.ListArray:
        return lists([7 if text == "Ann" else 6] for text in texts.to_pylist())

    labels = ("O", "B-PER", "I-PER")
    made = case([(["6"], ["O"])], model=Tagger(), labels=labels, task="token-classification")
    numbers = {"source": pa.array([0] * 60, pa.int32()), "line": pa.array(range(60), pa.int64())}
    table = pa.table({"tokens": words, "tags": tags, **numbers})
    raw, encoded = made.raw.with_name("words.arrow"), made.raw.with_name("ids.arrow")
    with pa.OSFile(str(raw), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    way = Encoding(task=made.subject.task, encoder=known, labels=labels, unknown=1)
    encode_split(raw, encoded, way)
    held = Held(encoded=encoded, raw=raw, sources=made.sources)
    plain = evaluate(made.subject, held, settings=SETTINGS, run="x", split="test")
    assert plain.metrics["f1_micro"].value == 1.0

    def encode(source: Path, target: Path) -> object:
        return encode_split(source, target, way)

    found = robustness(plain, made.subject, held, encode, seconds=60, settings=SETTINGS).robustness
    by = {one.change: one for one in found}
    # In lower case no Ann is known; without punctuation every one still is, and a stop alone stays.
    assert by["case"].rows == 60
    assert by["case"].difference.value == -1.0
    assert by["case"].answers_changed == pytest.approx(np.mean(["Ann" in one for one in words]))
    assert "ann/B-PER" in by["case"].example and "TODAY" not in by["case"].example
    assert "punctuation" not in by


def replace_rows(made: Any, rows: list[tuple[str, str]], encoder: Any) -> Any:
    table = pa.table(
        {
            "text": [text for text, _ in rows],
            "label": [label for _, label in rows],
            "source": pa.array([0] * len(rows), pa.int32()),
            "line": pa.array(range(1, len(rows) + 1), pa.int64()),
        }
    )
    with pa.OSFile(str(made.raw), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    subject = replace(made.subject, encoder=encoder)
    way = Encoding(task=subject.task, encoder=encoder, labels=subject.labels, unknown=1)
    encode_split(made.raw, made.encoded, way)
    return replace(made, subject=subject)
