"""How a model writes: how long, how each token is chosen, what ends an answer, and what is never written.

It lies with the weights, in generation_config.json, so that any program that loads the
model writes as it was judged. What a user sets goes before it.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tunesmith.artifacts import Plan, Prepared, Template
from tunesmith.models.facts import NO_LIMIT, max_length
from tunesmith.models.tokenizer import load_tokenizer, padding_id
from tunesmith.settings import GenerateSettings
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.task import IGNORED, Array, Task

if TYPE_CHECKING:
    from transformers import PreTrainedModel, PreTrainedTokenizerFast

WRITING = frozenset({"causal", "seq2seq"})
"""Kinds of language model that can write; one that fills gaps cannot."""

LIMIT = 200
"""New tokens at most where neither the user nor the training data says how long an answer is."""

ENOUGH = 0.99
"""Share of the training answers that fit into the limit made from them."""

LEEWAY = 1.2
"""An answer may be so many times as long as those, so that one that goes on is seen to do so."""

LOOKED_AT = 1000
"""Training items that tell how long answers are and how they end."""

RUNNING_TEMPERATURE, RUNNING_TOP_P = 0.8, 0.95
"""How running text is gone on with: the likeliest token each time makes it turn in circles (Holtzman et al. 2020)."""


@dataclass(frozen=True, kw_only=True)
class Manner:
    """All that decides what a model writes behind a prompt.

    Attributes:
        max_new_tokens: an answer ends here at the latest.
        window: most tokens of prompt and answer together; None where they have none in common.
        reads: most tokens of a prompt, where it is read apart from the answer; None where there is no limit.
        ends: ids that end an answer; none where the model knows no end, so that every answer is as long as it may be.
        banned: ids that are never written: what stands for unknown text, for nothing, or for no token at all.
        start: what an empty prompt is taken for.
        pad: fills up.
        is_drawn: tokens are drawn by their probability, not the likeliest taken; by the three below and ``seed``.
        beams: so many continuations are kept, and the likeliest is taken in the end.
    """

    max_new_tokens: int
    window: int | None
    ends: tuple[int, ...]
    banned: tuple[int, ...]
    start: int
    pad: int
    reads: int | None = None
    is_drawn: bool = False
    temperature: float = 1.0
    top_p: float = 1.0
    top_k: int = 0
    repetition_penalty: float = 1.0
    beams: int = 1
    seed: int = 17


def manner_of(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerFast",
    wished: GenerateSettings,
    *,
    folder: Path,
    is_running: bool = False,
) -> Manner:
    """How the model in ``folder`` writes, by its own generation_config.json and by what the user wishes.

    Args:
        is_running: it goes on with running text, where drawing is the default.
    """
    # A prefix has places of its own, before those of any text.
    own, longest = model.generation_config, max_length(folder) - prefix_places(model)
    is_drawn = wished.do_sample if wished.do_sample is not None else is_running and wished.num_beams == 1
    has_window = not model.config.is_encoder_decoder and longest < NO_LIMIT
    ends = _ends(own.eos_token_id, tokenizer)
    return Manner(
        max_new_tokens=min(wished.max_new_tokens or own.max_new_tokens or LIMIT, longest - has_window),
        window=longest if has_window else None,
        reads=longest if model.config.is_encoder_decoder and longest < NO_LIMIT else None,
        ends=ends,
        banned=_banned(model, tokenizer, ends),
        start=next(one for one in (tokenizer.bos_token_id, *ends, padding_id(tokenizer)) if one is not None),
        pad=padding_id(tokenizer),
        is_drawn=is_drawn,
        temperature=wished.temperature or (RUNNING_TEMPERATURE if is_running else 1.0),
        top_p=wished.top_p or (RUNNING_TOP_P if is_running else 1.0),
        top_k=wished.top_k,
        repetition_penalty=wished.repetition_penalty,
        beams=wished.num_beams,
        seed=wished.seed,
    )


def prefix_places(model: Any) -> int:
    """Places before each text that a learned prefix takes; 0 where there is none."""
    return max(
        (int(one.num_virtual_tokens) for one in getattr(model, "peft_config", {}).values() if one.is_prompt_learning),
        default=0,
    )


def settle_for(model: "PreTrainedModel", plan: Plan, prepared: Prepared) -> None:
    """Write down with a trained model how it is to write, by its training answers; nothing where it cannot write."""
    task, wished = TASKS.get(plan.task), plan.settings.generate
    if task.writes not in WRITING:
        return
    longest = None
    if task.prompt is not None:
        window = plan.settings.prepare.max_length or plan.model.max_length
        longest = learned(task, Encoded(Path(prepared.splits["train"].path)), prepared.template, window)
    end = prepared.template.end
    tokenizer = load_tokenizer(Path(prepared.tokenizer))
    settle(model, tokenizer, wished, longest=longest, ends=() if end is None else (end,))


def settle(
    model: "PreTrainedModel",
    tokenizer: "PreTrainedTokenizerFast",
    wished: GenerateSettings,
    *,
    longest: int | None,
    ends: Sequence[int],
) -> None:
    """Write down with the model how it is to write, before it is saved.

    Args:
        longest: new tokens at most, by the training answers; None where there are none.
        ends: what the training answers end with, where something does.
    """
    own = model.generation_config
    known = tuple(dict.fromkeys([*ends, *_ends(own.eos_token_id, tokenizer)]))
    own.eos_token_id = None if not known else known[0] if len(known) == 1 else list(known)
    own.pad_token_id = padding_id(tokenizer)
    # Else transformers may make it anew from the model's configuration.
    own._from_model_config = False
    own.max_length = None
    own.max_new_tokens = wished.max_new_tokens or longest
    own.suppress_tokens = list(_banned(model, tokenizer, known)) or None
    own.do_sample, own.num_beams = bool(wished.do_sample), wished.num_beams
    own.repetition_penalty = wished.repetition_penalty
    # transformers refuses to save what has no effect.
    own.temperature = wished.temperature if wished.do_sample else None
    own.top_p = wished.top_p if wished.do_sample else None
    own.top_k = wished.top_k if wished.do_sample else None


def learned(task: Task, encoded: Encoded, template: Template, max_length: int) -> int:
    """How many tokens an answer may have: some more than nearly all training answers, their end included.

    Read off the very batches that are trained on, whatever the task makes them of.
    """
    items = task.items(encoded, max_length, template)
    lengths = []
    for at in np.unique(np.linspace(0, len(items) - 1, min(len(items), LOOKED_AT)).astype(int)):
        batch = task.collate(encoded, items, np.asarray([at]), template)
        targets: Array = batch.get("targets", batch["labels"])[0]
        places = np.flatnonzero(targets != IGNORED)
        breaks = np.flatnonzero(np.diff(places) > 1)
        lengths.append(len(places) - (int(breaks[-1]) + 1 if len(breaks) else 0))
    return math.ceil(LEEWAY * max(1, int(np.quantile(lengths, ENOUGH, method="higher"))))


def _ends(said: Any, tokenizer: "PreTrainedTokenizerFast") -> tuple[int, ...]:
    """Ids that end a text, by generation_config.json, else by the tokenizer."""
    if said is None:
        said = tokenizer.eos_token_id
    return () if said is None else tuple(said) if isinstance(said, list | tuple) else (int(said),)


def _banned(model: "PreTrainedModel", tokenizer: "PreTrainedTokenizerFast", ends: Sequence[int]) -> tuple[int, ...]:
    """Special ids but those that end, and the entries of the model beyond the tokenizer's.

    What a decoder beside an encoder learned may begin with a special token, as BART's texts do: it has to write that.
    """
    entries = int(model.config.get_text_config().vocab_size)
    starts = {tokenizer.bos_token_id, tokenizer.cls_token_id} if model.config.is_encoder_decoder else set()
    known = {*tokenizer.all_special_ids, *range(len(tokenizer), entries)}
    return tuple(sorted(known - set(ends) - starts))
