"""Training rows that the model takes for most alike: by the cosine of its last states, before its head."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Neighbour
from tunesmith.models.inside.states import pooled, states
from tunesmith.private import masked
from tunesmith.rooms.explain import near_told, telling
from tunesmith.rooms.explain.explain import Explained
from tunesmith.rooms.explain.given import Given
from tunesmith.rooms.explain.reader import Reader
from tunesmith.seeds import generator
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.padding import framed

MOST_LOOKED_AT = 1000
"""Training rows whose states are computed; of more a seeded sample is drawn, and it is said."""

NEIGHBOURS = 5

MOST_SIGNS = 240

BETWEEN = ", "
"""Several labels of a row."""

Columns = Callable[[int], Mapping[str, Any]]
Origin = Callable[[int], tuple[str, int]]


@dataclass(frozen=True, kw_only=True)
class Known:
    """Training rows, or their single words, with their states (n, h), less their ``mean`` (h,), at length 1.

    Without the mean taken away all states of a trained model look alike: on TREC the five nearest all had 0.998.
    """

    vectors: NDArray[np.float32]
    mean: NDArray[np.float32]
    texts: tuple[str, ...]
    labels: tuple[str, ...]
    origins: tuple[tuple[str, int], ...]
    looked_at: int
    trained_on: int


def known(reader: Reader, table: Encoded, columns: Columns, origin: Origin, *, seed: int) -> Known:
    """Training rows as the model sees them.

    Args:
        table: the training split, encoded; rows that were made out of others are left out.
        columns, origin: a row as it was read, and where.
    """
    made = table.numbers.get("augmented", np.zeros(len(table)))
    own = np.flatnonzero(made == 0)
    drawn = generator(seed, "training rows", len(own)).permutation(len(own))[:MOST_LOOKED_AT]
    rows = own[np.sort(drawn)].tolist()
    found = states(reader.model, [_ids(reader, table, row) for row in rows], pad=reader.template.pad)
    vectors, texts, labels, origins = [], [], [], []
    for row, state in zip(rows, found, strict=True):
        raw = int(table.numbers["row"][row])
        said = columns(raw)
        for vector, text, label in _parts(reader, table, row, state, said):
            vectors.append(vector)
            texts.append(text)
            labels.append(label)
            origins.append(origin(raw))
    every = np.stack(vectors) if vectors else np.zeros((0, 1), np.float32)
    mean = every.mean(0) if vectors else np.zeros(1, np.float32)
    return Known(
        vectors=_apart(every, mean),
        mean=mean,
        texts=tuple(texts),
        labels=tuple(labels),
        origins=tuple(origins),
        looked_at=len(rows),
        trained_on=len(own),
    )


def nearest(reader: Reader, given: Given, among: Known) -> tuple[Neighbour, ...]:
    """The training rows nearest to a text, nearest first; of a tagged word, the nearest words."""
    if not len(among.vectors):
        return ()
    ids = given.asked.inputs["input_ids"][0].cpu().numpy()
    prompt = ids if given.about != "answer" or given.looks is None else ids[: given.looks + 1]
    state = states(reader.model, [prompt], pad=reader.template.pad)[0]
    own = pooled(state[[given.asked.places[0]]] if given.about == "word" else state)
    likeness = among.vectors @ _apart(own, among.mean)
    found: list[Neighbour] = []
    texts: set[str] = set()
    for at in np.argsort(-likeness, kind="stable").tolist():
        if len(found) == NEIGHBOURS:
            break
        # The same text again tells nothing new.
        if among.texts[at] in texts:
            continue
        texts.add(among.texts[at])
        path, line = among.origins[at]
        label = among.labels[at]
        found.append(
            Neighbour(
                text=_short(among.texts[at]),
                label=label,
                similarity=float(min(1.0, likeness[at])),
                path=path,
                line=line,
                agrees=_agrees(given, label),
            )
        )
    return tuple(found)


def _agrees(given: Given, label: str) -> bool | None:
    if given.about == "label":
        # A row without any label disagrees, too.
        return given.answer in label.split(BETWEEN)
    return label == given.answer if label and given.about in {"class", "word"} else None


def _apart(vectors: NDArray[np.float32], mean: NDArray[np.float32]) -> NDArray[np.float32]:
    """Vectors (…, h) less their mean, at length 1."""
    away = vectors - mean
    found: NDArray[np.float32] = away / np.maximum(np.linalg.norm(away, axis=-1, keepdims=True), 1e-12)
    return found


def with_neighbours(reader: Reader, one: Explained, among: Known) -> Explained:
    """The same, with its nearest training rows, and all of it in sentences."""
    more = {
        "neighbours": nearest(reader, one.given, among),
        "looked_at": among.looked_at,
        "trained_on": among.trained_on,
    }
    found = one.explanation.model_copy(update=more)
    said = {
        "verdict": telling.verdict(found),
        "checked": telling.checked(found),
        "alike": near_told.alike(found),
    }
    return replace(one, explanation=found.model_copy(update=said))


def _ids(reader: Reader, table: Encoded, row: int) -> NDArray[Any]:
    """What the model reads of a training row: what it is asked, where it is to write."""
    task, template, most = reader.task, reader.template, reader.max_length
    if task.prompt is not None:
        return task.prompt(table, row)[-most:].astype(np.int64)
    if task.reads_words or "ids2" not in table.lists:
        room = most - len(template.prefix) - len(template.suffix)
        return framed(table.lists["ids"][row][:room], None, template)
    items = task.items(table, most, template).of_rows(np.asarray([row]))
    return np.asarray(task.collate(table, items, np.asarray([0]), template)["input_ids"][0])


def _parts(
    reader: Reader, table: Encoded, row: int, state: NDArray[np.float32], said: Mapping[str, Any]
) -> list[tuple[NDArray[np.float32], str, str]]:
    """A row's vector, text and label; of a tagged sentence those of each word."""
    if not reader.task.reads_words:
        return [(pooled(state), _text(said), _label(reader, said))]
    words, before = said["tokens"], len(reader.template.prefix)
    tags = said.get("tags") or [""] * len(words)
    heads = table.lists["heads"][row] + before
    return [
        (pooled(state[[place]]), _marked(words, at), tags[at])
        for at, place in enumerate(heads.tolist())
        if place < len(state) - len(reader.template.suffix)
    ]


def _marked(words: Sequence[str], at: int) -> str:
    """A word in its sentence, between marks."""
    first = max(0, at - 8)
    return " ".join([*words[first:at], f"[{words[at]}]", *words[at + 1 : at + 9]])


def _text(said: Mapping[str, Any]) -> str:
    if said.get("messages"):
        return " ⏎ ".join(turn["content"] or "" for turn in said["messages"])
    names = ("text", "text2", "title", "content")
    return " ⏎ ".join(str(said[name]) for name in names if said.get(name))


def _label(reader: Reader, said: Mapping[str, Any]) -> str:
    label = said.get(reader.task.label_column) if reader.task.label_column else None
    if label is None:
        return ""
    return BETWEEN.join(map(str, label)) if isinstance(label, list) else str(label)


def _short(text: str) -> str:
    # Hidden before it is cut: half a number would not be known for one.
    shown = masked(text[: 4 * MOST_SIGNS])
    return shown if len(shown) <= MOST_SIGNS else shown[:MOST_SIGNS] + "…"
