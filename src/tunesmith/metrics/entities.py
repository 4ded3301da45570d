"""Scores of tagged sentences: an entity is right when type, first and last position all are."""

from collections.abc import Iterable, Sequence

import numpy as np

from tunesmith.metrics.counted import Counted
from tunesmith.metrics.counts import ClassCounts, ratio
from tunesmith.metrics.intervals import Floats, Ints
from tunesmith.metrics.scored import per_class, scored
from tunesmith.metrics.sheet import Resampling, ScoreSheet
from tunesmith.metrics.tags import detect_scheme, entities, illegal_positions

Mention = tuple[int, str]  # sentence, type


def entity_scores(
    truths: Sequence[Sequence[str]], answers: Sequence[Sequence[str]], *, resampling: Resampling
) -> ScoreSheet:
    """Score answered tag sequences against true ones.

    Metrics: f1_micro, precision_micro, recall_micro over all entities; f1_macro over the
    types that occur in truth or answers; token_accuracy over tags; illegal_share, the
    share of answered tags that ``illegal_positions`` names, in the scheme that the truths
    use. Entities are conlleval's (and so seqeval's default mode). Intervals are over
    sentences. Per class means per type; there is no confusion.

    Args:
        truths: tags of each sentence.
        answers: likewise, of the same lengths.
        resampling: how intervals are made.

    Raises:
        ValueError: no sentences, or lengths that differ.
    """
    _check_lengths(truths, answers)
    types, counts = _counts(truths, answers)
    counted = _counted(counts)
    return ScoreSheet(
        metrics=scored(counted, resampling, classes=len(types)), per_class=per_class(counted, types, resampling)
    )


def entity_counts(
    truths: Sequence[Sequence[str]], answers: Sequence[Sequence[str]], *, labels: Sequence[str]
) -> Counted:
    """What each sentence counts towards the metrics of ``entity_scores``; arguments and errors are the same.

    Args:
        labels: all tags that there are, so that every model's counts have the same columns.
    """
    _check_lengths(truths, answers)
    types = sorted({entity.type for label in labels for entity in entities([label])})
    return _counted(_counts(truths, answers, types)[1])


def _counted(counts: Ints) -> Counted:
    # Most sentences have no entity at all: they are one kind.
    table, kind = np.unique(counts, axis=0, return_inverse=True)
    return Counted(kind=kind.reshape(-1), table=table.astype(np.float64), measures=_measures)


def _per_type(table: Floats) -> ClassCounts:
    return ClassCounts(*np.split(table[:, :-3], 3, axis=1))


def _measures(table: Floats) -> dict[str, Floats]:
    correct, illegal, tokens = table[:, -3], table[:, -2], table[:, -1]
    per_type = _per_type(table)
    pooled = per_type.pooled()
    return {
        "f1_micro": pooled.f1[:, 0],
        "precision_micro": pooled.precision[:, 0],
        "recall_micro": pooled.recall[:, 0],
        "f1_macro": per_type.macro(per_type.f1),
        "token_accuracy": ratio(correct, tokens),
        "illegal_share": ratio(illegal, tokens),
    }


def _check_lengths(truths: Sequence[Sequence[str]], answers: Sequence[Sequence[str]]) -> None:
    if not truths or len(truths) != len(answers):
        raise ValueError(f"truths and answers must be as many and not none; got {len(truths)} and {len(answers)}")
    for sentence, (truth, answer) in enumerate(zip(truths, answers, strict=True)):
        if len(truth) != len(answer):
            raise ValueError(f"sentence {sentence} has {len(truth)} true tags, but {len(answer)} answered ones")


def _counts(
    truths: Sequence[Sequence[str]], answers: Sequence[Sequence[str]], types: Sequence[str] | None = None
) -> tuple[list[str], Ints]:
    """Types, those that occur where none are given, and what each sentence counts, (n, 3 * types + 3).

    The columns are hits, answered and true of every type; then correct, illegal and all tags.
    """
    scheme = detect_scheme(truths).scheme
    hits: list[Mention] = []
    answered: list[Mention] = []
    true: list[Mention] = []
    tag_counts = np.zeros((len(truths), 3), dtype=np.int64)
    for sentence, (truth, answer) in enumerate(zip(truths, answers, strict=True)):
        true_here, answered_here = entities(truth), entities(answer)
        hits += ((sentence, entity.type) for entity in set(true_here).intersection(answered_here))
        answered += ((sentence, entity.type) for entity in answered_here)
        true += ((sentence, entity.type) for entity in true_here)
        correct = sum(a == t for a, t in zip(answer, truth, strict=True))
        tag_counts[sentence] = correct, len(illegal_positions(answer, scheme)), len(truth)
    named = sorted({name for _, name in (*true, *answered)}) if types is None else list(types)
    blocks = [_per_sentence(mentions, named, len(truths)) for mentions in (hits, answered, true)]
    return named, np.concatenate([*blocks, tag_counts], axis=1)


def _per_sentence(mentions: Iterable[Mention], types: list[str], sentences: int) -> Ints:
    """How many mentions each sentence has of each type, (sentences, types)."""
    column = {name: position for position, name in enumerate(types)}
    cells = np.array([sentence * len(types) + column[name] for sentence, name in mentions], dtype=np.int64)
    return np.bincount(cells, minlength=sentences * len(types)).reshape(sentences, len(types))
