"""Good, fair or poor: what shares of unknown tokens and scripts say about a model and texts."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tunesmith.words import listed, say

Grade = Literal["good", "fair", "poor"]

# On the text that a vocabulary was made from, well under 1 token in 100 is unknown; with 1 in 20 most sentences
# hold one, and different texts begin to look alike. On English sets minilm has 0.0 to 0.2%, on Chinese ones 59 to 66%.
FAIR_UNKNOWN, POOR_UNKNOWN = 0.01, 0.05

# A character spelled byte by byte takes two to three tokens that mean nothing by themselves.
FAIR_BYTES, POOR_BYTES = 0.05, 0.20

# Letters of a script for which the vocabulary has hardly an entry beyond its alphabet.
FAIR_FOREIGN, POOR_FOREIGN = 0.05, 0.20

# A script counts as known with so many entries, or so large a share of all: an alphabet has a few dozen
# letters, everyday Chinese needs 3,500 characters; minilm's 488 and GPT-2's 50 are what came along by chance.
KNOWN_ENTRIES, KNOWN_SHARE = 1_000, 0.2

# Tokens a word against those of ordinary text: news have 1.2 times as many, tweets full of names 1.4 times. What is
# cut to pieces has lost the meaning that its words had in pretraining; at 2.5 most words are.
FAIR_PIECES, POOR_PIECES = 1.6, 2.5


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What was counted: shares of the tokens unknown or bytes, tokens a character and word, letters' scripts."""

    rows: int
    unknown: float
    byte: float
    per_character: float
    per_word: float
    scripts: Mapping[str, float]


def graded(measured: Measured, known: Mapping[str, int], *, own_tokens: float) -> tuple[Grade, str]:
    """The worst of what each measure says, and why.

    Args:
        known: the vocabulary's entries by script.
        own_tokens: tokens a word of ordinary text; 0 where not known.
    """
    foreign = {name: share for name, share in measured.scripts.items() if not _is_known(name, known)}
    pieces = _pieces(measured, known, own_tokens)
    found = [
        (_grade(measured.unknown, FAIR_UNKNOWN, POOR_UNKNOWN), _unknown_words(measured)),
        (_grade(sum(foreign.values()), FAIR_FOREIGN, POOR_FOREIGN), _foreign_words(foreign, known)),
        (_grade(measured.byte, FAIR_BYTES, POOR_BYTES), _byte_words(measured)),
        (_grade(pieces, FAIR_PIECES, POOR_PIECES), _piece_words(measured, own_tokens)),
    ]
    for grade in ("poor", "fair"):
        reasons = [because for judged, because in found if judged == grade]
        if reasons:
            return grade, say("; ", "\uff1b").join(reasons)
    return "good", say(
        f"{measured.unknown:.1%} of the tokens are unknown, and every script is in the vocabulary",
        f"{measured.unknown:.1%} 的词元未知\uff0c词表覆盖了所有文字",
    )


def _grade(value: float, fair: float, poor: float) -> Grade:
    return "poor" if value > poor else "fair" if value > fair else "good"


def _is_known(script: str, known: Mapping[str, int]) -> bool:
    entries = known.get(script, 0)
    return entries >= min(KNOWN_ENTRIES, KNOWN_SHARE * sum(known.values()))


def _pieces(measured: Measured, known: Mapping[str, int], own_tokens: float) -> float:
    """How many times as many tokens a word takes as in ordinary text; 1 where words cannot be counted."""
    main = next(iter(measured.scripts), "")
    is_own = main == next(iter(known), "")
    # Chinese has no spaces between words: characters are counted there, and nearly always one token each.
    if not own_tokens or not is_own or main not in {"Latin", "Han"}:
        return 1.0
    return (measured.per_character if main == "Han" else measured.per_word) / own_tokens


def _unknown_words(measured: Measured) -> str:
    return say(f"{measured.unknown:.1%} of the tokens are unknown to it", f"{measured.unknown:.1%} 的词元对它是未知的")


def _foreign_words(foreign: Mapping[str, float], known: Mapping[str, int]) -> str:
    shown = listed(
        [
            say(
                f"{share:.0%} of the letters are {name}, of which its vocabulary holds {known.get(name, 0):,} entries",
                f"{share:.0%} 的文字是 {name}\uff0c而它的词表只有 {known.get(name, 0):,} 项",
            )
            for name, share in foreign.items()
            if share > FAIR_FOREIGN / 2
        ],
        3,
    )
    return shown or say("several scripts are hardly in its vocabulary", "多种文字几乎不在它的词表中")


def _byte_words(measured: Measured) -> str:
    return say(f"{measured.byte:.1%} of the tokens are single bytes", f"{measured.byte:.1%} 的词元只是单个字节")


def _piece_words(measured: Measured, own_tokens: float) -> str:
    return say(
        f"a word takes {measured.per_word:.1f} tokens, in ordinary text {own_tokens:.1f}",
        f"每个词要 {measured.per_word:.1f} 个词元\uff0c普通文本只要 {own_tokens:.1f} 个",
    )
