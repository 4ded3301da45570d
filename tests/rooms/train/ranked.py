"""One of two processes that train the same; run by the tests of ranks with the folder that both share.

``python ranked.py FOLDER alike``: train with DDP and with FSDP2, score together, and write down what came of it.
``python ranked.py FOLDER stall``: the second process stops coming, the first one writes how it was told.
"""

import json
import os
import sys
import time
from pathlib import Path

from safetensors.torch import save_file

from made import TEMPLATE
from rooms.train.conftest import trainer
from rooms.train.test_train_learn import tightened
from tunesmith.errors import RunError
from tunesmith.models.inference import Batching, Crew, infer
from tunesmith.place import place
from tunesmith.rooms.train.checkpoints import save
from tunesmith.rooms.train.keeping import copied
from tunesmith.rooms.train.loop import Training
from tunesmith.rooms.train.ranks import Ranks
from tunesmith.tasks import TASKS

SETTINGS = {"batch_size": 5, "micro_batch_size": 2}
"""21 rows make steps of 5, and a last one of 1: there the second process has no row."""

STRATEGIES: dict[str, object] = {"r_drop": 0.5, "adversarial": 0.1}
"""They take several passes, and build on gradients."""

WAYS: dict[str, dict[str, object]] = {"ddp": {}, "fsdp": {}, "strategies": STRATEGIES, "short": STRATEGIES}
"""Ways to train, each with its strategies. In the last one, memory runs out on the second process alone."""


def alike(folder: Path, mine: Path) -> None:
    """Train in both ways; each process scores differently, and the first one's word holds."""
    ranks = Ranks.joined(place(), folder)
    for way, regularise in WAYS.items():
        sharded = way == "fsdp"
        score = iter([0.5, 0.4, 0.3] if ranks.is_main else [0.1, 0.9, 0.2])
        wanted = {"epochs": 3, "sharded": sharded, "patience": 1, **SETTINGS}
        run = trainer(mine)(
            ranks=ranks, regularise=regularise, score=lambda model, score=score: {"accuracy": next(score)}, **wanted
        )
        if way == "short" and not ranks.is_main:
            tightened(run, 1)
        steps = [step.model_dump(include={"loss", "gradient_norm", "examples", "tokens"}) for step in run]
        save(run, folder / f"checkpoints-{way}")
        told = {"steps": steps, "stopped": run.progress.stopped_because, "seconds": run.progress.seconds}
        told["micro_batch_size"] = run.progress.micro_batch_size
        (mine / f"{way}.json").write_text(json.dumps(told), encoding="utf-8")
        save_file(copied(run.model), mine / f"{way}.safetensors")
        save_file(copied(run.best_model()), mine / f"{way}-best.safetensors")
    (mine / "answers.json").write_text(json.dumps(answers(trainer(mine)(), crew=ranks)), encoding="utf-8")
    ranks.leave()


def answers(run: Training, *, crew: Crew | None = None) -> dict[str, object]:
    """What the model answers to each row, in passes of few tokens, and how many of those were run here."""
    task, passes = TASKS.get("text-classification"), 0

    def count(*_: object) -> None:
        nonlocal passes
        passes += 1

    run.model.register_forward_pre_hook(count)
    batching = Batching(task=task, template=TEMPLATE, max_length=32, tokens=40)
    found = infer(run.model, run._parts.source._encoded, batching, crew=crew)
    return {"answers": [[row, answer.tolist()] for row, answer in found], "passes": passes}


def stall(folder: Path, mine: Path) -> None:
    """The second process goes to sleep in its second step."""
    ranks = Ranks.joined(place(), folder, stall_seconds=6.0)
    with ranks.together("step", 1):
        ranks.total(1.0)
    try:
        with ranks.together("step", 2):
            if not ranks.is_main:
                with ranks.together("score", 2):
                    time.sleep(40)
            ranks.total(1.0)
    except RunError as error:
        (mine / "told.txt").write_text(str(error), encoding="utf-8")
    os._exit(0)


if __name__ == "__main__":
    shared = Path(sys.argv[1])
    own = shared / f"rank-{place().rank}"
    own.mkdir()
    {"alike": alike, "stall": stall}[sys.argv[2]](shared, own)
