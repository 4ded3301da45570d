"""The cleaning that lies beside a model's weights: whoever uses them must do the same to their texts."""

from pathlib import Path

from tunesmith.artifacts import Cleaning

CLEANING = "cleaning.json"


def kept_in(folder: Path) -> Cleaning:
    """The cleaning of the model in ``folder``; none where the folder does not speak of any.

    Raises:
        RunError: the file is damaged.
    """
    path = folder / CLEANING
    return Cleaning.load(path) if path.is_file() else Cleaning()
