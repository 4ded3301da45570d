"""Numbers of a text as a function of its vectors, and what words bring to them."""

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSeq2SeqLM, AutoModelForSequenceClassification

from tunesmith.models.inside.gradients import TOLERANCE, integrated
from tunesmith.models.inside.states import pooled, states
from tunesmith.models.inside.values import Asked, neutral, numbers, vectors, without

SHAPE = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32, "vocab_size": 50}
IDS = torch.tensor([[1, 7, 9, 33, 2]])
WORDS = np.asarray([False, True, True, True, False])


def model_of(kind: str, auto: Any = AutoModelForSequenceClassification, **changes: Any) -> Any:
    torch.manual_seed(2)
    config = AutoConfig.for_model(
        kind, **(SHAPE | {"num_labels": 3, "initializer_range": 0.5, "pad_token_id": 0} | changes)
    )
    return auto.from_config(config).eval().requires_grad_(False)


def inputs() -> dict[str, torch.Tensor]:
    return {"input_ids": IDS, "attention_mask": torch.ones_like(IDS)}


class Linear(nn.Module):
    """The logits are the sum of the vectors, so that everything about them is known."""

    def __init__(self) -> None:
        super().__init__()
        torch.manual_seed(3)
        self.table = nn.Embedding(50, 3)
        self.config = SimpleNamespace(is_encoder_decoder=False)

    def get_input_embeddings(self) -> nn.Embedding:
        return self.table

    def forward(self, input_ids: torch.Tensor, **others: Any) -> SimpleNamespace:
        return SimpleNamespace(logits=self.table(input_ids).sum(1))


class Cubed(Linear):
    """Bent so much that a few steps are not enough."""

    def forward(self, input_ids: torch.Tensor, **others: Any) -> SimpleNamespace:
        return SimpleNamespace(logits=(12 * super().forward(input_ids).logits).sin())


@pytest.mark.parametrize("kind", ["bert", "llama", "roberta", "gpt2"])
def test_a_word_taken_away_is_the_mask_in_its_place(kind: str) -> None:
    model = model_of(kind)
    asked = Asked(inputs=inputs(), meant="one", outputs=(0, 2))
    kept = np.asarray([[True] * 5, [True, True, False, True, True]])
    found = without(model, asked, neutral(model, (None, 40)), kept)
    masked = torch.tensor([[1, 7, 40, 33, 2]])
    for row, ids in zip(found, (IDS, masked), strict=True):
        with torch.no_grad():
            shares = model(input_ids=ids, attention_mask=torch.ones_like(ids)).logits[0].softmax(-1)
        np.testing.assert_allclose(row, shares[[0, 2]].numpy(), atol=1e-6)


def test_without_any_such_token_nothing_is_the_mean_of_all() -> None:
    model = model_of("bert")
    table = model.get_input_embeddings().weight
    torch.testing.assert_close(neutral(model, (None, None)), table.mean(0))


def test_labels_and_scores_are_read_as_what_they_mean() -> None:
    model = Linear()
    logits = model(IDS).logits[0]
    own = vectors(model, Asked(inputs=inputs(), meant="number", outputs=(0,)))[None]
    halved = Asked(inputs=inputs(), meant="one", outputs=(1, 2), heat=2.0)
    torch.testing.assert_close(numbers(model, halved, own)[0], (logits / 2).softmax(-1)[[1, 2]])
    for meant, expected in (("several", logits.sigmoid()), ("number", logits), ("one", logits.softmax(-1))):
        asked = Asked(inputs=inputs(), meant=meant, outputs=(1, 2))
        torch.testing.assert_close(numbers(model, asked, own)[0], expected[[1, 2]])


def test_an_answer_is_the_sum_of_its_tokens() -> None:
    model = model_of("llama", AutoModelForCausalLM)
    asked = Asked(inputs=inputs(), meant="written", outputs=(33, 2), places=(2, 3))
    logits = model(**inputs()).logits[0].log_softmax(-1)
    found = numbers(model, asked, vectors(model, asked)[None])
    assert found.item() == pytest.approx((logits[2, 33] + logits[3, 2]).item(), abs=1e-5)
    one = Asked(inputs=inputs(), meant="written", outputs=(33,), places=(2,))
    assert one.is_share and not asked.is_share
    assert numbers(model, one, vectors(model, one)[None]).item() == pytest.approx(logits[2, 33].exp().item(), abs=1e-5)


def test_of_an_encoder_with_a_decoder_what_is_read_is_replaced() -> None:
    torch.manual_seed(2)
    config = AutoConfig.for_model("t5", d_model=16, d_kv=8, num_heads=2, num_layers=1, d_ff=32, vocab_size=50)
    model = AutoModelForSeq2SeqLM.from_config(config).eval()
    said = {"decoder_input_ids": torch.tensor([[0, 7]])}
    asked = Asked(inputs=inputs() | said, meant="written", outputs=(7, 1), places=(0, 1))
    kept = np.asarray([[True, True, False, True, True]])
    found = without(model, asked, neutral(model, (40,)), kept)[0, 0]
    with torch.no_grad():
        logits = model(input_ids=torch.tensor([[1, 7, 40, 33, 2]]), **said).logits[0].log_softmax(-1)
    assert found == pytest.approx((logits[0, 7] + logits[1, 1]).item(), abs=1e-5)


def test_gradients_of_a_sum_are_what_each_token_adds() -> None:
    model = Linear()
    asked = Asked(inputs=inputs(), meant="number", outputs=(0, 2))
    nothing = neutral(model, (40,))
    found = integrated(model, asked, nothing, WORDS)
    each = (model.table(IDS)[0] - nothing).detach().numpy() * WORDS[:, None]
    np.testing.assert_allclose(found.each, each.T[[0, 2]], atol=1e-6)
    assert found.steps == 16 and found.is_complete


@pytest.mark.parametrize("kind", ["bert", "modernbert", "llama"])
def test_what_words_bring_adds_up(kind: str) -> None:
    model = model_of(kind, cls_token_id=1)
    asked = Asked(inputs=inputs(), meant="one", outputs=(0, 1))
    found = integrated(model, asked, neutral(model, (40,)), WORDS)
    assert found.is_complete
    away = np.abs(found.whole - found.empty)
    assert away.max() > 0.05, "there is something to add up"
    assert (np.abs(found.each.sum(1) - (found.whole - found.empty)) <= TOLERANCE * np.maximum(1, away)).all()
    assert not found.each[:, ~WORDS].any(), "what stays brings nothing"


def test_steps_are_doubled_until_the_sum_is_right() -> None:
    model = Cubed()
    asked = Asked(inputs=inputs(), meant="number", outputs=(0, 1, 2))
    found = integrated(model, asked, neutral(model, (40,)), WORDS)
    assert found.steps > 16 and found.is_complete
    coarse = integrated(model, asked, neutral(model, (40,)), WORDS, most_steps=2)
    assert coarse.steps == 2 and not coarse.is_complete
    away = coarse.whole - coarse.empty
    np.testing.assert_allclose(coarse.gap, coarse.each.sum(1) - away)


def test_states_are_those_of_each_text_alone() -> None:
    model = model_of("bert")
    texts = [np.asarray([1, 7, 2]), np.asarray([1, 9, 9, 33, 2]), np.asarray([1, 5, 2])]
    together = states(model, texts, pad=0)
    for text, state in zip(texts, together, strict=True):
        with torch.no_grad():
            alone = model.bert(torch.from_numpy(text)[None]).last_hidden_state[0].numpy()
        np.testing.assert_allclose(state, alone, atol=1e-5)
        np.testing.assert_allclose(pooled(state), alone.mean(0), atol=1e-5)
