"""What a tuned encoder says of rows that it did not see: for each part of the rows, one that learned from the others.

It is the training that a run does, planned like one, but short: the upper half of the layers, few epochs. The lower
half's outputs are computed once for all parts. Of the models only their answers are kept.
"""

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tunesmith import rooms
from tunesmith.artifacts import ModelFacts, Plan, Prepared, Reading, SplitFile, TextFacts
from tunesmith.errors import UserError
from tunesmith.hall.closing import Ready
from tunesmith.metrics.judged import Judged
from tunesmith.settings import ModelSettings, PrepareSettings, Settings, TrainSettings
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded
from tunesmith.words import say

if TYPE_CHECKING:
    from tunesmith.rooms.check import Progress, Tuned
    from tunesmith.rooms.train import Training

PARTS = 3
"""Each model learns from two thirds of the rows."""

EPOCHS = 2
"""Later ones learn the wrong labels by heart, and answer other rows no better."""

BATCH_SIZE = 16

LAYERS_SHARE = 0.5
"""Of the encoder's layers, the upper ones that learn: about half the work, and nearly as good as all of them."""

MOST_TOKENS = 128
"""Of a text: a topic or a tone shows before that, and time grows with the length."""

MOST_CHARACTERS = 2_000_000
"""Of all texts together, for a model of minilm's size: some ten minutes on two cores. Of more, heads judge alone."""

MINILM_WORK = 6 * 384**2
"""Layers times the square of the width: what a token costs grows with it."""

SEED = 17

PIECE_ROWS = 1024
"""Rows of a record batch."""

Answers = NDArray[np.float64]
Planned = Callable[[Reading, TextFacts, Settings], Ready]
"""A reading with the splits train and test, facts of its texts → its plan, its rows prepared, a few batches timed."""


@dataclass(frozen=True, kw_only=True)
class Rows:
    """Texts (n), their classes ``y`` (n,) as 0 … c - 1, the ``part`` (n,) that each was dealt to, and their hash."""

    texts: Sequence[str]
    y: NDArray[np.int64]
    part: NDArray[np.int64]
    key: str


def tuned(
    reading: Reading,
    wanted: ModelSettings,
    model: ModelFacts,
    texts: TextFacts,
    *,
    planned: Planned,
    threads: int | None = None,
) -> "Tuned":
    """The judge that the pretrained ``model`` becomes by tuning on labelled texts of ``reading``."""
    settings = Settings(
        # The dev split decides nothing here: as few rows as can be, drawn without a search for their like.
        prepare=PrepareSettings(dev_share=0.01, near_together=False, max_length=MOST_TOKENS, seed=SEED),
        model=wanted.model_copy(update={"name": model.name}),
        train=TrainSettings(
            method="top",
            top_layers=max(1, round(LAYERS_SHARE * model.layers)),
            epochs=EPOCHS,
            patience=EPOCHS,
            scorings=1,
            batch_size=BATCH_SIZE,
            threads=threads,
            seed=SEED,
        ),
    )

    def plan(part: Reading) -> Ready:
        return planned(part, texts, settings)

    def answer(found: Sequence[str], y: NDArray[np.int64], part: NDArray[np.int64], progress: "Progress") -> Answers:
        _must_be_few(found, model)
        rows = Rows(texts=found, y=y, part=part, key=_key(found, y, part))
        try:
            with TemporaryDirectory() as folder:
                return _answers(rows, reading, plan, progress, Path(folder))
        except UserError as error:
            # Frozen features can still judge: a machine too small for more is no reason to stop.
            raise rooms.check.UntunedError(error.got) from error

    return rooms.check.Tuned(parts=PARTS, answer=answer)


def _key(texts: Sequence[str], y: NDArray[np.int64], part: NDArray[np.int64]) -> str:
    found = hashlib.sha256(part.tobytes() + y.tobytes())
    for text in texts:
        found.update(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest())
    return found.hexdigest()


def _must_be_few(texts: Sequence[str], model: ModelFacts) -> None:
    size = sum(map(len, texts))
    most = int(MOST_CHARACTERS * MINILM_WORK / max(1, model.layers * model.hidden**2))
    if size > most:
        raise rooms.check.UntunedError(
            say(
                f"{size:,} characters would take too long; with this model it is done for {most:,} at most",
                f"{size:,} 个字符耗时过长\uff0c该模型最多处理 {most:,} 个",
            )
        )


def _answers(
    rows: Rows, reading: Reading, plan: Callable[[Reading], Ready], progress: "Progress", folder: Path
) -> Answers:
    """Probabilities (n, c) of each row, by the model that learned from the other parts."""
    answers = np.zeros((len(rows.texts), int(rows.y.max()) + 1))
    progress(say("planning the tuning of a judge", "规划评判模型的微调"), 0.0)
    first = plan(_parted(rows, 0, reading, folder))
    doing = _told(first)
    for k in range(PARTS):
        prepared = first.prepared if k == 0 else _prepared(_parted(rows, k, reading, folder), first, folder)
        training = rooms.train.train(
            first.plan,
            prepared,
            score=lambda model: Judged(values={str(first.plan.settings.train.monitor): 0.0}),
            machine=first.machine,
            ranks=rooms.train.Ranks(),
        )
        for step in training:
            progress(doing, (k + step.step / step.steps) / PARTS)
        places = np.flatnonzero(rows.part == k)
        classes = [int(name) for name in prepared.labels]
        for row, found in _judged(training, first.plan, prepared):
            answers[places[row], classes] = found
    return answers


def _judged(training: "Training", plan: Plan, prepared: Prepared) -> Iterator[tuple[int, NDArray[np.float32]]]:
    """Rows of the test split, and what the model answers; its last state, as no dev score chose a better one."""
    # Only here: who only reads or checks must not wait for torch.
    from tunesmith.models.inference import Batching, infer

    batching = Batching(
        task=TASKS.get(plan.task),
        template=prepared.template,
        max_length=plan.settings.prepare.max_length or plan.model.max_length,
        tokens=plan.settings.evaluate.batch_tokens,
    )
    return infer(training.model, Encoded(Path(prepared.splits["test"].path)), batching)


def _told(first: Ready) -> str:
    """What is being done, and how long it takes."""
    minutes = max(1, round(PARTS * first.plan.forecast.seconds / 60))
    name = first.plan.model.name
    return say(
        f"tuning {name} {PARTS} times to judge what it has not seen, about {minutes} min",
        f"微调 {name} {PARTS} 次\uff0c评判其未见过的数据\uff0c约 {minutes} 分钟",
    )


def _parted(rows: Rows, k: int, reading: Reading, folder: Path) -> Reading:
    """The reading with part ``k`` of ``rows`` as its test split and all others as its training rows.

    Classes go by their numbers, so that names that differ in white space alone cannot become one.
    """
    files = {}
    for split, is_in in (("train", rows.part != k), ("test", rows.part == k)):
        at = np.flatnonzero(is_in)
        table = pa.table(
            {
                "text": pa.array([rows.texts[row] for row in at.tolist()], pa.string()),
                "label": pa.array([str(rows.y[row]) for row in at], pa.string()),
                "source": pa.array(np.zeros(at.size, np.int32)),
                "line": pa.array(at + 1, pa.int64()),
            }
        )
        path = folder / f"{k}-{split}.arrow"
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_file(file, table.schema) as writer:
            writer.write_table(table, max_chunksize=PIECE_ROWS)
        files[split] = SplitFile(path=str(path), rows=int(at.size))
    counts = {str(one): int(count) for one, count in zip(*np.unique(rows.y, return_counts=True), strict=True)}
    return reading.model_copy(update={"splits": files, "labels": counts, "key": f"{rows.key}-{k}"})


def _prepared(reading: Reading, first: Ready, folder: Path) -> Prepared:
    """Another part's rows, prepared as the first one's were."""
    return rooms.prepare.prepare(
        reading,
        task=TASKS.get(first.plan.task),
        settings=first.plan.settings,
        cache=folder,
        tokenizer=Path(first.prepared.tokenizer),
        maker=_none_made,
        cleaning=first.prepared.cleaning,
    )


def _none_made(texts: Iterator[str], rows: int, folder: Path) -> Path:
    raise AssertionError("a pretrained model brings its tokenizer")
