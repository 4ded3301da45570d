"""What turns a task's rows into ids: the same wherever a model is trained, judged or used."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa

from tunesmith.artifacts import Template
from tunesmith.models.chat_template_encoder import talk_encoder
from tunesmith.models.media import processor
from tunesmith.models.tokenizer import encoder, load_tokenizer, template
from tunesmith.settings import PrepareSettings
from tunesmith.tasks.columns import joined
from tunesmith.tasks.task import AnyEncoder, Encoder, Task

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


def encoding_in(task: Task, folder: Path, prepare: PrepareSettings) -> tuple[AnyEncoder, Template]:
    """The encoder that the task takes, by the tokenizer or the processor in ``folder``, and its template.

    Raises:
        ModelError: there is none, or it does not fit the task.
    """
    if task.takes == "files":
        return processor.encoding(task, folder)
    return encoding_for(task, load_tokenizer(folder), folder, prepare)


def encoding_for(
    task: Task, tokenizer: "PreTrainedTokenizerFast", folder: Path, prepare: PrepareSettings
) -> tuple[AnyEncoder, Template]:
    """The encoder that a task of texts takes, and the template of its tokenizer.

    Talks, and what an encoder and a decoder take, come with their special tokens; all else without. For talks the
    template's end is the token that ends an answer, which need not be the one that ends a text.

    Raises:
        ModelError: talks, and no chat template that can be learned from.
    """
    around = template(tokenizer, folder).model_copy(update={"truncation": prepare.truncation})
    if task.takes == "turns":
        talks = talk_encoder(tokenizer, folder)
        return talks, around.model_copy(update={"end": talks.end})
    texts = encoder(tokenizer, are_words=task.reads_words)
    if task.writes == "seq2seq":
        end = around.suffix or (() if around.end is None else (around.end,))
        return _whole(texts, around.prefix, end), around
    return texts, around


def _whole(encode: Encoder, prefix: Sequence[int], suffix: Sequence[int]) -> Encoder:
    """Texts with the special tokens around them, as an encoder reads them and a decoder learns to write and to end."""

    def whole(texts: pa.StringArray) -> pa.ListArray:
        rows = encode(texts)
        lengths = rows.value_lengths().to_numpy().astype(np.int64) + len(prefix) + len(suffix)
        ends = np.cumsum(lengths)
        first = (ends - lengths)[:, None] + np.arange(len(prefix))
        last = ends[:, None] - np.arange(len(suffix), 0, -1)
        values = np.empty(int(lengths.sum()), np.int32)
        is_text = np.ones(len(values), bool)
        for places, ids in ((first, prefix), (last, suffix)):
            is_text[places], values[places] = False, np.asarray(ids, np.int32)
        values[is_text] = rows.flatten().to_numpy()
        return joined(values, lengths)

    return whole
