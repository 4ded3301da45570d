"""What a model writes: an answer, the next token, or what fits into a gap."""

from dataclasses import replace
from typing import Any

import numpy as np
import torch

from tunesmith.models.inside.values import Asked
from tunesmith.models.writing import write
from tunesmith.rooms.explain.given import Given, cut_off, inputs_of, names_of, words_in
from tunesmith.rooms.explain.labelled import no_such_word
from tunesmith.rooms.explain.reader import Reader, Row
from tunesmith.rooms.explain.words import NONE, Words
from tunesmith.tasks.generation import GIVEN
from tunesmith.tasks.padding import framed
from tunesmith.tasks.talks import ASSISTANT, without
from tunesmith.words import say

PASS_TOKENS = 8192

MOST_EXPLAINED = 64
"""Tokens of an answer that are explained: a sum over more says little of any word."""


def answered(reader: Reader, row: Row) -> Given:
    """What is asked, with the answer that the model writes to it."""
    assert reader.prompt is not None and reader.manner is not None and reader.decode is not None, "it writes"
    prompt = reader.prompt(row.table, row.at).astype(np.int64)
    answer = next(iter(write(reader.model, [prompt], reader.manner, tokens=PASS_TOKENS)))
    ids = answer.ids.astype(np.int64)
    if not len(ids):
        # Nothing was written but the end: that is what is explained.
        ids = np.asarray(reader.manner.ends[:1], np.int64)
    text = reader.decode(answer.ids).strip()
    notes = () if len(ids) <= MOST_EXPLAINED else (_long(len(ids)),)
    ids = ids[:MOST_EXPLAINED]
    if reader.model.config.is_encoder_decoder:
        given = _seq2seq(reader, row, prompt, ids, text)
        return replace(given, notes=(*notes, *given.notes))
    whole = np.concatenate([prompt, ids])[None, :-1]
    inputs = inputs_of(reader, {"input_ids": whole, "attention_mask": np.ones_like(whole)})
    words = _asked_words(reader, row, prompt, whole.shape[1])
    return Given(
        text=_question(reader, row),
        words=words,
        asked=Asked(
            inputs=inputs,
            meant="written",
            outputs=tuple(ids.tolist()),
            places=tuple(range(len(prompt) - 1, whole.shape[1])),
        ),
        about="answer",
        answer=text,
        looks=len(prompt) - 1,
        tokens=names_of(reader, whole[0]),
        notes=(*notes, *cut_off(words)),
    )


def _seq2seq(reader: Reader, row: Row, prompt: Any, ids: Any, text: str) -> Given:
    template = reader.template
    start = template.pad if template.start is None else template.start
    said = np.concatenate([[start], ids[:-1]])[None].astype(np.int64)
    inputs = inputs_of(
        reader,
        {"input_ids": prompt[None], "attention_mask": np.ones_like(prompt[None]), "decoder_input_ids": said},
    )
    is_special = np.isin(
        prompt, [*template.prefix, *template.suffix, *([] if template.end is None else [template.end])]
    )
    places = np.flatnonzero(~is_special)
    words = words_in(reader, _question(reader, row), prompt[places], places, len(prompt))
    return Given(
        text=_question(reader, row),
        words=words,
        asked=Asked(inputs=inputs, meant="written", outputs=tuple(ids.tolist()), places=tuple(range(said.shape[1]))),
        about="answer",
        answer=text,
        looks=None,
        tokens=names_of(reader, prompt),
        written=names_of(reader, said[0]),
        notes=cut_off(words),
    )


def _asked_words(reader: Reader, row: Row, prompt: Any, length: int) -> Words:
    """Words of what users said; the form of the talk around them stays as it is."""
    assert reader.task.prompt is not None, "it writes an answer to something"
    whole = reader.task.prompt(row.table, row.at)
    cuts = row.table.lists["cuts"][row.at].reshape(-1, 2)
    cuts = cuts[cuts[:, 1] <= len(whole)]
    is_said = np.zeros(len(whole), bool)
    for start, stop in cuts.tolist():
        is_said[start:stop] = True
    stay = without(cuts, len(whole) - len(prompt), len(whole))
    if len(stay) != len(prompt):
        # Even without all that users said it is too long: the end of it is left.
        stay = np.arange(len(whole))[len(whole) - len(prompt) :]
    places = np.flatnonzero(is_said[stay])
    return words_in(reader, _question(reader, row), prompt[places], places, length)


def _question(reader: Reader, row: Row) -> str:
    """What is asked, in words."""
    if reader.task.written in GIVEN:
        return reader.clean(str(row.columns[GIVEN[reader.task.written]] or ""))
    said = [turn["content"] or "" for turn in row.columns["messages"] if turn["role"] != ASSISTANT]
    return reader.clean(str(said[-1])) if said else ""


def _long(count: int) -> str:
    return say(
        f"Of the answer's {count:,} tokens the first {MOST_EXPLAINED} are explained.",
        f"答案共 {count:,} 个词元，只解释前 {MOST_EXPLAINED} 个。",
    )


def continued(reader: Reader, row: Row) -> Given:
    """Running text, with the token that the model takes for the likeliest to follow."""
    ids = row.table.lists["ids"][row.at]
    before = len(reader.template.prefix)
    kept = ids[-(reader.max_length - before) :]
    whole = framed(kept, None, reader.template.model_copy(update={"suffix": ()}))[None]
    inputs = inputs_of(reader, {"input_ids": whole, "attention_mask": np.ones_like(whole)})
    place = whole.shape[1] - 1
    token = _likeliest(reader, inputs, place)
    words = words_in(reader, reader.clean(row.columns["text"]), kept, before + np.arange(len(kept)), whole.shape[1])
    notes = () if len(kept) == len(ids) else (_start_cut(),)
    asked = Asked(inputs=inputs, meant="written", outputs=(token,), places=(place,))
    return replace(_next(reader, row, words, asked), notes=notes)


def filled(reader: Reader, row: Row, word: int | None) -> Given:
    """Running text with one word hidden, and what the model takes for the likeliest there."""
    before = len(reader.template.prefix)
    room = reader.max_length - before - len(reader.template.suffix)
    ids = row.table.lists["ids"][row.at][:room]
    whole = framed(ids, None, reader.template)[None]
    words = words_in(reader, reader.clean(row.columns["text"]), ids, before + np.arange(len(ids)), whole.shape[1])
    if word is not None and word not in words.read:
        raise no_such_word(word, len(words.texts))
    gap = _gap(words) if word is None else word
    places = np.flatnonzero(words.owner == gap)
    template = reader.template
    whole[0, places] = template.unknown if template.mask is None else template.mask
    inputs = inputs_of(reader, {"input_ids": whole, "attention_mask": np.ones_like(whole)})
    place = int(places[0])
    asked = Asked(inputs=inputs, meant="written", outputs=(_likeliest(reader, inputs, place),), places=(place,))
    # What is hidden has nothing to take away.
    left = Words(texts=words.texts, owner=np.where(words.owner == gap, NONE, words.owner))
    return replace(_next(reader, row, left, asked, gap), notes=cut_off(words))


def _next(reader: Reader, row: Row, words: Words, asked: Asked, focus: int | None = None) -> Given:
    name = reader.tokenizer.decode([asked.outputs[0]]).strip()
    return Given(
        text=reader.clean(row.columns["text"]),
        words=words,
        asked=asked,
        about="next",
        answer=name or reader.tokenizer.convert_ids_to_tokens(asked.outputs[0]),
        looks=asked.places[0],
        focus=focus,
        tokens=names_of(reader, asked.inputs["input_ids"][0].cpu().numpy()),
    )


def _likeliest(reader: Reader, inputs: dict[str, torch.Tensor], place: int) -> int:
    with torch.no_grad():
        return int(reader.model(**inputs).logits[0, place].argmax())


def _gap(words: Words) -> int:
    """The longest word that was read: the one that says most."""
    return int(max(words.read, key=lambda at: len(words.texts[at])))


def _start_cut() -> str:
    return say(
        "The text is longer than the model reads: its start had no part in the answer.",
        "文本超过模型能读的长度：开头部分没有参与作答。",
    )
