"""New texts on their way to a saved model: cleaned, and cut into tokens, as its training rows were."""

from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith import rooms

if TYPE_CHECKING:
    from tunesmith.rooms.evaluate import Subject
    from tunesmith.rooms.evaluate.rewritten import Encode
    from tunesmith.rooms.prepare import Encoding


def encoding(subject: "Subject", model: Path) -> "Encoding":
    """How raw rows become token ids for the model in the folder ``model``."""
    return rooms.prepare.Encoding(
        task=subject.task,
        encoder=subject.encoder,
        labels=subject.labels,
        unknown=subject.template.unknown,
        cleaner=rooms.prepare.Cleaner(rooms.prepare.kept_in(model)),
    )


def encoder(subject: "Subject", model: Path) -> "Encode":
    """The same, as what turns one file into another."""
    way = encoding(subject, model)
    return lambda raw, target: rooms.prepare.encode_split(raw, target, way)
