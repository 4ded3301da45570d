"""Cleaning that brings texts nearer to a vocabulary, such as simplified characters for one that has no others."""

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa

from tunesmith.rooms.check.rows import numbers
from tunesmith.tasks.task import Encoder

Clean = Callable[[pa.StringArray], pa.StringArray]
"""Texts to the same number of texts, cleaned."""

# So many rows tell halves from wholes; a conversion of every drawn row would take seconds.
REMEDY_ROWS = 300

# Of the tokens that mean nothing to the model, a step must take away so much to be worth a change of every text.
WORTH = 0.5


def cleaned(fields: Mapping[str, pa.StringArray], clean: Clean | None) -> dict[str, pa.StringArray]:
    """The fields as the model will get them."""
    return {name: texts if clean is None else clean(texts) for name, texts in fields.items()}


def remedy(
    fields: Mapping[str, pa.StringArray], tokenize: Encoder, strange: frozenset[int], steps: Mapping[str, Clean]
) -> tuple[str, float] | None:
    """The step after which the fewest tokens are ``strange`` ids, and their share then; None where none helps much."""
    few = {name: _spread(texts) for name, texts in fields.items()}
    before = _share(few, tokenize, strange)
    left = {name: _share(cleaned(few, step), tokenize, strange) for name, step in steps.items()} if before else {}
    best = min(left, key=left.__getitem__, default="")
    return (best, left[best]) if best and left[best] <= (1 - WORTH) * before else None


def _spread(texts: pa.StringArray) -> pa.StringArray:
    """Texts from everywhere, for the rows stand in the order of the file."""
    return texts.take(pa.array(np.unique(np.linspace(0, len(texts) - 1, REMEDY_ROWS).astype(np.int64))))


def _share(fields: Mapping[str, pa.StringArray], tokenize: Encoder, strange: frozenset[int]) -> float:
    tokens = np.concatenate([numbers(tokenize(texts).flatten()) for texts in fields.values()])
    return float(np.isin(tokens, list(strange)).mean()) if tokens.size else 0.0
