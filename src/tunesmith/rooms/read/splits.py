"""Which split a file belongs to, by the many ways in which its name may say so."""

import re
from pathlib import PurePosixPath

SPLITS = ("train", "dev", "test", "unlabelled")

_WORDS = {
    "unlabelled": re.compile(r"unlabel+ed|unsup(ervised)?|unannotated|无标签|未标注|无标注"),
    "train": re.compile(r"train(ing|set|data|ed)?|trn|训练集?"),
    "dev": re.compile(
        r"dev(el|elop|elopment|set|data)?|val(id|idation|idate|set|data)?|eval(uation|set|data)?|验证集?|开发集?"
    ),
    "test": re.compile(r"test(ing|set|data|a|b)?|tst|测试集?"),
}
# Letters of one case, or a capital with its small letters; digits and punctuation only separate.
_PIECES = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[\u4e00-\u9fff]+")


def of_name(name: PurePosixPath) -> str:
    """train, dev, test, unlabelled, or empty: from the file's name, else from its folders, nearest first."""
    for part in (name.name, *reversed(name.parent.parts)):
        pieces = [piece.lower() for piece in _PIECES.findall(part)]
        for split, words in _WORDS.items():
            if any(words.fullmatch(piece) or _is_chinese(words, piece) for piece in pieces):
                return split
    return ""


def of_folders(name: PurePosixPath) -> str:
    """As ``of_name``, from the folders alone: a photograph may be called anything."""
    return of_name(name.parent) if name.parent.parts else ""


def _is_chinese(words: re.Pattern[str], piece: str) -> bool:
    # Chinese writes no blanks: 情感训练集 is one piece.
    return piece > "\u4e00" and words.search(piece) is not None
