"""Answers in files that people are to judge: JSON lines, a JSON list, or a table with a header."""

import csv
import io
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

from tunesmith.errors import DataError
from tunesmith.rooms.rate.items import Kind
from tunesmith.rooms.rate.question import Question
from tunesmith.using import rated_media
from tunesmith.words import listed, say

Record = Mapping[str, Any]
Tell = Callable[[str], None]

PROMPTS = ("prompt", "question", "instruction", "input", "text", "title", "source")
ANSWERS = ("answer", "output", "response", "completion", "prediction", "label", "content", "target")
FIRSTS = ("a", "answer_a", "response_a", "output_a", "chosen")
SECONDS = ("b", "answer_b", "response_b", "output_b", "rejected")
MEDIA = ("image", "audio", "picture", "sound", "media", "path", "file", "filename", "file_name", "img", "wav")
"""Names that a column may have, the first that is there."""

KNOWN: Mapping[Kind, str] = {"ab": "a, b, tie", "scale": "1 … 5", "right": "true, false", "tags": "tags"}
"""What ``known`` may say of an item whose right judgement is known."""

SHOWN = 40
"""Characters of a line that is not what it should be."""


def read(paths: Sequence[Path], kind: Kind | None, tell: Tell) -> tuple[list[Question], list[str], Kind]:
    """Questions, the systems' names, and what can be asked of them where ``kind`` is None.

    A picture or a sound is named by its path, as seen from the file that names it.

    Raises:
        DataError: a file without records, or records without answers.
    """
    tables = {name: _records(path) for name, path in zip(_names(paths), paths, strict=True)}
    firsts = [(path, *table[0]) for path, table in zip(paths, tables.values(), strict=True)]
    if all("tokens" in one and "tags" in one for _, _, one in firsts):
        return _tagged(tables), list(tables), "tags"
    if len(paths) == 1 and _has(firsts[0][2], FIRSTS) and _has(firsts[0][2], SECONDS):
        systems = [_name(firsts[0][2], FIRSTS, "system_a"), _name(firsts[0][2], SECONDS, "system_b")]
        paired = _paired(next(iter(tables.values())), systems, paths[0])
        return rated_media.there(list(paired), tell), systems, kind or "ab"
    for path, line, one in firsts:
        if not _has(one, ANSWERS):
            raise _without_answers(path, line, one)
    found = rated_media.there(_joined(tables, dict(zip(tables, paths, strict=True))), tell)
    return found, list(tables), kind or ("ab" if len(tables) > 1 else "scale")


def _records(path: Path) -> list[tuple[int, Record]]:
    """Lines with their records.

    Raises:
        DataError: the file is not there, is not text, or holds none.
    """
    if not path.exists():
        raise DataError(
            expected=say("a run's folder, or a file of answers", "运行文件夹，或回答文件"),
            got=say("nothing", "不存在的路径"),
            where=str(path),
            do=say("look whether its name is spelt right", "请检查名称是否正确"),
        )
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise _unreadable(path, error.strerror or str(error)) from error
    except UnicodeDecodeError:
        try:
            text = path.read_bytes().decode("gb18030")
        except UnicodeDecodeError as error:
            raise _unreadable(path, str(error)) from error
    try:
        found = list(_parsed(text, path.suffix.lower()))
    except (ValueError, csv.Error) as error:
        raise _unreadable(path, str(error)) from error
    if not found:
        raise _unreadable(path, say("no records", "没有记录"))
    return found


def _parsed(text: str, suffix: str) -> Iterator[tuple[int, Record]]:
    if suffix in (".csv", ".tsv"):
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter="," if suffix == ".csv" else "\t")
        for row in reader:
            yield reader.line_num, {name: value for name, value in row.items() if name is not None}
        return
    is_list = text.lstrip().startswith("[")
    lines = [line for line in enumerate(text.split("\n"), 1) if line[1].strip()]
    for line, value in enumerate(_json(1, text), 1) if is_list else ((at, _json(at, one)) for at, one in lines):
        if not isinstance(value, dict):
            raise csv.Error(say(f"line {line} is no object", f"第 {line} 行不是对象"))
        yield line, value


def _json(line: int, text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        at, start = line + error.lineno - 1, " ".join(text.split())[:SHOWN]
        raise ValueError(say(f"line {at} is no JSON: {start}", f"第 {at} 行不是 JSON：{start}")) from error


def _names(paths: Sequence[Path]) -> list[str]:
    """The files' stems; where two are alike, with their folders."""
    stems = [path.stem for path in paths]
    if len(set(stems)) == len(stems):
        return stems
    return [f"{path.resolve().parent.name}/{path.stem}" for path in paths]


def _has(record: Record, names: Sequence[str]) -> bool:
    return any(name in record for name in names)


def _said(record: Record, names: Sequence[str]) -> str:
    value = next((record[name] for name in names if name in record), "")
    return _text(value)


def _text(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, list) and all(isinstance(turn, dict) for turn in value):
        return "\n\n".join(_text(turn.get("content", turn.get("value", ""))) for turn in value)
    return "" if value is None else json.dumps(value, ensure_ascii=False)


def _name(record: Record, names: Sequence[str], named: str) -> str:
    return str(record.get(named) or next(name for name in names if name in record))


def _media(record: Record, file: Path) -> dict[str, Any]:
    """The picture or the sound that a record names, as of ``Question``; nothing where it names none."""
    named = next((str(record[name]) for name in MEDIA if rated_media.is_media(str(record.get(name) or ""))), "")
    # Nothing is ever fetched: an address of the web is no file.
    return rated_media.named((file.parent / named).resolve()) if named else {}


def _key(prompt: str, media: Mapping[str, Any]) -> str:
    return sha256("\x1f".join((prompt, *media.values())).encode()).hexdigest()[:32]


def _paired(table: Sequence[tuple[int, Record]], systems: Sequence[str], path: Path) -> Iterator[Question]:
    for line, record in table:
        prompt, media = _said(record, PROMPTS), _media(record, path)
        yield Question(
            key=f"{_key(prompt, media)}/{line}",
            prompt=prompt,
            answers=dict(zip(systems, (_said(record, FIRSTS), _said(record, SECONDS)), strict=True)),
            reference=_said(record, ("reference",)),
            place=f"{path.name}:{line}",
            accepted=_accepted(record),
            **media,
        )


def _joined(tables: Mapping[str, list[tuple[int, Record]]], paths: Mapping[str, Path]) -> list[Question]:
    """Answers to the same prompt together; a prompt that comes again is joined to its own next ones."""
    found: dict[tuple[str, str, int], dict[str, tuple[int, Record]]] = {}
    for name, table in tables.items():
        seen: dict[tuple[str, str], int] = {}
        for line, record in table:
            asked = _said(record, PROMPTS), "".join(_media(record, paths[name]).values())
            number = seen.get(asked, 0)
            seen[asked] = number + 1
            found.setdefault((*asked, number), {})[name] = (line, record)
    questions = []
    for (prompt, file, number), given in found.items():
        media = rated_media.named(Path(file)) if file else {}
        name, (line, first) = next(iter(given.items()))
        questions.append(
            Question(
                key=f"{_key(prompt, media)}/{number}",
                prompt=prompt,
                answers={one: _said(record, ANSWERS) for one, (_, record) in given.items()},
                reference=_said(first, ("reference",)),
                labels=tuple(str(label) for label in first.get("labels", ())),
                place=f"{name}:{line}",
                accepted=_accepted(first),
                **media,
            )
        )
    return questions


def _tagged(tables: Mapping[str, list[tuple[int, Record]]]) -> list[Question]:
    """Sentences with their tags by every file that has them."""
    types = sorted({tag[2:] for table in tables.values() for _, one in table for tag in one["tags"] if tag != "O"})
    found: dict[tuple[str, ...], dict[str, tuple[int, tuple[str, ...]]]] = {}
    for name, table in tables.items():
        for line, record in table:
            tokens, tags = tuple(map(str, record["tokens"])), tuple(map(str, record["tags"]))
            if len(tokens) == len(tags) and tokens:
                found.setdefault(tokens, {})[name] = (line, tags)
    return [
        Question(
            key=_key("\x1f".join(tokens), {}),
            prompt="",
            tokens=tokens,
            labels=tuple(types),
            tags={name: tags for name, (_, tags) in given.items()},
            place=f"{next(iter(given))}:{next(iter(given.values()))[0]}",
        )
        for tokens, given in found.items()
    ]


def _accepted(record: Record) -> tuple[Any, ...]:
    known = record.get("known")
    if known is None or known == "":
        return ()
    if isinstance(known, str) and known.lower() in ("true", "false"):
        return (known.lower() == "true",)
    if isinstance(known, str) and known.isdecimal():
        return (int(known),)
    return tuple(known) if isinstance(known, list) else (known,)


def _unreadable(path: Path, got: str) -> DataError:
    return DataError(
        expected=say(
            "a file of answers: JSON lines, a JSON list, csv or tsv", "回答文件：JSON 行、JSON 列表、csv 或 tsv"
        ),
        got=got,
        where=str(path),
        do=say(
            'write a line for each, as in {"prompt": "…", "a": "…", "b": "…"} or {"prompt": "…", "answer": "…"}',
            '每个回答写一行，例如 {"prompt": "…", "a": "…", "b": "…"} 或 {"prompt": "…", "answer": "…"}',
        ),
    )


def _without_answers(path: Path, line: int, record: Record) -> DataError:
    return DataError(
        expected=say(
            f"records with an answer ({listed(list(ANSWERS))}), with two (a and b), or with tokens and tags",
            f"含有一个回答（{listed(list(ANSWERS))}）、两个回答（a 和 b）或 tokens 与 tags 的记录",
        ),
        got=listed(list(record)) or say("an empty one", "空记录"),
        where=f"{path}:{line}",
        do=say("rename the column that holds the answer to: answer", "请将回答所在的列改名为 answer"),
    )
