"""Faults that are planted in real data, so that it is known which rows a check ought to find.

Rows are dicts as JSON Lines hold them: ``text`` and ``label``, ``question`` and ``answer``, or ``tokens`` and ``tags``.
A planter changes rows of its splits in place, or adds some at the end, and returns where: a set of (split, number).
"""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
Splits = dict[str, list[Row]]
Where = set[tuple[str, int]]
Planter = Callable[[Splits, random.Random], Where]

# What typographers set and ASCII has not: without such a sign no wrong decoding leaves a trace.
TYPOGRAPHIC = {"'": "\u2019", '"': "\u201d", " - ": " \u2013 ", "...": "\u2026"}


@dataclass(frozen=True, kw_only=True)
class Fault:
    """A kind of fault: how it is planted, and which findings may name it. ``is_exact``: no judgement is involved."""

    name: str
    plant: Planter
    codes: tuple[str, ...]
    needs: str
    is_exact: bool = True


def field(row: Row) -> str:
    """The name of the field that a person reads."""
    return next(name for name in ("text", "answer", "tokens") if name in row)


def is_chinese(text: str) -> bool:
    return sum("\u4e00" <= c <= "\u9fff" for c in text) > len(text) / 4


def chosen(rows: list[Row], share: float, rng: random.Random, suits: Callable[[Row], bool] = bool) -> list[int]:
    """A share of all rows, drawn among those that suit."""
    fit = [i for i, row in enumerate(rows) if suits(row)]
    return sorted(rng.sample(fit, min(len(fit), max(1, round(share * len(rows))))))


def copies(into: str, share: float, *, edit: Callable[[Row, random.Random], Row | None] | None = None) -> Planter:
    """Rows of the training split once more, as they are or edited, at the end of split ``into``."""

    def plant(splits: Splits, rng: random.Random) -> Where:
        target = splits[into]
        n, planted = max(1, round(share * len(target))), []
        for row in rng.sample(splits["train"], len(splits["train"])):
            copy = edit(row, rng) if edit else dict(row)
            if copy is not None:
                planted.append(copy)
            if len(planted) == n:
                break
        target.extend(planted)
        return {(into, i) for i in range(len(target) - len(planted), len(target))}

    return plant


def changed(share: float, edit: Callable[[Row, random.Random], Row | None], split: str = "train") -> Planter:
    """A share of the rows of a split, edited in place; rows that cannot be are passed over."""

    def plant(splits: Splits, rng: random.Random) -> Where:
        rows, where = splits[split], set()
        wanted = max(1, round(share * len(rows)))
        for i in rng.sample(range(len(rows)), len(rows)):
            edited = edit(rows[i], rng)
            if edited is not None:
                rows[i] = edited
                where.add((split, i))
            if len(where) == wanted:
                break
        return where

    return plant


def nearly(row: Row, rng: random.Random) -> Row | None:
    """The row with a word dropped, its case or punctuation changed, or a slip of the pen."""
    text = row[field(row)]
    if isinstance(text, list):
        return _nearly_tagged(row, rng)
    words = list(text) if is_chinese(text) else text.split()
    if len(words) < (8 if is_chinese(text) else 4):
        return None
    joiner = "" if is_chinese(text) else " "
    at = rng.randrange(len(words))
    edits: dict[str, Callable[[], str]] = {
        "drop": lambda: joiner.join(words[:at] + words[at + 1 :]),
        "stop": lambda: text.rstrip(".!?\u3002\uff01 ") + rng.choice(["!", " ...", "\uff01", "~"]),
        "case": lambda: text.upper() if rng.random() < 0.5 else text.title(),
        "slip": lambda: joiner.join([*words[:at], _slip(words[at], rng), *words[at + 1 :]]),
    }
    kinds = [kind for kind in edits if kind != "case" or text.upper() != text.lower()]
    edited = edits[rng.choice(kinds)]()
    return None if edited.split() == text.split() else {**row, field(row): edited}


def _slip(word: str, rng: random.Random) -> str:
    if len(word) < 2:
        return rng.choice("\u7684\u4e86\u662f\u4e0d") if is_chinese(word) else word + rng.choice("aeiou")
    at = rng.randrange(len(word) - 1)
    return word[:at] + word[at + 1] + word[at] + word[at + 2 :]


def _nearly_tagged(row: Row, rng: random.Random) -> Row | None:
    free = [i for i, tag in enumerate(row["tags"]) if tag == "O"]
    if len(row["tokens"]) < 8 or not free:
        return None
    at = rng.choice(free)
    return {name: row[name][:at] + row[name][at + 1 :] for name in ("tokens", "tags")}


def garble(row: Row, rng: random.Random) -> Row | None:
    """The text decoded wrongly, in one of the ways that its language knows."""
    name = field(row)
    text = "".join(row[name]) if name == "tokens" else row[name]
    if is_chinese(text):
        written, read = rng.choice(
            [("utf-8", "latin-1"), ("utf-8", "gbk"), ("gb18030", "latin-1"), ("utf-8", "cp1252")]
        )
    else:
        written, read = "utf-8", rng.choice(["latin-1", "cp1252"])
        for plain, sign in TYPOGRAPHIC.items():
            text = text.replace(plain, sign)
    if text.isascii() or len(text) < 6 or name == "tokens":
        return None
    wrong = text.encode(written).decode(read, errors="replace")
    # Where all of it was lost, nothing is left but U+FFFD, which is a fault of another name.
    return {**row, name: wrong} if wrong.count("\ufffd") < len(wrong) / 3 else None


def lose(row: Row, rng: random.Random) -> Row | None:
    """Three characters of the text become U+FFFD."""
    text = row[field(row)]
    if isinstance(text, list) or len(text) < 8:
        return None
    at = rng.randrange(len(text) - 3)
    return {**row, field(row): text[:at] + "\ufffd" * 3 + text[at + 3 :]}


def swap(row: Row, rng: random.Random) -> Row | None:
    return {"text": row["label"], "label": row["text"]} if row["text"] else None


def respell(row: Row, rng: random.Random) -> Row | None:
    """The label in another spelling."""
    label = row["label"]
    wide = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in label)
    ways = [f"{label}.0", wide] if label.isdigit() else [label.upper(), label.title(), f"{label}.", wide]
    return {**row, "label": rng.choice([way for way in ways if way != label])}


def mislabel(share: float) -> Planter:
    """Another of the labels, drawn by chance."""

    def plant(splits: Splits, rng: random.Random) -> Where:
        labels = sorted({row["label"] for row in splits["train"]})

        def edit(row: Row, rng: random.Random) -> Row | None:
            return {**row, "label": rng.choice([label for label in labels if label != row["label"]])}

        return changed(share, edit)(splits, rng)

    return plant


def empty(row: Row, rng: random.Random) -> Row | None:
    """Nothing but punctuation; reading itself rejects what is quite empty."""
    return {**row, "answer": rng.choice(["...", "-", "\u3002", "\u2026\u2026"])}


def copy_question(row: Row, rng: random.Random) -> Row | None:
    question = row["question"]
    return {**row, "answer": rng.choice([question, f" {question}\n", question.upper()])} if len(question) > 3 else None


def cut(row: Row, rng: random.Random) -> Row | None:
    """The answer ends between 40% and 80% of its length, within a sentence, as a limit of length would cut it."""
    answer = row["answer"]
    if len(answer) < 100:
        return None
    end = rng.randrange(int(0.4 * len(answer)), int(0.8 * len(answer)))
    short = answer[:end].rstrip()
    return {**row, "answer": short} if short[-1].isalpha() and answer[end : end + 1].isalpha() else None


def break_tags(row: Row, rng: random.Random) -> Row | None:
    """The first tag of an entity says that it goes on."""
    starts = [i for i, tag in enumerate(row["tags"]) if tag.startswith("B-")]
    starts = [i for i in starts if i == 0 or row["tags"][i - 1][2:] != row["tags"][i][2:]]
    if not starts:
        return None
    at = rng.choice(starts)
    return {**row, "tags": [*row["tags"][:at], "I-" + row["tags"][at][2:], *row["tags"][at + 1 :]]}


def shorten_spans(splits: Splits, rng: random.Random) -> Where:
    """Entities that stand there often, tagged in one place without their last token."""
    rows, where = splits["train"], set()
    spans = [(i, start, end) for i, row in enumerate(rows) for start, end in _entities(row["tags"]) if end - start > 1]
    seen: dict[tuple[str, ...], list[tuple[int, int, int]]] = {}
    for i, start, end in spans:
        seen.setdefault((row_type(rows[i], start), *rows[i]["tokens"][start:end]), []).append((i, start, end))
    for places in seen.values():
        if len(places) >= 12:
            i, _, end = rng.choice(places)
            rows[i] = {**rows[i], "tags": [*rows[i]["tags"][: end - 1], "O", *rows[i]["tags"][end:]]}
            where.add(("train", i))
    return where


def row_type(row: Row, start: int) -> str:
    return str(row["tags"][start][2:])


def _entities(tags: list[str]) -> list[tuple[int, int]]:
    found = []
    for start, tag in enumerate(tags):
        if tag.startswith("B-"):
            end = start + 1
            while end < len(tags) and tags[end] == "I-" + tag[2:]:
                end += 1
            found.append((start, end))
    return found


FAULTS = (
    Fault(name="duplicates 5%", plant=copies("train", 0.05), codes=("duplicates",), needs=""),
    Fault(
        name="near duplicates 5%",
        plant=copies("train", 0.05, edit=nearly),
        codes=("near-duplicates", "duplicates", "conflicting-labels"),
        needs="",
        is_exact=False,
    ),
    Fault(name="leakage 3%", plant=copies("test", 0.03), codes=("leakage",), needs=""),
    Fault(
        name="near leakage 3%",
        plant=copies("test", 0.03, edit=nearly),
        codes=("near-leakage", "leakage"),
        needs="",
        is_exact=False,
    ),
    Fault(name="mojibake 3%", plant=changed(0.03, garble), codes=("mojibake",), needs="text answer"),
    Fault(name="lost characters 3%", plant=changed(0.03, lose), codes=("broken-characters",), needs="text answer"),
    Fault(name="swapped columns 2%", plant=changed(0.02, swap), codes=("swapped-columns",), needs="label"),
    Fault(name="label variants 3%", plant=changed(0.03, respell), codes=("label-variants",), needs="label"),
    Fault(name="empty answers 2%", plant=changed(0.02, empty), codes=("empty-answers",), needs="answer"),
    Fault(name="copied answers 2%", plant=changed(0.02, copy_question), codes=("copied-answers",), needs="answer"),
    Fault(name="cut answers 5%", plant=changed(0.05, cut), codes=("cut-answers",), needs="answer", is_exact=False),
    Fault(name="illegal tags 3%", plant=changed(0.03, break_tags), codes=("illegal-tags",), needs="tags"),
    Fault(name="short spans", plant=shorten_spans, codes=("cut-spans",), needs="tags", is_exact=False),
)

WRONG_LABELS = (
    Fault(name="wrong labels 5%", plant=mislabel(0.05), codes=("wrong-labels",), needs="label", is_exact=False),
    Fault(name="wrong labels 10%", plant=mislabel(0.10), codes=("wrong-labels",), needs="label", is_exact=False),
)
