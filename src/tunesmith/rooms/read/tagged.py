"""Columns of token and tag, one token a line, sentences between blank lines (CoNLL and kin)."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import Any

from tunesmith.rooms.read import names
from tunesmith.rooms.read.facts import Facts
from tunesmith.rooms.read.records import Block, Column, Format, Layout, Meaning, Reject, Rows, excerpt
from tunesmith.rooms.read.survey import LINE_END, Surveyed
from tunesmith.settings import ReadSettings
from tunesmith.words import say

MOST_COLUMNS = 6
# Share of the lines that must have the usual number of columns, and of tags that must look like tags.
REGULAR_SHARE, TAG_SHARE = 0.97, 0.98
# Words of a sentence stand on so many lines on average; rows of a table stand alone or in one block.
LINES_PER_SENTENCE = 3
# Words are this short on average, and of many words at most this share are different.
WORD_LENGTH, REPEATED_SHARE = 8, 0.6
# Tags without prefixes (parts of speech) are few.
MOST_PLAIN_TAGS = 120
SAMPLE_LINES = 60_000

TAG = re.compile(r"O|[BIESMLU][-_][^\s,]+(,([BIESMLU][-_][^\s,]+|O))*|O(,[BIESMLUO][-_]?[^\s,]*)+|[OBIES]-[^\s]+")
# Parts of speech as treebanks write them; known by sight even in a short file.
_PART = re.compile(r"[A-Z]{1,5}\$?|[.,:;#$'`\"()\-]{1,5}")
_DOCUMENT = "-DOCSTART-"
_LANGUAGE = re.compile(r"([a-z]{2,3}:)\S")
_NUMBERED = re.compile(r"\D\d")

Sentence = list[list[str]]


def _sniff(surveyed: Surveyed, settings: ReadSettings) -> Layout | None:
    if surveyed.is_binary or settings.separator in {"comma", "semicolon", ",", ";"}:
        return None
    lines = LINE_END.split(surveyed.head)[:SAMPLE_LINES]
    written = [line for line in lines if not _is_blank(line) and not line.startswith((_DOCUMENT, "# "))]
    if not written:
        return None
    separator, width, regular = _usual(written)
    sentences = _count(lines)
    if regular < REGULAR_SHARE * len(written) or width > MOST_COLUMNS or sentences < 1:
        return None
    sample = [
        columns
        for block in _sentences([[line + "\n" for line in lines]], separator, width)
        for columns in block.records
    ]
    if not sample:
        return None
    confidence, tag_at = _confidence(sample, len(written) / sentences, has_breaks=sentences > 1)
    if not confidence:
        return None
    return Layout(
        format="conll",
        confidence=confidence * regular / len(written),
        evidence=(
            say(
                f"{sentences} groups of lines with {width} column(s), {len(written) / sentences:.1f} lines each",
                f"{sentences} 组 {width} 列的行，平均每组 {len(written) / sentences:.1f} 行",
            ),
        ),
        columns=tuple(range(1, width + 1)),
        options={"separator": separator, "width": width, "tag_at": tag_at},
        records=sample,
    )


def of_words(surveyed: Surveyed) -> Layout | None:
    """One word a line, as the layout of sentences without tags, for readers who expect just that.

    Unlike the search by content this needs no repetition, so that a single sentence will do.
    """
    lines = surveyed.lines
    words = [line.strip() for line in lines]
    # A Chinese word has one or two characters as a rule, one of letters seldom over 20.
    longest = max((2 if word[0] > "\u2e7f" else 20 for word in words), default=0)
    if len(words) < 2 or any(len(word.split()) > 1 or len(word) > longest for word in words):
        return None
    options = {"separator": None, "width": 1, "tag_at": -1}
    evidence = (say("one word a line", "每行一个词"),)
    return Layout(format="conll", confidence=0.9, evidence=evidence, columns=(1,), options=options, records=[[words]])


def _usual(written: Sequence[str]) -> tuple[str | None, int, int]:
    """The separator (None: any blanks), the usual number of columns, and how many lines have it."""
    # Where tabs part the columns, a blank may stand inside a token, or be one.
    separator = "\t" if sum("\t" in line for line in written) > 0.5 * len(written) else None
    widths = Counter(len(_cells(line, separator)) for line in written)
    return separator, *widths.most_common(1)[0]


def _confidence(sample: list[Sentence], lines_each: float, *, has_breaks: bool) -> tuple[float, int]:
    """How sure it is, and the 0-based column of the tags (-1: there are none)."""
    width = len(sample[0])
    # From the right: columns of parts of speech and of chunks stand before the entities.
    tag_at = next((at for at in range(width - 1, 0, -1) if _holds_tags(sample, at, has_breaks=has_breaks)), 0)
    if tag_at:
        return 0.99, tag_at
    words = [word for columns in sample for word in columns[0]]
    if lines_each < LINES_PER_SENTENCE or not has_breaks or not _are_words(words):
        return 0.0, -1
    if width == 1:
        # Words come again and again; the lines of a poem, as short as they are, do not.
        return (0.6 if len(set(words)) <= REPEATED_SHARE * len(words) else 0.0), -1
    kinds = {tag for columns in sample for tag in columns[-1]}
    is_few = len(kinds) <= min(MOST_PLAIN_TAGS, max(2, len(words) // 20)) or all(map(_PART.fullmatch, kinds))
    return (0.7 if is_few else 0.0), width - 1


def _holds_tags(sample: list[Sentence], at: int, *, has_breaks: bool) -> bool:
    tags = Counter(tag for columns in sample for tag in columns[at])
    fitting = sum(n for tag, n in tags.items() if TAG.fullmatch(tag))
    # A column of O alone says nothing, unless it is all there is.
    return fitting >= TAG_SHARE * tags.total() and (len(tags) > 1 or (at == 1 and has_breaks))


def _are_words(words: list[str]) -> bool:
    single = sum(" " not in word for word in words)
    return sum(map(len, words)) <= WORD_LENGTH * len(words) and single >= TAG_SHARE * len(words)


def _count(lines: Sequence[str]) -> int:
    """Groups of written lines between blank ones."""
    return sum(not _is_blank(line) and (i == 0 or _is_blank(lines[i - 1])) for i, line in enumerate(lines))


def _is_blank(line: str) -> bool:
    # Only ASCII blanks: U+3000 and U+FEFF are tokens of real files.
    return not line.strip(" \t\r\n")


def _cells(line: str, separator: str | None) -> list[str]:
    return line.split("\t") if separator else line.split()


class _Gathered:
    """The lines of the sentence that is being read, where it began, and what is wrong with it."""

    def __init__(self, separator: str | None, width: int) -> None:
        self._separator, self._width = separator, width
        self._rows: list[list[str]] = []
        self._start, self._flaw = 0, ""

    def add(self, line: str, number: int) -> None:
        """Take in a written line; a comment above the sentence is passed over."""
        cells = _cells(line.rstrip("\n"), self._separator)
        if not self._rows:
            # "# text = …" stands above a sentence in treebanks; with the usual columns "#" is a token.
            if line.startswith("# ") and len(cells) != self._width:
                return
            self._start = number
        self._rows.append(cells)
        if len(cells) != self._width or not cells[0]:
            # The first flaw is named: those after it often follow from it.
            self._flaw = self._flaw or _flaw(number, len(cells), self._width)

    def close(self, records: list[Sentence], at: list[int], rejects: list[Reject]) -> None:
        """Hand the sentence over as one list per column, or as a reject, and begin anew."""
        if self._flaw:
            rejects.append(Reject(self._start, self._flaw, excerpt(" ".join(row[0] for row in self._rows if row))))
        elif self._rows:
            records.append([list(column) for column in zip(*self._rows, strict=True)])
            at.append(self._start)
        self._rows, self._flaw = [], ""


def _sentences(stream: Iterable[list[str]], separator: str | None, width: int) -> Iterator[Block]:
    """Blocks of sentences, each as one list per column."""
    number, sentence = 0, _Gathered(separator, width)
    records: list[Sentence] = []
    at: list[int] = []
    rejects: list[Reject] = []
    for chunk in stream:
        for line in chunk:
            number += 1
            if _is_blank(line) or line.startswith(_DOCUMENT):
                sentence.close(records, at, rejects)
            else:
                sentence.add(line, number)
        yield Block(records, at, rejects)
        records, at, rejects = [], [], []
    # The last sentence needs no blank line behind it.
    sentence.close(records, at, rejects)
    if records or rejects:
        yield Block(records, at, rejects)


def _flaw(number: int, got: int, width: int) -> str:
    if got == width:
        return say(f"line {number} has no token", f"第 {number} 行没有词")
    return say(
        f"line {number} has {got} column(s) where {width} are usual", f"第 {number} 行有 {got} 列，而通常为 {width} 列"
    )


def _blocks(surveyed: Surveyed, layout: Layout) -> Iterator[Block]:
    return _sentences(surveyed.line_chunks(), layout.options["separator"], layout.options["width"])


def interpret(layout: Layout, fixed: dict[str, Column]) -> list[Meaning]:
    """Tokens in the first column, tags where they were found; what clings to the tokens is named."""
    at = layout.options["tag_at"]
    tokens_column = fixed.get("tokens", 1)
    tags_column = fixed.get("tags", at + 1)
    columns: dict[str, Column] = {"tokens": tokens_column}
    if at >= 0 or "tags" in fixed:
        columns["tags"] = tags_column
    if not fixed.items() <= columns.items():
        return []
    tokens = [token for record in layout.records for token in record[layout.key(tokens_column)]]
    clinging, evidence = _clinging(tokens)
    sentences = [record[layout.key(tags_column)] for record in layout.records] if "tags" in columns else []
    found, why = scheme(sentences)
    # How many there are tells ``folders`` which of two versions of a file is the gold one.
    if alternatives := sum("," in tag for tags in sentences for tag in tags):
        clinging["alternatives"] = alternatives
        why = (*why, say("tags with several alternatives: the first is taken", "含多个备选标签：取第一个"))
    return [
        Meaning(
            task="token-classification",
            columns=columns,
            score=0.99,
            evidence=(*evidence, *why),
            convert="tagged",
            tag_scheme=found,
            options=clinging,
        )
    ]


def of_lists(layout: Layout, known: dict[Column, Facts], fixed: dict[str, Column]) -> list[Meaning]:
    """Objects with a list of tokens and a list of tags of the same length."""
    lists = [c for c, fact in known.items() if fact.list_share > 0.9]
    tokens = next((c for c in lists if fixed.get("tokens") == c or names.rank("tokens", c)), None)
    if tokens is None:
        return []
    pairs = [(c, [(r.get(tokens), r.get(c)) for r in layout.records]) for c in lists if c != tokens]
    even = [c for c, each in pairs if sum(_is_even(a, b) for a, b in each) >= 0.9 * len(each)]
    tags = max(even, key=lambda c: (fixed.get("tags") == c, names.rank("tags", c)), default=None)
    # Without tags it is the same task's unlabelled data.
    columns: dict[str, Column] = {"tokens": tokens, **({"tags": tags} if tags is not None else {})}
    sentences = [[str(t) for t in r.get(tags) or []] for r in layout.records] if tags is not None else []
    found, why = scheme(sentences)
    return [
        Meaning(
            task="token-classification", columns=columns, score=0.97, evidence=why, convert="tagged", tag_scheme=found
        )
    ]


def _is_even(tokens: object, tags: object) -> bool:
    return isinstance(tokens, list) and isinstance(tags, list) and len(tokens) == len(tags)


def _clinging(tokens: list[str]) -> tuple[dict[str, Any], tuple[str, ...]]:
    """What every token begins or ends with that is not its own: ``en:``, or a digit behind a character."""
    starts = Counter(m.group(1) for token in tokens if (m := _LANGUAGE.match(token)))
    for prefix, n in starts.most_common(1):
        # In a few tokens, "a:b" may begin them all by chance.
        if n >= 0.99 * len(tokens) and len(tokens) >= 20:
            why = say(f"every token begins with '{prefix}', which is taken off", f"每个词都以 '{prefix}' 开头，已去除")
            return {"prefix": prefix}, (why,)
    numbered = sum(bool(_NUMBERED.fullmatch(token)) and token[0] > "\u2e7f" for token in tokens)
    # Letters and punctuation carry the digit, too, but may end with one of their own.
    if numbered >= 0.5 * len(tokens) and all(t[-1].isdigit() and len(t) > 1 for t in tokens):
        why = say(
            "every token ends with a digit (its place in the word), which is taken off",
            "每个字后都带数字（词内位置），已去除",
        )
        return {"has_digit": True}, (why,)
    return {}, ()


def scheme(sentences: Iterable[Sequence[str]]) -> tuple[str, tuple[str, ...]]:
    """The tagging scheme and why: BIO, IOB1, BIOES, BMES, plain (no prefixes), or empty for no tags."""
    starts: Counter[str] = Counter()
    prefixes: Counter[str] = Counter()
    for tags in sentences:
        prefixes.update(tag[0] if TAG.fullmatch(tag) else "?" for tag in tags)
        for before, tag in pairwise(("O", *tags)):
            if tag[:2] in {"B-", "I-", "B_", "I_"}:
                starts[tag[0]] += before == "O" or before[2:] != tag[2:]
    if not prefixes:
        return "", ()
    # Single parts of speech may look like tags with a prefix.
    if prefixes["?"] > 0.5 * prefixes.total():
        return "plain", (say("tags without B- or I-", "标签没有 B-、I- 前缀"),)
    if prefixes["M"]:
        name = "BMES"
    elif any(prefixes[p] for p in "ESLU"):
        name = "BIOES"
    else:
        # In IOB1 an entity begins with I-, and with B- only right behind another of its type.
        name = "IOB1" if starts["I"] > starts["B"] else "BIO"
    shown = ", ".join(f"{p} {n}" for p, n in sorted(prefixes.items()))
    return name, (say(f"tags are {name} ({shown})", f"标签体系为 {name}({shown})"),)


def convert(block: Block, *, meaning: Meaning, layout: Layout, is_labelled: bool) -> Rows:
    """Tokens without what clings to them, and tags (null where there are none)."""
    tokens = _lists(block, layout, meaning.columns["tokens"])
    if prefix := meaning.options.get("prefix"):
        tokens = [[token.removeprefix(prefix) or token for token in sentence] for sentence in tokens]
    elif meaning.options.get("has_digit"):
        tokens = [[token[:-1] or token for token in sentence] for sentence in tokens]
    if "tags" not in meaning.columns or not is_labelled:
        return _checked(tokens, None, block)
    tags = [[_one(tag) for tag in each] for each in _lists(block, layout, meaning.columns["tags"])]
    return _checked(tokens, tags, block)


def _lists(block: Block, layout: Layout, column: Column) -> list[list[str]]:
    """A column's lists; in JSON what is missing or no list is an empty one, and its row will be rejected."""
    key = layout.key(column)
    if not layout.options.get("is_keyed"):
        return [record[key] for record in block.records]
    values = [record.get(key) for record in block.records]
    return [[str(item) for item in value] if isinstance(value, list) else [] for value in values]


def _one(tag: Any) -> str:
    text = str(tag)
    # A comma of a plain tag, say that of punctuation, is the tag itself.
    return text.partition(",")[0] if "," in text and TAG.fullmatch(text) else text


def _checked(tokens: list[list[str]], tags: list[list[str]] | None, block: Block) -> Rows:
    """Rejects the sentences without tokens, with an empty tag, or (in JSON) with lists of different lengths."""
    good, rejects = [], list(block.rejects)
    for i, words in enumerate(tokens):
        if words and (tags is None or (len(words) == len(tags[i]) and all(tags[i]))):
            good.append(i)
        else:
            reason = say("not every token has a tag", "并非每个词都有标签") if words else say("no tokens", "没有词")
            rejects.append(Reject(block.lines[i], reason, excerpt(" ".join(words))))
    columns: dict[str, list[Any]] = {
        "tokens": [tokens[i] for i in good],
        "tags": [tags[i] if tags is not None else None for i in good],
    }
    return Rows(columns, [block.lines[i] for i in good], rejects)


def entities(sentences: Iterable[Sequence[str] | None]) -> Counter[str]:
    """How many entities of each type the tags mark, whatever their scheme; O does not count."""
    found: Counter[str] = Counter()
    for tags in sentences:
        for before, tag in pairwise(("O", *(tags or ()))):
            if tag == "O":
                continue
            # A tag without a prefix is an entity of one token.
            prefix, kind = (tag[0], tag[2:]) if tag[1:2] in {"-", "_"} and len(tag) > 2 else ("S", tag)
            if prefix in "BSU" or before == "O" or before[2:] != kind:
                found[kind] += 1
    return found


CONLL = Format(name="conll", sniff=_sniff, blocks=_blocks, interpret=interpret)
