"""Encoder and decoder: the loss is the model's own, masks come from lengths, and the answer is never cut."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from torch.nn.functional import cross_entropy
from transformers import AutoConfig, AutoModelForSeq2SeqLM

from made import encoded
from tunesmith.artifacts import Template
from tunesmith.models.encoding import encoding_for
from tunesmith.models.inputs import tensors
from tunesmith.models.kinds import writes
from tunesmith.models.tokenizer import load_tokenizer
from tunesmith.settings import PrepareSettings
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.task import IGNORED, Task

WORDS = ["<pad>", "<s>", "</s>", "<unk>", *"abcdefgh"]
ROWS = {"title": ["a b", "c", "d e f"], "content": ["a b c d e", "g h", None]}
CONFIGS: dict[str, dict[str, Any]] = {
    "t5": {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 2, "decoder_start_token_id": 0},
    "bart": {
        "d_model": 16,
        "encoder_layers": 1,
        "decoder_layers": 1,
        "encoder_attention_heads": 2,
        "decoder_attention_heads": 2,
        "encoder_ffn_dim": 32,
        "decoder_ffn_dim": 32,
        "max_position_embeddings": 32,
        "decoder_start_token_id": 2,
        "forced_eos_token_id": 2,
    },
}
FRAMES = {"t5": "$A </s>", "bart": "<s> $A </s>"}


@pytest.fixture(params=CONFIGS)
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A tiny model of this kind with its tokenizer."""
    kind = request.param
    tokenizer = Tokenizer(models.WordLevel({word: at for at, word in enumerate(WORDS)}, "<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(WORDS[:4])
    specials = [(word, WORDS.index(word)) for word in ("<s>", "</s>")]
    tokenizer.post_processor = processors.TemplateProcessing(single=FRAMES[kind], special_tokens=specials)
    tokenizer.save(str(tmp_path / "tokenizer.json"))
    names = {"pad_token": "<pad>", "eos_token": "</s>", "unk_token": "<unk>"}
    named = {"tokenizer_class": "PreTrainedTokenizerFast", **names}
    (tmp_path / "tokenizer_config.json").write_text(json.dumps(named), encoding="utf-8")
    config = AutoConfig.for_model(
        kind, vocab_size=len(WORDS), pad_token_id=0, bos_token_id=1, eos_token_id=2, **CONFIGS[kind]
    )
    torch.manual_seed(3)
    AutoModelForSeq2SeqLM.from_config(config).save_pretrained(tmp_path)
    return tmp_path


@pytest.fixture
def task() -> Task:
    return TASKS.get("seq2seq-generation")


@pytest.fixture
def prepared(folder: Path, task: Task, tmp_path: Path) -> tuple[Encoded, Template]:
    encoder, template = encoding_for(task, load_tokenizer(folder), folder, PrepareSettings())
    columns = task.encode(pa.RecordBatch.from_pydict(ROWS), encoder, (), template.unknown)
    return encoded(tmp_path / "rows.arrow", [columns]), template


def test_the_loss_is_the_models_own(folder: Path, task: Task, prepared: tuple[Encoded, Template]) -> None:
    rows, template = prepared
    items = task.items(rows, 32, template)
    batch = task.collate(rows, items, np.arange(len(items)), template)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder).eval()
    with torch.no_grad():
        logits = model(**tensors(batch, torch.device("cpu"))).logits
        ours = cross_entropy(logits.flatten(0, 1), torch.from_numpy(batch["labels"]).flatten(), ignore_index=IGNORED)
        tokenizer = load_tokenizer(folder)
        tokenizer.padding_side = "right"
        read = tokenizer(ROWS["title"][:2], padding=True, return_tensors="pt")
        written = tokenizer(ROWS["content"][:2], padding=True, return_tensors="pt")
        labels = written["input_ids"].masked_fill(written["attention_mask"] == 0, IGNORED)
        theirs = model(input_ids=read["input_ids"], attention_mask=read["attention_mask"], labels=labels).loss
    assert float(ours) == pytest.approx(float(theirs), abs=1e-6)


def test_the_model_is_known_to_answer_what_it_read(folder: Path) -> None:
    assert writes(folder) == "seq2seq"


def test_what_is_read_gives_way_at_its_end_and_the_answer_never(folder: Path, tmp_path: Path) -> None:
    task = TASKS.get("seq2seq-title-generation")
    encoder, template = encoding_for(task, load_tokenizer(folder), folder, PrepareSettings())
    raw = {"title": ["a b", "c d e f", "g", None], "content": ["a b c d e", "g h", "h", "a"]}
    rows = encoded(tmp_path / "t.arrow", [task.encode(pa.RecordBatch.from_pydict(raw), encoder, (), template.unknown)])
    around = len(template.prefix) + len(template.suffix)
    tight = task.items(rows, 2 + around, template)
    batch = task.collate(rows, tight, np.asarray([0]), template)
    assert batch["input_ids"][0].tolist() == [*template.prefix, *map(WORDS.index, "ab"), *template.suffix]
    assert batch["labels"][0].tolist() == [*template.prefix, *map(WORDS.index, "ab"), WORDS.index("</s>")]
    assert task.lost is not None
    lost = task.lost(rows, tight)
    assert (lost.cut.tolist(), lost.cut_tokens, lost.left_out.tolist()) == ([0], 3, [1])
    dropping = template.model_copy(update={"truncation": "drop"})
    assert task.items(rows, 2 + around, dropping).row.tolist() == [2]
    assert task.items(rows, 32, dropping).row.tolist() == [0, 1, 2]


def test_what_is_asked_has_the_special_tokens(task: Task, prepared: tuple[Encoded, Template]) -> None:
    rows, template = prepared
    assert task.prompt is not None
    asked = task.prompt(rows, 2).tolist()
    assert asked == [*template.prefix, *map(WORDS.index, "def"), *template.suffix]
