"""Texts and words that get a label or a number."""

from typing import Any

import numpy as np
import torch

from tunesmith.errors import DataError
from tunesmith.models.inside.values import Asked, Meant, numbers, vectors
from tunesmith.private import masked
from tunesmith.rooms.explain.given import About, Given, beside, cut_off, inputs_of, names_of, words_in
from tunesmith.rooms.explain.reader import Reader, Row
from tunesmith.rooms.explain.words import Words
from tunesmith.tasks.encoded import Items
from tunesmith.words import counted, listed, say

_MEANT: dict[str, tuple[Meant, About]] = {
    "multi_label_classification": ("several", "label"),
    "regression": ("number", "number"),
}


def classified(reader: Reader, row: Row, label: str | None = None) -> Given:
    """A text, or a pair of texts, with the class that it gets and the runner-up.

    Args:
        label: the one that is explained instead, whatever is answered.

    Raises:
        DataError: the model has no such label.
    """
    task, template = reader.task, reader.template
    items = task.items(row.table, reader.max_length, template).of_rows(np.asarray([row.at]))
    batch = task.collate(row.table, items, np.asarray([0]), template)
    inputs = inputs_of(reader, batch)
    meant, about = _MEANT.get(getattr(reader.model.config, "problem_type", None) or "", ("one", "class"))
    each = _each(reader, inputs, meant)
    outputs = _chosen(reader, each, meant, label)
    given = tuple(reader.task.present(row.columns, each, reader.labels)["labels"]) if meant == "several" else None
    words = _words(reader, row, items, batch)
    return Given(
        text=_text(reader, row),
        words=words,
        asked=Asked(inputs=inputs, meant=meant, outputs=outputs, heat=reader.heat),
        about=about,
        answer="" if meant == "number" else reader.labels[outputs[0]],
        other=reader.labels[outputs[1]] if len(outputs) > 1 else "",
        given=given,
        looks=_looks(reader, batch["input_ids"].shape[1]),
        tokens=names_of(reader, batch["input_ids"][0]),
        notes=(*_given_note(given, reader.labels[outputs[0]]), *cut_off(words)),
    )


def _each(reader: Reader, inputs: dict[str, torch.Tensor], meant: Meant) -> Any:
    """What the model says of every class or label, (c,)."""
    every = Asked(inputs=inputs, meant=meant, outputs=tuple(range(reader.model.config.num_labels)), heat=reader.heat)
    with torch.no_grad():
        return numbers(reader.model, every, vectors(reader.model, every)[None])[0].cpu().numpy()


def _chosen(reader: Reader, each: Any, meant: Meant, label: str | None) -> tuple[int, ...]:
    """The class that is explained, and the likeliest beside it; of two classes the one that is answered says it all.

    Raises:
        DataError: there is no such label.
    """
    if label is not None and (meant == "number" or label not in reader.labels):
        raise no_such_label(label, () if meant == "number" else reader.labels)
    if meant == "number":
        return (0,)
    order = np.argsort(-each, kind="stable").tolist()
    first = order[0] if label is None else reader.labels.index(label)
    others = [one for one in order if one != first]
    return (first, others[0]) if len(others) > 1 or (others and first != order[0]) else (first,)


def _given_note(given: tuple[str, ...] | None, explained: str) -> tuple[str, ...]:
    """All labels that a text gets, where one of them is explained."""
    if given is None or given == (explained,):
        return ()
    names = masked(listed(list(given))) or say("none", "无")
    return (
        say(
            f"Labels given: {names}. Explained is {explained}; another one with --label.",
            f"给出的标签：{names}。所解释的是 {explained}；可用 --label 选择其他标签。",
        ),
    )


def no_such_label(label: str, known: tuple[str, ...]) -> DataError:
    """A label was asked for that the model does not have; ``known`` are those that it has."""
    return DataError(
        expected=listed(list(known)) or say("a model that chooses among labels", "在标签中选择的模型"),
        got=label,
        where="--label",
        do=say("name one of these", "请给出其中之一") if known else say("leave --label out", "请去掉 --label"),
    )


def _words(reader: Reader, row: Row, items: Items, batch: dict[str, Any]) -> Words:
    length, before = batch["input_ids"].shape[1], len(reader.template.prefix)
    stop = int(items.stop[0])
    ids = row.table.lists["ids"][row.at][:stop]
    first = words_in(reader, reader.clean(row.columns["text"]), ids, before + np.arange(stop), length)
    if "ids2" not in row.table.lists:
        return first
    other = row.table.lists["ids2"][row.at][: int(items.second[0])]
    start = before + stop + len(reader.template.middle)
    second = reader.clean(row.columns.get("text2") or "")
    return beside(first, words_in(reader, second, other, start + np.arange(len(other)), length))


def _text(reader: Reader, row: Row) -> str:
    parts = [reader.clean(row.columns[name]) for name in ("text", "text2") if row.columns.get(name)]
    return " ⏎ ".join(parts)


def _looks(reader: Reader, length: int) -> int | None:
    """The place that a classifier's head reads: an encoder's first, a decoder's last, or the mean of all."""
    config = reader.model.config
    if getattr(config, "classifier_pooling", "") == "mean":
        return None
    is_causal = bool(getattr(config, "is_decoder", False)) or not reader.template.prefix
    return length - 1 if is_causal or config.model_type in _LAST else 0


_LAST = frozenset({"gpt2", "gpt_neox", "llama", "mistral", "qwen2", "qwen3", "gemma", "olmo2", "phi3", "xlnet"})
"""Kinds whose classifier reads the last place."""


def tagged(reader: Reader, row: Row, word: int | None) -> Given:
    """A sentence with the tag that one of its words gets: the asked one (from 0), else the surest that is not O.

    Raises:
        DataError: there is no such word.
    """
    texts = [str(text) for text in row.columns["tokens"]]
    if word is not None and not 0 <= word < len(texts):
        raise no_such_word(word, len(texts))
    every = reader.task.items(row.table, reader.max_length, reader.template).of_rows(np.asarray([row.at]))
    found = [_window(reader, row, every, at) for at in range(len(every))]
    shares = np.concatenate([one[2] for one in found])
    chosen = _surest(reader, shares) if word is None else word
    # The window that answers for the word: each answers for so many words behind those of the one before.
    ends = np.cumsum([len(part) for _, _, part in found])
    inputs, owner, _ = found[int(np.searchsorted(ends, chosen, side="right"))]
    place = int(np.flatnonzero(owner == chosen)[0])
    outputs = np.argsort(-shares[chosen], kind="stable")[:2].tolist()
    words = Words(texts=tuple(texts), owner=owner)
    notes = () if word is not None else (_chosen_note(texts[chosen], chosen),)
    return Given(
        text=" ".join(texts),
        words=words,
        asked=Asked(inputs=inputs, meant="one", outputs=tuple(outputs), places=(place,), heat=reader.heat),
        about="word",
        answer=reader.labels[outputs[0]],
        other=reader.labels[outputs[1]] if len(outputs) > 1 else "",
        looks=place,
        focus=chosen,
        tokens=names_of(reader, inputs["input_ids"][0].cpu().numpy()),
        notes=(*notes, *_outside(words)),
    )


def _window(reader: Reader, row: Row, items: Items, at: int) -> tuple[dict[str, torch.Tensor], Any, Any]:
    """What the model takes of one window, the word of each of its tokens, and probabilities of its own words."""
    batch = reader.task.collate(row.table, items, np.asarray([at]), reader.template)
    inputs = inputs_of(reader, batch)
    with torch.no_grad():
        logits = reader.model(**inputs).logits.float().cpu().numpy()
    heads = row.table.lists["heads"][row.at]
    start, stop, before = int(items.start[at]), int(items.stop[at]), len(reader.template.prefix)
    owner = np.full(batch["input_ids"].shape[1], -1, np.int64)
    owner[before : before + stop - start] = np.searchsorted(heads, np.arange(start, stop), side="right") - 1
    return inputs, owner, reader.task.unpack(batch, logits)[0]


def _surest(reader: Reader, shares: Any) -> int:
    """The word that is most surely something; where none is, the one that comes nearest to it."""
    nothing = reader.labels.index("O") if "O" in reader.labels else 0
    return int((1 - shares[:, nothing]).argmax())


def _chosen_note(text: str, at: int) -> str:
    return say(
        f"Explained is the word {masked(text)!r}; another one with --word (this is --word {at + 1}).",
        f"所解释的词是“{masked(text)}”；可用 --word 选择其他词（此词为 --word {at + 1}）。",
    )


def _outside(words: Words) -> tuple[str, ...]:
    outside = len(words.texts) - len(words.read)
    if not outside:
        return ()
    words_outside = counted(outside, "word", "words", "个词")
    return (
        say(
            f"The sentence is longer than the model reads at once: outside of the window lie {words_outside}.",
            f"句子超过模型一次能读的长度：该词的窗口之外有 {words_outside}。",
        ),
    )


def no_such_word(word: int, count: int) -> DataError:
    """A word was asked for that the text does not have."""
    return DataError(
        expected=say(f"a word from 1 to {count:,}", f"1 到 {count:,} 之间的词序号"),
        got=f"{word + 1:,}",
        where="--word",
        do=say("count the words of the text from 1", "请从 1 开始数文本中的词"),
    )
