"""A tokenizer's view on texts, without torch and transformers."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pytest

from tunesmith.errors import ModelError
from tunesmith.models.shelf import minilm_folder
from tunesmith.models.tokenizer import encoder, fingerprint, load_tokenizer
from tunesmith.models.view import view

TEXTS = pa.array(["A good film; really?", "电影 不错 café", "", "x" * 300, "emoji 🙂 and [MASK] tokens"])


def test_minilm_is_seen_as_transformers_loads_it() -> None:
    seen, loaded = view(minilm_folder()), load_tokenizer(minilm_folder())
    assert seen.tokenize(TEXTS) == encoder(loaded)(TEXTS)
    assert (seen.unknown, seen.special, seen.window) == (loaded.unk_token_id, (2, 3), 512)
    assert seen.key == fingerprint(loaded)
    assert seen.languages == ("en",)
    assert next(iter(seen.scripts)) == "Latin"
    assert seen.scripts["Han"] == 488
    assert 1.0 < seen.own_tokens < 1.3


def test_bytes_are_told_from_characters(shared_models: Path) -> None:
    seen = view(shared_models / "tokenizers" / "gpt2")
    assert seen.unknown is None
    assert len(set(seen.tokenize(pa.array(["电影"])).flatten().to_pylist()) & seen.byte_ids) > 2
    assert not set(seen.tokenize(pa.array(["a good film"])).flatten().to_pylist()) & seen.byte_ids


def test_chinese_vocabularies_are_at_home_in_chinese(shared_models: Path) -> None:
    seen = view(shared_models / "tokenizers" / "bert-base-chinese")
    assert seen.scripts["Han"] > 14_000
    assert seen.own_tokens == pytest.approx(1.0, abs=0.02)


def test_a_folder_without_a_tokenizer_is_refused(shell: Callable[..., Path]) -> None:
    with pytest.raises(ModelError, match="a folder without one"):
        view(shell())


def test_looking_loads_nothing_heavy() -> None:
    code = (
        "import sys\nfrom tunesmith.models.shelf import minilm_folder\nfrom tunesmith.models.view import view\n"
        "view(minilm_folder())\nassert not {'torch', 'transformers', 'huggingface_hub'} & sys.modules.keys()"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
