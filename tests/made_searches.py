"""A search that never took place, consistent in itself."""

from tunesmith.artifacts import Evaluation, Interval
from tunesmith.artifacts.trials import Dimension, Gain, Search, Trial

SPACE = (
    Dimension(path="train.learning_rate", low=0.1, high=10.0, is_log=True, is_factor=True),
    Dimension(path="train.batch_size", low=4, high=64, is_power=True, is_whole=True),
    Dimension(path="regularise.dropout", choices=(None, 0.0)),
    Dimension(path="train.weight_decay", low=0.0, high=0.1),
)


def trial(number: int, score: float | None, **more: object) -> Trial:
    """A trial whose settings follow from its number."""
    fields: dict[str, object] = {
        "number": number,
        "role": "drawn" if number else "plan",
        "state": "finished",
        "values": {
            "train.learning_rate": 1e-4 * (1 + number),
            "train.batch_size": 2 ** (2 + number % 4),
            "regularise.dropout": None if number % 2 else 0.0,
            "train.weight_decay": 0.01 * number,
        },
        "seed": 17,
        "score": score,
        "epochs": 4.0,
        "examples": 400,
        "seconds": 12.0,
    }
    return Trial.model_validate(fields | more)


def made_search(**more: object) -> Search:
    """Six trials, of which number 2 is the best; two other seeds of it and of the plan's own."""
    trials = (
        trial(0, 0.80),
        trial(1, 0.70, state="pruned", epochs=1.0, examples=100),
        trial(2, 0.86),
        trial(3, 0.84),
        trial(4, None, state="failed", because="these do <b>not</b> go together", examples=0),
        trial(5, 0.60, state="pruned", epochs=1.0, examples=100),
    )
    again = [trial(2, score, role="again", seed=18 + at) for at, score in enumerate((0.84, 0.85))]
    plan = [trial(0, score, role="plan-again", seed=18 + at) for at, score in enumerate((0.80, 0.81))]
    fields: dict[str, object] = {
        "name": "shop-search",
        "folder": "searches/shop-search",
        "task": "text-classification",
        "model": "minilm",
        "monitor": "f1_macro",
        "dimensions": SPACE,
        "trials": trials,
        "repeats": (*again, *plan),
        "best": 2,
        "run": "searches/shop-search/best",
        "gain": Gain(
            metric="f1_macro",
            best=(0.84, 0.85),
            plan=(0.80, 0.81),
            difference=Interval(value=0.04, low=0.01, high=0.07),
            noise=0.007,
            found=0.86,
            flattered=0.015,
        ),
        "importance": {"train.learning_rate": 0.7, "train.batch_size": 0.3},
        "importance_by": "fANOVA",
        "evaluation": Evaluation(
            run="r",
            split="test",
            rows=100,
            main="f1_macro",
            metrics={"f1_macro": Interval(value=0.82, low=0.75, high=0.88)},
            per_class={},
        ),
        "seconds": 90.0,
        "stopped_because": "all trials are done",
        "notes": ("each trial has at most 4 epochs",),
    }
    return Search.model_validate(fields | more)
