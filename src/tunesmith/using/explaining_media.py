"""``explain`` for pictures and sounds: where in a file its answer came from."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith import rooms
from tunesmith.artifacts import Explanations, Plan, Reading
from tunesmith.errors import DataError, UserError
from tunesmith.runs import Run, kept_data
from tunesmith.settings import ReadSettings
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded
from tunesmith.using.opened import encoded
from tunesmith.words import say

if TYPE_CHECKING:
    from tunesmith.rooms.evaluate import Subject
    from tunesmith.rooms.explain import KnownFiles, Row, Viewer

Told = Callable[[str, float], None]


def explain_files(
    run: Run, plan: Plan, source: Path, *, page: Path, limit: int, held: "list[Row]", read: ReadSettings, told: Told
) -> Explanations:
    """Explain the answers to a picture or a sound, or to the first files of a folder or a table, on one page.

    Args:
        held: held-out rows over which the methods are checked.

    Raises:
        UserError: no such file, or nothing in it that the run's task reads.
    """
    if not source.exists():
        raise _no_file(source, plan.task)
    task, seed = TASKS.get(plan.task), plan.settings.evaluate.seed
    reading = rooms.read.read_for_prediction(source, task=task.reads, settings=read)
    if not any(file.rows for file in reading.splits.values()):
        raise _unreadable(source, reading, plan.task)
    viewer, subject = _viewer(run, plan)
    raw = Path(reading.splits["unlabelled"].path)
    with encoded(raw, subject, run) as path:
        found = []
        columns, table = rooms.evaluate.RawRows(raw, reading.sources), Encoded(path)
        count = min(limit, len(table))
        for at in range(count):
            told(say("explaining", "正在解释"), at / count)
            row = rooms.explain.Row(columns=columns.columns(at), table=table, at=at)
            found.append(rooms.explain.explain_media(viewer, row, run=str(run.folder), seed=seed))
    told(say("looking for training files alike", "正在查找相似的训练文件"), 0.0)
    among = _known(run, viewer, seed)
    if among is not None:
        found = [rooms.explain.with_like_files(viewer, one, among) for one in found]
    trust = rooms.explain.trust_media(
        viewer, held, seed=seed, told=lambda share: told(say("checking the methods", "正在检验解释方法"), share)
    )
    result = Explanations(
        run=str(run.folder),
        page=str(page),
        explanations=tuple(one.explanation for one in found),
        trust=trust,
        trusted=rooms.explain.trusted_media(trust),
    )
    rooms.explain.media_page(page, result, found, viewer.sense)
    return result


def _viewer(run: Run, plan: Plan) -> "tuple[Viewer, Subject]":
    subject = rooms.evaluate.subject(run.model, plan)
    subject.model.eval().requires_grad_(False)
    viewer = rooms.explain.Viewer(
        model=subject.model,
        task=subject.task,
        labels=subject.labels,
        template=subject.template,
        heat=subject.temperature.temperature,
    )
    return viewer, subject


def _known(run: Run, viewer: "Viewer", seed: int) -> "KnownFiles | None":
    """The run's training files as the model sees them."""
    prepared, reading = kept_data(run), Reading.load(run.reading)
    raw = rooms.evaluate.RawRows(Path(prepared.raw["train"].path), reading.sources)
    table = Encoded(Path(prepared.splits["train"].path))
    return rooms.explain.known_files(viewer, table, raw.columns, seed=seed)


def no_text(task: str, option: str) -> UserError:
    """An option of texts, for a run that reads files."""
    return UserError(
        expected=say(f"a run of texts for {option}", f"{option} 只用于文本的运行"),
        got=say(f"one for {task}", f"用于 {task} 的运行"),
        where=option,
        do=say(f"leave {option} out", f"请去掉 {option}"),
    )


def _no_file(source: Path, task: str) -> DataError:
    return DataError(
        expected=say(f"a file, or a folder of files, for {task}", f"用于 {task} 的文件或文件夹"),
        got=say("nothing there", "该处没有文件"),
        where=str(source),
        do=say(
            "give its path: tunesmith explain RUN picture.png", "请给出路径：tunesmith explain 运行文件夹 picture.png"
        ),
    )


def _unreadable(source: Path, reading: Reading, task: str) -> DataError:
    refused = [reject.reason for _, reject in rooms.read.rejects(reading)]
    return DataError(
        expected=say(f"a file that {task} can read", f"{task} 能读取的文件"),
        got=refused[0] if refused else say("none", "没有"),
        where=str(source),
        do=say("give another file", "请换一个文件"),
    )
