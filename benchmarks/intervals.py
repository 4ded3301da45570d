"""How often the 95% intervals of test scores hold the truth, on populations whose truth is known.

A population is a large pool of rows with truths and answers; its scores are the truth. Test sets of 100, 500 and 2000
rows are drawn from it again and again, and scored as ``tunesmith test`` does: of 100 intervals 95 should hold it.
The percentile bootstrap of the same draws stands beside it.

    python benchmarks/intervals.py [REPEATS]
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from tunesmith.metrics.classification import classification_counts
from tunesmith.metrics.counted import Counted
from tunesmith.metrics.entities import entity_counts
from tunesmith.metrics.intervals import interval, resampled
from tunesmith.metrics.language import language_counts
from tunesmith.metrics.scored import scored
from tunesmith.metrics.sheet import Resampling
from tunesmith.metrics.writing import writing_counts

POOL = 20_000
SIZES = (100, 500, 2000)
LEVELS = (0.6, 0.85, 0.97)
SAMPLES = 400

TREC = (0.276, 0.188, 0.018, 0.130, 0.162, 0.226)
"""Shares of TREC's six classes in its test set: one is rare (Li & Roth 2002)."""


@dataclass(frozen=True)
class Population:
    """A pool of rows as counts, and what is measured on it. Rows of equal ``groups`` are drawn together."""

    name: str
    counted: Counted
    metrics: tuple[str, ...]
    classes: int = 0
    groups: np.ndarray | None = None

    def drawn(self, rows: np.ndarray) -> Counted:
        """Some rows of the pool."""
        kinds, kind = np.unique(self.counted.kind[rows], return_inverse=True)
        return Counted(kind=kind, table=self.counted.table[kinds], measures=self.counted.measures)


def labels(shares: tuple[float, ...], level: float, rng: np.random.Generator, rows: int = POOL) -> Counted:
    """One label a row; rarer classes are answered worse, as they are in practice."""
    classes = np.arange(len(shares))
    truths = rng.choice(classes, rows, p=np.asarray(shares) / sum(shares))
    harder = np.clip((1 / len(shares) / np.asarray(shares)) ** 0.4, 0.5, 2.5)
    is_right = rng.random(rows) < np.clip(1 - (1 - level) * harder, 0.1, 0.995)[truths]
    others = (truths + rng.integers(1, len(shares), rows)) % len(shares)
    return classification_counts(truths, np.where(is_right, truths, others), labels=[str(one) for one in classes])


def tags(level: float, rng: np.random.Generator, rows: int = POOL) -> Counted:
    """Sentences with entities of three types; all of one sentence share its difficulty."""
    names = ("PER", "LOC", "ORG")
    truths, answers = [], []
    for _ in range(rows):
        easy = rng.beta(6 * level, 6 * (1 - level))
        true, came = ["O"] * 20, ["O"] * 20
        for at in range(0, 20, 4):
            kind = names[rng.choice(3, p=(0.6, 0.3, 0.1))]
            if rng.random() < 0.3:
                true[at : at + 2] = [f"B-{kind}", f"I-{kind}"]
                if rng.random() < easy:
                    came[at : at + 2] = true[at : at + 2]
            elif rng.random() < 0.15 * (1 - easy):
                came[at] = f"B-{kind}"
        truths.append(true)
        answers.append(came)
    every = [f"{part}-{name}" for name in names for part in "BI"]
    return entity_counts(truths, answers, labels=["O", *every])


def losses(level: float, rng: np.random.Generator, rows: int = POOL) -> Counted:
    """Texts of very different length; a text's loss is skewed, the more so the lower the level."""
    tokens = np.round(rng.lognormal(3.5, 0.8, rows)).clip(2)
    shape = 10 * level
    mean = rng.gamma(shape, 3 / shape, rows)
    return language_counts(np.column_stack([mean * tokens, tokens // 2, tokens]), (4 * tokens).astype(np.int64))


def texts(level: float, rng: np.random.Generator, rows: int = 4000) -> Counted:
    """Written answers that hold a share of the right words."""
    words = np.asarray([f"w{at}" for at in range(400)])
    answers, references = [], []
    for _ in range(rows):
        right = words[rng.integers(0, 400, rng.integers(4, 25))]
        kept = rng.random(len(right)) < rng.beta(4 * level, 4 * (1 - level))
        answers.append(" ".join(np.where(kept, right, words[rng.integers(0, 400, len(right))])))
        references.append(" ".join(right))
    return writing_counts(answers, references, [True] * rows)


def populations(level: float, rng: np.random.Generator) -> Iterator[Population]:
    """All that is drawn from."""
    mean = ("accuracy", "f1_macro", "precision_macro", "recall_macro", "mcc")
    zipf = tuple(1 / np.arange(1, 13))
    yield Population("2 labels", labels((0.5, 0.5), level, rng), mean, 2)
    yield Population("2 labels, 5% rare", labels((0.95, 0.05), level, rng), mean, 2)
    yield Population("6 labels as TREC", labels(TREC, level, rng), mean, 6)
    yield Population("12 labels, Zipf", labels(zipf, level, rng), mean, 12)
    yield Population("entities", tags(level, rng), ("f1_micro", "f1_macro", "token_accuracy"), 3)
    yield Population("losses", losses(level, rng), ("loss", "perplexity", "token_accuracy"))
    yield Population("texts", texts(level, rng), ("rouge_1", "rouge_l", "chrf", "bleu"))
    # Ten rows of a group share their difficulty: together they say little more than three would.
    groups = np.arange(POOL) // 10
    easy = rng.beta(4 * level, 4 * (1 - level), POOL // 10)[groups]
    right = (rng.random(POOL) < easy).astype(np.int64)
    grouped = classification_counts(np.ones(POOL, np.int64), right, labels=["0", "1"])
    yield Population("groups of 10", grouped, ("accuracy",), 2, groups)


def covered(one: Population, rows: int, repeats: int, rng: np.random.Generator) -> dict[str, list[float]]:
    """By metric the shares of intervals that hold the truth, that are above it, below it; and of percentile ones."""
    truth = one.counted.values()
    counts = {name: np.zeros(4) for name in one.metrics}
    for repeat in range(repeats):
        drawn, groups = _test_set(one, rows, rng)
        found = scored(drawn, Resampling(samples=SAMPLES, seed=repeat, groups=groups), classes=one.classes)
        sizes = np.bincount(drawn.kind)
        table = resampled(sizes, lambda weights, table=drawn.table: weights @ table, Resampling(samples=SAMPLES))
        usual = drawn.measures(table)
        for name in one.metrics:
            low, high = found[name].low, found[name].high
            plain = interval(usual[name], 0.95)
            hits = low <= truth[name] <= high, truth[name] < low, truth[name] > high
            counts[name] += [*hits, plain.low <= truth[name] <= plain.high]
    return {name: (count / repeats).tolist() for name, count in counts.items()}


def _test_set(one: Population, rows: int, rng: np.random.Generator) -> tuple[Counted, np.ndarray | None]:
    if one.groups is None:
        return one.drawn(rng.integers(0, len(one.counted), rows)), None
    each = rng.integers(0, POOL // 10, rows // 10)
    return one.drawn((each[:, None] * 10 + np.arange(10)).ravel()), np.repeat(np.arange(len(each)), 10)


def main(repeats: int = 1000, say: Callable[[str], None] = print) -> None:
    """Print a line for every population, level, size and metric."""
    say("| population | level | rows | metric | truth | holds it | truth below | above | percentile bootstrap |")
    say("|---|---|---|---|---|---|---|---|---|")
    for level in LEVELS:
        rng = np.random.default_rng(5)
        for one in populations(level, rng):
            truth = one.counted.values()
            for rows in SIZES:
                for name, (holds, below, above, usual) in covered(one, rows, repeats, rng).items():
                    shares = f"{holds:.1%} | {below:.1%} | {above:.1%} | {usual:.1%}"
                    say(f"| {one.name} | {level} | {rows} | {name} | {truth[name]:.3f} | {shares} |")


if __name__ == "__main__":
    main(*(int(word) for word in sys.argv[1:2]), say=lambda line: print(line, flush=True))
