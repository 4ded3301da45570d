"""Writing: a model goes on from prompts, many at once, exactly as it would from each alone.

What transformers' ``generate`` does is one step of it. Around that: prompts of like
length share a pass, padding changes nothing, no token lies outside the window, and a
drawn answer depends on its seed and its row, not on what else is in the batch.

Shape legend: b prompts of a batch, t tokens of the longest of them, V vocabulary.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tunesmith.memory import is_out_of_memory
from tunesmith.models.inference import halved
from tunesmith.models.inputs import moved
from tunesmith.models.manner import Manner
from tunesmith.models.quiet import quiet
from tunesmith.seeds import generator
from tunesmith.tasks.padding import padded

if TYPE_CHECKING:
    from transformers import GenerationConfig

Ids = NDArray[Any]

CHUNK = 256
"""Prompts sorted by length together; answers of more than this many never wait for one another."""

ROOM = 4
"""A prompt is cut, from its start, where it would leave an answer less than one part in so many of the window."""

STEPS = 8
"""Limits that differ by less than one part in so many of the window are made the same."""


@dataclass(frozen=True)
class Answer:
    """What came: its ids without the end token, and whether the end token came before the limit."""

    ids: Ids
    has_stopped: bool


def write(model: Any, prompts: Sequence[Ids], manner: Manner, *, tokens: int, first: int = 0) -> Iterator[Answer]:
    """Answers to ``prompts`` in their order.

    Where memory runs out, this pass and all after it take half as many tokens.

    Args:
        model: a causal model, or an encoder with a decoder, whose encoder reads the prompts.
        tokens: most tokens of one pass, prompts and answers together.
        first: number of the first prompt; a drawn answer depends on its prompt's number.

    Raises:
        UserError: one prompt alone does not fit into memory.
    """
    was_training = model.training
    model.eval()
    try:
        for begin in range(0, len(prompts), CHUNK):
            given = [fitted(prompt, manner) for prompt in prompts[begin : begin + CHUNK]]
            found: dict[int, Answer] = {}
            waiting = _in_order([len(prompt) for prompt in given], manner)
            while waiting:
                chosen = _alike(waiting, given, manner, tokens)
                numbers = [first + begin + at for at in chosen]
                answers = _passed(model, [given[at] for at in chosen], numbers, manner)
                if answers is None:
                    tokens = halved(len(chosen), len(given[chosen[0]]) + _limit(len(given[chosen[0]]), manner))
                    continue
                found.update(zip(chosen, answers, strict=True))
                waiting = waiting[len(chosen) :]
            yield from (found[at] for at in range(len(given)))
    finally:
        model.train(was_training)


def speak(model: Any, prompt: Ids, manner: Manner, heard: Callable[[int], None]) -> Answer:
    """The answer to one prompt; ``heard`` is told each token as it comes, but for the end token.

    With several beams nothing is known before the end: all is told then.
    """
    model.eval()
    ears = None if manner.beams > 1 else _Ears(heard, manner.ends)
    with torch.inference_mode(), quiet():
        answer = _generated(model, [fitted(prompt, manner)], [0], manner, ears)[0]
    if ears is None:
        for token in answer.ids.tolist():
            heard(token)
    return answer


def fitted(prompt: Ids, manner: Manner) -> Ids:
    """The prompt, or as much of its end as leaves room for an answer in the window; never nothing at all."""
    if not len(prompt):
        return np.asarray([manner.start])
    if manner.window is None:
        # An encoder's text begins where it begins, and its last token ends it.
        is_long = manner.reads is not None and len(prompt) > manner.reads
        return np.concatenate([prompt[: manner.reads][:-1], prompt[-1:]]) if is_long else prompt
    room = min(manner.max_new_tokens, max(1, manner.window // ROOM))
    return prompt[max(0, len(prompt) - (manner.window - room)) :]


def _limit(length: int, manner: Manner) -> int:
    """Most new tokens behind a prompt of so many.

    Where the window is what limits, in coarse steps: prompts share a pass only where they share a limit.
    """
    if manner.window is None or length + manner.max_new_tokens <= manner.window:
        return manner.max_new_tokens
    left, step = manner.window - length, max(1, manner.window // STEPS)
    return left - left % step or left


def _in_order(lengths: Sequence[int], manner: Manner) -> list[int]:
    """Places of the prompts, those with one limit together, the longest first: memory peaks at once or never."""
    return sorted(range(len(lengths)), key=lambda at: (_limit(lengths[at], manner), -lengths[at]))


def _alike(waiting: Sequence[int], given: Sequence[Ids], manner: Manner, tokens: int) -> list[int]:
    """The first of those that wait which fit into one pass: all with the same limit, as alone."""
    longest = len(given[waiting[0]])
    limit = _limit(longest, manner)
    most = max(1, tokens // ((longest + limit) * manner.beams))
    return [at for at in waiting[:most] if _limit(len(given[at]), manner) == limit]


def _passed(model: Any, prompts: Sequence[Ids], numbers: Sequence[int], manner: Manner) -> list[Answer] | None:
    """Answers of one pass; None where it does not fit into memory."""
    try:
        with torch.inference_mode(), quiet():
            return _generated(model, prompts, numbers, manner, None)
    except (MemoryError, RuntimeError) as error:
        if not is_out_of_memory(error):
            raise
        return None


def _generated(
    model: Any, prompts: Sequence[Ids], numbers: Sequence[int], manner: Manner, ears: "_Ears | None"
) -> list[Answer]:
    limit = _limit(len(prompts[0]), manner)
    is_causal = not model.config.is_encoder_decoder
    ids, mask = _left(prompts) if is_causal else _right(prompts, manner.pad)
    device = next(model.parameters()).device
    out = model.generate(
        input_ids=moved(ids, device),
        attention_mask=moved(mask, device),
        generation_config=_config(model, manner, limit),
        logits_processor=_drawing(manner, numbers, limit),
        streamer=ears,
    )
    # An encoder's prompt is no part of what comes; the decoder's own start is.
    rows = out[:, ids.shape[1] if is_causal else 1 :].cpu().numpy()
    return [_answer(row, manner.ends) for row in rows]


def _left(prompts: Sequence[Ids]) -> tuple[Ids, Ids]:
    """Prompts that end together (b, t), and their mask.

    What fills up is not looked at, but counts as said for the repetition penalty: each row's own first token changes
    nothing, whereas a padding token that is also the end token would make answers longer.
    """
    width = max(map(len, prompts))
    ids = np.stack([np.concatenate([np.full(width - len(row), row[0]), row]) for row in prompts]).astype(np.int64)
    return ids, (np.arange(width) >= np.asarray([[width - len(row)] for row in prompts])).astype(np.int64)


def _right(prompts: Sequence[Ids], pad: int) -> tuple[Ids, Ids]:
    """Prompts that begin together (b, t), as an encoder with positions learned them, and their mask."""
    return padded(prompts, pad), padded([np.ones(len(row), np.int64) for row in prompts], 0)


def _config(model: Any, manner: Manner, limit: int) -> "GenerationConfig":
    """What transformers is told. Drawing is ours, so that to it every answer is the likeliest one."""
    from transformers import GenerationConfig

    own = model.generation_config
    return GenerationConfig(
        max_new_tokens=limit,
        do_sample=False,
        num_beams=manner.beams,
        repetition_penalty=manner.repetition_penalty,
        suppress_tokens=list(manner.banned) or None,
        eos_token_id=list(manner.ends) or None,
        pad_token_id=manner.pad,
        bos_token_id=own.bos_token_id,
        decoder_start_token_id=own.decoder_start_token_id,
        forced_bos_token_id=own.forced_bos_token_id,
        use_cache=True,
    )


def _answer(row: Ids, ends: Sequence[int]) -> Answer:
    """One row of what came, up to its end token."""
    at = np.flatnonzero(np.isin(row, ends))
    return Answer(row[: at[0]] if len(at) else row, bool(len(at)))


def _drawing(manner: Manner, numbers: Sequence[int], limit: int) -> Any:
    """How the next token is drawn, where it is; None where the likeliest is taken."""
    from transformers.generation import logits_process as known

    if not manner.is_drawn:
        return None
    steps: list[Any] = []
    if manner.temperature != 1.0:
        steps.append(known.TemperatureLogitsWarper(manner.temperature))
    if manner.top_k:
        steps.append(known.TopKLogitsWarper(manner.top_k))
    if manner.top_p < 1.0:
        steps.append(known.TopPLogitsWarper(manner.top_p))
    luck = np.stack([generator(manner.seed, "written", number).random(limit) for number in numbers])
    return known.LogitsProcessorList([*steps, _Draw(torch.from_numpy(luck))])


class _Draw:
    """Leaves of each row's scores (b, V) the one token that a random number points to, by inverse transform."""

    def __init__(self, luck: Tensor) -> None:
        self._luck = luck  # (b, steps)
        self._step = 0

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        luck = self._luck[:, self._step].to(scores.device, torch.float32)
        self._step += 1
        reached = scores.float().softmax(-1).cumsum(-1)
        # The total may miss 1 by rounding. A token without probability is never the first to pass.
        drawn = (reached <= luck[:, None] * reached[:, -1:]).sum(-1, keepdim=True).clamp(max=scores.shape[-1] - 1)
        return torch.full_like(scores, -torch.inf).scatter(-1, drawn, 0.0)


class _Ears:
    """Passes tokens on as transformers finds them; the first thing that it is told is the prompt."""

    def __init__(self, heard: Callable[[int], None], ends: Sequence[int]) -> None:
        self._heard, self._ends, self._has_prompt = heard, ends, False

    def put(self, value: Tensor) -> None:
        """One more token."""
        if not self._has_prompt:
            self._has_prompt = True
            return
        for token in value.reshape(-1).tolist():
            if token not in self._ends:
                self._heard(token)

    def end(self) -> None:
        """Nothing is held back, so there is nothing left to tell."""
