"""Rules for one label a row: the most frequent one, and a linear model on words."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from tunesmith.metrics.segments import UNSPACED
from tunesmith.rooms.compare.rules.lesson import Lesson, Told, known_places, one_hot, texts_of
from tunesmith.scripts import scripts
from tunesmith.seeds import generator
from tunesmith.tasks.task import Array, softmax

STRENGTHS = (0.1, 1.0)
"""Inverse strengths of the penalty (scikit-learn's C) that are tried on the dev rows."""

STEPS = 300
"""Passes of the solver: ranks of rows settle long before the last digit of a weight does."""

MOST_FITS = 400_000
"""Rows times labels: one fit a label is needed, so that of a hundred labels fewer rows are learned from."""

PIECE = r"\w+|[^\w\s]"
"""Words, and signs by themselves: "I" and "?" tell questions apart, too."""

SCRIPT_TEXTS = 1_000
"""Texts that tell in which script they are written."""


def majority(given: Lesson) -> Told:
    """The label that most training rows have, for every row."""
    places = known_places(given.train.column("label").to_pylist(), given.labels)
    most = int(np.bincount(places[places >= 0], minlength=len(given.labels)).argmax())
    return Told(answers=list(one_hot([most] * given.asked.num_rows, len(given.labels))))


def tfidf(given: Lesson) -> Told:
    """A linear support vector machine on TF-IDF: words and pairs of words, or runs of 1 to 3 characters.

    Characters are taken where words have no spaces between them. Of ``STRENGTHS`` the one that scores best on the
    dev rows is taken, by the task's own metric.
    """
    texts = texts_of(given.train)
    places = known_places(given.train.column("label").to_pylist(), given.labels)
    usable = np.flatnonzero(places >= 0)
    # Files may be sorted by label: whatever is left out is drawn.
    usable = generator(len(usable), "rule fits").permutation(usable)[: max(1, MOST_FITS // len(given.labels))]
    if len(np.unique(places[usable])) < 2:
        return majority(given)
    vectorizer = vectorizer_for(texts)
    matrix = vectorizer.fit_transform([texts[row] for row in usable])
    dev = vectorizer.transform(texts_of(given.dev))
    fits = [_fitted(matrix, places[usable], strength, len(given.labels)) for strength in STRENGTHS]
    best = max(fits, key=lambda fit: _dev_score(given, fit(dev)))
    return Told(answers=best(vectorizer.transform(texts_of(given.asked))))


def vectorizer_for(texts: Sequence[str]) -> Any:
    """TF-IDF of words and pairs of words, or of runs of 1 to 3 characters where words have no spaces between them."""
    from sklearn.feature_extraction.text import TfidfVectorizer

    script = next(iter(scripts(texts[:SCRIPT_TEXTS])), "")
    if script in UNSPACED:
        return TfidfVectorizer(analyzer="char", ngram_range=(1, 3), sublinear_tf=True, dtype=np.float32)
    return TfidfVectorizer(token_pattern=PIECE, ngram_range=(1, 2), sublinear_tf=True, dtype=np.float32)


def _fitted(matrix: Any, places: Array, strength: float, labels: int) -> Callable[[Any], list[Array]]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.svm import LinearSVC

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LinearSVC(C=strength, max_iter=STEPS, random_state=0).fit(matrix, places)

    def answers(rows: Any) -> list[Array]:
        margins = model.decision_function(rows)
        margins = np.column_stack([-margins, margins]) if margins.ndim == 1 else margins
        found = np.full((rows.shape[0], labels), -np.inf)
        found[:, model.classes_] = margins
        return list(softmax(found))

    return answers


def _dev_score(given: Lesson, answers: list[Array]) -> float:
    truths = known_places(given.dev.column("label").to_pylist(), given.labels)
    kept = np.flatnonzero(truths >= 0).tolist()
    if not kept or given.task.counts is None:
        return 0.0
    counted = given.task.counts([int(truths[row]) for row in kept], [answers[row] for row in kept], given.labels)
    return counted.values()[given.task.monitor]
