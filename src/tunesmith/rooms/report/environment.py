"""What every page is made with: templates, the words, numbers and pictures that they use, and safe writing."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from tunesmith.rooms.report import health, measures, media, numbers, texts
from tunesmith.rooms.report.bars import interval_bar, share_bar
from tunesmith.rooms.report.confusions import heat
from tunesmith.rooms.report.facts import TAGGING, split_name
from tunesmith.sizes import in_words
from tunesmith.words import counted, language, say

# A heat table with more columns than this cannot be read; the longest confusions are listed instead.
MOST_COLUMNS = 20

# What is shown at first sight; the rest lies folded below, or is counted.
MOST_ROWS, MOST_MISTAKES, MOST_CONFUSIONS, MOST_PARTS, FIRST_MISTAKES, MOST_WORDS = 20, 20, 15, 60, 6, 5

# Control characters become their visible pictures (U+2400 onwards): raw ones are invalid in HTML. Characters that
# turn the direction of all that follows become their code: they would write our own sentences backwards.
CONTROLS = {code: 0x2400 + code for code in range(32) if chr(code) not in "\n\t"} | {0x7F: 0x2421}
VISIBLE = CONTROLS | {code: f"[U+{code:04X}]" for code in (*range(0x202A, 0x202F), *range(0x2066, 0x206A))}


@cache
def environment() -> Environment:
    """Templates with all that they use; every value that is put out is escaped."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    tools: tuple[Callable[..., object], ...] = (
        *(say, counted, language, split_name, heat, in_words, interval_bar, share_bar),
        *(numbers.percent, numbers.plain, numbers.duration, numbers.size),
        *(health.shares, health.grade_name, health.doubtful_pairs),
        *(texts.cut, texts.place, texts.pieces, texts.shown, texts.short, texts.differing, media.seen, media.named),
    )
    made.globals.update({tool.__name__: tool for tool in tools})
    made.globals.update(
        measures=measures,
        TAGGING=TAGGING,
        MOST_COLUMNS=MOST_COLUMNS,
        MOST_ROWS=MOST_ROWS,
        MOST_MISTAKES=MOST_MISTAKES,
        MOST_CONFUSIONS=MOST_CONFUSIONS,
        MOST_PARTS=MOST_PARTS,
        FIRST_MISTAKES=FIRST_MISTAKES,
        MOST_WORDS=MOST_WORDS,
    )
    return made


def write_whole(page: Path, text: str) -> Path:
    """Write the page, whole or not at all, and return its path.

    Raises:
        OSError: it cannot be written.
    """
    partial = page.with_name(page.name + ".partial")
    partial.write_text(text, encoding="utf-8")
    partial.replace(page)
    return page


def _visible(value: object) -> object:
    """Jinja's last word on every value that is put out: nothing invisible changes the page."""
    return value.translate(VISIBLE) if isinstance(value, str) and not isinstance(value, Markup) else value
