"""What is trained on, as a person reads it: learned text in colour, what is only read dim, special tokens visible."""

from collections.abc import Sequence

from rich.text import Text

from tunesmith.artifacts import Example
from tunesmith.cli.console import console
from tunesmith.words import say

MOST = 240
"""Characters of a stretch that are shown; of a longer one its beginning and its end."""

LEARNED, READ = "bold green", "dim"


def show_examples(found: Sequence[Example]) -> None:
    """The first examples, with a line that says what the colours mean; nothing where there are none."""
    if not found:
        return
    head = Text(say("trained on, for instance: ", "训练样例："))
    head.append(say("learned", "要学的"), LEARNED).append(say(", ", "，")).append(say("only read", "只读的"), READ)
    console().print()
    console().print(head)
    for example in found:
        console().print(_text(example), soft_wrap=True)


def _text(example: Example) -> Text:
    """An example; where there is no colour, what is learned stands between signs."""
    text, was_learned = Text("  "), False
    signs = {(False, True): "⟦", (True, False): "⟧"} if not console().color_system else {}
    for piece in example.pieces:
        style = LEARNED if piece.is_learned else READ
        text.append(signs.get((was_learned, piece.is_learned), ""), style)
        text.append(_shortened(piece.text), f"{style} reverse" if piece.is_special else style)
        was_learned = piece.is_learned
    return text.append(signs.get((was_learned, False), ""))


def _shortened(text: str) -> str:
    """The text with its line breaks to be seen; of a long one the beginning and the end."""
    shown = text if len(text) <= MOST else f"{text[: MOST // 2]} … {text[-MOST // 2 :]}"
    return shown.replace("\n", "↵\n  ")
