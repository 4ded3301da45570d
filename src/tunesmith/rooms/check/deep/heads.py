"""A linear model on several views of the texts: word and character n-grams, and a model's frozen features."""

import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.rooms.check.deep.features import Features
from tunesmith.scripts import scripts

Probabilities = NDArray[np.float64]

# Inverse strengths of the penalty that are tried; the best on one fold is taken for all.
STRENGTHS = {"sparse": (1.0, 4.0, 16.0), "dense": (0.3, 1.0, 3.0)}

# The solver's steps and tolerance: ranks of rows settle long before the last digit of a weight does.
STEPS, TOLERANCE = 60, 1e-3

# Below every probability before logarithms are averaged: one view alone must not rule a class out.
FLOOR = 1e-6

# So many texts tell the script; where most letters are Chinese, single characters and short runs are the words.
SCRIPT_TEXTS = 1_000


@dataclass(frozen=True, kw_only=True)
class View:
    """One matrix (n, columns) of all texts and the strengths that suit it."""

    name: str
    matrix: Any
    strengths: tuple[float, ...]


def views(texts: Sequence[str], features: Features, told: Callable[[float], None]) -> list[View]:
    """All views of the texts; ``told`` hears how far a model's features are."""
    letters = scripts(texts[:SCRIPT_TEXTS])
    is_chinese = next(iter(letters), "") in {"Han", "Kana"}
    found = [View(name="characters", matrix=_grams(texts, is_chinese), strengths=STRENGTHS["sparse"])]
    if not is_chinese:
        found.append(View(name="words", matrix=_words(texts), strengths=STRENGTHS["sparse"]))
    if features.compute is not None:
        found.append(
            View(name=features.name, matrix=_evened(features.compute(texts, told)), strengths=STRENGTHS["dense"])
        )
    return found


def _grams(texts: Sequence[str], is_chinese: bool) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    span = (1, 3) if is_chinese else (2, 5)
    vectorizer = TfidfVectorizer(analyzer="char", ngram_range=span, sublinear_tf=True, min_df=2, dtype=np.float32)
    return _fitted(vectorizer, texts)


def _words(texts: Sequence[str]) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer

    cut: Callable[[str], list[str]] = str.split
    vectorizer = TfidfVectorizer(
        tokenizer=cut, token_pattern=None, ngram_range=(1, 2), sublinear_tf=True, min_df=2, dtype=np.float32
    )
    return _fitted(vectorizer, texts)


def _fitted(vectorizer: Any, texts: Sequence[str]) -> Any:
    from scipy import sparse

    try:
        return vectorizer.fit_transform(texts)
    except ValueError:  # no n-gram stands in two texts
        return sparse.csr_matrix((len(texts), 1), dtype=np.float32)


def _evened(features: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each column with mean 0 and the same spread, rows about 1 long."""
    spread = features.std(0) + 1e-6
    even: NDArray[np.float32] = (features - features.mean(0)) / (spread * np.float32(np.sqrt(features.shape[1])))
    return even


def fitted(
    view: View, y: NDArray[np.int64], train: NDArray[np.intp], test: NDArray[np.intp], *, strength: float, classes: int
) -> Probabilities:
    """Probabilities (n_test, classes) of a logistic regression that saw the rows ``train``."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    answers = np.zeros((test.size, classes))
    seen = np.unique(y[train])
    if seen.size == 1:
        answers[:, seen[0]] = 1.0
        return answers
    with warnings.catch_warnings():
        # Few steps on purpose.
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(C=strength, max_iter=STEPS, tol=TOLERANCE).fit(view.matrix[train], y[train])
    answers[:, model.classes_] = model.predict_proba(view.matrix[test])
    return answers


def best_strength(
    view: View, y: NDArray[np.int64], train: NDArray[np.intp], test: NDArray[np.intp], classes: int
) -> float:
    """The strength whose answers for ``test`` have the least log loss."""

    def loss(strength: float) -> float:
        found = fitted(view, y, train, test, strength=strength, classes=classes)
        return -float(np.log(found[np.arange(test.size), y[test]] + FLOOR).mean())

    return min(view.strengths, key=loss)


def mixed(parts: Sequence[Probabilities]) -> Probabilities:
    """The geometric mean of several answers (n, classes), which sums to 1 again."""
    mean = np.exp(np.mean([np.log(part + FLOOR) for part in parts], axis=0))
    whole: Probabilities = mean / mean.sum(1, keepdims=True)
    return whole
