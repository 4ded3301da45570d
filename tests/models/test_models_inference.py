"""Every row answered once and in order, whatever the batches; the model left as it was found."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from transformers import BertConfig, BertForSequenceClassification

from made import TEMPLATE, encoded
from tunesmith.errors import UserError
from tunesmith.models import inference
from tunesmith.models.inference import Batching, infer
from tunesmith.models.inputs import tensors
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded

ROWS = 23
WORDS = [3, 41, 1, 40, 2, 39, 5]
"""Words of the tagged sentences: three of them need several windows of 40 tokens."""


class Echo(nn.Module):
    """Scores each token by its own id, so that an answer shows which token it is of; notes each batch's shape."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(1))
        self.shapes: list[tuple[int, int]] = []
        self.modes: list[tuple[bool, bool]] = []

    def forward(self, input_ids: torch.Tensor, **others: torch.Tensor) -> SimpleNamespace:
        self.shapes.append(tuple(input_ids.shape))
        self.modes.append((self.training, torch.is_inference_mode_enabled()))
        ids = input_ids.float()
        return SimpleNamespace(logits=torch.stack([ids / 100, torch.zeros_like(ids)], dim=-1))


@pytest.fixture
def texts(tmp_path: Path) -> Encoded:
    """23 rows of unequal length."""
    random = np.random.default_rng(3)
    rows = {
        "ids": [random.integers(4, 40, size=int(random.integers(1, 20))).tolist() for _ in range(ROWS)],
        "label": [at % 2 for at in range(ROWS)],
        "row": list(range(ROWS)),
    }
    return encoded(tmp_path / "texts.arrow", [rows])


@pytest.fixture
def sentences(tmp_path: Path) -> Encoded:
    """Tagged sentences of one piece a word; word w of row r has the id 50 (r + 1) + w."""
    rows = {
        "ids": [[50 * (row + 1) + word for word in range(count)] for row, count in enumerate(WORDS)],
        "heads": [list(range(count)) for count in WORDS],
        "tags": [[0] * count for count in WORDS],
        "row": list(range(len(WORDS))),
    }
    return encoded(tmp_path / "sentences.arrow", [rows])


def batching(name: str = "text-classification", *, tokens: int = 64, max_length: int = 32) -> Batching:
    return Batching(task=TASKS.get(name), template=TEMPLATE, max_length=max_length, tokens=tokens)


def tiny_bert() -> nn.Module:
    torch.manual_seed(5)
    shape = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
    return BertForSequenceClassification(BertConfig(vocab_size=40, max_position_embeddings=32, num_labels=3, **shape))


def probability(token: int) -> float:
    """What ``Echo``'s logits for a token come to."""
    return float(1 / (1 + np.exp(-np.float32(token) / 100)))


@pytest.mark.parametrize("tokens", [1, 64, 10_000])
@pytest.mark.parametrize("chunk", [1, 5, 8192])
def test_every_row_comes_once_and_in_order(
    texts: Encoded, tokens: int, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "CHUNK_ITEMS", chunk)
    found = list(infer(tiny_bert(), texts, batching(tokens=tokens)))
    assert [row for row, _ in found] == list(range(ROWS))
    assert all(answer.shape == (3,) and answer.sum() == pytest.approx(1.0, abs=1e-5) for _, answer in found)


def test_answers_do_not_depend_on_the_batches(texts: Encoded, monkeypatch: pytest.MonkeyPatch) -> None:
    model = tiny_bert()
    alone = dict(infer(model, texts, batching(tokens=1)))
    together = dict(infer(model, texts, batching(tokens=10_000)))
    monkeypatch.setattr(inference, "CHUNK_ITEMS", 4)
    chunked = dict(infer(model, texts, batching(tokens=100)))
    for row in range(ROWS):
        np.testing.assert_allclose(together[row], alone[row], atol=1e-5)
        np.testing.assert_allclose(chunked[row], alone[row], atol=1e-5)
    assert len({answer.tobytes() for answer in alone.values()}) > ROWS // 2


@pytest.mark.parametrize("chunk", [1, 2, 3, 8192])
def test_chunks_never_part_the_windows_of_a_row(
    sentences: Encoded, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inference, "CHUNK_ITEMS", chunk)
    asked = batching("token-classification", max_length=36)
    items = asked.task.items(sentences, asked.max_length, TEMPLATE)
    assert len(items) > len(WORDS)
    found = list(infer(Echo(), sentences, asked))
    assert [row for row, _ in found] == list(range(len(WORDS)))
    for row, answer in found:
        # Each word is answered from its own token, in the order of the sentence.
        wanted = [probability(50 * (row + 1) + word) for word in range(WORDS[row])]
        np.testing.assert_allclose(answer[:, 0], wanted, rtol=1e-5)


@pytest.mark.parametrize("tokens", [1, 30, 64, 200])
def test_a_batch_keeps_the_budget_of_tokens(sentences: Encoded, tokens: int) -> None:
    model = Echo()
    list(infer(model, sentences, batching("token-classification", tokens=tokens, max_length=36)))
    # One item must pass even where it alone is above the budget.
    assert all(rows * width <= tokens or rows == 1 for rows, width in model.shapes)
    assert sum(rows for rows, _ in model.shapes) == len(
        batching("token-classification").task.items(sentences, 36, TEMPLATE)
    )


def test_a_larger_budget_means_fewer_passes_and_the_longest_come_first(sentences: Encoded) -> None:
    passes = []
    for tokens in (40, 100, 10_000):
        model = Echo()
        list(infer(model, sentences, batching("token-classification", tokens=tokens, max_length=64)))
        widths = [width for _, width in model.shapes]
        assert widths == sorted(widths, reverse=True)
        passes.append(len(widths))
    assert passes == sorted(set(passes), reverse=True)
    assert passes[-1] == 1


def test_what_lies_behind_the_longest_allowed_token_is_not_seen(texts: Encoded, tmp_path: Path) -> None:
    heads = {
        "ids": [texts.lists["ids"][row][:5].tolist() for row in range(ROWS)],
        "label": [0] * ROWS,
        "row": list(range(ROWS)),
    }
    model = tiny_bert()
    room = 5 + len(TEMPLATE.prefix) + len(TEMPLATE.suffix)
    cut = dict(infer(model, texts, batching(max_length=room)))
    short = dict(infer(model, encoded(tmp_path / "heads.arrow", [heads]), batching(max_length=32)))
    for row in range(ROWS):
        np.testing.assert_allclose(cut[row], short[row], atol=1e-5)


@pytest.mark.parametrize("was_training", [True, False])
def test_dropout_is_off_meanwhile_and_the_mode_comes_back(sentences: Encoded, was_training: bool) -> None:
    model = Echo().train(was_training)
    list(infer(model, sentences, batching("token-classification")))
    assert set(model.modes) == {(False, True)}
    assert model.training is was_training
    assert not torch.is_inference_mode_enabled()


def test_the_mode_comes_back_when_nobody_reads_on_and_when_a_pass_fails(sentences: Encoded) -> None:
    model = Echo().train()
    stream: Iterator[Any] = infer(model, sentences, batching("token-classification"))
    next(stream)
    assert not model.training
    stream.close()
    assert model.training

    def broken(**inputs: torch.Tensor) -> None:
        raise RuntimeError("a kernel failed")

    model.forward = broken
    with pytest.raises(RuntimeError, match="a kernel failed"):
        list(infer(model, sentences, batching("token-classification")))
    assert model.training


def test_an_empty_split_has_no_answers(tmp_path: Path) -> None:
    empty = encoded(tmp_path / "empty.arrow", [{"ids": [], "label": [], "row": []}])
    assert list(infer(tiny_bert(), empty, batching())) == []


def test_the_model_is_given_its_inputs_and_nothing_else() -> None:
    batch = {"input_ids": np.ones((2, 3), np.int64), "labels": np.zeros(2, np.int64), "heads": np.zeros((2, 1))}
    found = tensors(batch, torch.device("cpu"))
    assert set(found) == {"input_ids"}
    assert found["input_ids"].shape == (2, 3) and found["input_ids"].dtype == torch.int64


class Narrow(Echo):
    """Has memory for ``most`` tokens at a time."""

    def __init__(self, most: int, error: Exception) -> None:
        super().__init__()
        self._most, self._error = most, error

    def forward(self, input_ids: torch.Tensor, **others: torch.Tensor) -> SimpleNamespace:
        found = super().forward(input_ids, **others)
        if input_ids.numel() > self._most:
            raise self._error
        return found


FULL = [
    MemoryError(),
    RuntimeError("DefaultCPUAllocator: can't allocate memory"),
    torch.OutOfMemoryError("out of memory"),
]


@pytest.mark.parametrize("error", FULL, ids=["python", "cpu", "accelerator"])
def test_where_memory_runs_out_passes_are_halved_and_every_row_is_answered(texts: Encoded, error: Exception) -> None:
    task = TASKS.get("text-classification")
    batching = Batching(task=task, template=TEMPLATE, max_length=32, tokens=10_000)
    easy, narrow = Echo(), Narrow(60, error)
    answers = list(infer(narrow, texts, batching))
    assert [row for row, _ in answers] == list(range(ROWS))
    for (_, given), (_, wanted) in zip(answers, infer(easy, texts, batching), strict=True):
        # The first two tokens: how much padding follows depends on the pass.
        assert np.array_equal(given[:2], wanted[:2])
    sizes = [rows * length for rows, length in narrow.shapes]
    first = next(at for at, size in enumerate(sizes) if size <= 60)
    # Once a size fits, no larger one is tried again.
    assert first >= 2
    assert max(sizes[first:]) <= 60
    assert narrow.training


def test_a_text_that_does_not_fit_alone_is_explained(texts: Encoded) -> None:
    batching = Batching(task=TASKS.get("text-classification"), template=TEMPLATE, max_length=32, tokens=10_000)
    with pytest.raises(UserError, match=r"memory for one text at a time; got too little for \d+ tokens"):
        list(infer(Narrow(1, MemoryError()), texts, batching))


def test_another_error_of_the_model_is_no_lack_of_memory(texts: Encoded) -> None:
    batching = Batching(task=TASKS.get("text-classification"), template=TEMPLATE, max_length=32, tokens=10_000)
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        list(infer(Narrow(1, RuntimeError("shapes cannot be multiplied")), texts, batching))
