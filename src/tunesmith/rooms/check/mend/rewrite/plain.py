"""Records of one line that are no tables: a text, a label before a text, fastText's labels; and words with tags."""

import re
from pathlib import Path

from tunesmith.rooms.check.mend.rewrite.lines import Edit, rewrite
from tunesmith.rooms.check.mend.works import Work

_FASTTEXT = re.compile(r"((?:__label__\S+[ \t,]+)+)(.*)", re.DOTALL)
_FASTTEXT_LABEL = re.compile(r"(?<=__label__)[^\s,]+")


def write_lines(work: Work, target: Path) -> str:
    """A text a line; returns the encoding."""
    return _each(work, target, lambda text, said: work.fixes.text(text))


def write_label_space(work: Work, target: Path) -> str:
    """A label, a space, a text; returns the encoding."""

    def edit(record: str, said: str) -> str | None:
        label, space, text = record.partition(" ")
        return work.fixes.label(label) + space + work.fixes.text(text)

    return _each(work, target, edit)


def write_fasttext(work: Work, target: Path) -> str:
    """Labels marked by ``__label__`` before a text; returns the encoding."""

    def edit(record: str, said: str) -> str | None:
        match = _FASTTEXT.fullmatch(record)
        if match is None:
            return None
        labels = _FASTTEXT_LABEL.sub(lambda found: work.fixes.label(found.group()), match[1])
        return labels + work.fixes.text(match[2])

    return _each(work, target, edit)


def write_words(work: Work, target: Path) -> str:
    """A word and its tag a line, sentences between blank lines; returns the encoding."""
    tokens, tags = work.column("tokens"), work.column("tags")
    at_token, at_tag = (column - 1 if isinstance(column, int) else -1 for column in (tokens, tags))

    def edit(record: str, said: str) -> str | None:
        lines = record.splitlines(keepends=True) if "\r" in record else [f"{line}\n" for line in record.split("\n")]
        if "\r" not in record:
            # What stands behind the last line end is no line, unless the file ends without one.
            lines = lines[:-1] if record.endswith("\n") else [*lines[:-1], lines[-1][:-1]]
        found = [_Word(line) for line in lines]
        if any(len(word.cells) <= max(at_token, at_tag) for word in found):
            return None
        mended = work.fixes.tags([word.cells[at_tag].partition(",")[0] for word in found]) if at_tag >= 0 else []
        for at, word in enumerate(found):
            word.cells[at_token] = work.fixes.token(word.cells[at_token])
            if mended and mended[at] != word.cells[at_tag].partition(",")[0]:
                word.cells[at_tag] = mended[at]
        return "".join(word.written() for word in found)

    return rewrite(work, target, edit, own=_own, has_gaps=True)


class _Word:
    """One line of a sentence: its cells, and what stands between and behind them."""

    def __init__(self, line: str) -> None:
        pattern = r"(\t)" if "\t" in line else r"([ \r\n]+)"
        body = line.rstrip("\r\n")
        parts = re.split(pattern, body)
        self.cells, self._gaps, self._end = parts[::2], parts[1::2], line[len(body) :]

    def written(self) -> str:
        """The line again."""
        gaps = [*self._gaps, self._end]
        return "".join(cell + gap for cell, gap in zip(self.cells, gaps, strict=True))


def _own(lines: list[str]) -> int:
    """The lines up to the first gap: what follows may be comments on the next sentence."""
    return next((at for at, line in enumerate(lines) if at and _is_gap(line)), len(lines))


def _is_gap(line: str) -> bool:
    return not line.strip(" \t\r\n") or line.startswith("-DOCSTART-")


def _each(work: Work, target: Path, edit: Edit) -> str:
    """Mend the lines of which each is a record, whatever their ends."""

    def within(record: str, said: str) -> str | None:
        body = record.rstrip("\r\n")
        edited = edit(body, said)
        return None if edited is None else edited + record[len(body) :]

    return rewrite(work, target, within)
