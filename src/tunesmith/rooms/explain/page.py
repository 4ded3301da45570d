"""The page of an explanation: one file that needs no network and no script."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tunesmith.artifacts import Explanation, Explanations
from tunesmith.metrics.faithfulness import RANDOM_ORDERS
from tunesmith.private import hidden
from tunesmith.rooms.explain import pictures, placing, telling
from tunesmith.rooms.explain.explain import Explained
from tunesmith.rooms.explain.heads import Worked, pattern, worked
from tunesmith.rooms.explain.words import APART
from tunesmith.words import counted, language, say

MOST_PLACES = 64
"""Tokens of a text whose attention is drawn: more could not be told apart."""

# Control characters become their visible pictures (U+2400 onwards): raw ones are invalid in HTML. Characters that
# turn the direction of all that follows become their code: they would write our own sentences backwards.
VISIBLE = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"} | {0x7F: 0x2421}
VISIBLE |= {code: f"[U+{code:04X}]" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


@dataclass(frozen=True)
class HeadView:
    """One head as it is drawn; ``most``: its largest weight."""

    layer: int
    head: int
    small: Markup
    large: Markup
    most: str
    pattern: str


@dataclass(frozen=True)
class PartView:
    """The heads of one part of the model, layer by layer, and how much of the text is drawn."""

    name: str
    heads: tuple[HeadView, ...]
    columns: int
    edges: Markup
    cut: str


@dataclass(frozen=True)
class View:
    """One text's explanation with its pictures."""

    number: int
    found: Explanation
    bars: dict[int, Markup]
    curve: Markup | None
    parts: tuple[PartView, ...]
    worked: Worked | None
    position: placing.Placing


def explain_page(path: Path, result: Explanations, found: Sequence[Explained]) -> Path:
    """Write the page, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    return write_page(path, render(result, found))


def write_page(path: Path, text: str) -> Path:
    """The text as a file, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(path)
    return path


def render(result: Explanations, found: Sequence[Explained]) -> str:
    """The whole page as text, in the user's language."""
    views = [
        view(one, at + 1, explanation)
        for at, (one, explanation) in enumerate(zip(found, result.explanations, strict=True))
    ]
    template = environment().get_template("explain.html.j2")
    return template.render(result=result, views=views, language=language())


def view(one: Explained, number: int, found: Explanation) -> View:
    """The pictures of one text's explanation."""
    given = one.given
    tokens = safe_tokens(one, found)
    most = max((abs(word.gradient) for word in found.words), default=0.0)
    return View(
        number=number,
        found=found,
        bars={
            at: pictures.bar(word.gradient, most, f"{visible(word.text)} {telling.brought(found, word.gradient)}")
            for at, word in enumerate(found.words)
        },
        curve=curve(found, say("words taken away", "去掉的词数")) if found.faith else None,
        parts=_parts(one, number, tokens),
        worked=worked(one.layers, given, tokens, [word.gradient for word in found.words]),
        position=placing.placing(one.positions, given.asked.length),
    )


def safe_tokens(one: Explained, found: Explanation) -> tuple[str, ...]:
    """Tokens as they are shown: what is personal in a word is hidden in its pieces, too."""
    names = list(hidden(list(one.given.tokens)))
    for at, owner in enumerate(one.given.words.owner.tolist()):
        if owner >= 0 and found.words[owner].text != one.given.words.texts[owner]:
            names[at] = "*" * len(names[at])
    return tuple(visible(name) for name in names)


def _parts(one: Explained, number: int, tokens: tuple[str, ...]) -> tuple[PartView, ...]:
    written = tuple(visible(name) for name in hidden(list(one.given.written)))
    edges = {
        "itself": (tokens, tokens),
        "encoder": (tokens, tokens),
        "decoder": (written, written),
        "cross": (written, tokens),
    }
    names = {
        "itself": say("Every head", "每个注意力头"),
        "encoder": say("The encoder reads", "编码器阅读"),
        "decoder": say("The decoder looks back at what it wrote", "解码器回看已写内容"),
        "cross": say("The decoder looks at what was read", "解码器查看所读内容"),
    }
    found = []
    for part, (rows, columns) in edges.items():
        layers = [layer for layer in one.layers if layer.part == part]
        if not layers:
            continue
        shown = rows[:MOST_PLACES], columns[:MOST_PLACES]
        # Of a talk, what is no word of the question is its form and the answer: no marks.
        has_marks = one.given.about not in {"answer", "next"}
        special = np.asarray([has_marks and owner < 0 for owner in one.given.words.owner])
        heads = tuple(
            _head(weights, (number, part, at + 1, head + 1), shown, special)
            for at, layer in enumerate(layers)
            for head, weights in enumerate(layer.weights)
        )
        whole = max(layers[0].weights.shape[1:])
        cut = "" if whole <= MOST_PLACES else _cut(whole)
        edge = pictures.axes(*shown, f"edge-{number}-{part}")
        found.append(PartView(names[part], heads, len(layers[0].weights), edge, cut))
    return tuple(found)


def _head(
    weights: Any, place: tuple[int, str, int, int], edges: tuple[Sequence[str], Sequence[str]], special: Any
) -> HeadView:
    number, part, layer, head = place
    name = f"h-{number}-{part}-{layer}-{head}"
    drawn = weights[: len(edges[0]), : len(edges[1])]
    largest = float(drawn.max())
    title = say(f"layer {layer}, head {head}", f"第 {layer} 层第 {head} 头")
    return HeadView(
        layer=layer,
        head=head,
        small=pictures.small(drawn / (largest or 1.0), name, title),
        large=pictures.large(drawn.shape, name, f"edge-{number}-{part}", title),
        most=f"{100 * largest:.0f}%",
        pattern=pattern(weights, special if part in {"itself", "encoder"} else np.zeros(weights.shape[1], bool)),
    )


def _cut(whole: int) -> str:
    return say(
        f"Drawn are the first {MOST_PLACES} of {whole:,} tokens; the numbers on this page are of all of them.",
        f"图中只画前 {MOST_PLACES} 个词元（共 {whole:,} 个）；本页数字均按全部词元计算。",
    )


def curve(found: Explanation, axis: str) -> Markup:
    """The number as words or places go, in each method's order, over the band of random orders."""
    series = [(one.method, list(zip(found.counts, one.curve, strict=True))) for one in found.faith]
    band = list(zip(found.counts, found.random_low, found.random_high, strict=True))
    values = [value for one in found.faith for value in one.curve] + [*found.random_low, *found.random_high]
    low, high = (0.0, 1.0) if found.is_share else (min(values), max(values))
    title = say("The answer as the most important ones go", "依次去掉最重要的部分后答案的变化")
    return pictures.lines(series, band, (found.counts[-1], low, high), (title, axis))


def visible(value: str) -> str:
    """A text in which nothing invisible changes the page."""
    return value.translate(VISIBLE)


def _finalize(value: object) -> object:
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def shade(found: Explanation, gradient: float) -> str:
    """How dense a word's ground is, 0 to 1: as its part of the largest."""
    most = max((abs(word.gradient) for word in found.words), default=0.0)
    return f"{abs(gradient) / most:.2f}" if most > 0 else "0"


@cache
def environment() -> Environment:
    """Templates with the words, numbers and pictures that they use; every value that is put out is escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    tools: dict[str, object] = {
        "say": say,
        "counted": counted,
        "telling": telling,
        "shade": shade,
        "plain": plain,
        "APART": APART,
        "RANDOM_ORDERS": RANDOM_ORDERS,
    }
    environment.globals.update(tools)
    return environment


def plain(value: float) -> str:
    """A number of a calculation, with two or three digits behind the point."""
    if value != 0 and abs(value) < 1e-3:
        return f"{value:.0e}".replace("e-0", "e-").replace("-", "−")
    return f"{value:.3f}".replace("-", "−")
