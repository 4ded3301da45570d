"""What a model folder may hold."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import save_file

from tunesmith.errors import ModelError
from tunesmith.models.files import tensors, weight_files, weights_sha256
from tunesmith.models.safety import inspect_folder
from tunesmith.settings import ModelSettings

Shell = Callable[..., Path]
NOBODY, TRUSTED = ModelSettings(), ModelSettings(trust_remote_code=True)
COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_safetensors_and_json_pass_without_a_note(shell: Shell) -> None:
    assert inspect_folder(shell(), settings=NOBODY) == ()


@pytest.mark.parametrize("name", ["pytorch_model.bin", ".hidden.pkl", "model.PT", "deep/er/weights.ckpt", "x.joblib"])
def test_pickles_alone_are_refused_and_named_wherever_they_hide(shell: Shell, name: str) -> None:
    folder = shell()
    (folder / "model.safetensors").unlink()
    (folder / name).parent.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(b"\x80\x04.")
    with pytest.raises(ModelError, match=rf"weights only as pickles \({name}\)"):
        inspect_folder(folder, settings=TRUSTED)


def test_a_pickle_beside_safetensors_is_mentioned_and_never_opened(shell: Shell) -> None:
    folder = shell()
    (folder / "training_args.bin").write_bytes(b"not even a pickle")
    notes = inspect_folder(folder, settings=NOBODY)
    assert notes == ("Beside the safetensors lie training_args.bin: such files are never opened.",)


def test_a_folder_without_weights_or_configuration_is_no_model(shell: Shell, tmp_path: Path) -> None:
    folder = shell("run/model")
    with pytest.raises(ModelError, match=f"(?s)folder without one.*name {folder}"):
        inspect_folder(tmp_path / "run", settings=NOBODY)
    (folder / "model.safetensors").unlink()
    with pytest.raises(ModelError, match="got no weights"):
        inspect_folder(folder, settings=NOBODY)


def test_an_adapter_is_refused_since_it_would_pull_in_another_model(shell: Shell) -> None:
    folder = shell()
    (folder / "adapter_config.json").write_text('{"base_model_name_or_path": "/elsewhere"}', encoding="utf-8")
    with pytest.raises(ModelError, match="an adapter"):
        inspect_folder(folder, settings=NOBODY)


@pytest.mark.parametrize("cut", [4, 40, -1])
def test_a_file_that_was_cut_short_is_refused(shell: Shell, cut: int) -> None:
    weights = shell() / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:cut])
    with pytest.raises(ModelError, match=r"cannot be read \(.*\)"):
        inspect_folder(weights.parent, settings=NOBODY)


def test_a_pickle_that_calls_itself_safetensors_is_refused(shell: Shell) -> None:
    folder = shell()
    (folder / "model.safetensors").write_bytes(b"\x80\x04\x95\x10\x00\x00\x00\x00\x00\x00\x00cos\nsystem\n.")
    with pytest.raises(ModelError, match="a whole safetensors file"):
        inspect_folder(folder, settings=NOBODY)


def _ask_for_code(folder: Path, **config: Any) -> Path:
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")
    return folder


def test_code_needs_leave_and_for_a_hub_a_commit(shell: Shell) -> None:
    folder = _ask_for_code(shell(), auto_map={"AutoTokenizer": [None, "theirs.Fast"]})
    with pytest.raises(ModelError, match=r"runs its own code \(theirs.Fast\)"):
        inspect_folder(folder, settings=NOBODY)
    assert inspect_folder(folder, settings=TRUSTED) == ()
    for revision in (None, "main", COMMIT[:12]):
        with pytest.raises(ModelError, match="a revision that can be moved"):
            inspect_folder(folder, settings=TRUSTED.model_copy(update={"revision": revision}), is_remote=True)
    assert inspect_folder(folder, settings=TRUSTED.model_copy(update={"revision": COMMIT}), is_remote=True) == ()


@pytest.mark.parametrize(
    "config",
    [
        {"auto_map": {"AutoModel": "other/repo--theirs.Model"}},
        {"attn_implementation": "owner/kernel"},
        {"text_config": {"_attn_implementation": "owner/kernel:f"}},
    ],
)
def test_code_of_another_repository_is_refused_even_where_code_is_allowed(shell: Shell, config: dict[str, Any]) -> None:
    folder = _ask_for_code(shell(), **config)
    with pytest.raises(ModelError, match="code of another repository"):
        inspect_folder(folder, settings=TRUSTED)


@pytest.mark.parametrize(
    "spelled", ['{"auto_map": null}', '{"a": [{"auto_map": {}}]}', '{"\\u0061uto_map": {"A": "b.C"}}']
)
def test_odd_spellings_of_auto_map_are_seen(shell: Shell, spelled: str) -> None:
    folder = shell()
    (folder / "processor_config.json").write_text(spelled, encoding="utf-8")
    with pytest.raises(ModelError, match="runs its own code"):
        inspect_folder(folder, settings=NOBODY)


def test_ordinary_implementations_are_no_code(shell: Shell) -> None:
    assert inspect_folder(shell(config={"model_type": "bert", "attn_implementation": "sdpa"}), settings=NOBODY) == ()


# ---------------------------------------------------------------- files


def _sharded(folder: Path, names: list[str]) -> Path:
    (folder / "model.safetensors").unlink()
    for at, name in enumerate(names):
        save_file({f"w{at}": np.zeros(2, np.float32)}, str(folder / name))
    index = {"weight_map": {f"w{at}": name for at, name in enumerate(names)}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    return folder


def test_shards_are_all_looked_at(shell: Shell) -> None:
    folder = _sharded(shell(), ["a.safetensors", "b.safetensors"])
    assert [path.name for path in weight_files(folder)] == ["a.safetensors", "b.safetensors"]
    assert [name for name, _, _ in tensors(folder)] == ["w0", "w1"]
    before = weights_sha256(folder)
    save_file({"w1": np.ones(2, np.float32)}, str(folder / "b.safetensors"))
    assert weights_sha256(folder) != before
    (folder / "b.safetensors").unlink()
    with pytest.raises(ModelError, match=r"got no b\.safetensors"):
        inspect_folder(folder, settings=NOBODY)


def test_an_index_cannot_lead_out_of_the_folder(shell: Shell) -> None:
    outside = shell("outside")
    folder = _sharded(shell(), ["a.safetensors"])
    index = {"weight_map": {"w": f"../{outside.name}/model.safetensors"}}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index), encoding="utf-8")
    with pytest.raises(ModelError, match=r"got no \.\./outside/model.safetensors"):
        inspect_folder(folder, settings=NOBODY)


@pytest.mark.parametrize(("text", "got"), [("{", "Expecting property name"), ("[1]", "list")])
def test_a_damaged_index_is_named(shell: Shell, text: str, got: str) -> None:
    folder = _sharded(shell(), ["a.safetensors"])
    (folder / "model.safetensors.index.json").write_text(text, encoding="utf-8")
    with pytest.raises(ModelError, match=f"(?s)a JSON object; got {got}.*index.json"):
        inspect_folder(folder, settings=NOBODY)
