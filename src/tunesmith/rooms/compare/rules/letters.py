"""A rule for running text: a model of three characters, as large as its counts."""

import math
from collections import Counter, defaultdict

import numpy as np

from tunesmith.rooms.compare.rules.lesson import Lesson, Told
from tunesmith.tasks.task import Array

ORDER = 3
"""Characters that are counted together: the next one is foretold from the two before."""

MOST_LETTERS = 500_000
"""Characters that are learned from: a second's worth."""

ALPHABET = 0x110000
"""Unicode's characters, over which the chance of one never seen is spread."""

START = "\n"
"""What stands before the first character of a text."""


def letters(given: Lesson) -> Told:
    """Each character's chance after the two before it, shorter memories filling in (Witten & Bell 1991).

    The answer of a row is its summed loss in nats, the characters that were the likeliest (not counted: 0), and all of
    them, so that it can be judged as a language model is.
    """
    counts: list[defaultdict[str, Counter[str]]] = [defaultdict(Counter) for _ in range(ORDER)]
    room = MOST_LETTERS
    for text in given.train.column("text").to_pylist():
        if room <= 0:
            break
        count(counts, text[:room])
        room -= len(text)
    return Told(answers=[_answer(counts, text) for text in given.asked.column("text").to_pylist()])


def count(counts: list[defaultdict[str, Counter[str]]], text: str) -> None:
    """Add a text to the counts: what came after each run of 0 to ORDER - 1 characters."""
    padded = START * (ORDER - 1) + text
    for order, table in enumerate(counts):
        for at in range(ORDER - 1, len(padded)):
            table[padded[at - order : at]][padded[at]] += 1


def _answer(counts: list[defaultdict[str, Counter[str]]], text: str) -> Array:
    padded = START * (ORDER - 1) + text
    loss = -sum(
        math.log(chance(counts, padded[at - ORDER + 1 : at], padded[at])) for at in range(ORDER - 1, len(padded))
    )
    return np.asarray([loss, 0.0, float(max(1, len(text)))])


def chance(counts: list[defaultdict[str, Counter[str]]], before: str, character: str) -> float:
    """How likely a character is after those before it; over all of Unicode it sums to 1."""
    found = 1.0 / ALPHABET
    for order, table in enumerate(counts):
        seen = table.get(before[len(before) - order :])
        if seen:
            kinds, total = len(seen), seen.total()
            found = (seen[character] + kinds * found) / (total + kinds)
    return found
