"""Words that a vocabulary grows by: how a tokenizer keeps them, what they begin as, and that they come back."""

from pathlib import Path
from typing import Any

import pytest
import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForSeq2SeqLM,
    PreTrainedTokenizerFast,
)

from tunesmith.errors import ModelError, SettingsError
from tunesmith.models.added_words import is_mark, wished, worded_tokenizer
from tunesmith.models.decoding import decoder
from tunesmith.models.grown import grown, tables
from tunesmith.models.loading import load
from tunesmith.models.methods.adapter import Adapted
from tunesmith.models.methods.base import on_base
from tunesmith.models.methods.prompt_words import prompted_tokenizer
from tunesmith.models.methods.shapes import WORDS
from tunesmith.models.quiet import quiet
from tunesmith.models.tokenizer import load_tokenizer
from tunesmith.settings import AdapterSettings, ModelSettings

LETTERS = ("<pad>", "<s>", "</s>", "<unk>", *"abcdefgh", "ab", " ")
SHAPE = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
START = {"decoder_start_token_id": 0}
KINDS: dict[str, tuple[Any, dict[str, Any]]] = {
    "llama": (AutoModelForCausalLM, {**SHAPE, "tie_word_embeddings": True}),
    "untied": (AutoModelForCausalLM, {**SHAPE, "tie_word_embeddings": False}),
    "t5": (AutoModelForSeq2SeqLM, {"d_model": 16, "d_kv": 8, "d_ff": 32, "num_layers": 2, "num_heads": 2, **START}),
}
AUTO = {"llama": "AutoModelForCausalLM", "untied": "AutoModelForCausalLM", "t5": "AutoModelForSeq2SeqLM"}


def base(kind: str, folder: Path, *, spare: int = 0) -> Path:
    """A random model with a tokenizer of letters, and so many rows that no token has."""
    auto, shape = KINDS[kind]
    backend = Tokenizer(models.BPE({one: at for at, one in enumerate(LETTERS)}, [("a", "b")], unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.Split(" ", "isolated")
    backend.decoder = decoders.Fuse()
    PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="<pad>", bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    ).save_pretrained(folder)
    with torch.random.fork_rng(), quiet():
        torch.manual_seed(3)
        model = auto.from_config(
            AutoConfig.for_model(
                "t5" if kind == "t5" else "llama", vocab_size=len(LETTERS) + spare, pad_token_id=0, **shape
            )
        )
        for weight in model.parameters():
            weight.data = torch.randn_like(weight) * 0.3 if weight.ndim > 1 else weight.data
        model.save_pretrained(folder)
    return folder


def opened(kind: str, folder: Path) -> Any:
    return load(folder, auto_class=AUTO[kind], labels=(), settings=ModelSettings(), seed=1).model


def logits(model: Any, ids: list[int]) -> torch.Tensor:
    given = torch.tensor([ids])
    more = {"decoder_input_ids": given} if model.config.is_encoder_decoder else {}
    found: torch.Tensor = model(input_ids=given, **more).logits
    return found


def test_words_come_by_name_or_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "words.txt"
    path.write_text("\ufefftariff\n\n 关税 \ntariff\n", encoding="utf-8")
    assert wished((str(path),)) == ("tariff", "关税")
    assert wished(("tariff", "关税")) == ("tariff", "关税") and wished(()) == ()
    with pytest.raises(SettingsError, match=r"model\.add_tokens: expected a file with a word a line"):
        wished(("gone.txt",))
    path.write_text("x" * 65 + "\n", encoding="utf-8")
    with pytest.raises(SettingsError, match="each of at most 64 characters"):
        wished((str(path),))
    path.write_bytes("关税\n".encode("gb18030"))
    with pytest.raises(SettingsError, match="a file in UTF-8"):
        wished((str(path),))


def test_a_word_is_kept_whole_where_it_stands_alone_and_a_mark_is_no_text(tmp_path: Path) -> None:
    folder = base("llama", tmp_path / "base")
    made = worded_tokenizer(folder, ("cab", "ab", "<|go|>", "关税"), cache=tmp_path)
    tokenizer = load_tokenizer(made)
    added = [str(one) for one in tokenizer.convert_ids_to_tokens(list(range(len(LETTERS), len(tokenizer))))]
    assert added == ["cab", "关税", "<|go|>"], "what is one token already is not added"
    backend = tokenizer.backend_tokenizer
    assert backend.encode("cab a").tokens == ["cab", " ", "a"]
    assert backend.encode("cabs").tokens[0] == "c", "not inside of another word"
    assert backend.encode("a关税b").tokens == ["a", "关税", "b"], "but between signs that know no spaces"
    for text in ("a cab b", "a关税b"):
        assert backend.decode(backend.encode(text).ids) == text
    assert [is_mark(one) for one in ("<|go|>", "[X]", "a", "<>")] == [True, True, False, False]
    assert worded_tokenizer(folder, ("cab", "<|go|>", "关税"), cache=tmp_path) == made
    assert worded_tokenizer(folder, ("ab",), cache=tmp_path) == folder


@pytest.mark.parametrize(
    ("name", "words", "text", "pieces"),
    [
        ("llama-aidreams260k", ("population", "Where"), "the population of Where, x", 7),
        ("llama-zh-poem-750k", ("税", "囧"), "关税囧", 3),
        ("tokenizers/gpt2", ("tariffs", "关税"), "a 关税 b关税c", 6),
        ("tokenizers/bert-base-chinese", ("tariffs",), "囧 tariffs囧", 3),
    ],
)
def test_real_tokenizers_find_them_and_put_them_back(
    shared_models: Path, tmp_path: Path, name: str, words: tuple[str, ...], text: str, pieces: int
) -> None:
    tokenizer = load_tokenizer(worded_tokenizer(shared_models / name, words, cache=tmp_path))
    ids = tokenizer.backend_tokenizer.encode(text, add_special_tokens=False).ids
    assert len(ids) == pieces
    assert decoder(tokenizer)(ids).replace(" ", "") == text.replace(" ", "")


def test_where_words_cannot_be_found_inside_of_texts_they_are_refused(shared_models: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="one that does not so with 关税"):
        worded_tokenizer(shared_models / "llama-aidreams260k", ("population", "关税"), cache=tmp_path)


@pytest.mark.parametrize(("kind", "spare"), [("llama", 0), ("untied", 0), ("untied", 1), ("t5", 0)])
def test_a_word_begins_as_its_pieces_and_the_old_ones_stay(kind: str, spare: int, tmp_path: Path) -> None:
    folder = base(kind, tmp_path / "base", spare=spare)
    made = prompted_tokenizer(worded_tokenizer(folder, ("cab", "<|go|>"), cache=tmp_path), 2, cache=tmp_path)
    model, before = opened(kind, folder), opened(kind, folder)
    ids = grown(model, folder, made, seed=1)
    known = len(LETTERS)
    assert ids == tuple(range(known, known + 4)) and model.config.vocab_size == known + 4
    assert len(tables(model)) == len(tables(before)) == (2 if kind == "untied" else 1)
    for now, old in zip(tables(model), tables(before), strict=True):
        assert torch.equal(now[:known], old[:known])
        c, ab = LETTERS.index("c"), LETTERS.index("ab")
        assert torch.allclose(now[known], old[[c, ab]].mean(0))
        assert torch.allclose(now[known + 1], old[:known].mean(0))
        for row in now[known + 2 :]:
            assert (old == row).all(1).any(), "a prompt begins as words that are there"
    text = [4, 5, 6]
    assert torch.allclose(logits(model, text)[..., :known], logits(before, text)[..., :known], atol=1e-5)
    assert grown(opened(kind, folder), folder, folder, seed=1) == ()


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["lora", WORDS])
def test_their_rows_alone_learn_are_kept_and_are_merged(kind: str, method: str, tmp_path: Path) -> None:
    """PITFALLS 24: with an adapter the new rows are trained and saved, too, and nothing else of the table."""
    folder = base(kind, tmp_path / "base")
    made = worded_tokenizer(folder, ("cab", "fed"), cache=tmp_path)
    model = opened(kind, folder)
    added = grown(model, folder, made, seed=1)
    old = [table.detach().clone() for table in tables(model)]
    tuning = Adapted(model, method, AdapterSettings(rank=2, alpha=4.0), seed=1, writes="causal", added=added)
    rows = {value.shape[0] for name, value in tuning.model.named_parameters() if "trainable_tokens" in name}
    assert rows == {len(added)}
    optimiser = torch.optim.AdamW([p for p in tuning.model.parameters() if p.requires_grad], lr=1e-1)
    text = [4, *added, 6]
    for _ in range(2):
        logits(tuning.model, text).square().mean().backward()
        optimiser.step()
        optimiser.zero_grad()
    trained = logits(tuning.model.eval(), text).detach()
    whole = tuning.whole(tmp_path / "adapter")
    assert torch.allclose(logits(whole, text), trained, atol=1e-5)
    known = len(LETTERS)
    for now, before in zip(tables(whole), old, strict=True):
        assert torch.equal(now[:known], before[:known])
        assert (now[known:] - before[known:]).abs().amax(1).min() > 1e-3
    with quiet():
        whole.save_pretrained(tmp_path / "model")
        again = KINDS[kind][0].from_pretrained(tmp_path / "model")
    assert torch.allclose(logits(again, text), logits(whole, text), atol=1e-5)
    together = on_base(tmp_path / "adapter", auto_class=AUTO[kind], labels=(), settings=ModelSettings())
    assert torch.allclose(logits(together, text), trained, atol=1e-5)
