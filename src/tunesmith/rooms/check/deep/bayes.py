"""Naive Bayes on which words a text holds: a judge of another kind than the linear models beside it.

It only counts (Manning, Raghavan and Schütze 2008, Introduction to Information Retrieval, chapter 13), so that no
single row bends it: a wrong label moves each count by one. It judges worse than they do, but errs elsewhere.
"""

from collections.abc import Sequence

import numpy as np

from tunesmith.rooms.check.deep.heads import Probabilities, View, mixed
from tunesmith.rooms.check.deep.rows import Labelled, dealt
from tunesmith.rooms.check.deep.wrong_labels import DEALS, FOLDS

WORDS = ("words", "characters")
"""The view whose columns are counted: runs of characters where no spaces tell words apart."""


def counting(looked: Sequence[View], rows: Labelled, *, seed: int = 17) -> Probabilities:
    """Probabilities (n, classes) of each row by counts of rows of other texts."""
    from sklearn.naive_bayes import MultinomialNB

    by_name = {view.name: view.matrix for view in looked}
    held = (next(by_name[name] for name in WORDS if name in by_name) > 0).astype(np.float32)
    deals = np.zeros((DEALS, len(rows), len(rows.names)))
    for deal, answers in enumerate(deals):
        fold = dealt(rows, FOLDS, seed + deal)
        for k in range(FOLDS):
            train, test = np.flatnonzero(fold != k), np.flatnonzero(fold == k)
            if test.size and train.size:
                # One is added to each count (Laplace): no word rules a class out.
                model = MultinomialNB(alpha=1.0).fit(held[train], rows.y[train])
                answers[test[:, None], model.classes_[None]] = model.predict_proba(held[test])
    return mixed(list(deals))
