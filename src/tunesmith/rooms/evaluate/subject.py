"""What is judged, and how it comes from a model folder or from the loop."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from torch import nn

from tunesmith.artifacts import LabelThresholds, Plan, Temperature, Template
from tunesmith.device import accelerator
from tunesmith.models import tokenizer
from tunesmith.models.decoding import Decode, decoder
from tunesmith.models.encoding import encoding_in
from tunesmith.models.fast.packed import Packing
from tunesmith.models.manner import WRITING, Manner, manner_of
from tunesmith.models.methods.base import reopened
from tunesmith.rooms.evaluate.calibration import kept_temperature
from tunesmith.rooms.evaluate.label_thresholds import kept_thresholds
from tunesmith.settings import GenerateSettings
from tunesmith.tasks import TASKS
from tunesmith.tasks.task import AnyEncoder, Array, Task

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

HALF = 0.5
"""Where a label is given that has no threshold of its own."""

Score = Callable[[nn.Module], dict[str, float]]


@dataclass(frozen=True, kw_only=True)
class Pen:
    """How a model writes, and how what it wrote becomes text."""

    manner: Manner
    decode: Decode


@dataclass(frozen=True, kw_only=True)
class Subject:
    """A model with all that turns rows into its answers; ``pen`` where it can write, ``folder`` where it lies."""

    model: nn.Module
    task: Task
    labels: tuple[str, ...]
    template: Template
    encoder: AnyEncoder
    max_length: int
    pen: Pen | None = None
    temperature: Temperature = field(default_factory=Temperature)
    folder: Path | None = None
    label_thresholds: LabelThresholds = field(default_factory=LabelThresholds)

    def sure(self, answer: Array) -> Array:
        """An answer of the model, as sure as it should be."""
        heat = self.temperature.temperature
        return answer if heat == 1.0 else self.task.tempered(answer, heat)

    @property
    def cuts(self) -> Array | None:
        """The probability that each label is given from on, (c,), of answers as they come; None: 0.5 for all.

        A label that the file beside the weights does not name has 0.5.
        """
        known = self.label_thresholds.cuts
        return np.asarray([known.get(name, HALF) for name in self.labels]) if known else None

    @property
    def judging(self) -> Task:
        """The task, with the model's thresholds, for answers as they come."""
        return self.task.given_from(self.cuts)

    @property
    def telling(self) -> Task:
        """The same for answers that are as sure as they should be."""
        return self.task.given_from(None if self.cuts is None else self.sure(self.cuts))

    def is_fitted_on(self, split: str) -> bool:
        """Whether its temperature or its thresholds come from the rows of a split of the run's own."""
        return split in {self.temperature.fitted_on, self.label_thresholds.fitted_on}

    def plain(self) -> "Subject":
        """The model as it answers by itself."""
        return replace(self, temperature=Temperature(), label_thresholds=LabelThresholds())

    @property
    def writing(self) -> Pen:
        """Its pen, for what only a model that writes is asked.

        Raises:
            LookupError: it writes nothing.
        """
        if self.pen is None:
            raise LookupError(f"{self.task.name} writes nothing")
        return self.pen


def subject(folder: Path, plan: Plan) -> Subject:
    """The trained model in ``folder``, loaded as anyone would load it, for the task of its plan.

    Raises:
        ModelError: a weight is missing, left over or not finite.
    """
    task = TASKS.get(plan.task)
    model = reopened(folder, task.auto_class)
    # Where the loop's model was scored, too: another device rounds otherwise, and a CPU would be slow.
    model.to(accelerator())
    if plan.settings.train.packed:
        Packing(model, auto_class=task.auto_class)
    encoder, template = encoding_in(task, folder, plan.settings.prepare)
    return Subject(
        model=model,
        task=task,
        labels=tuple(model.config.id2label[at] for at in sorted(model.config.id2label)),
        template=template,
        encoder=encoder,
        max_length=plan.settings.prepare.max_length or plan.model.max_length,
        temperature=kept_temperature(folder),
        label_thresholds=kept_thresholds(folder),
        pen=_pen(model, tokenizer.load_tokenizer(folder), task, folder, plan.settings.generate)
        if task.writes in WRITING
        else None,
        folder=folder,
    )


def _pen(
    model: "PreTrainedModel", loaded: "PreTrainedTokenizerFast", task: Task, folder: Path, wished: GenerateSettings
) -> Pen:
    manner = manner_of(model, loaded, wished, folder=folder, is_running=task.prompt is None)
    return Pen(manner=manner, decode=decoder(loaded))
