"""Which of the files are data, which split each belongs to, and which are set aside and why."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from tunesmith.artifacts import SetAside
from tunesmith.rooms.read import splits
from tunesmith.rooms.read.convert import converter
from tunesmith.rooms.read.formats import FORMATS
from tunesmith.rooms.read.recognise import Understood
from tunesmith.rooms.read.sources import Member
from tunesmith.words import say

# Files about the data rather than of it.
_DOCUMENT = re.compile(
    r"(readme|licen[cs]e|data_license|notice|copying|changelog|citation|authors|contributing|makefile|dockerfile|requirements"
    r"|thumbs\.db|sha256sums?|md5sums?|checksums?)([._\-].*)?",
    re.IGNORECASE,
)
_DOCUMENT_SUFFIXES = frozenset(
    {
        ".md", ".rst", ".tex", ".bib", ".pdf", ".doc", ".docx", ".ppt", ".pptx", ".xls", ".xlsx", ".html", ".css",
        ".py", ".ipynb", ".sh", ".bat", ".c", ".h", ".cpp", ".java", ".js", ".r", ".pl", ".m", ".lua", ".go",
        ".yaml", ".yml", ".toml", ".cfg", ".ini", ".log", ".lock",
    }
)  # fmt: skip
# Of two files of one split: the smaller is part of the larger from this share of its rows on.
CONTAINED_SHARE = 0.99
# Texts of two files are the same from this share on; then only their labels differ.
SAME_TEXTS_SHARE = 0.95
# Comparing rows reads the files once more and holds a number per row.
COMPARED_BYTES = 256 << 20


@dataclass
class Sorted:
    """Members that may hold data, and the rest with reasons."""

    data: list[Member] = field(default_factory=list)
    set_aside: list[SetAside] = field(default_factory=list)


def sort_out(members: Sequence[Member], *, is_folder: bool) -> Sorted:
    """Part data from documents by name; a single file given by name is data whatever it is called."""
    found = Sorted()
    for member in members:
        name = member.name.name
        if is_folder and (_DOCUMENT.fullmatch(name) or member.name.suffix.lower() in _DOCUMENT_SUFFIXES):
            found.set_aside.append(
                SetAside(path=member.path, because=say("a document or program by its name", "从名称看是文档或程序"))
            )
        else:
            found.data.append(member)
    return found


def assigned(parts: Sequence[Understood]) -> list[Understood]:
    """Each part with its split: by name, unlabelled by content, and train where nothing is said."""
    return [replace(part, split=_split(part)) for part in parts]


def _split(part: Understood) -> str:
    if not part.is_labelled:
        return "unlabelled"
    named = splits.of_name(part.surveyed.member.name)
    # A key such as "train" inside a JSON file is nearer to the rows than the file's name.
    pointed = splits.of_name(part.surveyed.member.name / part.surveyed.pointer) if part.surveyed.pointer else ""
    # Rows with labels are not unlabelled, whatever the file is called.
    return pointed or (named if named != "unlabelled" else "") or "train"


def with_train(parts: Sequence[Understood]) -> tuple[list[Understood], str]:
    """The parts with a train split: where none is given, dev takes its place, else test; and why."""
    present = {part.split for part in parts}
    if "train" in present:
        return list(parts), ""
    source = next((split for split in ("dev", "test", "unlabelled") if split in present), "train")
    # Texts without labels cannot stand in for training data.
    if source == "unlabelled":
        return list(parts), ""
    why = say(f"no train split is given: {source} is used as train", f"没有训练集：用 {source} 作为训练集")
    return [replace(part, split="train") if part.split == source else part for part in parts], why


@dataclass
class _Rows:
    """Hashes of a part's rows: texts alone, and with labels."""

    part: Understood
    texts: set[int]
    whole: set[int]

    @property
    def alternatives(self) -> int:
        """How many tags name several alternatives, which gold tags never do."""
        return int(self.part.meaning.options.get("alternatives", 0))


def without_copies(parts: Sequence[Understood]) -> tuple[list[Understood], list[SetAside]]:
    """Leave out files whose rows stand in another file: parts of a whole, and copies without gold labels."""
    aside: list[SetAside] = []
    kept = _no_twins(parts, aside)
    if not _may_overlap(kept):
        return kept, aside
    hashed = [_hashed(part) for part in kept]
    for rows in hashed:
        reason = _covered(rows, [other for other in hashed if other is not rows], aside)
        if reason:
            aside.append(SetAside(path=rows.part.surveyed.shown, because=reason))
    gone = {each.path for each in aside}
    return [part for part in kept if part.surveyed.shown not in gone], aside


def _may_overlap(parts: Sequence[Understood]) -> bool:
    """Whether files could hold each other's rows, and are small enough to be compared row by row."""
    has_choice = any(len([p for p in parts if p.split == split]) > 1 for split in ("dev", "test"))
    has_choice |= any(p.split == "unlabelled" for p in parts) and len(parts) > 1
    # Files of no split become train, too; only those that call themselves so are versions of one another.
    has_choice |= sum(splits.of_name(p.surveyed.member.name) == "train" for p in parts) > 1
    if not has_choice or sum(part.surveyed.size for part in parts) > COMPARED_BYTES:
        return False
    return not parts[0].layout.format.endswith("-folder")


def _no_twins(parts: Sequence[Understood], aside: list[SetAside]) -> list[Understood]:
    first: dict[tuple[str, str, str], Understood] = {}
    kept = []
    for part in parts:
        # The split belongs to the key: the same bytes in train and test are a leak to report, no copy to drop.
        key = (part.surveyed.sha256, part.surveyed.pointer, part.split)
        if key in first:
            twin = first[key].surveyed.shown
            aside.append(
                SetAside(path=part.surveyed.shown, because=say(f"the same content as {twin}", f"内容与 {twin} 相同"))
            )
        else:
            first[key] = part
            kept.append(part)
    return kept


def _covered(rows: _Rows, others: list[_Rows], aside: list[SetAside]) -> str:
    """Why a part is left out, or empty."""
    # What is left out already cannot stand in for another: of two equal files one must stay.
    gone = {each.path for each in aside}
    why = _version_of if rows.part.is_labelled else _texts_of_labelled
    reasons = (why(rows, other) for other in others if other.part.surveyed.shown not in gone and rows.texts)
    return next(filter(None, reasons), "")


def _texts_of_labelled(rows: _Rows, other: _Rows) -> str:
    """Why texts without labels are left out: the other file has them with labels."""
    if other.part.is_labelled and len(rows.texts & other.texts) >= SAME_TEXTS_SHARE * len(rows.texts):
        name = other.part.surveyed.shown
        return say(f"its texts stand with labels in {name}", f"其文本已带标签出现在 {name} 中")
    return ""


def _version_of(rows: _Rows, other: _Rows) -> str:
    """Why a labelled file is left out: it is a part of the other, or the other is its gold version."""
    # Only files that name one split: files of no split may overlap by chance and all count.
    if rows.part.split != other.part.split or not splits.of_name(rows.part.surveyed.member.name):
        return ""
    name = other.part.surveyed.shown
    is_part = len(rows.whole & other.whole) >= CONTAINED_SHARE * len(rows.whole)
    if is_part and len(rows.whole) < len(other.whole):
        return say(f"all its rows are in {name}", f"其所有行都在 {name} 中")
    is_same = min(len(rows.texts & other.texts) / len(each.texts) for each in (rows, other)) >= SAME_TEXTS_SHARE
    if is_same and not is_part and rows.alternatives > other.alternatives:
        return say(f"{name} has the same texts with one label each", f"{name} 有相同文本且每个只有一个标签")
    return ""


def _hashed(part: Understood) -> _Rows:
    convert = converter(part.layout, part.meaning, part.surveyed, is_labelled=part.is_labelled, class_names={})
    texts: set[int] = set()
    whole: set[int] = set()
    for block in FORMATS.get(part.layout.format).blocks(part.surveyed, part.layout):
        columns = convert(block).columns
        # The last column is what is wanted; a single one is both what is given and what is wanted.
        *inputs, outputs = (columns[name] for name in columns)
        # Numbers rather than rows, since all files are held at once.
        hashes = [hash(str(row)) for row in zip(*inputs, strict=True)] or [hash(str(row)) for row in outputs]
        texts.update(hashes)
        whole.update(hash((h, str(out))) for h, out in zip(hashes, outputs, strict=True))
    return _Rows(part, texts, whole)
