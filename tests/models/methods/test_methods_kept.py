"""What an encoder says of pictures and sounds, kept: the same answers without a pass through it, for every kind."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from made_media import write_pictures, write_sounds
from made_models import PICTURES, SOUNDS, write_model
from tunesmith.artifacts import Sense
from tunesmith.models.inputs import tensors
from tunesmith.models.media.processor import shown_by
from tunesmith.models.methods.heard import encoder_of
from tunesmith.models.methods.kept import Kept

HEARD = {
    **dict.fromkeys(("vit", "deit"), "first"),
    **dict.fromkeys(("swin", "convnext", "ast"), "pooled"),
    **dict.fromkeys(("dinov2", "wav2vec2", "hubert", "whisper"), "all"),
}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[bool, list[Path]]:
    """Pictures, and sounds of which some are longer."""
    root = tmp_path_factory.mktemp("kept")
    sounds = sorted(write_sounds(root / "sounds", 6).glob("*.wav"))
    return {True: sorted(write_pictures(root / "pictures", 6).rglob("*.png")), False: sounds}


def _batches(folder: Path, paths: list[Path], *, is_picture: bool) -> tuple[list[dict[str, Any]], Sense]:
    """Two batches, the first row in both; waves are of two lengths, with padding and its mask."""
    to_numbers, sense = shown_by("image" if is_picture else "audio", folder)
    rows = [np.frombuffer(to_numbers(path), sense.kept).astype(np.float32) * sense.scale for path in paths]
    if all(sense.shape):
        rows = [row.reshape(sense.shape) for row in rows]
        whole = [{sense.input: np.stack(part)} for part in (rows[:4], [rows[0], *rows[4:]])]
        return whole, sense
    rows = [row[: len(row) - 320 * (at % 2)] for at, row in enumerate(rows)]
    made = []
    for part in (rows[:4], [rows[0], *rows[4:]]):
        width = max(map(len, part))
        values, mask = np.zeros((len(part), width), np.float32), np.zeros((len(part), width), np.int64)
        for at, row in enumerate(part):
            values[at, : len(row)], mask[at, : len(row)] = row, 1
        made.append({sense.input: values, "attention_mask": mask})
    return made, sense


class Counted:
    """An encoder's forward that counts the items it was asked for."""

    def __init__(self, forward: Any) -> None:
        self.forward, self.items = forward, 0

    def __call__(self, *args: Any, **named: Any) -> Any:
        self.items += len(args[0] if args else next(iter(named.values())))
        return self.forward(*args, **named)


@pytest.mark.parametrize("kind", [*PICTURES, *SOUNDS])
def test_the_answers_are_the_same_and_the_encoder_is_asked_once(
    kind: str, files: dict[bool, list[Path]], tmp_path: Path
) -> None:
    import transformers

    is_picture = kind in PICTURES
    folder = write_model(kind, tmp_path / kind)
    auto = transformers.AutoModelForImageClassification if is_picture else transformers.AutoModelForAudioClassification
    torch.manual_seed(3)
    model = auto.from_pretrained(folder, num_labels=3)
    batches, sense = _batches(folder, files[is_picture], is_picture=is_picture)
    with torch.no_grad():
        wanted = [_alone(model.eval(), batch, sense) for batch in batches]
    model.train()

    counted = Counted(encoder_of(model).forward)
    encoder_of(model).forward = counted  # type: ignore[method-assign]
    kept = Kept(model, sense, cache=tmp_path / "cache")
    told = kept.begin(batches)
    assert "of 6 " in told
    assert kept._heard is not None
    assert kept._heard.way == HEARD[kind]
    assert counted.items == 6 + 1, "each once, and one to find out what is heard"
    assert kept.pace is not None
    for batch, own in zip(batches, wanted, strict=True):
        found = kept.model(**tensors(batch, torch.device("cpu"))).logits
        assert found.detach().numpy() == pytest.approx(own.numpy(), abs=2e-3), "kept in half precision"
        found.sum().backward()
    assert counted.items == 7
    assert {name.split(".")[0] for name, weight in model.named_parameters() if weight.grad is not None} <= {
        "classifier",
        "projector",
    }

    kept.whole(None)
    encoder_of(model).forward = counted  # type: ignore[method-assign]
    again = Kept(model, sense, cache=tmp_path / "cache")
    assert "found" in again.begin(batches)
    unknown = {name: part[:1] * (0.5 if part.dtype == np.float32 else 1) for name, part in batches[0].items()}
    before = counted.items
    again.model(
        **tensors({name: part.astype(batches[0][name].dtype) for name, part in unknown.items()}, torch.device("cpu"))
    )
    assert counted.items == before + 1, "what is not kept is computed"
    whole = again.whole(None)
    assert "forward" not in vars(encoder_of(whole))


def _alone(model: Any, batch: dict[str, Any], sense: Sense) -> torch.Tensor:
    """Each row by itself, as ``predict`` answers for one file."""

    def rows() -> Iterator[torch.Tensor]:
        for at in range(len(batch[sense.input])):
            one = {name: part[at : at + 1] for name, part in batch.items()}
            if "attention_mask" in one:
                length = int(one["attention_mask"].sum())
                one = {name: part[:, :length] for name, part in one.items()}
            yield model(**tensors(one, torch.device("cpu"))).logits[0]

    return torch.stack(list(rows()))
