"""A conversation with a model that writes: what was said so far, and the next answer, word by word."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from tunesmith.artifacts import Template
from tunesmith.models.decoding import Decode, Spoken
from tunesmith.models.manner import Manner
from tunesmith.models.writing import Answer, speak
from tunesmith.tasks.generation import GIVEN
from tunesmith.tasks.talks import ASSISTANT, TALK, without
from tunesmith.tasks.task import AnyEncoder, Array, Task

ROOM = 2
"""What was said before gives way until an answer has one part in so many of the window, or all the room it may need."""

Message = dict[str, str]


@dataclass(frozen=True, kw_only=True)
class Reply:
    """One answer, and what it cost: turns that were forgotten, tokens of the last question that were cut off."""

    text: str
    has_stopped: bool
    is_interrupted: bool = False
    forgotten: int = 0
    cut: int = 0


@dataclass(frozen=True, kw_only=True)
class Speaker:
    """A model with all that turns words into its words."""

    model: Any
    task: Task
    template: Template
    encoder: AnyEncoder
    manner: Manner
    decode: Decode

    @property
    def remembers(self) -> bool:
        """Whether earlier turns are part of what it is asked; a task that writes from one text asks each alone."""
        return self.task.reads == "chat"


@dataclass(frozen=True)
class _Prompt:
    ids: Array
    cuts: tuple[tuple[int, int], ...] = ()


class Conversation:
    """Turns with one model. What no longer fits into its window is forgotten, the oldest turn first.

    Attributes:
        turns: what was said, in order; not the system text.
        system: how the model is told to answer; of use to models that learned such texts.
    """

    def __init__(self, speaker: Speaker, *, system: str = "") -> None:
        self._speaker = speaker
        self.system = system
        self.turns: list[Message] = []

    def reset(self) -> None:
        """Forget what was said; the system text stays."""
        self.turns = []

    def reply(self, text: str, heard: Callable[[str], None] = lambda piece: None) -> Reply:
        """Answer ``text``; ``heard`` is told the answer piece by piece as it comes.

        A KeyboardInterrupt ends the answer, not the conversation: what was heard stays as the answer.
        """
        if not self._speaker.remembers:
            self.turns = []
        self.turns.append({"role": "user", "content": text})
        prompt, forgotten = self._prompt()
        prompt, cut = self._shortened(prompt)
        spoken = Spoken(self._speaker.decode, heard)
        is_interrupted = False
        answer = Answer(np.zeros(0, np.int64), False)
        try:
            answer = speak(self._speaker.model, prompt.ids, self._speaker.manner, spoken.hear)
        except KeyboardInterrupt:
            is_interrupted = True
        said = spoken.finish()
        self.turns.append({"role": ASSISTANT, "content": said})
        return Reply(
            text=said, has_stopped=answer.has_stopped, is_interrupted=is_interrupted, forgotten=forgotten, cut=cut
        )

    def _prompt(self) -> tuple[_Prompt, int]:
        """What the model is given, and how many turns were forgotten for it."""
        forgotten = 0
        prompt = self._encoded()
        while len(prompt.ids) > self._most() and len(self.turns) > 1:
            # A question goes with its answer, so that the oldest turn is a question again.
            forgotten += len(self.turns[:2])
            del self.turns[:2]
            prompt = self._encoded()
        return prompt, forgotten

    def _most(self) -> int:
        """Most tokens of a prompt."""
        manner = self._speaker.manner
        if manner.window is None:
            return manner.reads or len(self._encoded().ids)
        return manner.window - min(manner.max_new_tokens, manner.window // ROOM)

    def _shortened(self, prompt: _Prompt) -> tuple[_Prompt, int]:
        """A question that is too long by itself loses its start, never a part of the form around it."""
        over = len(prompt.ids) - self._most()
        if over <= 0 or not prompt.cuts:
            return prompt, max(0, over)
        return _Prompt(prompt.ids[without(np.asarray(prompt.cuts), over, len(prompt.ids))]), over

    def _encoded(self) -> _Prompt:
        speaker, said = self._speaker, self.turns
        if speaker.task.takes == "turns":
            system = [{"role": "system", "content": self.system}] if self.system else []
            found: Any = speaker.encoder(pa.array([[*system, *said]], TALK))
            cuts = np.asarray(found.cuts[0].as_py()).reshape(-1, 2)
            return _Prompt(np.asarray(found.ids[0].as_py()), tuple((int(a), int(b)) for a, b in cuts))
        if speaker.task.writes == "seq2seq":
            return _Prompt(self._read(said[-1]["content"]))
        ids: Any = speaker.encoder(pa.array([said[-1]["content"]]))
        return _Prompt(np.asarray([*speaker.template.prefix, *ids[0].as_py()]))

    def _read(self, text: str) -> Array:
        """What an encoder reads, made as the task makes it."""
        speaker = self._speaker
        written = speaker.task.written
        columns = {GIVEN[written]: pa.array([text]), written: pa.nulls(1, pa.string())}
        rows = pa.RecordBatch.from_pydict(columns)
        found = speaker.task.encode(rows, speaker.encoder, (), speaker.template.unknown)
        return np.asarray(found["ids"][0].as_py())
