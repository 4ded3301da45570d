"""Names of the Hub, against one on this machine: mirror, cache, refusal."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

Find = Callable[..., Any]


@pytest.fixture
def published(hub: Any, shell: Callable[..., Path]) -> Path:
    """A repository as they are: safetensors, a pickle and an export beside it."""
    folder = shell("published")
    (folder / "pytorch_model.bin").write_bytes(b"never fetched")
    (folder / "onnx").mkdir()
    (folder / "onnx" / "config.json").write_text("{}", encoding="utf-8")
    (folder / "README.md").write_text("---\nlicense: mit\n---\n", encoding="utf-8")
    hub.repositories["someone/model"] = folder
    return folder


def test_a_name_is_fetched_from_the_mirror_and_then_found_offline(hub: Any, published: Path, find_apart: Find) -> None:
    answer = find_apart("someone/model", {"HF_ENDPOINT": hub.url})
    assert (answer.error, answer.found["source"], answer.found["revision"]) == ("", "hub", hub.commit)
    folder = Path(answer.found["folder"])
    assert sorted(path.name for path in folder.iterdir()) == ["README.md", "config.json", "model.safetensors"]
    assert "pytorch_model.bin" not in hub.fetched

    before = list(hub.fetched)
    offline = find_apart("someone/model", {"HF_ENDPOINT": hub.url, "HF_HUB_OFFLINE": "1"})
    assert offline.found == answer.found
    assert hub.fetched == before


def test_an_unreachable_hub_leaves_the_cached_copy(hub: Any, published: Path, find_apart: Find) -> None:
    answer = find_apart("someone/model", {"HF_ENDPOINT": hub.url})
    away = find_apart("someone/model", {"HF_ENDPOINT": "http://127.0.0.1:9"})
    assert away.found == answer.found


def test_pickles_only_is_refused_before_anything_is_fetched(hub: Any, published: Path, find_apart: Find) -> None:
    (published / "model.safetensors").unlink()
    answer = find_apart("someone/model", {"HF_ENDPOINT": hub.url})
    assert "weights only as pickles (pytorch_model.bin)" in answer.error
    assert hub.fetched == []


def test_an_unknown_name_or_revision_is_said_to_be_so(hub: Any, published: Path, find_apart: Find) -> None:
    assert "no repository of that name" in find_apart("someone/else", {"HF_ENDPOINT": hub.url}).error
    answer = find_apart("someone/model", {"HF_ENDPOINT": hub.url}, revision="v9")
    assert "a repository without that revision" in answer.error
    assert "someone/model @ v9" in answer.error


def test_code_of_a_hub_model_needs_leave_and_a_commit(hub: Any, published: Path, find_apart: Find) -> None:
    (published / "config.json").write_text('{"auto_map": {"AutoModel": "theirs.Model"}}', encoding="utf-8")
    (published / "theirs.py").write_text("raise SystemExit\n", encoding="utf-8")
    here = {"HF_ENDPOINT": hub.url}
    assert "one that runs its own code (theirs.Model)" in find_apart("someone/model", here).error
    assert "theirs.py" not in hub.fetched
    unpinned = find_apart("someone/model", here, trust_remote_code=True, revision="main")
    assert "give that commit" in unpinned.error
    pinned = find_apart("someone/model", here, trust_remote_code=True, revision=hub.commit)
    assert pinned.found["revision"] == hub.commit
    assert (Path(pinned.found["folder"]) / "theirs.py").is_file()


def test_offline_and_not_cached_lists_what_is_here(hub: Any, published: Path, find_apart: Find) -> None:
    find_apart("someone/model", {"HF_ENDPOINT": hub.url})
    answer = find_apart("someone/modle", {"HF_HUB_OFFLINE": "1"})
    assert "a model that is here: minilm, scratch, someone/model" in answer.error
    assert "use someone/model, if that was meant" in answer.error
    assert "HF_HUB_OFFLINE is set" in answer.error
