"""One text explained: which words brought the answer, whether that is true of the model, and how it looked at them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.artifacts import Explanation, Faith, Word
from tunesmith.errors import DataError
from tunesmith.metrics import faithfulness
from tunesmith.models.inside.attention import Layer, rollout, seen
from tunesmith.models.inside.gradients import MOST_STEPS, Integrated, integrated
from tunesmith.models.inside.positions import Positions, positions
from tunesmith.models.inside.values import without
from tunesmith.private import hidden, masked
from tunesmith.rooms.explain.given import Given
from tunesmith.rooms.explain.labelled import classified, no_such_label, tagged
from tunesmith.rooms.explain.reader import Reader, Row
from tunesmith.rooms.explain.written import answered, continued, filled
from tunesmith.words import say

Values = NDArray[np.float64]


@dataclass(frozen=True, kw_only=True)
class Explained:
    """An explanation, and what is too large for it: the attentions, and the model's way with positions."""

    explanation: Explanation
    given: Given
    layers: tuple[Layer, ...]
    positions: Positions


@dataclass(frozen=True, kw_only=True)
class Methods:
    """What three methods say of each word that is read, (k,): the larger, the more it speaks for the answer."""

    gradient: Values
    occlusion: Values
    attention: Values

    def orders(self) -> dict[str, NDArray[np.int64]]:
        """Their orders by name."""
        return {name: faithfulness.order_of(values) for name, values in vars(self).items()}


def explain(
    reader: Reader, row: Row, *, run: str, word: int | None = None, label: str | None = None, seed: int = 0
) -> Explained:
    """Explain the answer to one row.

    Args:
        word: of a tagged sentence, or of a text with a gap, the word that is explained, from 0.
        label: the one that is explained; None: the one that is answered.
        seed: of the random orders.

    Raises:
        DataError: nothing to read, no such word, or no such label.
    """
    given = given_of(reader, row, word, label)
    layers = seen(reader.model, given.asked.inputs)
    nothing = reader.nothing()
    paths = integrated(reader.model, given.asked, nothing, given.words.is_word)
    methods, singly = _methods(reader, given, paths, layers, nothing)
    place = positions(reader.model, given.asked.length)
    found = Explanation(
        run=run,
        task=reader.task.name,
        text=masked(given.text),
        answer=masked(given.answer),
        other=given.other,
        given=given.given,
        about=given.about,
        focus=given.focus,
        is_share=given.asked.is_share,
        value=float(paths.whole[0]),
        empty=float(paths.empty[0]),
        value_other=float(paths.whole[1]) if len(paths.whole) > 1 else None,
        empty_other=float(paths.empty[1]) if len(paths.empty) > 1 else None,
        steps=paths.steps,
        gap=float(np.abs(paths.gap).max()),
        is_complete=paths.is_complete,
        words=_words(given, paths, methods, singly),
        positions=place.kind,
        heads=_heads(layers),
        notes=(*given.notes, *incomplete(paths)),
    )
    return Explained(
        explanation=judged(found, valued(reader, given, nothing), len(given.words.read), methods.orders(), seed),
        given=given,
        layers=layers,
        positions=place,
    )


def given_of(reader: Reader, row: Row, word: int | None, label: str | None = None) -> Given:
    """The row, made ready by what its model does.

    Raises:
        DataError: nothing to read, no such word, or no such label.
    """
    task = reader.task
    is_one = not task.writes and not task.reads_words
    if word is not None and (is_one or task.prompt is not None):
        raise DataError(
            expected=say("a model that answers for single words", "逐词作答的模型"),
            got=say(f"one for {task.name}", f"用于 {task.name} 的模型"),
            where="--word",
            do=say("leave --word out", "请去掉 --word"),
        )
    if label is not None and not is_one:
        raise no_such_label(label, ())
    if task.reads_words:
        given = tagged(reader, row, word)
    elif is_one:
        given = classified(reader, row, label)
    elif task.writes == "masked":
        given = filled(reader, row, word)
    else:
        given = continued(reader, row) if task.prompt is None else answered(reader, row)
    if len(given.words.read) == 0:
        raise DataError(
            expected=say("a text with something to read", "有内容可读的文本"),
            got=say("none that the tokenizer knows", "分词后没有任何内容"),
            do=say("give a text of at least one word", "请给出至少一个词的文本"),
        )
    return given


def _methods(
    reader: Reader, given: Given, paths: Integrated, layers: Sequence[Layer], nothing: Any
) -> tuple[Methods, Values]:
    """What each method says of the words that are read, and the number without each of them, (k,)."""
    read = given.words.read
    alone = ~np.eye(len(read), dtype=bool)
    singly = without(reader.model, given.asked, nothing, given.words.tokens(alone))[:, 0]
    methods = Methods(
        gradient=given.words.summed(paths.each[0])[read],
        occlusion=paths.whole[0] - singly,
        attention=given.words.summed(traced(layers, given))[read],
    )
    return methods, singly


def traced(layers: Sequence[Layer], given: Given) -> Values:
    """How much of each token attention rollout finds in the place that answers, (t,); 0 without attention."""
    if not any(layer.part in {"itself", "encoder"} for layer in layers):
        return np.zeros(given.asked.length)
    flow = rollout(tuple(layers))
    row: Values = (flow.mean(0) if given.looks is None else flow[given.looks]).astype(np.float64)
    return row


def _words(given: Given, paths: Integrated, methods: Methods, singly: Values) -> tuple[Word, ...]:
    """Every word with its numbers; those of words that were not read stay empty."""
    words, place = given.words, {int(word): at for at, word in enumerate(given.words.read)}
    other = words.summed(paths.each[1]) if len(paths.each) > 1 else None
    found = []
    # Hidden all at once: what is personal may stretch over several words.
    for at, text in enumerate(hidden(list(words.texts))):
        if at not in place:
            found.append(Word(text=text, is_read=False))
            continue
        own = place[at]
        found.append(
            Word(
                text=text,
                gradient=float(methods.gradient[own]),
                gradient_other=None if other is None else float(other[at]),
                without=float(singly[own]),
                attention=float(methods.attention[own]),
            )
        )
    return tuple(found)


def judged(
    found: Explanation, value: faithfulness.Value, count: int, orders: dict[str, NDArray[np.int64]], seed: int
) -> Explanation:
    """With how each method's order of its ``count`` words, or places, does against random ones."""
    if count < 2:
        only = say("There is one word: no order of words to check.", "只有一个词，没有可检验的次序。")
        return found.model_copy(update={"notes": (*found.notes, only)})
    random = faithfulness.random_orders(count, seed=seed)
    curves = faithfulness.curves(value, [*orders.values(), *random])
    own, others = curves[: len(orders)], curves[len(orders) :]
    losses, alone = [one.comprehensiveness for one in others], [one.sufficiency for one in others]
    faith = tuple(
        Faith(
            method=name,
            comprehensiveness=one.comprehensiveness,
            sufficiency=one.sufficiency,
            random_comprehensiveness=float(np.mean(losses)),
            random_sufficiency=float(np.mean(alone)),
            beats=faithfulness.share_beaten(one.comprehensiveness, losses),
            curve=tuple(map(float, one.gone)),
        )
        for name, one in zip(orders, own, strict=True)
    )
    low, high = np.quantile([one.gone for one in others], (0.05, 0.95), axis=0)
    more = {
        "counts": own[0].counts,
        "faith": faith,
        "random_low": tuple(map(float, low)),
        "random_high": tuple(map(float, high)),
    }
    return found.model_copy(update=more)


def valued(reader: Reader, given: Given, nothing: Any) -> faithfulness.Value:
    """The number that is explained, as a function of the words that are kept."""

    def value(is_kept: NDArray[np.bool_]) -> Values:
        found: Values = without(reader.model, given.asked, nothing, given.words.tokens(is_kept))[:, 0]
        return found

    return value


def _heads(layers: Sequence[Layer]) -> dict[str, tuple[int, int]]:
    parts = list(dict.fromkeys(layer.part for layer in layers))
    return {
        part: (sum(one.part == part for one in layers), next(len(one.weights) for one in layers if one.part == part))
        for part in parts
    }


def incomplete(paths: Integrated) -> tuple[str, ...]:
    """What to say where the parts do not add up."""
    if paths.is_complete:
        return ()
    gap = float(np.abs(paths.gap).max())
    return (
        say(
            f"The gradients' sum misses the difference by {gap:.3f} even with {MOST_STEPS} steps:"
            " read them as directions.",
            f"即使用 {MOST_STEPS} 步，梯度之和仍与差值相差 {gap:.3f}：只宜看方向。",
        ),
    )
