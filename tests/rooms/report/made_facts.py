"""Facts of runs that never took place, consistent in themselves: the sums add up as they would in a real run."""

import math
from collections.abc import Sequence
from typing import Any

from tunesmith.artifacts import (
    Choice,
    ClassScore,
    Evaluation,
    Finding,
    Forecast,
    Health,
    Hypothesis,
    Interval,
    Mistake,
    ModelFacts,
    Plan,
    Prepared,
    Reading,
    Row,
    RowCount,
    SetAside,
    Source,
    SplitFile,
    Step,
    Template,
    TextFacts,
    Trained,
)
from tunesmith.seeds import generator
from tunesmith.settings import Settings

HOSTILE = (
    "<script>alert(\"x\")</script> & 'quoted' | `tick` \x07 \u05e9\u05dc\u05d5\u05dd \U0001f600 ---\n# not a heading"
)


def interval(value: float, n: int) -> Interval:
    """A share with the normal approximation of its interval, cut at 0 and 1."""
    half = 1.96 * math.sqrt(max(value * (1 - value), 0) / max(n, 1))
    return Interval(value=value, low=max(0.0, value - half), high=min(1.0, value + half))


def confusion(supports: Sequence[int], accuracy: float, seed: int = 3) -> tuple[tuple[int, ...], ...]:
    """Counts of truth by answer, where later classes are harder and neighbours attract errors."""
    draw, k, rows = generator(seed, "confusion"), len(supports), []
    for i, support in enumerate(supports):
        weights = [1 / (1 + abs(i - j)) ** 2 if j != i else 0.0 for j in range(k)]
        right = min(1.0, accuracy + (1 - accuracy) * (0.6 - i / k))
        shares = [right if j == i else (1 - right) * w / sum(weights) for j, w in enumerate(weights)]
        rows.append(tuple(int(n) for n in draw.multinomial(support, [s / sum(shares) for s in shares])))
    return tuple(rows)


def class_scores(labels: Sequence[str], matrix: Sequence[Sequence[int]]) -> dict[str, ClassScore]:
    """Precision, recall and F1 as the confusion has them."""
    scores = {}
    for i, name in enumerate(labels):
        right, truth, answers = matrix[i][i], sum(matrix[i]), sum(row[i] for row in matrix)
        p, r = right / answers if answers else 0.0, right / truth if truth else 0.0
        f1 = 2 * p * r / (p + r) if p + r else 0.0
        scores[name] = ClassScore(
            precision=interval(p, answers), recall=interval(r, truth), f1=interval(f1, truth), support=truth
        )
    return scores


def evaluation(
    labels: Sequence[str], supports: Sequence[int], accuracy: float, mistakes: Sequence[Mistake], split: str = "test"
) -> Evaluation:
    """A classification's scores from a drawn confusion; ``accuracy`` 1 makes no mistake."""
    matrix = confusion(supports, accuracy)
    per_class, rows = class_scores(labels, matrix), sum(supports)
    right = sum(row[i] for i, row in enumerate(matrix)) / rows
    macro = {
        part: sum(getattr(s, part).value for s in per_class.values()) / len(labels)
        for part in ("f1", "precision", "recall")
    }
    metrics = {
        "f1_macro": interval(macro["f1"], rows),
        "accuracy": interval(right, rows),
        "precision_macro": interval(macro["precision"], rows),
        "recall_macro": interval(macro["recall"], rows),
        "mcc": interval(max(0.0, right - 0.02) if right < 1 else 1.0, rows),
    }
    return Evaluation(
        run="runs/trec",
        split=split,
        rows=rows,
        main="f1_macro",
        metrics=metrics,
        per_class=per_class,
        confusion_labels=tuple(labels),
        confusion=matrix,
        mistakes=tuple(mistakes),
        notes=("Intervals: 1,000 bootstrap samples of the rows, percentile method.",),
        seconds=1.9,
    )


def steps(epochs: int = 6, per_epoch: int = 150, monitor: str = "f1_macro", best: int = 4) -> tuple[Step, ...]:
    """A loss that falls, a dev score that peaks at epoch ``best``, warm-up and linear decay."""
    draw, total, made, losses = generator(5, "steps"), epochs * per_epoch, [], []
    for n in range(1, total + 1):
        loss = 0.12 + 1.7 * math.exp(-2.2 * n / per_epoch) + abs(float(draw.normal(0, 0.07)))
        losses.append(loss)
        is_end = n % per_epoch == 0
        epoch = n / per_epoch
        score = 0.9 - 0.28 * math.exp(-1.1 * epoch) - 0.006 * abs(epoch - best)
        made.append(
            Step(
                step=n,
                steps=total,
                epoch=epoch,
                loss=loss,
                learning_rate=5e-5 * min(n / (0.06 * total), (total - n) / (0.94 * total)),
                gradient_norm=1.1,
                examples=32,
                tokens=420,
                seconds=0.18,
                scores={monitor: score, "loss": loss + 0.1} if is_end else None,
                is_best=is_end and epoch == best,
                epoch_loss=sum(losses[-per_epoch:]) / per_epoch if is_end else None,
            )
        )
    return tuple(made)


def trained(monitor: str = "f1_macro", **changes: Any) -> Trained:
    """A training that kept the state of epoch 4 of 6."""
    values = {
        "run": "runs/trec",
        "model": "runs/trec/model",
        "seconds": 192.4,
        "epochs": 6.0,
        "best_epoch": 4.0,
        "best_step": 600,
        "monitor": monitor,
        "best_score": 0.8966,
        "stopped_because": "patience: no better macro-F1 for 2 epochs",
        "examples_per_second": 178.0,
    }
    return Trained(**(values | changes))


def plan(**changes: Any) -> Plan:
    """A plan with the usual choices."""
    choices = (
        Choice(
            name="epochs",
            value=12,
            because="4,852 training rows are a small data set: 10 to 50, and early stopping ends it sooner",
        ),
        Choice(name="learning_rate", value=5e-5, because="usual for full tuning of an encoder of 22.7 M parameters"),
        Choice(name="batch_size", value=32, because="32 texts of 37 tokens take 0.9 GB, 7.4 GB are free"),
        Choice(name="max_length", value=64, because="the longest text has 61 tokens: nothing is cut"),
        Choice(name="patience", value=2, because="the dev score moves by less than its interval after that"),
        Choice(name="monitor", value="f1_macro", because="the classes are of unequal size, and each counts"),
    )
    values: dict[str, Any] = {
        "task": "text-classification",
        "files": ("TREC.train.all", "TREC.test.all"),
        "settings": Settings.model_validate({"prepare": {"max_length": 64}}),
        "choices": choices,
        "forecast": Forecast(seconds=412, closing_seconds=12, peak_bytes=930_000_000, elapsed_seconds=9),
        "model": ModelFacts(
            name="minilm",
            path="",
            kind="bert",
            parameters=22_713_216,
            hidden=384,
            layers=6,
            max_length=512,
            vocabulary=30522,
            sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
            is_pretrained=True,
            because="the data is English, and this one is here",
        ),
        "data_key": "6f1c0a7e9b52",
        "versions": {"tunesmith": "0.1.0", "torch": "2.13.0", "transformers": "5.23.0", "python": "3.11.9"},
    }
    return Plan(**(values | changes))


def reading(labels: dict[str, int], preview: Sequence[dict[str, Any]], names: Sequence[str], **changes: Any) -> Reading:
    """One reading of two files, train and test, one row in a thousand rejected."""
    used = sum(labels.values())
    counts = (used - used // 11, used // 11)
    sources = tuple(
        Source(
            path=name,
            split=split,
            format="txt",
            encoding="utf-8",
            bytes=61 * count,
            sha256=f"{i}" * 64,
            rows=RowCount(total=count + 2 * (1 - i), used=count, rejected=2 * (1 - i)),
        )
        for i, (name, split, count) in enumerate(zip(names, ("train", "test"), counts, strict=True))
    )
    values: dict[str, Any] = {
        "task": "text-classification",
        "format": "txt",
        "encoding": "utf-8, 1 bad byte replaced",
        "columns": {"label": 1, "text": 2},
        "has_header": False,
        "sources": sources,
        "set_aside": (SetAside(path="README.md", because="prose, no rows"),),
        "hypotheses": (
            Hypothesis(
                task="text-classification",
                format="txt",
                columns={"label": 1, "text": 2},
                score=0.97,
                evidence=("the first word of each line is one of 6 values", "the rest has 10 words in the median"),
            ),
            Hypothesis(
                task="language-modeling",
                format="txt",
                columns={"text": 1},
                score=0.31,
                evidence=("every file of lines can be read as text",),
            ),
        ),
        "would_change": "--task language-modeling",
        "rows": RowCount(total=used + 2, used=used, rejected=2),
        "splits": {
            "train": SplitFile(path="train.arrow", rows=counts[0]),
            "test": SplitFile(path="test.arrow", rows=counts[1]),
        },
        "labels": labels,
        "preview": tuple(preview),
        "rejects": "runs/trec/rejects.tsv",
        "key": "ab12",
    }
    return Reading(**(values | changes))


def prepared(labels: Sequence[str], train: int, dev: int, test: int, **changes: Any) -> Prepared:
    """Three splits; a token-length distribution that ends at 61."""
    splits = {
        name: SplitFile(path=f"{name}.arrow", rows=n) for name, n in (("train", train), ("dev", dev), ("test", test))
    }
    values: dict[str, Any] = {
        "task": "text-classification",
        "labels": tuple(labels),
        "splits": splits,
        "raw": splits,
        "tokenizer": "minilm",
        "template": Template(prefix=(101,), middle=(102,), suffix=(102,), pad=0, unknown=100, has_types=True),
        "token_lengths": tuple(range(4, 62)),
        "train_tokens": 13 * train,
        "unknown_share": 0.0002,
        "split_because": "the test file is kept as given; dev is 11% of train, stratified by label, seed 17",
        "key": "cd34",
    }
    return Prepared(**(values | changes))


def health(cjk: float = 0.0, latin: float = 0.99, texts: Sequence[str] = ("What is an atom ?",)) -> Health:
    """Two findings of different severity."""
    facts = TextFacts(
        rows=5452, characters=270_000, cjk_share=cjk, latin_share=latin, length_median=44, length_p95=92, length_max=196
    )
    findings = (
        Finding(
            code="duplicates",
            severity="warning",
            count=71,
            message="71 texts appear more than once in train.",
            do="Remove them if they are copies by accident; they stay on one side of every split.",
            rows=tuple(Row(path="data/TREC.train.all", line=17 + i, text=text) for i, text in enumerate(texts[:2])),
        ),
        Finding(
            code="small-class",
            severity="note",
            count=1,
            message="The label ABBR has only 95 rows.",
            do="Add rows of it, or merge it with another label.",
        ),
    )
    return Health(
        findings=findings,
        facts=facts,
        verdict="Good enough to train: 2 findings, none of them stops it.",
        is_trainable=True,
    )
