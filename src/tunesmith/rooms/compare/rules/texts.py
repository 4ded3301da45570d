"""Rules for written answers: what was answered to the likest question, and the beginning of what is given."""

import re
from typing import Any

import numpy as np
import pyarrow as pa

from tunesmith.metrics.segments import words
from tunesmith.rooms.compare.rules.lesson import Lesson, Told
from tunesmith.tasks.asked import question

BLOCK = 512
"""Questions that are compared with all others at once: some 80 MB with the most training rows."""

SENTENCE_END = re.compile("(?<=[.!?])\\s|(?<=[\u3002\uff01\uff1f])|\n")


def nearest(given: Lesson) -> Told:
    """The answer to the training question whose weighted words are most like this one's, by their cosine."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    reference = given.task.reference
    assert reference is not None, "declared by tasks that write alone"
    learned = [(question(given.task, row), reference(row)) for row in _rows(given.train)]
    known = [(told, answer) for told, answer in learned if answer.strip()]
    questions = [question(given.task, row) for row in _rows(given.asked)]
    if not any(words(told) for told, _ in known):
        return Told(texts=[known[0][1] if known else "" for _ in questions])
    vectorizer = TfidfVectorizer(analyzer=words, sublinear_tf=True, dtype=np.float32)
    matrix = vectorizer.fit_transform([told for told, _ in known]).T.tocsr()
    found: list[str] = []
    for first in range(0, len(questions), BLOCK):
        likeness = vectorizer.transform(questions[first : first + BLOCK]) @ matrix
        found += [known[at][1] for at in np.asarray(likeness.argmax(axis=1)).ravel().tolist()]
    return Told(texts=found)


def first_sentence(given: Lesson) -> Told:
    """What stands before the first full stop."""
    return Told(
        texts=[SENTENCE_END.split(question(given.task, row).strip(), maxsplit=1)[0] for row in _rows(given.asked)]
    )


def _rows(table: pa.Table) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows
