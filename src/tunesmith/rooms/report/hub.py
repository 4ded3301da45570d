"""The head of a model card as model hubs read it: the task, the language, and the scores as a model index."""

import re
from pathlib import Path
from typing import Any

from tunesmith.artifacts import Evaluation
from tunesmith.rooms.report.facts import Facts
from tunesmith.rooms.report.loading import pipeline_task
from tunesmith.rooms.report.measures import label

# Chinese characters in this share of the text, with no kana and no hangul in sight, mean Chinese.
# Latin letters name no language, so none is claimed for them.
CHINESE_SHARE = 0.5
KANA_OR_HANGUL = re.compile("[\u3040-\u30ff\uac00-\ud7af]")

# The names under which model hubs know our metrics; others have no id there and are left out.
HUB_METRICS = {
    "accuracy": "accuracy",
    "mcc": "matthews_correlation",
    "f1": "f1",
    "precision": "precision",
    "recall": "recall",
    "perplexity": "perplexity",
    "rouge": "rouge",
    "bleu": "bleu",
    "chrf": "chrf",
    "exact": "exact_match",
    "pearson": "pearsonr",
    "spearman": "spearmanr",
    "mae": "mae",
}

# A model of a hub: owner and name. Anything else is a place of this machine, which nobody else knows.
HUB_NAME = re.compile(r"[\w-][\w.-]*/[\w.-]+")

DIGITS = 6
"""Decimals of a score: far below any interval."""


def front(facts: Facts) -> dict[str, Any]:
    """Everything above the card's text, in the order in which it is written."""
    known = [_hub_metric(name) for name in facts.evaluation.metrics]
    head: dict[str, Any] = {"language": "zh"} if _is_chinese(facts) else {}
    head |= {
        "library_name": "transformers",
        "pipeline_tag": pipeline_task(facts.plan.task),
        "tags": ["tunesmith", facts.reading.task],
        "metrics": list(dict.fromkeys(filter(None, known))),
    }
    name, path = facts.plan.model.name, facts.plan.model.path
    if HUB_NAME.fullmatch(name) and path != name and not name.startswith("runs/"):
        head["base_model"] = name
    return head | {"model-index": [{"name": facts.name, "results": [_result(facts, one) for one in facts.evaluations]}]}


def _result(facts: Facts, evaluation: Evaluation) -> dict[str, Any]:
    """One evaluation: a model index wants task, data and metrics. Nobody but us has verified them."""
    files = ", ".join(Path(source.path).name for source in facts.reading.sources)
    return {
        "task": {"type": pipeline_task(facts.plan.task), "name": facts.reading.task},
        "dataset": {"type": "files", "name": files, "split": evaluation.split},
        "metrics": [
            {
                "type": _hub_metric(name) or name,
                "value": round(one.value, DIGITS),
                "name": label(name),
                "args": {"low_95": round(one.low, DIGITS), "high_95": round(one.high, DIGITS)},
                "verified": False,
            }
            for name, one in evaluation.metrics.items()
        ],
    }


def _hub_metric(name: str) -> str | None:
    """``f1_macro`` is the hub's ``f1``: how it is averaged stands in the name beside it."""
    return HUB_METRICS.get(name.partition("_")[0])


def _is_chinese(facts: Facts) -> bool:
    shown = [str(row) for row in facts.reading.preview] + [mistake.text for mistake in facts.evaluation.mistakes]
    return facts.health.facts.cjk_share >= CHINESE_SHARE and not any(map(KANA_OR_HANGUL.search, shown))
