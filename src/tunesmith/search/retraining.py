"""The last training of a search: the best settings, on the training and dev rows together."""

import math
from pathlib import Path

import pyarrow as pa

from tunesmith.artifacts import Choice, SplitFile
from tunesmith.artifacts.trials import Trial
from tunesmith.hall.closing import Ready
from tunesmith.words import say


def on_all_rows(ready: Ready, best: Trial, folder: Path) -> Ready:
    """The plan of the best trial for training and dev rows together, and those rows in one file each.

    No row is left to say when to stop, so the trial says it: as many epochs as its best state had seen.
    Dev rows stay what they were for the loop, but a score on them is then one of rows that were learned.

    Args:
        ready: the best trial's plan and rows.
        folder: where the joined files are written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    splits = {
        **ready.prepared.splits,
        "train": _joined([ready.prepared.splits[name] for name in ("train", "dev")], folder / "train.arrow"),
    }
    raw = {
        **ready.prepared.raw,
        "train": _joined([ready.prepared.raw[name] for name in ("train", "dev")], folder / "train.rows.arrow"),
    }
    epochs = max(1, math.ceil(best.best_epoch))
    old = ready.plan.settings.train
    train = old.model_copy(update={"epochs": epochs, "patience": epochs, "plateau_epochs": epochs})
    because = say(
        f"the best state of trial {best.number} had seen {best.best_epoch:g}; dev rows are learned, too",
        f"第 {best.number} 次试验的最佳状态训练了 {best.best_epoch:g} 轮；验证集也参与训练",
    )
    choices = tuple(
        Choice(name="epochs", value=epochs, because=because) if one.name == "epochs" else one
        for one in ready.plan.choices
    )
    settings = ready.plan.settings.model_copy(update={"train": train})
    return Ready(
        plan=ready.plan.model_copy(update={"settings": settings, "choices": choices}),
        reading=ready.reading,
        health=ready.health,
        prepared=ready.prepared.model_copy(update={"splits": splits, "raw": raw}),
        machine=ready.machine,
        began=ready.began,
    )


def _joined(parts: list[SplitFile], target: Path) -> SplitFile:
    """The rows of all ``parts``, one behind the other; a column that a part lacks is zero there."""
    files = [pa.ipc.open_file(pa.memory_map(part.path)) for part in parts]
    schema = files[0].schema
    with pa.OSFile(str(target), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for file in files:
            for number in range(file.num_record_batches):
                writer.write_batch(_as(file.get_batch(number), schema))
    return SplitFile(path=str(target), rows=sum(part.rows for part in parts))


def _as(batch: pa.RecordBatch, schema: pa.Schema) -> pa.RecordBatch:
    columns = [
        batch.column(field.name)
        if field.name in batch.schema.names
        else pa.array([0] * batch.num_rows).cast(field.type)
        for field in schema
    ]
    return pa.RecordBatch.from_arrays(columns, schema=schema)
