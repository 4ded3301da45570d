"""The room's main function: files in, rows in Arrow files and a ``Reading`` out."""

import gc
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tunesmith.artifacts import Hypothesis, Reading, RowCount, SetAside, Source
from tunesmith.errors import DataError
from tunesmith.rooms.read import beside, classes, columnar, folders, media, recognise, sources, splits, trees
from tunesmith.rooms.read.convert import converter
from tunesmith.rooms.read.formats import FORMATS
from tunesmith.rooms.read.recognise import Understood
from tunesmith.rooms.read.records import Layout
from tunesmith.rooms.read.rows import RowWriter
from tunesmith.rooms.read.sources import Member
from tunesmith.rooms.read.survey import Surveyed, survey
from tunesmith.runs import cache_folder
from tunesmith.settings import ReadSettings
from tunesmith.tidying import used
from tunesmith.words import language, say

# Part of every key: a change of what is written makes old readings unfindable.
VERSION = 2
# More rejected rows than this share stop the reading unless they are allowed.
MOST_REJECTED = 0.01


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's search for cycles: rows have none, and to look for them takes a third of the time."""
    is_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if is_on:
            gc.enable()


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """What all files together are: the parts to read, and what was decided on the way."""

    main: Understood
    parts: tuple[Understood, ...]
    hypotheses: tuple[Hypothesis, ...]
    set_aside: tuple[SetAside, ...]
    class_names: dict[str, str]
    is_close: bool
    would_change: str


def read(
    files: Sequence[Path | str],
    settings: ReadSettings = ReadSettings(),  # noqa: B008 - frozen
    *,
    ask: Callable[[Sequence[Hypothesis]], int] | None = None,
    if_there: Sequence[str] = (),
) -> Reading:
    """Recognise files by their content and write their rows to Arrow files in the cache.

    Args:
        files: files, folders or archives; together they are one data set.
        settings: what the user knows better; everything else is found out.
        ask: given the hypotheses when two are too close to call, answers with an index.
        if_there: columns to be kept where the files have them.

    Raises:
        DataError: nothing can be read, a document is broken, or more than 1% of the rows
            are rejected and ``settings.allow_rejects`` is off.
    """
    members = sources.members(files)
    # An archive of several members is a folder in this sense.
    is_folder = len(members) > 1 or Path(files[0]).is_dir()
    found = _surveyed(folders.sort_out(members, is_folder=is_folder), settings)
    if not is_folder:
        found.class_files += _class_files_beside(members[0])
    key = key_of([*found.data, *found.class_files], settings, *if_there)
    folder = cache_folder() / "readings" / key
    if (folder / "reading.json").is_file() and ask is None:
        # The key covers content, settings and version: what lies there is the answer.
        used(folder)
        return Reading.load(folder / "reading.json")
    understood = _understanding(found, settings, ask)
    extra = beside.there([part.layout for part in understood.parts], if_there)
    keep = tuple(dict.fromkeys((*settings.keep, *extra)))
    return write(understood, folder, settings.model_copy(update={"keep": keep}))


@dataclass(kw_only=True)
class Found:
    """What was handed over, surveyed: data with ready layouts (media) or none yet, and the rest."""

    data: list[Surveyed]
    layouts: dict[str, Layout]
    class_files: list[Surveyed]
    set_aside: list[SetAside]


def _surveyed(parted: folders.Sorted, settings: ReadSettings) -> Found:
    set_aside = list(parted.set_aside)
    pictures = [m for m in parted.data if media.is_media(m)]
    # A few pictures beside a table illustrate it; where they are most of the files they are the data.
    if len(pictures) > len(parted.data) / 2:
        each = media.surveyed(pictures)
        rest = say("beside a folder of images or sounds", "位于图像或声音文件夹旁")
        set_aside += [SetAside(path=m.path, because=rest) for m in parted.data if m not in pictures]
        layouts = {s.shown: layout for s, layout in each}
        return Found(data=[s for s, _ in each], layouts=layouts, class_files=[], set_aside=set_aside)
    data: list[Surveyed] = []
    class_files: list[Surveyed] = []
    for member in parted.data:
        surveyed = survey(member, settings.encoding)
        if len(parted.data) > 1 and classes.is_class_file(member.name.name) and classes.is_class_list(surveyed):
            class_files.append(surveyed)
        elif reason := _unusable(surveyed):
            set_aside.append(SetAside(path=surveyed.shown, because=reason))
        else:
            data.append(surveyed)
    if not data:
        raise _nothing(set_aside)
    return Found(data=data, layouts={}, class_files=class_files, set_aside=set_aside)


def _unusable(surveyed: Surveyed) -> str:
    if media.is_media(surveyed.member):
        return say("an image or sound among texts", "文本中的图像或声音")
    # Parquet is the one binary format that is read.
    if surveyed.is_binary and not surveyed.magic.startswith(columnar.MAGIC):
        return say("binary: no text, JSON or parquet in it", "二进制文件：没有文本、JSON 或 parquet")
    if not surveyed.is_binary and not surveyed.lines:
        return say("empty", "空文件")
    return ""


def _class_files_beside(member: Member) -> list[Surveyed]:
    """A file alone, too, has its numbers named by the class.txt that lies beside it."""
    if member.is_packed or classes.is_class_file(member.name.name):
        return []
    # By name before anything is opened: what else lies beside a file is nobody's business.
    beside = [p for p in sorted(member.file.parent.iterdir()) if classes.is_class_file(p.name) and p.is_file()]
    surveyed = [survey(m) for m in (sources.members(beside) if beside else [])]
    return [s for s in surveyed if classes.is_class_list(s)]


def key_of(surveyed: Sequence[Surveyed], settings: ReadSettings, *purpose: str) -> str:
    """sha256 over content, paths, settings and version; the language, too, since reasons are written out."""
    parts = [f"{s.shown}\0{s.sha256}" for s in surveyed]
    text = "\n".join([str(VERSION), language(), settings.model_dump_json(), *purpose, *parts])
    return hashlib.sha256(text.encode("utf-8", errors="surrogateescape")).hexdigest()


@_uncollected()
def _understanding(
    found: Found, settings: ReadSettings, ask: Callable[[Sequence[Hypothesis]], int] | None
) -> Understanding:
    set_aside = list(found.set_aside)
    candidates: list[list[Understood]] = []
    for surveyed in found.data:
        if surveyed.shown in found.layouts:
            # A folder of media is no single file that a format could be sniffed from: its layout came with it.
            candidates.append(recognise.meanings(surveyed, [found.layouts[surveyed.shown]], settings))
            continue
        # One object of several lists, such as train and test, is several files in one.
        inside = trees.lists_inside(surveyed)
        candidates += [
            recognise.understand(each, settings)
            for each in ([replace(surveyed, pointer=key) for key in inside] or [surveyed])
        ]
    understood = [each for each in candidates if each]
    if not understood:
        raise media.without_classes(found.layouts) if found.layouts else _not_understood(found.data, settings)
    # One file decides what all are: a data set never falls apart into tasks.
    lead = recognise.leading(understood)
    main, hypotheses, is_close, would_change = recognise.choose(lead, ask)
    parts = []
    for each in understood:
        part = recognise.labelled_or_not(main) if each is lead else recognise.conformed(each, main)
        if part is None:
            reason = say(
                f"read as {each[0].meaning.task}, not {main.meaning.task}",
                f"读作 {each[0].meaning.task}，而非 {main.meaning.task}",
            )
            set_aside.append(SetAside(path=each[0].surveyed.shown, because=reason))
        else:
            parts.append(part)
    kept, copies = folders.without_copies(folders.assigned(parts))
    kept, why_train = folders.with_train(kept)
    kept.sort(key=lambda part: splits.SPLITS.index(part.split))
    class_names, why_names = classes.mapping(found.class_files, main)
    reasons = tuple(reason for reason in (why_train, why_names) if reason)
    # What was decided over all files speaks for the reading that was taken.
    first = hypotheses[0].model_copy(update={"evidence": (*hypotheses[0].evidence, *reasons)})
    named = say("names of the classes", "类别名称")
    return Understanding(
        main=main,
        parts=tuple(kept),
        hypotheses=(first, *hypotheses[1:]),
        set_aside=(*set_aside, *copies, *(SetAside(path=s.shown, because=named) for s in found.class_files)),
        class_names=class_names,
        is_close=is_close,
        would_change=would_change,
    )


@_uncollected()
def write(understanding: Understanding, folder: Path, settings: ReadSettings, *, must_suffice: bool = True) -> Reading:
    """Write the folder whole or not at all: a temporary one beside it, then a rename.

    Raises:
        DataError: a broken document; and where the rows ``must_suffice``, too many rejects.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(
        prefix=f"{folder.name[:16]}.", dir=folder.parent, ignore_cleanup_errors=True
    ) as name:
        partial = Path(name) / "reading"
        partial.mkdir()
        reading, writer = _rows(understanding, partial, folder, settings.keep)
        if must_suffice:
            _enough(reading.rows, writer, settings)
        reading.write(partial / "reading.json")
        # With ``ask`` the same key is read again, and the answer may be another.
        if folder.exists():
            shutil.rmtree(folder)
        # Atomic, since both lie in one folder: nobody ever finds half a reading.
        partial.rename(folder)
    return reading


def _rows(understanding: Understanding, partial: Path, folder: Path, keep: Sequence[str]) -> tuple[Reading, RowWriter]:
    main = understanding.main
    beside.must_be_there([part.layout for part in understanding.parts], keep)
    # One schema for all splits: a second text in any file gives every split the column.
    has_second = any("text2" in part.meaning.columns for part in understanding.parts)
    written = []
    kept = [beside.PREFIX + name for name in keep]
    with RowWriter(partial, main.meaning.task, has_second_text=has_second, beside=kept) as writer:
        for index, part in enumerate(understanding.parts):
            convert = converter(
                part.layout, part.meaning, part.surveyed,
                is_labelled=part.is_labelled, class_names=understanding.class_names,
            )  # fmt: skip
            convert = beside.keeping(convert, part.layout, keep)
            writer.open(part.split)
            used = rejected = 0
            for block in FORMATS.get(part.layout.format).blocks(part.surveyed, part.layout):
                count = writer.write(convert(block), split=part.split, source=index, path=part.surveyed.shown)
                used, rejected = used + count.used, rejected + count.rejected
            written.append(_source(part, RowCount(total=used + rejected, used=used, rejected=rejected)))
    total = RowCount(total=writer.used + writer.rejected, used=writer.used, rejected=writer.rejected)
    assert total.total == sum(source.rows.total for source in written), "rows in = rows used + rows rejected"
    reading = Reading(
        task=main.meaning.task,
        format=main.format,
        encoding=main.surveyed.encoding.codec,
        columns=main.meaning.columns,
        has_header=main.layout.has_header,
        tag_scheme=main.meaning.tag_scheme,
        sources=tuple(written),
        set_aside=understanding.set_aside,
        hypotheses=understanding.hypotheses,
        is_close=understanding.is_close,
        would_change=understanding.would_change,
        rows=total,
        splits=writer.files(folder),
        # Ties go by name: the same data give the same file, byte for byte.
        labels=dict(sorted(writer.labels.items(), key=lambda item: (-item[1], item[0]))),
        preview=tuple(writer.preview),
        rejects=str(folder / "rejects.tsv"),
        key=folder.name,
    )
    return reading, writer


def _source(part: Understood, rows: RowCount) -> Source:
    return Source(
        path=part.surveyed.shown,
        split=part.split,
        format=part.format,
        encoding=part.surveyed.encoding.codec,
        bytes=part.surveyed.size,
        sha256=part.surveyed.sha256,
        rows=rows,
    )


def _enough(total: RowCount, writer: RowWriter, settings: ReadSettings) -> None:
    """Refuse when too many rows are rejected, naming the first ones."""
    reasons = "; ".join(f"{path}:{reject.line}: {reject.reason}" for path, reject in writer.first_rejects)
    # Rejects may be allowed, but not all: nothing would be left to learn from.
    if not total.used:
        raise DataError(
            expected=say("at least one row that can be used", "至少一行可用的数据"),
            got=say(f"{total.total} rows, all rejected", f"{total.total} 行，全部被拒绝"),
            where=reasons,
            do=say(
                "mend these rows, or say what the columns are with --columns", "请修正这些行，或用 --columns 指明各列"
            ),
        )
    if total.rejected > MOST_REJECTED * total.total and not settings.allow_rejects:
        share = total.rejected / total.total
        raise DataError(
            expected=say(f"at most {MOST_REJECTED:.0%} of the rows rejected", f"被拒绝的行不超过 {MOST_REJECTED:.0%}"),
            got=say(
                f"{total.rejected:,} of {total.total:,} ({share:.1%})",
                f"{total.total:,} 行中 {total.rejected:,} 行（{share:.1%}）",
            ),
            where=reasons,
            do=say(
                "mend these rows, or pass --allow-rejects to go on without them",
                "请修正这些行，或加 --allow-rejects 跳过它们",
            ),
        )


def _nothing(set_aside: Sequence[SetAside]) -> DataError:
    # Why each file was refused is the best hint at which one was meant.
    seen = "; ".join(f"{each.path}: {each.because}" for each in set_aside[:5])
    return DataError(
        expected=say("text, JSON, parquet, images or sounds", "文本、JSON、parquet、图像或声音"),
        got=seen or say("a folder without files", "没有文件的文件夹"),
        do=say("name the file or folder that holds the data", "请给出存放数据的文件或文件夹"),
    )


def _not_understood(data: Sequence[Surveyed], settings: ReadSettings) -> DataError:
    # What the user insisted on is most likely what nothing fits.
    wanted = settings.model_dump(exclude_defaults=True)
    return DataError(
        expected=say("rows of a task known here", "能识别的任务数据"),
        got=say(f"nothing that fits {wanted}", f"没有符合 {wanted} 的内容") if wanted else say("no rows", "没有行"),
        where=", ".join(s.shown for s in data[:3]),
        do=say(
            "leave out --task, --columns and --separator to see what is found",
            "去掉 --task、--columns、--separator 看看能识别出什么",
        ),
    )
