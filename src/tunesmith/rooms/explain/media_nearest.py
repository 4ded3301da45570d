"""Training files that the model takes for most alike: by the cosine of what its last layer reads of them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Neighbour
from tunesmith.models.inputs import tensors
from tunesmith.models.inside.shown import read_by_head
from tunesmith.rooms.explain.media import SeenThrough, Viewer
from tunesmith.rooms.explain.near_told import alike
from tunesmith.rooms.explain.nearest import NEIGHBOURS
from tunesmith.seeds import generator
from tunesmith.tasks.encoded import Encoded

MOST_LOOKED_AT = 500
"""Training files that are looked at; of more a seeded sample is drawn, and it is said."""

TOGETHER = 16
"""Files of one pass."""

Columns = Callable[[int], Mapping[str, Any]]


@dataclass(frozen=True, kw_only=True)
class KnownFiles:
    """Training files, each by the first of its windows: vectors (n, h) as the last layer reads them."""

    vectors: NDArray[np.float32]
    paths: tuple[str, ...]
    labels: tuple[str, ...]
    trained_on: int


def known_files(viewer: Viewer, table: Encoded, columns: Columns, *, seed: int) -> KnownFiles | None:
    """Training files as the model sees them; None where its last layer is not to be found."""
    drawn = generator(seed, "training files", len(table)).permutation(len(table))[:MOST_LOOKED_AT]
    rows = np.sort(drawn)
    items = viewer.task.items(table, 0, viewer.template)
    firsts = np.searchsorted(items.row, rows)
    device = next(viewer.model.parameters()).device
    batches = [
        tensors(viewer.task.collate(table, items, firsts[at : at + TOGETHER], viewer.template), device)
        for at in range(0, len(firsts), TOGETHER)
    ]
    vectors = read_by_head(viewer.model, batches)
    if vectors is None:
        return None
    said = [columns(int(table.numbers["row"][row])) for row in rows]
    return KnownFiles(
        vectors=vectors,
        paths=tuple(str(one["path"]) for one in said),
        labels=tuple(str(one["label"]) for one in said),
        trained_on=len(table),
    )


def with_like_files(viewer: Viewer, one: SeenThrough, among: KnownFiles) -> SeenThrough:
    """The same, with its nearest training files, and what they say of the answer."""
    own = read_by_head(viewer.model, [one.subject.inputs])
    assert own is not None, "the layer was found before"
    mean = among.vectors.mean(0)
    likeness = _apart(among.vectors - mean) @ _apart(own[0] - mean)
    answer = one.explanation.answer
    neighbours = tuple(
        Neighbour(
            text=Path(among.paths[at]).name,
            label=among.labels[at],
            similarity=float(min(1.0, likeness[at])),
            path=among.paths[at],
            line=0,
            agrees=among.labels[at] == answer,
        )
        for at in np.argsort(-likeness, kind="stable")[:NEIGHBOURS].tolist()
    )
    more = {"neighbours": neighbours, "looked_at": len(among.paths), "trained_on": among.trained_on}
    found = one.explanation.model_copy(update=more)
    return replace(one, explanation=found.model_copy(update={"alike": alike(found)}))


def _apart(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    found: NDArray[np.float32] = vectors / np.maximum(np.linalg.norm(vectors, axis=-1, keepdims=True), 1e-12)
    return found
