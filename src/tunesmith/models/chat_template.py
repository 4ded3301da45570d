"""Chat templates for models without one, written into the tokenizer, so that any program asks the same way."""

import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith.errors import ModelError, Problem, SettingsError
from tunesmith.models.chat_template_named import CHATML_TOKENS, Frame, bare, chatml, plain
from tunesmith.models.files import CONFIG
from tunesmith.models.tokenizer import fingerprint, load_tokenizer, template
from tunesmith.settings import PrepareSettings
from tunesmith.tasks.generation import GIVEN
from tunesmith.tasks.task import Task
from tunesmith.words import say

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

FOLDER = "talking"
"""Where the tokenizers lie, below the cache."""

FILE = "chat_template.jinja"
"""Where transformers looks for a template beside a tokenizer."""

PLAIN, CHATML = "plain", "chatml"


def templated(
    tokenizer: "PreTrainedTokenizerFast", folder: Path, *, task: Task, prepare: PrepareSettings, is_cjk: bool
) -> str | None:
    """The template that this task's talks go through, where it is not the tokenizer's own.

    Args:
        is_cjk: the texts are Chinese, Japanese or Korean, and so are the words of a plain template.

    Raises:
        SettingsError: a template that nobody knows or that the tokenizer has no tokens for, or a prompt without a place
            for the text.
        ModelError: the tokenizer names no token that ends a text.
    """
    wanted = prepare.chat_template
    prompt = _prompt(task, prepare)
    if prompt is None and wanted is None and tokenizer.chat_template:
        return None
    if wanted not in {None, PLAIN, CHATML}:
        return _of_file(str(wanted))
    frame, knows_chatml = _frame(tokenizer, folder), _knows(tokenizer, CHATML_TOKENS)
    if wanted == CHATML and not knows_chatml:
        raise _refused(
            "prepare.chat_template",
            say("one that the tokenizer has tokens for, such as plain", "分词器有对应词元的模板，例如 plain"),
            CHATML,
        )
    if wanted is None and task.reads == "generation":
        return bare(frame, prompt or default_prompt(task, is_cjk=is_cjk))
    if wanted == CHATML or (wanted is None and knows_chatml):
        return chatml(frame)
    return plain(frame, is_cjk=is_cjk)


def told(
    tokenizer: "PreTrainedTokenizerFast", *, is_own: bool, task: Task, prepare: PrepareSettings
) -> tuple[str, str]:
    """The name of the template that a tokenizer has by now, and why it is this one.

    Args:
        is_own: the model came with it.
    """
    if prepare.chat_template is not None:
        return prepare.chat_template, say("you set it", "由您指定")
    if prepare.prompt is not None:
        return say("your prompt", "您的提示"), say("you set it; it goes with the model", "由您指定，随模型保存")
    if is_own:
        return say("its own", "模型自带"), say("the model came with it and knows it", "模型自带此模板，已经熟悉")
    if task.reads == "generation":
        return say("a line break", "换行"), say(
            "the model has no template: what is given, and behind it what is written; for another form, such as the"
            f" model's own: prepare.prompt='… {{{GIVEN[task.written]}}} …'",
            "模型没有模板：给出的文本之后接要写的文本；若需其他形式（如模型原有的）："
            f"prepare.prompt='… {{{GIVEN[task.written]}}} …'",
        )
    if CHATML_TOKENS[0] in str(tokenizer.chat_template):
        return CHATML, say("the tokenizer has tokens for it, and no template", "分词器有对应的词元，但没有模板")
    return PLAIN, say(
        "the model has no template of its own: who speaks is said in words; it is saved with the model",
        "模型没有自己的模板：用文字标明谁在说话，并随模型保存",
    )


def put(text: str, source: Path, *, cache: Path) -> Path:
    """A folder below ``cache`` with the tokenizer of ``source`` and this template."""
    tokenizer = load_tokenizer(source)
    name = hashlib.sha256(f"{fingerprint(tokenizer)}\n{text}".encode()).hexdigest()
    target = cache / FOLDER / name
    if target.is_dir():
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=".", dir=target.parent))
    try:
        tokenizer.chat_template = text
        tokenizer.save_pretrained(partial)
        if (source / CONFIG).is_file():
            shutil.copy(source / CONFIG, partial)
        if not target.exists():
            partial.rename(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return target


def write(text: str, folder: Path) -> None:
    """Put the template beside a tokenizer that has none."""
    (folder / FILE).write_text(text, encoding="utf-8")


# ---------------------------------------------------------------- prompts


def default_prompt(task: Task, *, is_cjk: bool) -> str:
    """The least that shows where what is given is over."""
    if GIVEN[task.written] == "title":
        return "{}\n"
    return "{}\n标题：" if is_cjk else "{}\n\nTitle:\n"


def _prompt(task: Task, prepare: PrepareSettings) -> str | None:
    """The user's prompt with ``{}`` where the text goes.

    Raises:
        SettingsError: the text has no place in it, or the task has no prompt.
    """
    if prepare.prompt is None:
        return None
    given = GIVEN.get(task.written, "")
    place = f"{{{given}}}"
    # On a command line, a line break is easiest written as in a program.
    prompt = prepare.prompt.replace("\\n", "\n")
    if not given or prompt.count(place) != 1:
        expected = (
            say(
                f"a text with {place} in it, once: {task.name} puts it there",
                f"恰好含一个 {place} 的文本，{task.name} 会填入内容",
            )
            if given
            else say(f"none, for {task.name}", f"{task.name} 不使用提示")
        )
        raise _refused("prepare.prompt", expected, prepare.prompt)
    return prompt.replace(place, "{}")


# ---------------------------------------------------------------- parts


def _frame(tokenizer: "PreTrainedTokenizerFast", folder: Path) -> Frame:
    """The tokenizer's own special tokens before a text, and the one that ends it."""
    around = template(tokenizer, folder)
    ends = (around.end,) if around.end is not None else around.suffix[:1]
    if not ends:
        raise ModelError(
            expected=say("a tokenizer that names an end token (eos_token)", "指明了结束词元（eos_token）的分词器"),
            got=say("one that names none, so that no answer could end", "没有指明，回答将无法结束"),
            where=str(folder),
            do=say(
                "add eos_token to its tokenizer_config.json, or use --model scratch",
                "请在 tokenizer_config.json 中加上 eos_token，或使用 --model scratch",
            ),
        )
    return Frame(head=_text(tokenizer, around.prefix), end=_text(tokenizer, ends))


def _text(tokenizer: "PreTrainedTokenizerFast", ids: Sequence[int]) -> str:
    return "".join(map(str, tokenizer.convert_ids_to_tokens(list(ids))))


def _knows(tokenizer: "PreTrainedTokenizerFast", names: Sequence[str]) -> bool:
    return {token.content for token in tokenizer.added_tokens_decoder.values() if token.special}.issuperset(names)


def _of_file(name: str) -> str:
    path = Path(name)
    if not path.is_file():
        raise _refused(
            "prepare.chat_template",
            say("plain, chatml, or a file with a Jinja template", "plain、chatml，或 Jinja 模板文件"),
            name,
        )
    return path.read_text(encoding="utf-8")


def _refused(path: str, expected: str, got: str) -> SettingsError:
    return SettingsError(
        [Problem(path=path, expected=expected, got=f"'{got}'")], do=say("correct it, or leave it out", "请改正或省略")
    )
