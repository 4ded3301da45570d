"""A model that writes, from talks to a judged run that answers: in files, in a conversation, on the command line."""

import io
import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tunesmith import flow, using
from tunesmith.artifacts import Evaluation
from tunesmith.cli.app import run as command
from tunesmith.errors import RunError, SettingsError
from tunesmith.hall.closing import Result
from tunesmith.models import conversation as conversations
from tunesmith.models.loading import reload
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed
from tunesmith.using import answering, opened
from writers import END, PAD, START, UNKNOWN, write_talks, write_writer

WISHES = {"train.epochs": 2, "train.threads": 1, "evaluate.bootstrap_samples": 100, "train.learning_rate": 0.01}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Result]:
    """One small run for all tests here."""
    folder = tmp_path_factory.mktemp("writers")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TUNESMITH_CACHE", str(folder / "cache"))
        patch.chdir(folder)
        model = write_writer(folder / "base")
        settings = changed(Settings(), {**WISHES, "model.name": str(model)})
        session = flow.start([write_talks(folder / "talks.jsonl")], settings, name="talks")
        result = session.finish()
        yield replace(result, report=result.report.resolve())


@pytest.fixture
def folder(finished: Result) -> Path:
    return finished.report.parent


def test_it_is_judged_by_what_it_writes(finished: Result) -> None:
    found = finished.evaluation
    assert {"rouge_1", "chrf", "bleu", "exact_match", "distinct_2", "repetition", "stop_rate"} <= set(found.metrics)
    assert found.metrics["perplexity"].value < found.base["perplexity"].value
    assert set(found.base) >= {"rouge_1", "loss"}
    assert found.written == found.rows == 8
    assert any("8 rows of 8" in note for note in found.notes)
    assert not found.mistakes and not found.per_class


def test_people_judge_it_beside_its_base(finished: Result, folder: Path, tmp_path: Path) -> None:
    told: list[str] = []
    rating = using.rate([folder], using.Wishes(against="base", folder=tmp_path / "rating"), tell=told.append)
    items, terms = rating.store.items(), rating.store.terms
    rating.close()
    assert (terms.kind, terms.systems) == ("ab", ("talks", "base"))
    assert len(told) == 1 and "base writes 8 answers" in told[0], "its own are kept since it was judged"
    shown = {item.prompt: [one.text for one in item.answers] for item in items if not item.is_gold}
    for sample in finished.evaluation.samples:
        assert shown.get(sample.prompt, [sample.answer, sample.base]) == [sample.answer, sample.base]
    assert len(shown) + terms.alike == 8 and len(shown) > 4


def test_people_judge_a_run_that_kept_no_answers(finished: Result, folder: Path, tmp_path: Path) -> None:
    shutil.copytree(folder, tmp_path / "old")
    (tmp_path / "old/outcomes.arrow").unlink()
    told: list[str] = []
    rating = using.rate([tmp_path / "old"], using.Wishes(), tell=told.append)
    items, kind = rating.store.items(), rating.store.terms.kind
    rating.close()
    assert (kind, len(told)) == ("scale", 2)
    assert "old answers 8 rows again" in told[0] and "old writes 8 answers" in told[1]
    shown = {item.prompt: item.answers[0].text for item in items}
    assert all(shown[sample.prompt] == sample.answer for sample in finished.evaluation.samples)


def test_samples_stand_side_by_side(finished: Result) -> None:
    for sample in finished.evaluation.samples:
        assert sample.prompt.startswith("what is ") and sample.prompt.endswith("?")
        assert sample.reference.startswith("a ")
        assert sample.base is not None and sample.base != sample.answer
        assert sample.path.endswith("talks.jsonl") and sample.line > 0
    hardest = [row.loss for row in finished.evaluation.hardest]
    assert hardest == sorted(hardest, reverse=True) and len(hardest) == 8


def test_how_it_writes_lies_with_its_weights(finished: Result, folder: Path) -> None:
    """PITFALLS 25: any program that loads the model stops, and keeps quiet about, what it was judged with."""
    own = reload(folder / "model", "AutoModelForCausalLM").generation_config
    assert own.eos_token_id == END and own.pad_token_id == PAD
    assert own.suppress_tokens == [PAD, START, UNKNOWN]
    # The longest answer, "a bird is thing 4.", and its end are 19; a fifth more.
    assert own.max_new_tokens == 23


def test_running_text_is_gone_on_with(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    lines = [f"the {thing} of number {at} is {thing} {at % 7}." for at in range(60) for thing in ("sea", "sun")]
    (tmp_path / "lines.txt").write_text("\n".join(lines) + "\n", encoding="utf-8")
    wishes = {**WISHES, "train.epochs": 1, "read.task": "language-modeling", "prepare.document": "line"}
    settings = changed(Settings(), {**wishes, "model.name": str(write_writer(tmp_path / "base"))})
    result = flow.start([tmp_path / "lines.txt"], settings, name="lines").finish()
    found = result.evaluation
    assert found.metrics["perplexity"].value < found.base["perplexity"].value
    assert "rouge_1" not in found.metrics and found.written == 0
    assert len(found.samples) == 3
    for sample in found.samples:
        assert any(line.startswith(sample.prompt) and line.endswith(sample.reference) for line in lines)
        assert sample.answer and sample.base
    assert "Perplexity was" in result.report.read_text(encoding="utf-8")
    talk = using.chat(result.report.parent)
    assert talk.reply("the sea").text and len(talk.turns) == 2
    talk.reply("the sun")
    assert len(talk.turns) == 2


def test_the_page_and_the_card_speak_of_writing(finished: Result, folder: Path) -> None:
    page = finished.report.read_text(encoding="utf-8")
    for text in ("What it writes", "before training", "ROUGE-1", "Rows that surprised it most", "what is "):
        assert text in page
    assert "Errors and doubts" not in page and "one of 0 labels" not in page
    card = (folder / "model" / "README.md").read_text(encoding="utf-8")
    assert "pipeline_tag: text-generation" in card
    assert "before training" in card and 'pipeline("text-generation"' in card


def test_predict_writes_an_answer_for_each_row(folder: Path, tmp_path: Path) -> None:
    asked = tmp_path / "asked.jsonl"
    asked.write_text('{"question": "what is cat number 1?"}\n{"question": ""}\n{"question": "what is sea?"}\n', "utf-8")
    found = list(using.predict(folder, asked))
    assert [one["line"] for one in found] == [1, 2, 3]
    assert "error" in found[1]
    assert all(isinstance(one["answer"], str) and isinstance(one["stopped"], bool) for one in (found[0], found[2]))
    talked = using.chat(folder).reply("what is cat number 1?")
    assert talked.text.strip() == found[0]["answer"]


def test_only_how_it_writes_can_still_be_wished(folder: Path, tmp_path: Path) -> None:
    asked = tmp_path / "asked.jsonl"
    asked.write_text('{"question": "what is cat number 1?"}\n', "utf-8")
    short = list(using.predict(folder, asked, wishes={"max_new_tokens": 3}))
    assert len(short[0]["answer"]) <= 3 and not short[0]["stopped"]
    with pytest.raises(SettingsError, match=r"train\.epochs.*a setting of generate"):
        using.chat(folder, wishes={"epochs": 3})


def test_a_conversation_remembers_until_its_window_is_full(folder: Path) -> None:
    talk = using.chat(folder, system="be kind")
    first = talk.reply("what is cat?")
    assert (first.forgotten, first.cut) == (0, 0)
    assert [turn["role"] for turn in talk.turns] == ["user", "assistant"]
    forgotten = [talk.reply(f"what is dog number {at}?").forgotten for at in range(6)]
    assert sum(forgotten) > 0 and set(forgotten) <= {0, 2, 4}
    assert talk.turns[0]["role"] == "user"
    talk.reset()
    assert talk.turns == [] and talk.system == "be kind"
    assert talk.reply("what is " + 40 * "cat " + "?").cut > 0


def test_an_interrupted_answer_stays_as_far_as_it_was_heard(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = conversations.speak

    def interrupted(model: Any, prompt: Any, manner: Any, heard: Any) -> Any:
        seen: list[int] = []

        def ear(token: int) -> None:
            heard(token)
            seen.append(token)
            if len(seen) == 3:
                raise KeyboardInterrupt

        return real(model, prompt, manner, ear)

    talk, pieces = using.chat(folder), []
    whole = talk.reply("what is cat?").text
    talk.reset()
    monkeypatch.setattr(conversations, "speak", interrupted)
    reply = talk.reply("what is cat?", pieces.append)
    assert reply.is_interrupted and not reply.has_stopped
    assert reply.text == "".join(pieces) == whole[:3]
    assert talk.turns[-1] == {"role": "assistant", "content": whole[:3]}


def test_the_terminal_answers_line_by_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = "what is cat?\n\n/system be kind\nwhat is sea?\n/reset\n/nonsense\n/quit\nnever read\n"
    monkeypatch.setattr("sys.stdin", io.StringIO(said))
    assert command(["chat", str(folder), "max_new_tokens=8"]) == 0
    out, err = capsys.readouterr()
    assert len(out.splitlines()) == 2
    assert "system text set" in err and "forgotten" in err and "/quit leaves" in err
    monkeypatch.setattr("sys.stdin", io.StringIO("what is cat?\n/quit\n"))
    assert command(["chat", str(folder), "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert set(answer) == {"answer", "stopped", "forgotten_turns", "cut_tokens"}


def test_the_terminal_shows_what_was_written(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.parents[1])
    assert command(["test", str(folder)]) == 0
    out = capsys.readouterr().out
    for text in ("rouge_1", "before training", "given", "writes", "right", "surprised it most"):
        assert text in out
    assert "precision" not in out
    assert Evaluation.load(folder / "evaluation.json").samples[0].prompt.replace("\n", " ") in out


def test_a_run_that_gives_labels_does_not_talk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, plan = opened.finished(folder)
    labelling = plan.model_copy(update={"task": "text-classification"})
    monkeypatch.setattr(answering, "finished", lambda asked: (run, labelling))
    with pytest.raises(RunError, match="tunesmith predict"):
        using.chat(folder)
