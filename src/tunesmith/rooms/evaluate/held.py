"""Rows that were kept from training, as a model is judged by them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tunesmith.artifacts import Source


@dataclass(frozen=True, kw_only=True)
class Held:
    """Held-out rows: encoded, and as they were read.

    Attributes:
        encoded: the split's Arrow file as ``prepare`` encoded it.
        raw: the same rows as they were read.
        sources: the files that the raw rows point to.
        most_rows: of a larger split a seeded sample of so many rows is scored, and the notes say so; None: all are.
        group_by: the column whose equal values stayed on one side of the split; such rows are no independent draws.
        train: the training rows as ``prepare`` encoded them; None where they are not here.
        is_fitted_on: the model's temperature was fitted on these very rows.
        keep: file that every row's answer is written to, see ``tunesmith.outcomes``; None: they are forgotten.
    """

    encoded: Path
    raw: Path
    sources: Sequence[Source]
    most_rows: int | None = None
    group_by: str | None = None
    train: Path | None = None
    is_fitted_on: bool = False
    keep: Path | None = None
