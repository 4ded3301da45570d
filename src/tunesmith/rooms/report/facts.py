"""What a report is made from: the artifacts of one run, together."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from tunesmith.artifacts import Artifact, Evaluation, Health, Plan, Prepared, Reading, Step, Trained
from tunesmith.rooms.report.names import named
from tunesmith.tasks import TASKS
from tunesmith.words import say

# Rows of these splits took part in making the model, so a score on them flatters it.
SEEN_SPLITS = ("train", "dev")

TAGGING = "token-classification"


class Facts(Artifact):
    """All that is known of one finished run. ``Facts.load`` reads ``report.json`` back, equal."""

    reading: Reading
    health: Health
    prepared: Prepared
    plan: Plan
    steps: tuple[Step, ...]
    trained: Trained
    evaluations: Annotated[tuple[Evaluation, ...], Field(min_length=1)]

    @property
    def name(self) -> str:
        """The run's own name: the last part of its path."""
        return Path(self.trained.run).name

    @property
    def model_name(self) -> str:
        """The base model by its name; of a folder the last part, or two where the last is what every run calls it."""
        parts = Path(self.plan.model.name).parts
        if not Path(self.plan.model.path or ".").is_dir() and not Path(self.plan.model.name).is_absolute():
            return self.plan.model.name
        return "/".join(parts[-2:] if parts[-1:] == ("model",) else parts[-1:])

    @property
    def evaluation(self) -> Evaluation:
        """The evaluation that the verdict rests on: test, else any unseen rows, else the first."""
        unseen = [one for one in self.evaluations if one.split not in SEEN_SPLITS]
        return next((one for one in unseen if one.split == "test"), (unseen or list(self.evaluations))[0])

    @property
    def others(self) -> tuple[Evaluation, ...]:
        """The evaluations beside the main one, in the order given."""
        return tuple(one for one in self.evaluations if one is not self.evaluation)

    @property
    def is_held_out(self) -> bool:
        """The main evaluation's rows had no part in training or in choosing the best state."""
        return self.evaluation.split not in SEEN_SPLITS

    @property
    def is_writing(self) -> bool:
        """A language model: it foretells tokens, so nothing has a label."""
        return self.plan.task in TASKS and bool(TASKS.get(self.plan.task).writes)

    @property
    def things(self) -> str:
        """What its rows are, in words: texts, pictures or sounds."""
        return {
            "image-classification": say("pictures", "图像"),
            "audio-classification": say("sounds", "声音"),
        }.get(self.reading.task, say("texts", "文本"))

    @property
    def is_media(self) -> bool:
        """Rows are files of pictures or sounds, named where a text would stand."""
        return "path" in self.reading.columns

    @property
    def is_tagging(self) -> bool:
        """Tokens get tags, so scores count entities rather than rows."""
        return self.reading.task == TAGGING


def split_name(split: str) -> str:
    """A split's name in the user's language; a name that is not ours stays as it is."""
    return named("split", split)
