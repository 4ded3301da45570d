"""``explain``: how a finished run's model came to its answers."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith import rooms
from tunesmith.artifacts import Explanations, Plan, Reading
from tunesmith.models.tokenizer import load_tokenizer
from tunesmith.runs import Run, kept_data
from tunesmith.seeds import generator
from tunesmith.settings import ReadSettings
from tunesmith.tasks import TASKS
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.generation import GIVEN
from tunesmith.using import explaining_media
from tunesmith.using.explained_refusals import must_be_as_learned, named_file, none_held, nothing, prefixed
from tunesmith.using.opened import encoded, finished
from tunesmith.words import say

if TYPE_CHECKING:
    from tunesmith.rooms.evaluate import Subject
    from tunesmith.rooms.explain import Known, Reader

PAGE = "explain.html"
"""Name of the page in the run's folder, where no other is given."""

LONGEST_NAME = 256
"""Characters from which on a text is no file's name."""

LIMIT = 20
"""Texts of a file that are explained."""

ROLES = {"chat": "question", "preference": "prompt"}
"""What a text is to a task, where it is neither a text nor what is written for."""

Told = Callable[[str, float], None]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What is to be explained beside the texts themselves.

    Attributes:
        word: of a tagged sentence, or of a text with a gap, the word that is explained, from 1; None: chosen.
        label: the label that is explained, whatever is answered; None: the one that is.
        check: held-out rows over which the methods are checked; 0: none.
        limit: texts of a file.
        page: where the page goes; None: into the run's folder.
        attention: file that every attention's weights are written to; None: none.
        columns: how a file is read.
    """

    word: int | None = None
    label: str | None = None
    check: int = 0
    limit: int = LIMIT
    page: Path | None = None
    attention: Path | None = None
    read: ReadSettings = field(default_factory=ReadSettings)


def explain(
    folder: Path, source: str | Path, *, text2: str = "", wish: Wish | None = None, told: Told | None = None
) -> Explanations:
    """Explain the answers to a text, or to the first texts of a file, on one page.

    Args:
        source: a text, or the path of a file as ``predict`` takes it; of a run of pictures or sounds always a path.
        text2: the second text, where the run learned from pairs.
        told: what is being done, and the share of it that is done.

    Raises:
        UserError: no finished run, nothing that its task can answer, or no such word.
    """
    wish = wish or Wish()
    run, plan = finished(folder)
    if TASKS.get(plan.task).modality != "text":
        return _of_files(run, plan, Path(source), text2=text2, wish=wish, told=told or _silent)
    reading = _read(plan, run, source, text2, wish)
    reader, subject = _reader(run, plan)
    tell: Told = told or _silent
    raw = Path(reading.splits["unlabelled"].path)
    with encoded(raw, subject, run) as path:
        rows = list(_rows(raw, reading, Encoded(path), wish.limit))
        found = []
        for at, row in enumerate(rows):
            tell(say("explaining", "正在解释"), at / len(rows))
            word = None if wish.word is None else wish.word - 1
            found.append(
                rooms.explain.explain(
                    reader, row, run=str(folder), word=word, label=wish.label, seed=plan.settings.evaluate.seed
                )
            )
    tell(say("looking for training rows alike", "正在查找相似的训练数据"), 0.0)
    among = _known(run, reader, plan.settings.evaluate.seed)
    found = [rooms.explain.with_neighbours(reader, one, among) for one in found]
    trust = rooms.explain.trust(
        reader,
        _held(run, wish.check, plan.settings.evaluate.seed),
        seed=plan.settings.evaluate.seed,
        told=lambda share: tell(say("checking the methods", "正在检验解释方法"), share),
    ) if wish.check else ()  # fmt: skip
    page = wish.page or run.folder / PAGE
    result = Explanations(
        run=str(folder),
        page=str(page),
        explanations=tuple(one.explanation for one in found),
        trust=trust,
        trusted=rooms.explain.trusted(trust),
    )
    rooms.explain.explain_page(page, result, found)
    if wish.attention is not None:
        rooms.explain.write_arrays(wish.attention, found)
    return result


def _silent(what: str, share: float) -> None:
    """Nobody listens."""


def _read(plan: Plan, run: Run, source: str | Path, text2: str, wish: Wish) -> Reading:
    """The texts as ``predict`` reads them.

    Raises:
        DataError: nothing to read, or one text where two belong together, or two where one does.
    """
    task = TASKS.get(plan.task)
    must_be_as_learned(Reading.load(run.reading), text2, is_file=isinstance(source, Path))
    if isinstance(source, str) and len(source) < LONGEST_NAME and Path(source).is_file():
        raise named_file(source, run)
    role = GIVEN.get(task.written) or ROLES.get(task.reads, "text")
    given: Path | BytesIO
    if isinstance(source, Path):
        given, columns = source, wish.read.columns or Reading.load(run.reading).columns
    else:
        if not source.strip():
            raise nothing(say("an empty one", "空文本"))
        said = {role: source} | ({"text2": text2} if text2 else {})
        given, columns = BytesIO(json.dumps(said, ensure_ascii=False).encode()), {name: name for name in said}
    reading = rooms.read.read_for_prediction(
        given, task=task.reads, role=GIVEN.get(task.written), columns=columns, settings=wish.read
    )
    if not any(file.rows for file in reading.splits.values()):
        refused = [reject.reason for _, reject in rooms.read.rejects(reading)]
        raise nothing(refused[0] if refused else say("none", "没有"))
    return reading


def _of_files(run: Run, plan: Plan, source: Path, *, text2: str, wish: Wish, told: Told) -> Explanations:
    """Pictures and sounds.

    Raises:
        UserError: an option that only texts have, no such file, or nothing in it that the run's task reads.
    """
    given = {"--text2": text2, "--word": wish.word, "--label": wish.label, "--attention": wish.attention}
    for option, is_given in given.items():
        if is_given:
            raise explaining_media.no_text(plan.task, option)
    return explaining_media.explain_files(
        run,
        plan,
        source,
        page=wish.page or run.folder / PAGE,
        limit=wish.limit,
        held=_held(run, wish.check, plan.settings.evaluate.seed) if wish.check else [],
        read=wish.read,
        told=told,
    )


def _reader(run: Run, plan: Plan) -> "tuple[Reader, Subject]":
    """The model as the run is scored, but for the packing: its attention is transformers' own."""
    if plan.settings.train.method == "prefix":
        raise prefixed(run)
    train = plan.settings.train.model_copy(update={"packed": False})
    settings = plan.settings.model_copy(update={"train": train})
    subject = rooms.evaluate.subject(run.model, plan.model_copy(update={"settings": settings}))
    subject.model.eval().requires_grad_(False)
    cleaner = rooms.prepare.Cleaner(rooms.prepare.kept_in(run.model))
    pen = subject.pen
    return rooms.explain.Reader(
        model=subject.model,
        tokenizer=load_tokenizer(run.model),
        task=subject.task,
        labels=subject.labels,
        template=subject.template,
        max_length=subject.max_length,
        cut=rooms.prepare.pieces,
        clean=cleaner.text,
        heat=subject.temperature.temperature,
        manner=None if pen is None else pen.manner,
        decode=None if pen is None else pen.decode,
        prompt=lambda table, row: rooms.evaluate.prompt_of(subject, table, row),
    ), subject


def _rows(raw: Path, reading: Reading, table: Encoded, limit: int) -> "Iterator[rooms.explain.Row]":
    columns = rooms.evaluate.RawRows(raw, reading.sources)
    for at in range(min(limit, len(table))):
        yield rooms.explain.Row(columns=columns.columns(at), table=table, at=at)


def _known(run: Run, reader: "Reader", seed: int) -> "Known":
    """The run's training rows as the model sees them."""
    prepared, reading = kept_data(run), Reading.load(run.reading)
    raw = rooms.evaluate.RawRows(Path(prepared.raw["train"].path), reading.sources)
    table = Encoded(Path(prepared.splits["train"].path))
    return rooms.explain.known(reader, table, raw.columns, raw.origin, seed=seed)


def _held(run: Run, count: int, seed: int) -> "list[rooms.explain.Row]":
    """A seeded sample of the rows that the run was scored on.

    Raises:
        UserError: it learned from all of its rows.
    """
    prepared, reading = kept_data(run), Reading.load(run.reading)
    split = next((name for name in ("test", "dev") if name in prepared.splits), None)
    if split is None:
        raise none_held(run)
    raw = rooms.evaluate.RawRows(Path(prepared.raw[split].path), reading.sources)
    table = Encoded(Path(prepared.splits[split].path))
    chosen = generator(seed, "explained rows", len(table)).permutation(len(table))[:count]
    return [
        rooms.explain.Row(columns=raw.columns(int(table.numbers["row"][at])), table=table, at=int(at)) for at in chosen
    ]
