"""What stands in the data or the settings, as a page shows it: cut, hidden where personal, spaced as its script is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tunesmith.artifacts import Hard, Mistake, Reading, Row, Sample
from tunesmith.metrics.tags import entities
from tunesmith.private import hidden, masked
from tunesmith.rooms.report.numbers import short_exponent
from tunesmith.words import say

# Characters of one text that are shown before it is cut, and it says so.
MOST_CHARACTERS = 400

# Characters of a name within a sentence.
MOST_NAME = 32

# From here on Unicode holds the scripts of East Asia, whose words are not spaced.
FIRST_UNSPACED = "\u2e80"


def cut(text: str) -> str:
    """The start of a long text, with its full length; a short one whole. Personal data is hidden."""
    # Hidden before it is cut: half a number would not be known for one.
    shown = masked(text[: 4 * MOST_CHARACTERS])
    if len(text) <= MOST_CHARACTERS:
        return shown
    more = say(f"… ({len(text):,} characters)", f"……（共 {len(text):,} 个字符）")
    return shown[:MOST_CHARACTERS] + more


def short(name: str) -> str:
    """A name that a sentence can bear: a label, or a value of a column. Personal data is hidden."""
    line = " ".join(masked(name[: 4 * MOST_NAME]).split())
    return line if len(line) <= MOST_NAME else line[: MOST_NAME - 1] + "…"


def place(row: Row | Mistake | Sample | Hard) -> str:
    """``file:line`` with the file's own name, as editors understand it."""
    return f"{Path(row.path).name}:{row.line}"


def shown(value: object) -> str:
    """A setting's value as a user would write it; what was left open is a dash."""
    if isinstance(value, float):
        return short_exponent(value) if 0 < abs(value) < 1e-3 else f"{value:g}"
    return "–" if value is None else str(value)


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


@dataclass(frozen=True)
class Differing:
    """A word that was tagged otherwise than it should be; a dash where there should be, or is, no entity."""

    word: str
    truth: str
    answer: str


def differing(truth: str, answer: str) -> tuple[Differing, ...]:
    """The words of a tagging mistake, which lists them as ``word/tag``; nothing where the two do not list the same."""
    ours, theirs = ([part.rpartition("/") for part in text.split(" ")] for text in (truth, answer))
    if [part[0] for part in ours] != [part[0] for part in theirs] or not all(part[1] for part in ours + theirs):
        return ()
    return tuple(_differing(part[0], part[2], other[2]) for part, other in zip(ours, theirs, strict=True))


def _differing(word: str, truth: str, answer: str) -> Differing:
    """The types alone, but where only the place in the entity differs."""
    types = [tag if tag == "O" else tag[2:] for tag in (truth, answer)]
    if types[0] == types[1]:
        types = [truth, answer]
    return Differing(masked(word), *("–" if tag == "O" else tag for tag in types))
