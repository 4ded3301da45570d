"""A decoder from scratch: its tokenizer knows every text, its files load anywhere, its size follows the data."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import torch
from hypothesis import given
from hypothesis import settings as checks
from hypothesis import strategies as st
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSequenceClassification, AutoTokenizer

from tunesmith.models import scratch_decoder
from tunesmith.models.loading import load, new
from tunesmith.models.saving import save
from tunesmith.models.scratch import scratch_facts
from tunesmith.models.scratch_pieces import BEGIN, END, PAD, ROLES, pieces_for, train
from tunesmith.models.tokenizer import encoder, load_tokenizer, template
from tunesmith.settings import ModelSettings

ENGLISH = ["First Citizen:\nBefore we proceed any further, hear me speak.\n\n", "All:\nSpeak, speak.\n"] * 30
CHINESE = [
    "\u6b64\u5f00\u5377\u7b2c\u4e00\u56de\u4e5f\u3002\n\u3000\u3000\u4f5c\u8005\u81ea\u4e91\uff1a\u66fe\u5386\u8fc7\u4e00\u756a\u68a6\u5e7b\u4e4b\u540e\n"
] * 20


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, Path]:
    """Folders of two decoders: of pieces, and of characters."""
    folders = {}
    for by_character, texts in ((False, ENGLISH), (True, CHINESE)):
        folders[by_character] = tmp_path_factory.mktemp("scratch")
        scratch_decoder.write(
            iter(texts),
            folders[by_character],
            settings=ModelSettings(),
            by_character=by_character,
            seed=1,
            with_roles=False,
        )
    return folders


@pytest.fixture(scope="module")
def tokenizers(made: dict[bool, Path]) -> dict[bool, Any]:
    return {by_character: AutoTokenizer.from_pretrained(folder) for by_character, folder in made.items()}


@given(text=st.text(max_size=60), by_character=st.booleans())
@checks(max_examples=150, deadline=None)
def test_nothing_is_unknown_and_every_text_comes_back(
    tokenizers: dict[bool, Any], text: str, by_character: bool
) -> None:
    tokenizer = tokenizers[by_character]
    ids = tokenizer(text, add_special_tokens=False)["input_ids"]
    # A lone half of a pair is no character and has no bytes.
    if not any(0xD800 <= ord(one) < 0xE000 for one in text):
        assert tokenizer.decode(ids) == text
    assert tokenizer.unk_token_id is None


def test_known_characters_are_single_tokens_and_rare_ones_their_bytes(made: dict[bool, Path]) -> None:
    tokenizer = AutoTokenizer.from_pretrained(made[True])
    assert len(tokenizer("\u7b2c\u4e00\u56de\n\u3000", add_special_tokens=False)["input_ids"]) == 5
    assert len(tokenizer("\u9f98", add_special_tokens=False)["input_ids"]) == 3
    # One occurrence teaches nothing: no entry for it.
    folder = made[True].with_name("once")
    train(iter(["\u7ea2\u7ea2\u697c"]), folder, by_character=True, vocabulary=None, seed=1, with_roles=False)
    known = AutoTokenizer.from_pretrained(folder).get_vocab()
    assert "\u7ea2" in known and "\u697c" not in known


@pytest.mark.parametrize("by_character", [False, True])
def test_the_same_texts_give_the_same_files(tmp_path: Path, by_character: bool) -> None:
    texts = CHINESE if by_character else [f"word{at % 7} other{at % 5}, thing{at % 3}\n" for at in range(400)]
    folders = [tmp_path / name for name in "ab"]
    for folder in folders:
        train(iter(texts), folder, by_character=by_character, vocabulary=None, seed=1, with_roles=True)
    one, other = ((folder / "tokenizer.json").read_bytes() for folder in folders)
    assert one == other
    tokenizer = AutoTokenizer.from_pretrained(folders[0])
    assert all(len(tokenizer(role, add_special_tokens=False)["input_ids"]) == 1 for role in ROLES)


def test_special_tokens_are_distinct_and_stand_where_they_should(made: dict[bool, Path]) -> None:
    loaded = load_tokenizer(made[False])
    ids = [loaded.convert_tokens_to_ids(name) for name in (PAD, BEGIN, END)]
    assert len(set(ids)) == 3
    around = template(loaded, made[False])
    assert (around.prefix, around.suffix, around.pad, around.end) == ((ids[1],), (), ids[0], ids[2])
    config = AutoConfig.from_pretrained(made[False])
    assert (config.pad_token_id, config.bos_token_id, config.eos_token_id) == tuple(ids)


def test_more_text_gets_more_pieces_within_bounds() -> None:
    found = [pieces_for(count) for count in (1, 10**6, 10**7, 10**9)]
    assert found == sorted(found) and found[0] == 512 and found[1] == 2048 and found[-1] == 32_768


def test_more_tokens_get_a_larger_model_and_the_reason_says_so(made: dict[bool, Path]) -> None:
    assert [scratch_decoder.size_for(count) for count in (10**5, 10**7, 10**8)] == ["tiny", "small", "base"]
    told = scratch_decoder.reasons(made[False], ModelSettings())
    size = json.loads((made[False] / scratch_decoder.SIZED).read_text("utf-8"))
    assert f"{size['tokens']:,} training tokens" in told and "byte-level pieces" in told
    assert "characters, rare ones as bytes" in scratch_decoder.reasons(made[True], ModelSettings())
    assert "you named the size" in scratch_decoder.reasons(made[True], ModelSettings(scratch_size="tiny"))


def test_its_facts_are_those_of_the_model_that_is_made(made: dict[bool, Path]) -> None:
    model = new(made[False], auto_class="AutoModelForCausalLM", labels=(), seed=1).model
    known = scratch_facts(made[False], "because")
    assert known.parameters == sum(weight.numel() for weight in model.parameters())
    assert (known.kind, known.vocabulary) == ("llama", model.config.vocab_size)


def test_a_saved_base_loads_anywhere_and_becomes_a_classifier(made: dict[bool, Path], tmp_path: Path) -> None:
    model = new(made[False], auto_class="AutoModelForCausalLM", labels=(), seed=1).model
    save(model, made[False], tmp_path / "base", card="")
    plain, tokenizer = (kind.from_pretrained(tmp_path / "base") for kind in (AutoModelForCausalLM, AutoTokenizer))
    inputs = tokenizer(["Speak.", "Before we proceed"], return_tensors="pt", padding=True, padding_side="right")
    assert torch.equal(plain(**inputs).logits, model(**inputs).logits)
    head = load(
        tmp_path / "base",
        auto_class="AutoModelForSequenceClassification",
        labels=("no", "yes"),
        settings=ModelSettings(),
        seed=1,
    )
    assert head.new_weights == ("score.weight",)
    save(head.model, tmp_path / "base", tmp_path / "classifier", card="")
    classifier = AutoModelForSequenceClassification.from_pretrained(tmp_path / "classifier").eval()
    with torch.no_grad():
        both = classifier(**inputs).logits
        alone = classifier(**tokenizer("Speak.", return_tensors="pt")).logits
    # It answers from a text's own last token, not from what fills it up.
    torch.testing.assert_close(both[:1], alone)


def test_encoding_keeps_line_ends(made: dict[bool, Path]) -> None:
    loaded = load_tokenizer(made[False])
    text = "All:\n\n  Speak.\n"
    ids = encoder(loaded)(pa.array([text]))[0].as_py()
    assert loaded.decode(ids) == text
