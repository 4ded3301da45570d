"""The report: one page for people and the same facts for machines."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tunesmith.artifacts import ClassScore, Evaluation, Hard, Mistake, Reading, Row, Sample
from tunesmith.metrics.tags import entities
from tunesmith.private import hidden, masked
from tunesmith.rooms.report import health, measures, numbers
from tunesmith.rooms.report.charts import interval_bar, share_bar
from tunesmith.rooms.report.curves import curves
from tunesmith.rooms.report.facts import TAGGING, Facts, split_name
from tunesmith.rooms.report.limits import limits
from tunesmith.rooms.report.loading import loading
from tunesmith.rooms.report.verdict import verdict
from tunesmith.rooms.report.writers import before_training
from tunesmith.sizes import in_words
from tunesmith.words import counted, language, say

PAGE, DATA = "report.html", "report.json"

# A heat table with more columns than this cannot be read; the longest confusions are listed instead.
MOST_COLUMNS = 20

# What is shown at first sight; the rest lies folded below, or is counted.
MOST_ROWS, MOST_MISTAKES, MOST_CONFUSIONS = 20, 20, 15

# Characters of one text that are shown before it is cut, and it says so.
MOST_CHARACTERS = 400

# Share of a class's rows that went astray to one other class: each bound starts a darker shade.
HEAT_BOUNDS = (0.0, 0.02, 0.05, 0.10, 0.20)

# From here on Unicode holds the scripts of East Asia, whose words are not spaced.
FIRST_UNSPACED = "\u2e80"

# Control characters become their visible pictures (U+2400 onwards): raw ones are invalid in HTML. Characters that
# turn the direction of all that follows become their code: they would write our own sentences backwards.
CONTROLS = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"} | {0x7F: 0x2421}
VISIBLE = CONTROLS | {code: f"[U+{code:04X}]" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


def report(folder: Path, facts: Facts) -> Path:
    """Write ``report.html`` and ``report.json`` into ``folder`` and return the page's path.

    The page needs no network, no script and no other file. ``Facts.load`` reads the
    JSON back. Each file is written whole or not at all.

    Raises:
        OSError: the folder cannot be written to.
    """
    facts.write(folder / DATA)
    page = folder / PAGE
    partial = page.with_name(page.name + ".partial")
    partial.write_text(render(facts), encoding="utf-8")
    partial.replace(page)
    return page


def render(facts: Facts) -> str:
    """The whole page as text, in the user's language."""
    evaluation = facts.evaluation
    return (
        environment()
        .get_template("report.html.j2")
        .render(
            facts=facts,
            language=language(),
            evaluation=evaluation,
            verdict=verdict(facts),
            curves=curves(facts),
            limits=limits(facts),
            before=before_training(facts.evaluation),
            classes=sorted(evaluation.per_class.items(), key=_weakest_first),
            wrong=wrong_answers(evaluation),
            top_confusions=top_confusions(evaluation),
            command=shlex.join(["tunesmith", "train", str(Path(facts.trained.run) / "plan.yaml")]),
            loading=loading(facts.plan.task, facts.trained.model),
            preview=preview(facts.reading),
            pictures=health.pictures(facts.health),
            settings=flattened(facts.plan.settings.model_dump()),
        )
    )


@dataclass(frozen=True)
class Confusion:
    """``count`` rows of ``truth`` that were answered ``answer``; ``share`` of all rows of ``truth``."""

    truth: str
    answer: str
    count: int
    share: float


def top_confusions(evaluation: Evaluation) -> tuple[Confusion, ...]:
    """All pairs of classes that were mixed up, the most frequent first."""
    labels = evaluation.confusion_labels
    pairs = [
        Confusion(labels[i], labels[j], count, count / sum(row))
        for i, row in enumerate(evaluation.confusion)
        for j, count in enumerate(row)
        if i != j and count
    ]
    return tuple(sorted(pairs, key=lambda pair: (-pair.count, -pair.share)))


def wrong_answers(evaluation: Evaluation) -> int | None:
    """How many answers were wrong in all, where the confusion says it."""
    if not evaluation.confusion:
        return None
    return sum(count for i, row in enumerate(evaluation.confusion) for j, count in enumerate(row) if i != j)


def heat(count: int, row: tuple[int, ...]) -> int:
    """The shade of an error cell: 0 for none, up to 5 for a fifth or more of the class's rows."""
    share = count / sum(row) if count else 0.0
    return sum(share > bound if bound == 0 else share >= bound for bound in HEAT_BOUNDS)


def flattened(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings as dotted paths, as a user would write them on the command line."""
    flat: dict[str, Any] = {}
    for name, value in tree.items():
        inner = prefix + name
        flat |= flattened(value, inner + ".") if isinstance(value, Mapping) and value else {inner: value}
    return flat


def preview(reading: Reading) -> list[dict[str, Any]]:
    """The first three rows without personal data, with ``file:line`` in place of the numbers that stand for it."""
    shown_rows = []
    for row in reading.preview[:3]:
        shown_row = {name: hidden(value) for name, value in row.items() if name not in ("source", "line")}
        if "source" in row and "line" in row:
            shown_row[say("from", "出处")] = f"{Path(reading.sources[row['source']].path).name}:{row['line']}"
        shown_rows.append(shown_row)
    return shown_rows


@dataclass(frozen=True)
class Piece:
    """Some words of a tagged sentence: an entity with its type, or what stands between two."""

    text: str
    type: str = ""


def pieces(tokens: Sequence[str], tags: Sequence[str]) -> tuple[Piece, ...]:
    """A tagged sentence as entities and what lies between, spaced as its script is written."""
    found: list[Piece] = []
    done = 0
    for entity in entities(tags):
        found.append(Piece(joined(tokens[done : entity.start])))
        words = joined(tokens[entity.start : entity.end + 1])
        # The space behind an entity is no part of it.
        found += [Piece(words.rstrip(), entity.type), Piece(words[len(words.rstrip()) :])]
        done = entity.end + 1
    return tuple(piece for piece in (*found, Piece(joined(tokens[done:]))) if piece.text)


def joined(tokens: Sequence[str]) -> str:
    """Tokens as running text: each is followed by a space, but for scripts that are written without."""
    return "".join(token if token[-1:] >= FIRST_UNSPACED else token + " " for token in tokens)


def shown(value: object) -> str:
    """A setting's value as a user would write it; what was left open is a dash."""
    if isinstance(value, float):
        return numbers.short_exponent(value) if 0 < abs(value) < 1e-3 else f"{value:g}"
    return "–" if value is None else str(value)


def cut(text: str) -> str:
    """The start of a long text, with its full length; a short one whole. Personal data is hidden."""
    # Hidden before it is cut: half a number would not be known for one.
    shown = masked(text[: 4 * MOST_CHARACTERS])
    if len(text) <= MOST_CHARACTERS:
        return shown
    more = say(f"… ({len(text):,} characters)", f"……（共 {len(text):,} 个字符）")
    return shown[:MOST_CHARACTERS] + more


def place(row: Row | Mistake | Sample | Hard) -> str:
    """``file:line`` with the file's own name, as editors understand it."""
    return f"{Path(row.path).name}:{row.line}"


def _weakest_first(item: tuple[str, ClassScore]) -> tuple[float, int]:
    return item[1].f1.value, -item[1].support


def _visible(value: object) -> object:
    """Jinja's last word on every value that is put out: nothing invisible changes the page."""
    return value.translate(VISIBLE) if isinstance(value, str) and not isinstance(value, Markup) else value


@cache
def environment() -> Environment:
    """Templates with the words, numbers and pictures that they use; every value that is put out is escaped."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    tools: dict[str, object] = {
        "say": say,
        "counted": counted,
        "percent": numbers.percent,
        "plain": numbers.plain,
        "duration": numbers.duration,
        "size": numbers.size,
        "measures": measures,
        "interval_bar": interval_bar,
        "share_bar": share_bar,
        "split_name": split_name,
        "heat": heat,
        "shares": health.shares,
        "grade_name": health.grade_name,
        "in_words": in_words,
        "doubtful_pairs": health.doubtful_pairs,
        "cut": cut,
        "place": place,
        "pieces": pieces,
        "shown": shown,
        "TAGGING": TAGGING,
        "MOST_COLUMNS": MOST_COLUMNS,
        "MOST_ROWS": MOST_ROWS,
        "MOST_MISTAKES": MOST_MISTAKES,
        "MOST_CONFUSIONS": MOST_CONFUSIONS,
    }
    environment.globals.update(tools)
    return environment
