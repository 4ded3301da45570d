"""masked-language-modeling: an encoder learns running text by filling gaps.

Of each window 15% of the tokens are to be foretold; of those 80% are hidden behind the mask
token, 10% become another token and 10% stay (Devlin et al. 2019, section 3.1). In training the
gaps are new in every epoch, a function of seed, epoch and place in the text alone; for scoring
they are always the same. What is measured is how well hidden tokens are foretold: no
perplexity of texts, and not to be compared with one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tunesmith.artifacts import Template
from tunesmith.metrics.counted import Counted
from tunesmith.metrics.language import masked_counts, masked_scores
from tunesmith.metrics.sheet import Resampling, ScoreSheet
from tunesmith.seeds import derived
from tunesmith.tasks import language_modeling
from tunesmith.tasks.encoded import Encoded, Items
from tunesmith.tasks.padding import framed, padded
from tunesmith.tasks.task import IGNORED, Array, Batch

MASKED = 0.15
"""Share of a window's tokens that are to be foretold; one at least."""

HIDDEN, OTHER = 0.8, 0.1
"""Of those: shares that are hidden, and that become any other token; the rest stays and must be foretold, too."""

SCORED = 0
"""Seed of the gaps that the model is scored by."""


def items(encoded: Encoded, max_length: int, template: Template) -> Items:
    """Windows over each text, side by side; each has the special tokens around it."""
    around = len(template.prefix) + len(template.suffix)
    room = max(1, max_length - around)
    lengths = encoded.lists["ids"].lengths().astype(np.int64)
    counts = -(-lengths // room)
    rows = np.repeat(np.arange(len(lengths)), counts)
    start = (np.arange(len(rows)) - np.repeat(np.cumsum(counts) - counts, counts)) * room
    stop = np.minimum(start + room, lengths[rows])
    return Items(
        row=rows, start=start, stop=stop, own_start=start, own_stop=stop, second=np.zeros_like(start),
        length=stop - start + around,
    )  # fmt: skip


def collate(encoded: Encoded, items: Items, chosen: Array, template: Template) -> Batch:
    """Windows with the gaps that are scored."""
    return varied(encoded, items, chosen, template, SCORED)


def varied(encoded: Encoded, items: Items, chosen: Array, template: Template, seed: int) -> Batch:
    """Windows with the gaps that belong to a seed: ``input_ids``, ``attention_mask``, ``labels``, each (b, t)."""
    rows, targets = [], []
    for at in chosen:
        row, start, stop = int(items.row[at]), int(items.start[at]), int(items.stop[at])
        whole = framed(encoded.lists["ids"][row][start:stop], None, template)
        first = len(template.prefix)
        draw = np.random.default_rng(derived(seed, "masks", row, start))
        inputs, labels = whole.copy(), np.full(len(whole), IGNORED, np.int64)
        gaps = first + np.sort(draw.permutation(stop - start)[: max(1, round(MASKED * (stop - start)))])
        labels[gaps] = whole[gaps]
        inputs[gaps] = _disguised(whole[gaps], draw, template)
        rows.append(inputs)
        targets.append(labels)
    return {
        "input_ids": padded(rows, template.pad),
        "attention_mask": padded([np.ones(len(row), np.int64) for row in rows], 0),
        "labels": padded(targets, IGNORED),
    }


def _disguised(tokens: Array, draw: np.random.Generator, template: Template) -> Array:
    lot = draw.random(len(tokens))
    mask = template.unknown if template.mask is None else template.mask
    others = draw.integers(max(1, template.size), size=len(tokens))
    return np.where(lot < HIDDEN, mask, np.where(lot < HIDDEN + OTHER, others, tokens))


def truths(encoded: Encoded) -> list[Any]:
    """Nothing is right or wrong of a row but its own tokens."""
    return [0] * len(encoded)


def judge(truth: Sequence[Any], answer: Sequence[Array], labels: Sequence[str], resampling: Resampling) -> ScoreSheet:
    """Loss, perplexity and accuracy at the hidden tokens."""
    return masked_scores(np.asarray(answer, np.float64), resampling=resampling)


def counts(truth: Sequence[Any], answer: Sequence[Array], labels: Sequence[str]) -> Counted:
    """What each text counts towards them."""
    return masked_counts(np.asarray(answer, np.float64))


def present(row: Mapping[str, Any], answer: Array, labels: Sequence[str]) -> dict[str, Any]:
    """How well the model foretold what was hidden of the text."""
    loss, _, tokens = map(float, answer)
    return {"masked_loss": round(loss / max(1.0, tokens), 6), "tokens": int(tokens)}


TASK = replace(
    language_modeling.TASK,
    name="masked-language-modeling",
    auto_class="AutoModelForMaskedLM",
    writes="masked",
    monitor="masked_loss",
    metrics=("masked_loss", "masked_perplexity", "masked_accuracy"),
    items=items,
    collate=collate,
    varied=varied,
    truths=truths,
    judge=judge,
    counts=counts,
    baselines=(),
    present=present,
)
