"""Rules for sets of labels and for scores: the mean, and linear models on words."""

from typing import Any

import numpy as np

from tunesmith.rooms.compare.rules.labels import vectorizer_for
from tunesmith.rooms.compare.rules.lesson import Lesson, Told, texts_of
from tunesmith.tasks.task import Array

PENALTY = 1.0
"""Of ridge regression; TF-IDF rows are of length 1, so that it suits most data."""

LEAST = 2
"""Rows on either side of a label without which nothing is learned of it."""


def mean(given: Lesson) -> Told:
    """The mean of the training scores, for every row."""
    scores = _scores(given)
    value = float(scores[~np.isnan(scores)].mean()) if (~np.isnan(scores)).any() else 0.0
    return Told(answers=[np.asarray([value])] * given.asked.num_rows)


def tfidf_score(given: Lesson) -> Told:
    """Ridge regression on TF-IDF."""
    from sklearn.linear_model import Ridge

    scores = _scores(given)
    known = np.flatnonzero(~np.isnan(scores))
    if len(known) < LEAST:
        return mean(given)
    matrix, asked = _matrices(given)
    model = Ridge(alpha=PENALTY).fit(matrix[known], scores[known])
    return Told(answers=list(model.predict(asked).reshape(-1, 1)))


def tfidf_sets(given: Lesson) -> Told:
    """A linear support vector machine on TF-IDF for each label; what is usual of a rare one."""
    from sklearn.svm import LinearSVC

    rows = given.train.column("labels").to_pylist()
    matrix, asked = _matrices(given)
    known = np.asarray([row for row, labels in enumerate(rows) if labels is not None], np.int64)
    answers = np.zeros((given.asked.num_rows, len(given.labels)))
    for at, name in enumerate(given.labels):
        flags = np.asarray([name in rows[row] for row in known])
        if min(flags.sum(), (~flags).sum()) < LEAST:
            answers[:, at] = float(flags.mean() >= 0.5) if len(flags) else 0.0
            continue
        margins = LinearSVC(C=PENALTY, random_state=0).fit(matrix[known], flags).decision_function(asked)
        answers[:, at] = 1 / (1 + np.exp(-margins))
    return Told(answers=list(answers))


def _scores(given: Lesson) -> Array:
    return np.asarray([np.nan if one is None else float(one) for one in given.train.column("score").to_pylist()])


def _matrices(given: Lesson) -> tuple[Any, Any]:
    texts = texts_of(given.train)
    vectorizer = vectorizer_for(texts)
    return vectorizer.fit_transform(texts), vectorizer.transform(texts_of(given.asked))
