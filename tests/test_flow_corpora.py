"""From a raw corpus to a base model, and from the base to a classifier: causal and masked."""

import json
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from transformers import AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForSequenceClassification, AutoTokenizer

from made import write_reviews
from tunesmith import flow, using
from tunesmith.artifacts import Evaluation, Prepared, Reading
from tunesmith.hall.closing import Result
from tunesmith.rooms.prepare.arrow import batches_of
from tunesmith.runs import read_plan
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

QUICK = {
    "model.name": "scratch",
    "model.scratch_size": "tiny",
    "train.epochs": 2,
    "train.threads": 1,
    "evaluate.bootstrap_samples": 100,
}


def quick(**changes: object) -> Settings:
    return changed(Settings(), QUICK | {name.replace("__", "."): value for name, value in changes.items()})


def write_story(path: Path, scenes: int = 30) -> Path:
    """Scenes of a story, each with its own people and places; blank lines between what is said."""
    draw = np.random.default_rng(5)
    names = [f"{a}{b}" for a in ("Ar", "Bel", "Cor", "Dun", "El", "Fen") for b in ("wen", "mir", "dor", "gal", "ton")]
    lines = []
    for _ in range(scenes):
        one, other, place = draw.choice(names, 3, replace=False)
        for _ in range(6):
            lines += [f"{one}:", f"The road to {place} is long, good {other}.", ""]
            lines += [f"{other}:", f"And yet to {place} we go, my {one}.", ""]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Result]:
    """A decoder from scratch that learned a story."""
    folder = tmp_path_factory.mktemp("corpora")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("TUNESMITH_CACHE", str(folder / "cache"))
        story = write_story(folder / "story.txt")
        settings = quick(read__task="language-modeling", train__batch_size=4, train__learning_rate=5e-3)
        result = flow.start([story], settings, name="base").finish()
        assert isinstance(result, Result)
        yield result


def run_of(result: Result) -> Path:
    return Path(result.evaluation.run)


def test_a_story_is_learned_as_a_story(base: Result) -> None:
    run = run_of(base)
    plan, prepared = read_plan(run / "plan.yaml"), Prepared.load(run / "prepared.json")
    assert plan.settings.prepare.document == "file"
    assert Reading.load(run / "reading.json").documents == prepared.documents
    rows = [
        row for name in prepared.raw for batch in batches_of(Path(prepared.raw[name].path)) for row in batch.to_pylist()
    ]
    whole = "".join(row["text"] for row in sorted(rows, key=lambda row: row["line"]))
    assert whole == Path(plan.files[0]).read_text("utf-8").rstrip("\n")
    # Only the real end is learned as one.
    assert sum(row["ends"] for row in rows) == sum(row["begins"] for row in rows) == 1
    assert base.evaluation.metrics["perplexity"].value < 100
    assert "M parameters" in plan.model.because and "byte-level pieces" in plan.model.because


def test_the_base_writes_in_any_program(base: Result) -> None:
    folder = run_of(base) / "model"
    model, tokenizer = AutoModelForCausalLM.from_pretrained(folder), AutoTokenizer.from_pretrained(folder)
    assert len({tokenizer.pad_token_id, tokenizer.bos_token_id, tokenizer.eos_token_id}) == 3
    asked = tokenizer("The road to ", return_tensors="pt")
    written = model.generate(**asked, max_new_tokens=8, do_sample=False)
    assert tokenizer.decode(written[0], skip_special_tokens=True).startswith("The road to ")


def test_another_file_is_scored_as_documents_like_the_runs_own(base: Result, tmp_path: Path) -> None:
    run = run_of(base)
    other = write_story(tmp_path / "other.txt", 6)
    judged = using.test(run, [other])
    assert judged.rows < 10
    own = using.test(run)
    assert own.metrics["loss"].value == pytest.approx(base.evaluation.metrics["loss"].value, abs=1e-6)


def test_a_plan_is_repeated_with_the_same_documents(base: Result) -> None:
    run = run_of(base)
    again = flow.plan(
        [Path(file) for file in read_plan(run / "plan.yaml").files], read_plan(run / "plan.yaml").settings
    )
    assert again.plan.data_key == read_plan(run / "plan.yaml").data_key


def test_a_classifier_starts_from_the_base(base: Result, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = run_of(base).resolve() / "model"
    monkeypatch.chdir(tmp_path)
    reviews = write_reviews(tmp_path / "reviews.tsv", 120)
    settings = quick(model__name=str(folder), train__epochs=8, train__learning_rate=1e-3)
    result = flow.start([reviews], settings, name="classifier").finish()
    assert isinstance(result, Result)
    assert result.evaluation.metrics["accuracy"].value > 0.8
    model = AutoModelForSequenceClassification.from_pretrained(run_of(result) / "model")
    assert model.config.pad_token_id is not None and len(model.config.id2label) == 2


def test_gaps_are_learned_from_scratch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    story = write_story(tmp_path / "story.txt", 10)
    settings = quick(read__task="masked-language-modeling", train__epochs=1)
    result = flow.start([story], settings, name="masked").finish()
    assert isinstance(result, Result)
    assert set(result.evaluation.metrics) == {"masked_loss", "masked_perplexity", "masked_accuracy"}
    model, tokenizer = (
        kind.from_pretrained(run_of(result) / "model") for kind in (AutoModelForMaskedLM, AutoTokenizer)
    )
    assert model.config.architectures == ["ModernBertForMaskedLM"] and tokenizer.mask_token_id is not None
    first, second = (using.test(run_of(result)) for _ in range(2))
    assert first.metrics == second.metrics
    assert Evaluation.load(run_of(result) / "evaluation.json").main == "masked_loss"
    steps = [json.loads(line) for line in (run_of(result) / "steps.jsonl").read_text("utf-8").splitlines()]
    assert steps[-1]["scores"]["masked_loss"] > 0
