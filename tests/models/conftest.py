"""Tiny random models in the layouts that real ones come in, and a Hub on this machine."""

import hashlib
import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import numpy as np
import pytest
from safetensors.numpy import save_file
from tokenizers import Tokenizer, models, pre_tokenizers, processors

from apart import SECONDS

WORDS = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "good", "bad", "film", "the", "a"]
SHAPE = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
CONFIGS: dict[str, dict[str, Any]] = {
    "bert": {**SHAPE, "max_position_embeddings": 64},
    "electra": {**SHAPE, "embedding_size": 8, "max_position_embeddings": 64},
    "roberta": {**SHAPE, "max_position_embeddings": 66, "pad_token_id": 0, "type_vocab_size": 1},
    "distilbert": {"dim": 16, "n_layers": 2, "n_heads": 2, "hidden_dim": 32, "max_position_embeddings": 64},
    "gpt2": {"n_embd": 16, "n_layer": 2, "n_head": 2, "n_positions": 64, "pad_token_id": None},
}


def write_tokenizer(folder: Path) -> None:
    vocabulary = {word: at for at, word in enumerate(WORDS)}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.add_special_tokens(WORDS[:5])
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0",
        pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1",
        special_tokens=[("[CLS]", 2), ("[SEP]", 3)],
    )
    # As minilm does: the file itself says to cut and to fill up.
    tokenizer.enable_truncation(4)
    tokenizer.enable_padding(length=4)
    tokenizer.save(str(folder / "tokenizer.json"))
    names = {
        "unk_token": "[UNK]",
        "pad_token": "[PAD]",
        "cls_token": "[CLS]",
        "sep_token": "[SEP]",
        "mask_token": "[MASK]",
    }
    config = {"tokenizer_class": "PreTrainedTokenizerFast", **names}
    (folder / "tokenizer_config.json").write_text(json.dumps(config), encoding="utf-8")


@pytest.fixture
def tiny(tmp_path: Path) -> Callable[..., Path]:
    """``tiny("bert")``: a folder with a random model of that kind, without a head, and a tokenizer."""

    def make(kind: str = "bert", name: str = "") -> Path:
        import torch
        from transformers import AutoConfig, AutoModel

        from tunesmith.models.quiet import quiet

        folder = tmp_path / (name or kind)
        config = AutoConfig.for_model(kind, **CONFIGS[kind], vocab_size=len(WORDS))
        with torch.random.fork_rng(), quiet():
            torch.manual_seed(1)
            AutoModel.from_config(config).save_pretrained(folder)
        write_tokenizer(folder)
        return folder

    return make


@pytest.fixture
def shell(tmp_path: Path) -> Callable[..., Path]:
    """``shell("x")``: a folder that passes for a model where nothing loads it; needs no torch."""

    def make(name: str = "model", config: Mapping[str, Any] | None = None) -> Path:
        folder = tmp_path / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps(config or {"model_type": "bert", **CONFIGS["bert"]}), "utf-8")
        save_file({"w": np.ones((3, 5), np.float32), "ids": np.arange(7)}, str(folder / "model.safetensors"))
        return folder

    return make


@dataclass
class Hub:
    """A Hub that serves folders: just enough of its interface for ``snapshot_download``."""

    url: str
    commit: str
    repositories: dict[str, Path] = field(default_factory=dict)
    fetched: list[str] = field(default_factory=list)


@pytest.fixture
def hub() -> Iterator[Hub]:
    hub = Hub(url="", commit=hashlib.sha1(b"commit").hexdigest())

    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

        def reply(self, body: bytes, status: int = 200, **headers: str) -> None:
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name.replace("_", "-"), value)
            self.end_headers()
            if self.command == "GET":
                self.wfile.write(body)

        def do_GET(self) -> None:
            path = unquote(urlsplit(self.path).path)
            name = next((name for name in hub.repositories if f"/{name}/" in path), "")
            if not name:
                return self.reply(b"{}", 404, X_Error_Code="RepoNotFound")
            folder, rest = hub.repositories[name], path.partition(f"/{name}/")[2]
            what, _, tail = rest.partition("/")
            files = sorted(file for file in folder.rglob("*") if file.is_file())
            if what == "revision" and tail not in {"main", hub.commit}:
                return self.reply(b"{}", 404, X_Error_Code="RevisionNotFound")
            if what == "revision":
                return self.reply(json.dumps({"id": name, "sha": hub.commit}).encode(), Content_Type="application/json")
            if what == "tree":
                tree = [
                    {
                        "type": "file",
                        "path": file.relative_to(folder).as_posix(),
                        "size": file.stat().st_size,
                        "oid": etag(file),
                    }
                    for file in files
                ]
                return self.reply(json.dumps(tree).encode(), Content_Type="application/json")
            file = folder / tail.partition("/")[2]
            hub.fetched += [file.name] * (self.command == "GET")
            return self.reply(file.read_bytes(), ETag=f'"{etag(file)}"', X_Repo_Commit=hub.commit)

        def do_HEAD(self) -> None:
            self.do_GET()

    def etag(file: Path) -> str:
        return hashlib.sha1(file.read_bytes()).hexdigest()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield hub
    server.shutdown()
    thread.join()
    server.server_close()


@dataclass
class Answer:
    """What ``find`` gave in a process of its own: ``Found`` as a dictionary, or the error's text."""

    found: dict[str, Any]
    error: str


_FIND = """
import dataclasses, json, sys
from tunesmith.errors import ModelError
from tunesmith.models.find import find
from tunesmith.settings import ModelSettings
try:
    found = dataclasses.asdict(find(sys.argv[1], settings=ModelSettings.model_validate_json(sys.argv[2])))
except ModelError as error:
    print(json.dumps({"error": str(error)}))
else:
    print(json.dumps({"found": found}, default=str))
assert "torch" not in sys.modules
"""


@pytest.fixture
def find_apart(tmp_path: Path) -> Callable[..., Answer]:
    """``find`` in a new process: the Hub's library reads its environment once, when it is imported."""
    home = tmp_path / "hf-home"

    def run(name: str, environment: Mapping[str, str], **settings: Any) -> Answer:
        kept = {key: value for key, value in os.environ.items() if not key.startswith("HF_")}
        done = subprocess.run(
            [sys.executable, "-c", _FIND, name, json.dumps(settings)],
            env={**kept, "HF_HOME": str(home), "HF_HUB_DISABLE_PROGRESS_BARS": "1", **environment},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=SECONDS,
        )
        assert done.returncode == 0, done.stderr
        answer = json.loads(done.stdout.splitlines()[-1])
        return Answer(found=answer.get("found", {}), error=answer.get("error", ""))

    return run
