"""Files that name the classes: class.txt beside numeric labels, or a JSON map of labels."""

import re
from collections.abc import Sequence

from tunesmith.rooms.read.recognise import Understood
from tunesmith.rooms.read.survey import Surveyed
from tunesmith.rooms.read.trees import loaded
from tunesmith.words import say

# class.txt, labels.names, id2label.json, label_map.txt …: what data sets call such files.
_FILE = re.compile(
    r"(class(es)?|labels?|categor(y|ies)|target)([_\-.]?(names?|list|map|index|id|dict|desc|\w*2\w*))*\.(txt|names?|json|jsonl|csv|tsv|lst)",
    re.IGNORECASE,
)
# A list of names is short; a longer file of that name is data.
MOST_BYTES, MOST_CLASSES, LONGEST_NAME = 64 << 10, 1000, 60


def is_class_file(name: str) -> bool:
    """Whether a file's name says that it names classes."""
    return _FILE.fullmatch(name) is not None


def is_class_list(surveyed: Surveyed) -> bool:
    """Whether its content can be a list or map of names, too."""
    lines = surveyed.lines
    # A single line is no list of names, but it may be a whole map in JSON.
    is_list = 2 <= len(lines) <= MOST_CLASSES or (len(lines) == 1 and lines[0].startswith("{"))
    return surveyed.size <= MOST_BYTES and is_list


def mapping(files: Sequence[Surveyed], main: Understood) -> tuple[dict[str, str], str]:
    """label → name for the main file's labels, and the evidence; empty where no file names all of them."""
    if "label" not in main.meaning.columns or not main.meaning.task.endswith("classification"):
        return {}, ""
    key = main.layout.key(main.meaning.columns["label"])
    values = [r.get(key) if main.layout.options.get("is_keyed") else r[key] for r in main.layout.records]
    labels = {str(v).strip() for v in values if v not in (None, "")}
    for file in files:
        # A file that misses one of the labels belongs to other data.
        names, why = _by_line(file, labels) or _by_key(file, labels) or ({}, "")
        if names:
            return names, f"{why} ({file.member.name.name})"
    return {}, ""


def _by_line(file: Surveyed, labels: set[str]) -> tuple[dict[str, str], str] | None:
    """Line n names label n, counted from 0 or from 1 by which labels there are."""
    names = [line.strip() for line in file.lines]
    if not all(label.isdecimal() for label in labels) or any(len(name) > LONGEST_NAME for name in names):
        return None
    # A name that comes twice would make two classes one.
    if names[0].startswith(("{", "[")) or len(set(names)) < len(names):
        return None
    numbers = {int(label) for label in labels}
    # Without label 0, a label equal to the number of names proves counting from 1.
    start = 0 if 0 in numbers else 1
    if not numbers or max(numbers) >= len(names) + start or (start and max(numbers) != len(names)):
        return None
    why = say(f"labels count the lines from {start}", f"标签从 {start} 起对应各行")
    return {str(start + i): name for i, name in enumerate(names)}, why


def _by_key(file: Surveyed, labels: set[str]) -> tuple[dict[str, str], str] | None:
    """JSON lines in which one key holds all labels and the next one their names."""
    values = [loaded(line, 0) for line in file.lines]
    records = [r for r in values if isinstance(r, dict)]
    if not records or len(records) < len(values):
        return _by_object(records, labels)
    for key in records[0]:
        known = {str(r.get(key)) for r in records}
        name = next((k for k in records[0] if k != key and len({str(r.get(k)) for r in records}) == len(records)), None)
        if labels and labels <= known and name is not None:
            why = say(f"'{key}' maps to '{name}'", f"'{key}' 对应 '{name}'")
            return {str(r.get(key)): str(r.get(name)) for r in records}, why
    return _by_object(records, labels)


def _by_object(records: list[dict[str, object]], labels: set[str]) -> tuple[dict[str, str], str] | None:
    """One object, label to name or name to label."""
    if len(records) != 1 or not labels:
        return None
    one = {str(k): str(v) for k, v in records[0].items()}
    # id2label and label2id are both in use.
    turned = {v: k for k, v in one.items()}
    found = next(
        (each for each in (one, turned) if labels <= each.keys() and len(set(each.values())) == len(each)), None
    )
    return (found, say("a map of labels to names", "标签与名称的对照表")) if found else None
