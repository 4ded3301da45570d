"""Writing: many at once as one by one, nothing forbidden, nothing outside the window, and it ends where it should."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from transformers import (
    BartConfig,
    BartForConditionalGeneration,
    GPT2Config,
    GPT2LMHeadModel,
    LlamaConfig,
    LlamaForCausalLM,
    T5Config,
    T5ForConditionalGeneration,
)

from tunesmith.errors import UserError
from tunesmith.models import writing
from tunesmith.models.loading import reload
from tunesmith.models.manner import Manner, manner_of, settle
from tunesmith.models.tokenizer import load_tokenizer
from tunesmith.models.writing import Answer, speak, write
from tunesmith.settings import GenerateSettings

WINDOW, END, PAD = 48, 2, 0
MANNER = Manner(max_new_tokens=12, window=WINDOW, ends=(END,), banned=(PAD, 1), start=1, pad=PAD)
# Lengths that fall into one pass or several, one of them longer than the window.
PROMPTS = [np.random.default_rng(at).integers(3, 40, length) for at, length in enumerate((5, 1, 9, 30, 17, 9, 44, 80))]


def llama() -> Any:
    torch.manual_seed(3)
    return LlamaForCausalLM(
        LlamaConfig(
            vocab_size=40, hidden_size=16, intermediate_size=32, num_hidden_layers=2, num_attention_heads=2,
            max_position_embeddings=WINDOW, initializer_range=0.6,
        )
    )  # fmt: skip


def gpt2() -> Any:
    """Its positions are learned ones: a place outside of the window is an error, a wrong one another answer."""
    torch.manual_seed(4)
    return GPT2LMHeadModel(
        GPT2Config(vocab_size=40, n_embd=16, n_layer=2, n_head=2, n_positions=WINDOW, initializer_range=0.6)
    )


def t5() -> Any:
    torch.manual_seed(5)
    model = T5ForConditionalGeneration(
        T5Config(
            vocab_size=40, d_model=16, d_kv=8, d_ff=32, num_layers=2, num_heads=2, decoder_start_token_id=0,
            pad_token_id=0, eos_token_id=END,
        )
    )  # fmt: skip
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.6)
    return model


def bart() -> Any:
    torch.manual_seed(6)
    return BartForConditionalGeneration(
        BartConfig(
            vocab_size=40, d_model=16, encoder_layers=1, decoder_layers=1, encoder_attention_heads=2,
            decoder_attention_heads=2, encoder_ffn_dim=32, decoder_ffn_dim=32, max_position_embeddings=96,
            init_std=0.6, forced_eos_token_id=None, eos_token_id=END, decoder_start_token_id=END, pad_token_id=1,
        )
    )  # fmt: skip


def seen(answers: Sequence[Answer]) -> list[tuple[list[int], bool]]:
    return [(answer.ids.tolist(), answer.has_stopped) for answer in answers]


def alone(model: Any, manner: Manner) -> list[tuple[list[int], bool]]:
    return seen([next(write(model, [prompt], manner, tokens=4096, first=at)) for at, prompt in enumerate(PROMPTS)])


WAYS = {
    "greedy": MANNER,
    "penalty": replace(MANNER, repetition_penalty=1.7),
    "drawn": replace(MANNER, is_drawn=True, temperature=1.3, top_k=20, top_p=0.9),
    "beams": replace(MANNER, beams=3),
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("make", [llama, gpt2])
def test_many_at_once_write_what_each_writes_alone(make: Callable[[], Any], way: str) -> None:
    model, manner = make(), WAYS[way]
    together = seen(list(write(model, PROMPTS, manner, tokens=4096)))
    assert together == alone(model, manner)
    assert len({tuple(ids) for ids, _ in together}) > 4


@pytest.mark.parametrize("make", [t5, bart])
def test_an_encoder_with_a_decoder_likewise(make: Callable[[], Any]) -> None:
    model, manner = make(), replace(MANNER, window=None)
    together = seen(list(write(model, PROMPTS, manner, tokens=4096)))
    assert together == alone(model, manner)
    assert len({tuple(ids) for ids, _ in together}) > 2


def test_what_is_banned_never_comes_and_the_window_holds_all() -> None:
    model = llama()
    free = list(write(model, PROMPTS, replace(MANNER, banned=()), tokens=4096))
    likeliest = {int(token) for answer in free for token in answer.ids}
    banned = tuple(sorted(likeliest)[:8])
    found = list(write(model, PROMPTS, replace(MANNER, banned=banned), tokens=4096))
    assert not set(banned) & {int(token) for answer in found for token in answer.ids}
    for prompt, answer in zip(PROMPTS, found, strict=True):
        kept = len(writing.fitted(prompt, MANNER))
        assert kept <= len(prompt)
        assert kept + len(answer.ids) <= WINDOW
        # Short of room, an answer may lose up to an eighth of the window.
        left = WINDOW - kept
        assert answer.has_stopped or len(answer.ids) == min(MANNER.max_new_tokens, left - left % 6 or left)


def test_a_prompt_too_long_gives_its_end_and_an_empty_one_its_start() -> None:
    assert writing.fitted(PROMPTS[-1], MANNER).tolist() == PROMPTS[-1][-(WINDOW - 12) :].tolist()
    assert writing.fitted(PROMPTS[0][:0], MANNER).tolist() == [MANNER.start]


def test_the_end_ends_and_is_no_part_of_the_answer() -> None:
    model = llama()
    free = next(write(model, PROMPTS[:1], replace(MANNER, ends=()), tokens=4096))
    assert (len(free.ids), free.has_stopped) == (12, False)
    end = int(free.ids[5])
    ended = next(write(model, PROMPTS[:1], replace(MANNER, ends=(end,)), tokens=4096))
    assert ended.has_stopped
    assert ended.ids.tolist() == free.ids[: free.ids.tolist().index(end)].tolist()


def test_drawing_follows_the_probabilities() -> None:
    scores = torch.log(torch.tensor([[0.5, 0.0, 0.25, 0.25]]))
    luck = torch.linspace(0, 0.9999, 400)
    drawn = [int(writing._Draw(luck[None, at : at + 1])(scores, scores).argmax()) for at in range(400)]
    assert np.bincount(drawn).tolist() == [200, 0, 100, 100]


def test_an_answer_is_heard_as_it_comes() -> None:
    model = llama()
    for manner in (MANNER, replace(MANNER, beams=2)):
        heard: list[int] = []
        answer = speak(model, PROMPTS[0], manner, heard.append)
        assert heard == answer.ids.tolist()
        assert heard == next(write(model, PROMPTS[:1], manner, tokens=4096)).ids.tolist()


def test_too_little_memory_halves_the_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    model = llama()
    whole = seen(list(write(model, PROMPTS, MANNER, tokens=4096)))
    sizes: list[int] = []
    real = model.generate

    def scarce(**given: Any) -> Any:
        sizes.append(len(given["input_ids"]))
        if sizes[-1] > 2:
            raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
        return real(**given)

    monkeypatch.setattr(model, "generate", scarce)
    assert seen(list(write(model, PROMPTS, MANNER, tokens=4096))) == whole
    assert max(sizes) > 2 and sizes[-1] <= 2
    monkeypatch.setattr(model, "generate", lambda **given: scarce(input_ids=[0] * 9))
    with pytest.raises(UserError, match="one text at a time"):
        list(write(model, PROMPTS[:1], MANNER, tokens=4096))


def test_a_decoder_beside_an_encoder_may_write_the_token_that_its_texts_begin_with(shared_models: Path) -> None:
    tokenizer = load_tokenizer(shared_models / "llama-zh-poem-750k")
    for model, banned in ((bart(), [0]), (llama(), [0, 1])):
        settle(model, tokenizer, GenerateSettings(), longest=9, ends=(END,))
        assert model.generation_config.suppress_tokens == banned


def test_the_manner_lies_with_the_weights(tmp_path: Path, shared_models: Path) -> None:
    folder = shared_models / "llama-zh-poem-750k"
    model, tokenizer = reload(folder, "AutoModelForCausalLM"), load_tokenizer(folder)
    before = manner_of(model, tokenizer, GenerateSettings(), folder=folder)
    assert (before.max_new_tokens, before.window, before.ends, before.banned) == (127, 128, (2,), (0, 1))
    wished = GenerateSettings(do_sample=True, temperature=0.7)
    settle(model, tokenizer, wished, longest=30, ends=(2,))
    model.save_pretrained(tmp_path)
    tokenizer.save_pretrained(tmp_path)
    again = reload(tmp_path, "AutoModelForCausalLM")
    own = again.generation_config
    assert (own.max_new_tokens, own.do_sample, own.temperature, own.suppress_tokens) == (30, True, 0.7, [0, 1])
    after = manner_of(again, tokenizer, GenerateSettings(), folder=tmp_path)
    assert after == replace(before, max_new_tokens=30)
    assert manner_of(again, tokenizer, GenerateSettings(max_new_tokens=7), folder=tmp_path).max_new_tokens == 7
    assert manner_of(again, tokenizer, GenerateSettings(), folder=tmp_path, is_running=True).is_drawn
