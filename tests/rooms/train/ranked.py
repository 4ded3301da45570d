"""One of two processes that train the same; run by the tests of ranks with the folder that both share.

``python ranked.py FOLDER alike``: train with DDP and with FSDP2, and write down what came of it.
``python ranked.py FOLDER stall``: the second process stops coming, the first one writes how it was told.
"""

import json
import os
import sys
import time
from pathlib import Path

from safetensors.torch import save_file

from rooms.train.conftest import trainer
from tunesmith.errors import RunError
from tunesmith.place import place
from tunesmith.rooms.train.checkpoints import save
from tunesmith.rooms.train.keeping import copied
from tunesmith.rooms.train.ranks import Ranks

SETTINGS = {"batch_size": 5, "micro_batch_size": 2}
"""21 rows make steps of 5, and a last one of 1: there the second process has no row."""

WAYS: dict[str, dict[str, object]] = {"ddp": {}, "fsdp": {}, "strategies": {"r_drop": 0.5, "adversarial": 0.1}}
"""Ways to train, each with its strategies; those of the last take several passes, and build on gradients."""


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
        steps = [step.model_dump(include={"loss", "gradient_norm", "examples", "tokens"}) for step in run]
        save(run, folder / f"checkpoints-{way}")
        told = {"steps": steps, "stopped": run.progress.stopped_because, "seconds": run.progress.seconds}
        (mine / f"{way}.json").write_text(json.dumps(told), encoding="utf-8")
        save_file(copied(run.model), mine / f"{way}.safetensors")
        save_file(copied(run.best_model()), mine / f"{way}-best.safetensors")
    ranks.leave()


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
