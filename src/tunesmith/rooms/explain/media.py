"""One picture or sound explained: which places brought the answer, whether that is true, and where the model looked."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from tunesmith.artifacts import Explanation, Sense, Template, Word
from tunesmith.metrics import faithfulness
from tunesmith.models.inputs import tensors
from tunesmith.models.inside.gradients import Integrated
from tunesmith.models.inside.looking import traced
from tunesmith.models.inside.shown import NOWHERE, Shown, integrated, without
from tunesmith.models.media.decode import sound
from tunesmith.rooms.explain.explain import incomplete, judged
from tunesmith.rooms.explain.media_grid import Places, of_picture, of_sound
from tunesmith.rooms.explain.media_telling import checked, verdict
from tunesmith.rooms.explain.reader import Row
from tunesmith.tasks.encoded import Items
from tunesmith.tasks.task import Task
from tunesmith.words import say

if TYPE_CHECKING:
    from transformers import PreTrainedModel

Values = NDArray[np.float64]

MOST_STEPS = 128
"""Points of the path of integrated gradients at most: each costs a pass there and back over a whole picture."""


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """A model of pictures or sounds as it answers; ``heat``: temperature of its probabilities."""

    model: "PreTrainedModel"
    task: Task
    labels: tuple[str, ...]
    template: Template
    heat: float = 1.0

    @property
    def sense(self) -> Sense:
        """How the model sees or hears."""
        assert self.template.sense is not None, "a task of files has one"
        return self.template.sense


@dataclass(frozen=True, kw_only=True)
class Subject:
    """One file, ready to be explained: what the model is shown of it, its places, and what is to be said of that.

    Attributes:
        item: what the model is shown, as plain numbers; inputs: what it takes, each (1, …).
        asked: the class that all windows of the file together come to, asked of the window that is explained.
        wave, rate: of a sound, that window.
    """

    path: Path
    item: NDArray[Any]
    inputs: Mapping[str, torch.Tensor]
    places: Places
    asked: Shown
    wave: NDArray[np.float32] | None = None
    rate: int = 0
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class SeenThrough:
    """An explanation, and what it is drawn from."""

    explanation: Explanation
    subject: Subject


def explain_media(viewer: Viewer, row: Row, *, run: str, seed: int = 0) -> SeenThrough:
    """Explain the answer to one file.

    Args:
        seed: of the random orders.
    """
    subject = subject_of(viewer, row)
    asked, names = subject.asked, subject.places.names
    paths = integrated(viewer.model, asked, most_steps=MOST_STEPS)
    methods, singly = methods_of(viewer, subject, paths)
    other = paths.each[1] if len(paths.each) > 1 else None
    words = tuple(
        Word(
            text=name,
            gradient=float(methods["gradient"][at]),
            gradient_other=None if other is None else float(other[at]),
            without=float(singly[at]),
            attention=float(methods["attention"][at]) if "attention" in methods else 0.0,
        )
        for at, name in enumerate(names)
    )
    found = Explanation(
        run=run,
        task=viewer.task.name,
        text=str(subject.path),
        answer=viewer.labels[asked.outputs[0]],
        other=viewer.labels[asked.outputs[1]] if len(asked.outputs) > 1 else "",
        about="class",
        is_share=True,
        value=float(paths.whole[0]),
        empty=float(paths.empty[0]),
        value_other=float(paths.whole[1]) if other is not None else None,
        empty_other=float(paths.empty[1]) if other is not None else None,
        steps=paths.steps,
        gap=float(np.abs(paths.gap).max()),
        is_complete=paths.is_complete,
        words=words,
        grid=subject.places.grid,
        notes=(*subject.notes, *_without_attention(methods), *incomplete(paths)),
    )
    orders = {name: faithfulness.order_of(values.tolist()) for name, values in methods.items()}
    found = judged(found, valued(viewer, subject), len(words), orders, seed)
    said = {"verdict": verdict(found), "checked": checked(found)}
    return SeenThrough(explanation=found.model_copy(update=said), subject=subject)


def methods_of(viewer: Viewer, subject: Subject, paths: Integrated) -> tuple[dict[str, Values], Values]:
    """What each method says of the places (k,), and the probability without each of them alone."""
    asked = subject.asked
    singly = without(viewer.model, asked, ~np.eye(asked.places, dtype=bool))[:, 0]
    found = {"gradient": paths.each[0], "occlusion": paths.whole[0] - singly}
    looked = traced(viewer.model, subject.inputs, viewer.sense)
    if looked is not None:
        found["attention"] = asked.summed(looked)
    return found, singly


def valued(viewer: Viewer, subject: Subject) -> faithfulness.Value:
    """The probability that is explained, as a function of the places that are kept."""

    def value(is_kept: NDArray[np.bool_]) -> Values:
        found: Values = without(viewer.model, subject.asked, is_kept)[:, 0]
        return found

    return value


def subject_of(viewer: Viewer, row: Row) -> Subject:
    """A file with the class that it gets and the runner-up; of a long sound the window that says it most surely."""
    task, sense = viewer.task, viewer.sense
    path = Path(row.columns["path"])
    items = task.items(row.table, 0, viewer.template).of_rows(np.asarray([row.at]))
    shares = np.concatenate([_shares(viewer, _inputs(viewer, row, items, at)) for at in range(len(items))])
    first, *others = np.argsort(-shares.mean(0), kind="stable").tolist()
    window = int(shares[:, first].argmax())
    inputs = _inputs(viewer, row, items, window)
    own = inputs[sense.input][0]
    places, wave = _places(viewer, path, own, window)
    asked = Shown(
        name=sense.input,
        own=own,
        nothing=_nothing(own, sense, places.owner),
        more={name: part for name, part in inputs.items() if name != sense.input},
        owner=places.owner,
        outputs=(first, others[0]) if len(others) > 1 else (first,),
        heat=viewer.heat,
        tokens=int(items.length[window]),
    )
    return Subject(
        path=path,
        item=own.cpu().numpy(),
        inputs=inputs,
        places=places,
        asked=asked,
        wave=wave,
        rate=sense.rate,
        notes=_windows(window, len(items), places),
    )


def _inputs(viewer: Viewer, row: Row, items: Items, at: int) -> dict[str, torch.Tensor]:
    batch = viewer.task.collate(row.table, items, np.asarray([at]), viewer.template)
    return tensors(batch, next(viewer.model.parameters()).device)


def _shares(viewer: Viewer, inputs: Mapping[str, torch.Tensor]) -> NDArray[np.float32]:
    with torch.no_grad():
        found: NDArray[np.float32] = viewer.model(**inputs).logits.float().softmax(-1).cpu().numpy()
    return found


def _places(viewer: Viewer, path: Path, own: torch.Tensor, window: int) -> tuple[Places, NDArray[np.float32] | None]:
    sense = viewer.sense
    if sense.time is None:
        patch = getattr(viewer.model.config, "patch_size", None)
        size = patch if isinstance(patch, int) else patch[0] if patch else 1
        return of_picture((own.shape[-2], own.shape[-1]), size), None
    wave, _ = sound(path, sense.rate)
    first = window * sense.window
    part = wave[first : first + sense.window]
    places = of_sound(tuple(own.shape), sense, samples=len(part), start=first / sense.rate)
    return places, part


def _nothing(own: torch.Tensor, sense: Sense, owner: NDArray[np.int64]) -> torch.Tensor:
    """What says nothing: the mean colour of the processor, a wave's silence, or a spectrogram's own mean.

    SpecAugment puts that mean where tones are hidden (Park et al. 2019), and training here may have shown it.
    """
    if sense.time is None or own.ndim == 1:
        return torch.zeros_like(own)
    is_heard = torch.from_numpy(owner != NOWHERE).to(own.device)
    return torch.full_like(own, float(own[is_heard].mean()))


def _windows(window: int, count: int, places: Places) -> tuple[str, ...]:
    if count == 1:
        return ()
    first, last = places.grid.start, places.grid.start + places.grid.seconds
    return (
        say(
            f"The sound is heard in {count} windows, whose answers are averaged; explained is the surest,"
            f" {first:.1f} to {last:.1f} s.",
            f"声音分 {count} 段来听，答案取平均；所解释的是最确定的一段：{first:.1f}–{last:.1f} 秒。",
        ),
    )


def _without_attention(methods: Mapping[str, Values]) -> tuple[str, ...]:
    if "attention" in methods:
        return ()
    return (
        say(
            "This model has no attention over the whole of it that could be traced; gradients and covering need none.",
            "该模型没有可追溯的全局注意力；梯度与遮挡两种方法不需要它。",
        ),
    )
