"""What turns a task's rows into ids: the same wherever a model is trained, judged or used."""

from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith.artifacts import Template
from tunesmith.models.chat_template_encoder import talk_encoder
from tunesmith.models.tokenizer import encoder, template
from tunesmith.settings import PrepareSettings
from tunesmith.tasks.task import Encoder, TalkEncoder, Task

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast


def encoding_for(
    task: Task, tokenizer: "PreTrainedTokenizerFast", folder: Path, prepare: PrepareSettings
) -> tuple[Encoder | TalkEncoder, Template]:
    """The encoder that the task takes, and the template of its tokenizer.

    For talks the template's end is the token that ends an answer, which need not be the one that ends a text.

    Raises:
        ModelError: talks, and no chat template that can be learned from.
    """
    around = template(tokenizer, folder).model_copy(update={"truncation": prepare.truncation})
    if task.takes == "turns":
        talks = talk_encoder(tokenizer, folder)
        return talks, around.model_copy(update={"end": talks.end})
    return encoder(tokenizer, are_words=task.reads_words), around
