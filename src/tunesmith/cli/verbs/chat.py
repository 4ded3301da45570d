"""``tunesmith chat``: talk with the model of a run, on the terminal or through a pipe."""

import json
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated

import typer

from tunesmith import using
from tunesmith.cli.console import console, error_console
from tunesmith.cli.options import JsonFlag, RunFolder, WritingSettings
from tunesmith.settings import parse
from tunesmith.words import counted, say

if TYPE_CHECKING:
    from tunesmith.models.conversation import Conversation, Reply

EPILOG = say(
    "/reset forgets what was said, /system TEXT tells it how to answer, /quit leaves; Ctrl-C stops an answer.",
    "/reset 忘掉对话，/system 文本 设定回答方式，/quit 退出；Ctrl-C 停止当前回答。",
)

QUIT = frozenset({"/quit", "/exit", "/q"})


def chat(
    run: RunFolder,
    wishes: WritingSettings = None,
    system: Annotated[str, typer.Option("--system", help=say("how it is told to answer", "告诉它如何回答"))] = "",
    as_json: JsonFlag = False,
) -> None:
    """A question a line, an answer each; the answer is shown as it comes."""
    conversation = using.chat(run, wishes=parse.pairs(wishes or ()), system=system)
    is_asked = sys.stdin.isatty() and not as_json
    if is_asked:
        console().print(EPILOG, style="dim", soft_wrap=True)
    for line in _lines(is_asked=is_asked):
        if line in QUIT:
            break
        if line.startswith("/"):
            _command(conversation, line)
        elif as_json:
            typer.echo(json.dumps(contract(conversation.reply(line)), ensure_ascii=False))
        else:
            _answer(conversation, line)


def contract(reply: "Reply") -> dict[str, object]:
    """What ``chat --json`` promises to programs, for each answer."""
    return {
        "answer": reply.text.strip(),
        "stopped": reply.has_stopped,
        "forgotten_turns": reply.forgotten,
        "cut_tokens": reply.cut,
    }


def _lines(*, is_asked: bool) -> Iterator[str]:
    """What the user says, without empty lines, until the input ends."""
    if is_asked and sys.platform != "win32":
        import readline  # noqa: F401 - lines can be edited, and earlier ones come back
    while True:
        try:
            line = input("› " if is_asked else "").strip()
        except EOFError:
            return
        if line:
            yield line


def _command(conversation: "Conversation", line: str) -> None:
    name, _, text = line.partition(" ")
    if name == "/reset":
        conversation.reset()
        error_console().print(say("forgotten", "已忘掉"), style="dim")
    elif name == "/system":
        conversation.system = text.strip()
        conversation.reset()
        told = say("system text set; the talk begins anew", "已设定系统文本；对话重新开始")
        error_console().print(told, style="dim")
    else:
        error_console().print(EPILOG, style="dim", soft_wrap=True)


def _answer(conversation: "Conversation", line: str) -> None:
    reply = conversation.reply(line, lambda piece: typer.echo(piece, nl=False))
    typer.echo()
    for note in _notes(reply):
        error_console().print(note, style="dim", soft_wrap=True)


def _notes(reply: "Reply") -> Iterator[str]:
    """What an answer does not show by itself."""
    if reply.is_interrupted:
        yield say("(stopped by you)", "（已停止）")
    elif not reply.has_stopped:
        yield say("(at the limit of its length: generate.max_new_tokens)", "（到达长度上限：generate.max_new_tokens）")
    if reply.forgotten:
        turns = counted(reply.forgotten, "turn", "turns", "轮")
        yield say(
            f"(the oldest {turns} no longer fit into its window and are forgotten)",
            f"（最早的{turns}已超出窗口，被忘掉）",
        )
    if reply.cut:
        tokens = counted(reply.cut, "token", "tokens", "个词元")
        yield say(
            f"(the question is {tokens} too long for its window and lost its start)",
            f"（问题超出窗口 {tokens}，开头被截去）",
        )
