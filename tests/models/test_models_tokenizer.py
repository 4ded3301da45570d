"""Tokenizers: loaded whole, encoded in batches, and trained from nothing."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from transformers import AutoTokenizer

from apart import SECONDS
from tunesmith.artifacts import Template
from tunesmith.errors import ModelError
from tunesmith.models import scratch
from tunesmith.models.sampling import sampled
from tunesmith.models.scratch import train_tokenizer
from tunesmith.models.shelf import minilm_folder
from tunesmith.models.tokenizer import (
    _cuts_at_spaces,
    _Remembered,
    encoder,
    fingerprint,
    load_tokenizer,
    padding_id,
    template,
)
from tunesmith.settings import ModelSettings
from tunesmith.tasks.columns import lists


def ids(tokenizer: Any, texts: list[str], *, are_words: bool = False) -> list[list[int]]:
    found: list[list[int]] = encoder(tokenizer, are_words=are_words)(pa.array(texts, pa.string())).to_pylist()
    return found


LONG = "good film the bad film the good film"


def test_what_the_file_says_of_cutting_and_filling_is_switched_off(tiny: Callable[..., Path]) -> None:
    tokenizer = load_tokenizer(tiny())
    assert [len(row) for row in ids(tokenizer, [LONG, "good", ""])] == [8, 1, 0]


def test_minilm_reads_past_its_128_tokens() -> None:
    assert [len(row) for row in ids(load_tokenizer(minilm_folder()), ["word " * 700, "word"])] == [700, 1]


def test_ids_are_those_of_auto_tokenizer(shared_models: Path) -> None:
    texts = ["Hello World", "明月几时有,把酒问青天", "don't ½ \u200b naïve 😀", ""]
    for folder in (
        minilm_folder(),
        shared_models / "tokenizers/bert-base-chinese",
        shared_models / "llama-zh-poem-750k",
    ):
        plain = AutoTokenizer.from_pretrained(folder)
        expected = plain(texts, add_special_tokens=False)["input_ids"]
        assert ids(load_tokenizer(folder), texts) == expected


def test_a_bare_vocabulary_is_enough(shared_models: Path, tmp_path: Path) -> None:
    whole = shared_models / "tokenizers/bert-base-chinese"
    (tmp_path / "vocab.txt").write_bytes((whole / "vocab.txt").read_bytes())
    bare = load_tokenizer(tmp_path)
    assert len(bare) == 21_128
    assert ids(bare, ["你好 world"]) == ids(load_tokenizer(whole), ["你好 world"])
    # No entry has a capital letter, so capitals are lowered instead of lost.
    assert ids(bare, ["World"]) == ids(bare, ["world"])


def test_a_bare_vocabulary_with_capitals_keeps_them(tmp_path: Path) -> None:
    (tmp_path / "vocab.txt").write_text("[PAD]\r\n[UNK]\r\n[CLS]\r\n[SEP]\r\n[MASK]\r\nRome\r\n", encoding="utf-8")
    assert ids(load_tokenizer(tmp_path), ["Rome rome"]) == [[5, 1]]


@pytest.mark.parametrize("content", [None, "{", '{"model": {"type": "none"}}'])
def test_no_tokenizer_or_a_damaged_one_is_our_error(tiny: Callable[..., Path], content: str | None) -> None:
    folder = tiny()
    (folder / "tokenizer_config.json").unlink()
    if content is None:
        (folder / "tokenizer.json").unlink()
    else:
        (folder / "tokenizer.json").write_text(content, encoding="utf-8")
    with pytest.raises(ModelError, match=f"(?s)a tokenizer that transformers can load.*Where: {folder}"):
        load_tokenizer(folder)


def test_a_tokenizer_of_more_entries_than_the_model_is_refused(tiny: Callable[..., Path]) -> None:
    folder = tiny()
    config = json.loads((folder / "config.json").read_text("utf-8"))
    (folder / "config.json").write_text(json.dumps({**config, "vocab_size": 9}), encoding="utf-8")
    with pytest.raises(ModelError, match="at most the model's 9 entries; got one of 10"):
        load_tokenizer(folder)


def test_templates_are_read_off_the_tokenizer(tiny: Callable[..., Path], shared_models: Path) -> None:
    bert, roberta = tiny("bert"), tiny("roberta")
    whole = Template(prefix=(2,), middle=(3,), suffix=(3,), pad=0, unknown=1, has_types=True, mask=4, size=10)
    assert template(load_tokenizer(bert), bert) == whole
    # The tokenizer marks the second text, but this model has one token type only.
    assert template(load_tokenizer(roberta), roberta) == whole.model_copy(update={"has_types": False})
    gpt2 = shared_models / "tokenizers/gpt2"
    bare = Template(
        prefix=(), middle=(), suffix=(), pad=50_256, unknown=50_256, has_types=False, end=50_256, size=50_257
    )
    assert template(load_tokenizer(gpt2), gpt2) == bare


def test_a_template_rebuilds_what_the_tokenizer_makes_of_a_pair(shared_models: Path) -> None:
    for folder in (minilm_folder(), shared_models / "llama-zh-poem-750k", shared_models / "llama-aidreams260k"):
        tokenizer = load_tokenizer(folder)
        made = template(tokenizer, folder)
        first, second = ids(tokenizer, ["moon light", "明月"])
        rebuilt = [*made.prefix, *first, *made.middle, *second, *made.suffix]
        assert rebuilt == tokenizer("moon light", "明月")["input_ids"]


def test_inner_words_get_the_space_where_the_tokenizer_tells_it(shared_models: Path) -> None:
    gpt2 = load_tokenizer(shared_models / "tokenizers/gpt2")
    words = ["the", "old", "moon"]
    inner = [piece for row in ids(gpt2, words, are_words=True) for piece in row]
    assert inner[1:] == ids(gpt2, ["the old moon"])[0][1:]
    bert = load_tokenizer(minilm_folder())
    assert ids(bert, words, are_words=True) == ids(bert, words)


# Words that a normalizer, a pattern of special tokens or a limit might take differently without their neighbours.
HOSTILE = (
    *(
        "",
        "the",
        "playing",
        "[MASK]",
        "[SEP]",
        "x[CLS]y",
        "[",
        "##s",
        "明月",
        "a明b",
        "don't",
        "...",
        "naïve",
        "İ",
        "ΣΑΣ",
    ),
    *("\u0301", "e\u0301", "\u200b", "\ufeff", "\u3000", "a\tb", "\n", "\x00", "\x85", "\ufffd", "😀", "ﬀ", "½"),
    *("z" * 99, "z" * 100, "z" * 101, "정말", "\u1100\u1161", "नमस्ते"),
)
texts = st.lists(st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]), max_size=6), max_size=8)


@pytest.fixture(scope="module")
def word_piece(tmp_path_factory: pytest.TempPathFactory, shared_models: Path) -> dict[str, Any]:
    """Tokenizers that are known to look at one word at a time."""
    own = tmp_path_factory.mktemp("own")
    train_tokenizer(
        ["the moon is bright", "明月几时有", "naïve don't"] * 9, vocabulary=300, folder=own, is_cjk=True, seed=1
    )
    folders = {"minilm": minilm_folder(), "chinese": shared_models / "tokenizers/bert-base-chinese", "own": own}
    return {name: load_tokenizer(folder) for name, folder in folders.items()}


@pytest.mark.parametrize("name", ["minilm", "chinese", "own"])
@settings(deadline=None, max_examples=60)
@given(rows=st.lists(texts.map(" ".join), max_size=4))
def test_words_that_are_looked_up_once_give_what_the_whole_text_gives(
    word_piece: dict[str, Any], name: str, rows: list[str]
) -> None:
    tokenizer = word_piece[name]
    expected = tokenizer(rows, add_special_tokens=False)["input_ids"] if rows else []
    assert ids(tokenizer, rows) == expected


def test_each_word_is_tokenised_once_while_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def letters(words: pa.StringArray) -> pa.ListArray:
        seen.extend(words.to_pylist())
        return lists([ord(letter) for letter in word] for word in words.to_pylist())

    encode = _Remembered(letters)
    expected = [[98], [97], [98], []]
    assert encode(pa.array(["b", "a", "b", ""])).to_pylist() == expected
    assert encode(pa.array(["c", "a"])).to_pylist() == [[99], [97]]
    assert sorted(seen) == ["", "a", "b", "c"]
    # What comes when it is full is right, too, but not kept.
    monkeypatch.setattr("tunesmith.models.tokenizer.REMEMBERED_BYTES", 0)
    for _ in range(2):
        assert encode(pa.array(["d", "b"])).to_pylist() == [[100], [98]]
    assert sorted(seen) == ["", "a", "b", "c", "d", "d"]


def test_only_what_surely_looks_at_one_word_at_a_time_is_cut(word_piece: dict[str, Any], shared_models: Path) -> None:
    from tokenizers import AddedToken, Tokenizer, models

    for tokenizer in word_piece.values():
        assert _cuts_at_spaces(tokenizer.backend_tokenizer)
    for folder in ("tokenizers/gpt2", "llama-zh-poem-750k"):
        assert not _cuts_at_spaces(load_tokenizer(shared_models / folder).backend_tokenizer)
    assert not _cuts_at_spaces(Tokenizer(models.WordPiece({"[UNK]": 0}, unk_token="[UNK]")))
    for entry in (
        AddedToken("new york", normalized=False),
        AddedToken("巴黎", normalized=False),
        AddedToken("[X]", normalized=False, single_word=True),
        AddedToken("paris", normalized=True),
    ):
        changed = Tokenizer.from_str(word_piece["minilm"].backend_tokenizer.to_str())
        changed.add_tokens([entry])
        assert not _cuts_at_spaces(changed)


def test_padding_id_has_a_way_out(tiny: Callable[..., Path]) -> None:
    tokenizer = load_tokenizer(tiny())
    tokenizer.pad_token = None
    assert padding_id(tokenizer) == 0
    tokenizer.eos_token = "[SEP]"
    assert padding_id(tokenizer) == 3


def test_a_fingerprint_changes_with_the_vocabulary(tiny: Callable[..., Path]) -> None:
    folder = tiny()
    before = fingerprint(load_tokenizer(folder))
    assert fingerprint(load_tokenizer(folder)) == before
    path = folder / "tokenizer.json"
    path.write_text(path.read_text(encoding="utf-8").replace('"good"', '"fine"'), encoding="utf-8")
    assert fingerprint(load_tokenizer(folder)) != before


# ---------------------------------------------------------------- from scratch

ENGLISH = ["The cat sat on the mat.", "A Cat in Rome sat: naïve café!", "the mats of the cats"] * 40
CHINESE = ["今天的天气很好,我们去公园。", "龘字很少见 iPhone15 真贵", "北京大学在北京"]


def _trained(folder: Path, texts: list[str], **options: object) -> Path:
    settings = {"vocabulary": 400, "is_cjk": False, "seed": 1, **options}
    train_tokenizer(texts, folder=folder, **settings)  # type: ignore[arg-type]
    return folder


def test_a_scratch_tokenizer_loads_plainly_and_knows_its_texts(tmp_path: Path) -> None:
    for name, texts, is_cjk in (("en", ENGLISH, False), ("zh", CHINESE, True)):
        plain = AutoTokenizer.from_pretrained(_trained(tmp_path / name, texts, is_cjk=is_cjk))
        ids = plain(texts)["input_ids"]
        assert plain.unk_token_id not in {one for row in ids for one in row}
        assert {(row[0], row[-1]) for row in ids} == {(plain.cls_token_id, plain.sep_token_id)}
        assert set(plain("a", "b")) == {"input_ids", "attention_mask"}, "the model has one token type only"


def test_each_chinese_character_stands_by_itself(tmp_path: Path) -> None:
    plain = AutoTokenizer.from_pretrained(_trained(tmp_path, CHINESE, is_cjk=True))
    assert plain.tokenize("北京大学 龘") == ["北", "京", "大", "学", "龘"]


def test_case_and_accents_are_kept_unless_told_otherwise(tmp_path: Path) -> None:
    kept = AutoTokenizer.from_pretrained(_trained(tmp_path / "kept", ENGLISH))
    assert kept.tokenize("Cat cat") == ["Cat", "cat"]
    assert kept.decode(kept("naïve café")["input_ids"], skip_special_tokens=True) == "naïve café"
    lowered = AutoTokenizer.from_pretrained(_trained(tmp_path / "lowered", ENGLISH, keep_case=False))
    assert lowered.tokenize("Cat café") == lowered.tokenize("cat cafe")


def test_long_words_are_cut_into_pieces_rather_than_lost(tmp_path: Path) -> None:
    plain = AutoTokenizer.from_pretrained(_trained(tmp_path, ENGLISH))
    assert plain.unk_token not in plain.tokenize("cat" * 100)


def test_every_process_trains_the_same_tokenizer(tmp_path: Path) -> None:
    # The library's own hash tables differ from process to process, so this must be seen across processes.
    code = (
        "import sys, pathlib; from tunesmith.models.scratch import train_tokenizer\n"
        "texts = [f'{a}{b}ing the{b}{a} w{a*b}' for a in range(40) for b in range(9)] + ['naïve café ΑΒΓ абв']\n"
        "train_tokenizer(texts, vocabulary=500, folder=pathlib.Path(sys.argv[1]), is_cjk=False, seed=1)\n"
        "assert 'torch' not in sys.modules\n"
    )
    for name in "ab":
        subprocess.run([sys.executable, "-c", code, str(tmp_path / name)], check=True, timeout=SECONDS)
    assert len({(tmp_path / name / "tokenizer.json").read_bytes() for name in "ab"}) == 1


def test_a_small_vocabulary_keeps_the_frequent_characters(tmp_path: Path) -> None:
    texts = [chr(0x4E00 + at) * (600 - at) for at in range(600)]
    entries = json.loads((_trained(tmp_path, texts, vocabulary=300, is_cjk=True) / "tokenizer.json").read_text("utf-8"))
    kept = entries["model"]["vocab"]
    assert [chr(0x4E00 + at) in kept for at in (0, 294, 295, 599)] == [True, True, False, False]
    assert len(kept) == 300


def test_a_long_stream_is_sampled_evenly_and_by_seed(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = [str(number) for number in range(20_000)]
    draw = lambda seed: list(sampled(iter(numbers), 500, seed))  # noqa: E731
    assert len(set(draw(1))) == 500
    assert draw(1) == draw(1) != draw(2)
    mean = sum(map(int, draw(1))) / 500
    # Of a uniform draw: standard error of the mean is 20,000 / sqrt(12 * 500) = 258.
    assert abs(mean - 10_000) < 4 * 258
    assert list(sampled(iter(numbers[:3]), 500, 1)) == numbers[:3]


@pytest.mark.parametrize(("rows", "size"), [(200, "tiny"), (20_000, "small"), (199_999, "small"), (200_000, "base")])
def test_the_size_follows_the_rows(rows: int, size: str) -> None:
    name, because = scratch.size_for(rows, ModelSettings())
    assert name == size
    assert f"{rows:,} rows" in because


def test_size_and_vocabulary_can_be_named() -> None:
    settings = ModelSettings(scratch_size="base", scratch_vocabulary=321)
    assert scratch.size_for(1, settings) == ("base", "you named it")
    assert scratch.vocabulary_for(1, is_cjk=True, settings=settings) == (321, "you named it")


def test_the_vocabulary_follows_script_and_rows() -> None:
    sizes = [scratch.vocabulary_for(rows, is_cjk=False, settings=ModelSettings())[0] for rows in (100, 5_000, 10**6)]
    assert sizes == sorted(set(sizes))
    assert scratch.vocabulary_for(100, is_cjk=True, settings=ModelSettings())[0] == scratch.CJK_VOCABULARY
