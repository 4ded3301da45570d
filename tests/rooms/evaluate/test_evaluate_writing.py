"""What a writing model is judged by, with answers that are known beforehand."""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tunesmith.artifacts import Evaluation, Interval, RowCount, Source, Template
from tunesmith.metrics.sheet import Resampling
from tunesmith.models.decoding import Spoken, decoder
from tunesmith.models.manner import Manner
from tunesmith.models.writing import Answer, fitted
from tunesmith.rooms.evaluate import Subject, writers, written
from tunesmith.rooms.evaluate.hardest import hardest
from tunesmith.rooms.evaluate.rows import RawRows
from tunesmith.rooms.evaluate.subject import Pen
from tunesmith.rooms.prepare import Encoding, encode_split
from tunesmith.settings import Settings
from tunesmith.tasks import TASKS
from tunesmith.tasks.columns import lists
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.talks import ASSISTANT, TALK
from tunesmith.tasks.task import Talks

END, ASK = 2, 3
TEMPLATE = Template(prefix=(1,), middle=(), suffix=(), pad=0, unknown=0, has_types=False, end=END)
MANNER = Manner(max_new_tokens=20, window=60, ends=(END,), banned=(), start=1, pad=0)


def ids_of(text: str) -> list[int]:
    return [ord(letter) for letter in text]


def text_of(ids: Any) -> str:
    return "".join(chr(token) for token in ids if token > ASK)


def talks(rows: pa.ListArray) -> Talks:
    """A question, a sign that asks, an answer and its end; all of the question may give way."""
    ids, target, cuts = [], [], []
    for talk in rows.to_pylist():
        question = ids_of(talk[0]["content"])
        answer = [*ids_of(talk[1]["content"]), END] if len(talk) > 1 else []
        ids.append([1, *question, ASK, *answer])
        target.append([0] * (len(question) + 2) + [1] * len(answer))
        cuts.append([1, 1 + len(question)])
    return Talks(lists(ids), lists(target), lists(cuts))


@dataclass(frozen=True)
class Held:
    """Rows on disk with a subject that is asked about them."""

    subject: Subject
    held: writers.Held
    table: Encoded
    raw: RawRows


@pytest.fixture
def held(tmp_path: Path) -> Callable[..., Held]:
    """``held([(question, answer), …])``: from line 5 on of a.jsonl; an answer may be None."""

    def make(pairs: Sequence[tuple[str, str | None]], *, manner: Manner = MANNER) -> Held:
        said = [
            [{"role": "user", "content": question}, *([{"role": ASSISTANT, "content": answer}] if answer else [])]
            for question, answer in pairs
        ]
        schema = pa.schema([("messages", TALK), ("source", pa.int32()), ("line", pa.int64())])
        raw, target = tmp_path / "raw.arrow", tmp_path / "encoded.arrow"
        with pa.OSFile(str(raw), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
            columns = {"messages": said, "source": [0] * len(said), "line": list(range(5, 5 + len(said)))}
            writer.write_batch(pa.RecordBatch.from_pydict(columns, schema=schema))
        task = TASKS.get("chat")
        encode_split(raw, target, Encoding(task=task, encoder=talks, labels=(), unknown=0))
        subject = Subject(
            model=None, task=task, labels=(), template=TEMPLATE, encoder=talks, max_length=60,  # type: ignore[arg-type]
            pen=Pen(manner=manner, decode=text_of),
        )  # fmt: skip
        count = RowCount(total=len(said), used=len(said), rejected=0)
        source = Source(path="a.jsonl", split="test", format="jsonl", encoding="utf-8", bytes=1, sha256="", rows=count)
        own = writers.Held(encoded=target, raw=raw, sources=(source,))
        return Held(subject, own, Encoded(target), RawRows(raw, (source,)))

    return make


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What writes instead of a model: ``answers[model](question)``, and how long a prompt takes it."""
    script: dict[str, Any] = {"answers": {}, "seconds": 0.0, "asked": []}

    def write(model: Any, prompts: Sequence[Any], manner: Manner, **given: Any) -> Iterator[Answer]:
        for prompt in prompts:
            time.sleep(script["seconds"])
            script["asked"].append(text_of(prompt))
            text = script["answers"][model](text_of(prompt))
            yield Answer(np.asarray(ids_of(text)), len(text) < manner.max_new_tokens)

    monkeypatch.setattr(written, "write", write)
    return script


def judged(case: Held, settings: Settings | None = None, *, seconds: float | None = None) -> Evaluation:
    plan: Any = type("Plan", (), {"settings": settings or Settings()})()
    one = Interval(value=1.0, low=1.0, high=1.0)
    found = Evaluation(
        run="r", split="test", rows=len(case.table), main="loss", metrics={"loss": one}, per_class={}
    )  # fmt: skip
    return writers.judge_writing(found, case.subject, case.held, plan=plan, seconds=seconds)


@pytest.fixture
def no_base(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writers, "base", lambda subject, plan: "nothing came before")


PAIRS = [(f"what is {at}", f"it is {at * at}") for at in range(30)]


def squared(question: str) -> str:
    return f"it is {int(question.rsplit(maxsplit=1)[-1]) ** 2}"


@pytest.mark.usefixtures("no_base")
def test_perfect_answers_score_one(held: Callable[..., Held], scripted: dict[str, Any]) -> None:
    scripted["answers"][None] = squared
    found = judged(held(PAIRS))
    for name in ("rouge_1", "rouge_l", "chrf", "bleu", "exact_match", "stop_rate", "length_ratio"):
        assert found.metrics[name].value == pytest.approx(1.0), name
    assert (found.written, found.base, len(found.samples)) == (30, {}, writers.SAMPLES)
    assert "nothing came before" in found.notes
    for sample in found.samples:
        assert sample.answer == sample.reference == squared(sample.prompt)
        assert sample.line == 5 + int(sample.prompt.split()[-1])
        assert sample.base is None


def test_the_model_before_training_writes_to_the_same_rows(
    held: Callable[..., Held], scripted: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    before: Any = "before"
    scripted["answers"] |= {None: squared, before: lambda question: "no idea at all, none whatever"}
    monkeypatch.setattr(writers, "base", lambda subject, plan: replace(subject, model=before))
    one = Interval(value=4.0, low=3.0, high=5.0)
    monkeypatch.setattr(writers, "_losses", lambda case: {"loss": one})
    found = judged(held(PAIRS))
    assert found.base["loss"] == one
    assert found.base["rouge_1"].value == 0.0 and found.metrics["rouge_1"].value == pytest.approx(1.0)
    assert found.base["stop_rate"].value == 0.0
    assert {sample.base for sample in found.samples} == {"no idea at all, none whatever"}
    half = len(scripted["asked"]) // 2
    assert scripted["asked"][:half] == scripted["asked"][half:]


@pytest.mark.usefixtures("no_base")
def test_only_rows_with_an_answer_are_written_to_and_no_more_than_wanted(
    held: Callable[..., Held], scripted: dict[str, Any]
) -> None:
    scripted["answers"][None] = squared
    case = held([*PAIRS[:6], *((question, None) for question, _ in PAIRS[6:])])
    assert judged(case).written == 6
    some = judged(case, Settings.model_validate({"evaluate": {"written_rows": 4}}))
    assert some.written == 4 and any("4 rows of 30" in note for note in some.notes)


@pytest.mark.usefixtures("no_base")
def test_time_ends_the_writing_not_the_run(held: Callable[..., Held], scripted: dict[str, Any]) -> None:
    scripted["answers"][None] = squared
    scripted["seconds"] = 0.01
    in_time = judged(held(PAIRS), seconds=0.3)
    # Half of the time is the base's. The first slice is always written, and a second one no longer fits whole.
    assert written.FIRST_SLICE <= in_time.written < len(PAIRS)
    assert f"{in_time.written} rows of 30" in " ".join(in_time.notes)
    scripted["seconds"] = 0.05
    assert judged(held(PAIRS), seconds=0.1).written == written.FIRST_SLICE  # which took longer than there was time
    scripted["seconds"] = 0.0
    asked = judged(held(PAIRS), Settings.model_validate({"evaluate": {"written_rows": 30}}), seconds=0.01)
    assert asked.written == 30


@pytest.mark.usefixtures("no_base")
def test_a_model_without_an_end_has_no_rate_of_stopping(held: Callable[..., Held], scripted: dict[str, Any]) -> None:
    scripted["answers"][None] = squared
    found = judged(held(PAIRS[:4], manner=replace(MANNER, ends=())))
    assert "stop_rate" not in found.metrics
    assert any("no end token" in note for note in found.notes)


def test_a_prompt_too_long_loses_what_was_said_not_the_form_around_it(held: Callable[..., Held]) -> None:
    case = held([("x" * 70 + "end", "a"), ("short", "b")])
    prompt = written.prompt_of(case.subject, case.table, 0)
    assert len(prompt) == len(fitted(prompt, MANNER)) <= 60 - 15
    assert prompt[0] == 1 and prompt[-1] == ASK and text_of(prompt).endswith("xend")
    assert written.prompt_of(case.subject, case.table, 1).tolist() == [1, *ids_of("short"), ASK]


def test_the_hardest_rows_come_first_and_short_ones_do_not_count(held: Callable[..., Held]) -> None:
    case = held([*PAIRS[:2], ("what is 2", "x" * 3000), PAIRS[3]])
    sums = [np.asarray(one, float) for one in ((10, 0, 10), (90, 0, 10), (50, 0, 1), (20, 0, 10))]
    found = hardest(case.subject.task, [0, 1, 2, 3], sums, case.raw)
    assert [(row.line, row.loss, row.tokens) for row in found] == [(6, 9.0, 10), (8, 2.0, 10), (5, 1.0, 10)]
    assert found[0].text == "it is 1"
    only_short = hardest(case.subject.task, [2], [sums[2]], case.raw)
    assert [(row.line, len(row.text)) for row in only_short] == [(7, 2000)]
    assert hardest(TASKS.get("text-classification"), [0], [sums[0]], case.raw) == ()


def test_scores_rest_on_what_was_written(held: Callable[..., Held]) -> None:
    case = held(PAIRS[:3])
    given = written.asked(case.subject, case.table, case.raw, most=9, seed=1)
    assert sorted(given.rows) == [0, 1, 2]
    came = [Answer(np.asarray(ids_of(reference)), True) for reference in given.references[:2]]
    assert written.scores(case.subject, given, came, Resampling(samples=0)).values()["exact_match"] == 1.0


def test_part_of_a_character_waits_for_the_rest(shared_models: Path) -> None:
    from tunesmith.models.tokenizer import load_tokenizer

    tokenizer = load_tokenizer(shared_models / "tokenizers" / "gpt2")
    ids = tokenizer.encode("a 明月 ok")
    told: list[str] = []
    spoken = Spoken(decoder(tokenizer), told.append)
    for token in ids:
        spoken.hear(token)
    assert spoken.finish() == "".join(told) == "a 明月 ok"
    assert len(ids) > len(told) > 2 and "\ufffd" not in "".join(told)


def test_spaces_that_a_tokenizer_made_up_are_gone(shared_models: Path) -> None:
    from tunesmith.models.tokenizer import load_tokenizer

    tokenizer = load_tokenizer(shared_models / "tokenizers" / "bert-base-chinese")
    ids = tokenizer.encode("春眠不觉晓,hello world", add_special_tokens=False)
    assert decoder(tokenizer)(ids).replace(", ", ",") == "春眠不觉晓,hello world"
