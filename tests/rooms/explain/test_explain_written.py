"""What comes next, what fits into a gap, and an encoder with a decoder: with small random models."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForMaskedLM, AutoModelForSeq2SeqLM

from tunesmith.errors import DataError
from tunesmith.models.decoding import decoder
from tunesmith.models.encoding import encoding_for
from tunesmith.models.manner import manner_of
from tunesmith.models.tokenizer import load_tokenizer
from tunesmith.models.writing import write
from tunesmith.rooms.explain import Explained, Reader, Row, explain
from tunesmith.rooms.prepare import Encoding, encode_split, pieces
from tunesmith.settings import GenerateSettings, PrepareSettings
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded
from writers import LETTERS, write_writer

SHAPE = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
IDS = {"vocab_size": len(LETTERS), "pad_token_id": 0, "bos_token_id": 1, "eos_token_id": 2}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_writer(tmp_path / "letters")


def ready(folder: Path, task_name: str, model: Any, columns: dict[str, list[str | None]]) -> tuple[Reader, Row]:
    """A model and a row as ``using`` hands them over."""
    model.save_pretrained(folder)
    task, tokenizer = TASKS.get(task_name), load_tokenizer(folder)
    encoder, template = encoding_for(task, tokenizer, folder, PrepareSettings())
    raw = folder / "raw.arrow"
    batch = pa.RecordBatch.from_pydict({name: pa.array(values, pa.string()) for name, values in columns.items()})
    with pa.OSFile(str(raw), "wb") as sink, pa.ipc.new_file(sink, batch.schema) as file:
        file.write_batch(batch)
    encode_split(raw, folder / "rows.arrow", Encoding(task=task, encoder=encoder, labels=(), unknown=template.unknown))
    is_writing = task.prompt is not None
    wished = GenerateSettings(max_new_tokens=5)
    reader = Reader(
        model=model.eval().requires_grad_(False),
        tokenizer=tokenizer,
        task=task,
        labels=(),
        template=template,
        max_length=48,
        cut=pieces,
        clean=str,
        manner=manner_of(model, tokenizer, wished, folder=folder, is_running=False) if is_writing else None,
        decode=decoder(tokenizer),
        prompt=task.prompt,
    )
    return reader, Row(columns=batch.to_pylist()[0], table=Encoded(folder / "rows.arrow"), at=0)


def made(auto: Any, kind: str, **own: Any) -> Any:
    torch.manual_seed(3)
    return auto.from_config(AutoConfig.for_model(kind, **(IDS | own)))


def told(found: Explained) -> list[str]:
    return [word.text for word in found.explanation.words]


def test_what_comes_next_is_the_likeliest_token(folder: Path) -> None:
    model = made(AutoModelForCausalLM, "llama", **SHAPE, max_position_embeddings=64, initializer_range=0.5)
    reader, row = ready(folder, "language-modeling", model, {"text": ["the cat is here"]})
    found = explain(reader, row, run="runs/x").explanation
    ids = torch.tensor([[1, *(LETTERS.index(one) for one in "the cat is here")]])
    shares = model(input_ids=ids).logits[0, -1].softmax(-1)
    assert (found.about, found.answer) == ("next", LETTERS[int(shares.argmax())].strip() or found.answer)
    assert found.value == pytest.approx(float(shares.max()), abs=1e-5)
    assert [word.text for word in found.words] == ["the", "cat", "is", "here"]


def test_of_a_text_that_is_too_long_the_end_is_read(folder: Path) -> None:
    model = made(AutoModelForCausalLM, "llama", **SHAPE, max_position_embeddings=64)
    reader, row = ready(folder, "language-modeling", model, {"text": ["one two " * 20]})
    found = explain(reader, row, run="runs/x").explanation
    assert any("its start had no part" in note for note in found.notes)
    assert len(found.words) < 40 and found.words[-1].text == "two"


def test_a_gap_is_filled_and_its_word_brings_nothing(folder: Path) -> None:
    model = made(AutoModelForMaskedLM, "bert", **SHAPE, max_position_embeddings=64, initializer_range=0.5)
    reader, row = ready(folder, "masked-language-modeling", model, {"text": ["the elephant is here"]})
    found = explain(reader, row, run="runs/x").explanation
    assert found.about == "next" and found.focus == 1, "the longest word"
    assert not found.words[1].is_read and found.words[1].gradient == 0.0
    other = explain(reader, row, run="runs/x", word=3).explanation
    assert other.focus == 3 and other.words[1].is_read
    with pytest.raises(DataError, match="a word from 1 to 4; got 8"):
        explain(reader, row, run="runs/x", word=7)


def test_an_encoder_with_a_decoder_is_explained_by_what_it_read(folder: Path) -> None:
    own = {"d_model": 16, "d_kv": 8, "num_heads": 2, "num_layers": 1, "d_ff": 32, "decoder_start_token_id": 0}
    model = made(AutoModelForSeq2SeqLM, "t5", **own)
    rows: dict[str, list[str | None]] = {"title": ["a cat and a dog"], "content": [None]}
    reader, row = ready(folder, "seq2seq-generation", model, rows)
    found = explain(reader, row, run="runs/x")
    assert reader.manner is not None and reader.prompt is not None and reader.decode is not None
    answer = next(iter(write(model, [reader.prompt(row.table, 0)], reader.manner, tokens=4096)))
    assert found.explanation.answer == reader.decode(answer.ids).strip()
    assert told(found) == ["a", "cat", "and", "a", "dog"]
    assert set(found.explanation.heads) == {"encoder", "decoder", "cross"}
    assert found.explanation.positions == "relative" and found.explanation.value < 0
