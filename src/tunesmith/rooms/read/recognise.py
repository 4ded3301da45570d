"""Hypotheses about one file, and the choice among them: by content, or as the user says."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from tunesmith.artifacts import Hypothesis
from tunesmith.errors import DataError
from tunesmith.rooms.read import names, splits, tables
from tunesmith.rooms.read.formats import FORMATS
from tunesmith.rooms.read.records import Layout, Meaning
from tunesmith.rooms.read.survey import Surveyed
from tunesmith.settings import ReadSettings
from tunesmith.words import listed, say

Ask = Callable[[Sequence[Hypothesis]], int]

TASKS = (
    "text-classification", "multi-label-classification", "regression", "token-classification", "language-modeling",
    "generation", "chat", "preference", "image-classification", "audio-classification",
)  # fmt: skip
# Those whose rows are a text, or two, and what is said of it.
ON_TEXTS = frozenset({"text-classification", "multi-label-classification", "regression"})
# Two readings whose scores differ by less are too close to call.
CLOSE = 0.1
MOST_SHOWN = 4
# A format that is so sure of itself leaves no room for others, if it can give what was asked for.
SURE = 0.955
# Readings below this are not worth showing.
LEAST_SCORE = 0.15


@dataclass(frozen=True, kw_only=True)
class Understood:
    """A file together with one way to cut it and one meaning of its columns."""

    surveyed: Surveyed
    layout: Layout
    meaning: Meaning
    split: str = ""
    is_labelled: bool = True

    @property
    def score(self) -> float:
        """How sure both together are, in [0, 1]."""
        return self.layout.confidence * self.meaning.score

    @property
    def format(self) -> str:
        """The format's name as the Reading gives it."""
        return self.meaning.format or self.layout.format

    def hypothesis(self) -> Hypothesis:
        """As shown to the user."""
        note = self.surveyed.encoding.note
        return Hypothesis(
            task=self.meaning.task,
            format=self.format,
            columns=self.meaning.columns,
            score=round(min(1.0, self.score), 3),
            evidence=(*self.layout.evidence, *self.meaning.evidence, *([note] if note else [])),
        )


def understand(surveyed: Surveyed, settings: ReadSettings) -> list[Understood]:
    """All ways to understand a file, best first; those that the settings rule out are left out.

    Raises:
        DataError: a role, column or task in the settings that does not exist.
    """
    return meanings(surveyed, layouts(surveyed, settings), settings)


def layouts(surveyed: Surveyed, settings: ReadSettings) -> list[Layout]:
    """How a file can be cut into records, the surest first; a sure format comes alone.

    Raises:
        DataError: the settings name a separator that does not exist.
    """
    if settings.separator is not None and settings.separator not in {*tables.SEPARATOR_NAMES, "space", " "}:
        raise DataError(
            expected=say("a separator: tab, comma, semicolon or space", "分隔符：tab、comma、semicolon 或 space"),
            got=f"'{settings.separator}'",
            where="--separator",
            do=say("use one of these, or leave it out", "请用其中之一，或不写"),
        )
    found: list[Layout] = []
    for name in FORMATS:
        layout = FORMATS.get(name).sniff(surveyed, settings)
        if layout is None:
            continue
        found.append(layout)
        # JSON may be cut at its commas, too, but nobody means that: a sure format ends the search.
        if layout.confidence >= SURE and meanings(surveyed, [layout], settings):
            return [layout]
    found.sort(key=lambda each: -each.confidence)
    # A header without any row is no data, and no line of text either.
    return found if not found or found[0].records else []


def meanings(surveyed: Surveyed, ways: Sequence[Layout], settings: ReadSettings) -> list[Understood]:
    """The meanings of given layouts, best first."""
    check_task(settings.task)
    found = []
    for layout in sorted(ways, key=lambda each: -each.confidence):
        if settings.columns and not _has(layout, settings):
            continue
        fixed = names.located(settings.columns, layout.columns) if settings.columns else {}
        found += [
            Understood(surveyed=surveyed, layout=layout, meaning=meaning)
            for meaning in FORMATS.get(layout.format).interpret(layout, fixed)
            if settings.task in {None, meaning.task}
        ]
    if settings.columns and not found and ways:
        # No layout holds these columns: the best one says what there is.
        best = max(ways, key=lambda each: each.confidence)
        names.located(settings.columns, best.columns)
    return sorted(found, key=lambda each: -each.score)


def check_task(task: str | None) -> None:
    """Refuse a task that does not exist.

    Raises:
        DataError: naming the tasks that do.
    """
    if task is not None and task not in TASKS:
        raise DataError(
            expected=say(f"a task: {listed(list(TASKS))}", f"任务名：{listed(list(TASKS))}"),
            got=f"'{task}'",
            where="--task",
            do=say("use one of these, or leave it out", "请用其中之一，或不写"),
        )


def _has(layout: Layout, settings: ReadSettings) -> bool:
    wanted = set((settings.columns or {}).values())
    # Positions count for named columns, too: people count what they see.
    known = {names.plain(c) for c in layout.columns} | {str(i + 1) for i in range(len(layout.columns))}
    is_known = all(names.plain(column) in known for column in wanted)
    return is_known and all(role in names.ROLES or role.startswith(names.FLAG) for role in settings.columns or {})


def leading(candidates: Sequence[list[Understood]]) -> list[Understood]:
    """The file's candidates that decide for all files: of the task with most data behind it.

    Plain text is what every file can be read as, so it counts only where no file has labels.
    A file that names itself train speaks before the others.
    """
    weights: defaultdict[str, float] = defaultdict(float)
    for each in candidates:
        best = each[0]
        # What two columns of a file that is called unlabelled may be to each other is not what the others are about.
        speaks = _has_answer(best) and splits.of_name(best.surveyed.member.name) != "unlabelled"
        weights[best.meaning.task] += best.score * best.surveyed.size * (1 if speaks else 1e-9)
    task = max(weights, key=lambda name: weights[name])
    of_task = [each for each in candidates if each[0].meaning.task == task]
    rank = {"train": 3, "": 2, "dev": 1, "test": 1, "unlabelled": 0}
    return max(
        of_task,
        key=lambda e: (_has_answer(e[0]), rank[splits.of_name(e[0].surveyed.member.name)], e[0].surveyed.size),
    )


def _has_answer(understood: Understood) -> bool:
    """Whether there is something to learn besides the text itself."""
    return len(understood.meaning.columns) > 1 or "messages" in understood.meaning.columns


def choose(found: Sequence[Understood], ask: Ask | None) -> tuple[Understood, list[Hypothesis], bool, str]:
    """The reading to take, the hypotheses (it first), whether it is close, and what would change it."""
    rivals = _distinct(found)
    is_close = len(rivals) > 1 and rivals[0].score - rivals[1].score < CLOSE
    # Only a close call is worth a question.
    if is_close and ask is not None:
        index = ask([each.hypothesis() for each in rivals])
        rivals.insert(0, rivals.pop(index))
    shown = [each.hypothesis() for each in rivals]
    return rivals[0], shown, is_close, _would_change(rivals[0], rivals[1]) if is_close else ""


def _distinct(found: Sequence[Understood]) -> list[Understood]:
    """The best of each task and columns, and no more than can be shown."""
    best: dict[tuple[str, str], Understood] = {}
    for each in found:
        best.setdefault((each.meaning.task, str(each.meaning.columns)), each)
    shown = [each for each in best.values() if each.score >= LEAST_SCORE]
    return (shown or list(found[:1]))[:MOST_SHOWN]


def _would_change(taken: Understood, other: Understood) -> str:
    changed = other.meaning.columns.items() - taken.meaning.columns.items()
    columns = ",".join(f"{role}={column}" for role, column in sorted(changed, key=str))
    if taken.meaning.task == other.meaning.task:
        return say(f"--columns {columns} reads it the other way", f"加 --columns {columns} 则按另一种方式读取")
    task, where = other.meaning.task, f" ({columns})" if columns else ""
    return say(f"--task {task} reads it as {task}{where}", f"加 --task {task} 则读作 {task}{where}")


def conformed(found: Sequence[Understood], main: Understood) -> Understood | None:
    """How another file can be read to the same task and roles, without labels if it has none; None if it cannot."""
    task, columns = main.meaning.task, main.meaning.columns
    same = [each for each in found if each.meaning.task == task]
    exact = [each for each in same if each.meaning.columns == columns]
    if exact:
        return labelled_or_not(exact[0])
    for each in found:
        if (task in ON_TEXTS or task == "token-classification") and each.meaning.task == "language-modeling":
            text = columns.get("text")
            # Plain lines are unlabelled texts only if the file's name gives it a place in the data.
            is_named = each.layout.format != "lines" or splits.of_name(each.surveyed.member.name) != ""
            is_same_text = each.meaning.columns["text"] == text or (len(each.layout.columns) == 1 and is_named)
            if is_same_text and (task in ON_TEXTS or main.meaning.convert == "spans"):
                meaning = replace(main.meaning, columns={"text": each.meaning.columns["text"]})
                return replace(each, meaning=meaning, is_labelled=False)
    # Columns of other names or places will do, if they are what the file is read as anyway.
    return labelled_or_not(same[0]) if same and same[0] is found[0] else None


def labelled_or_not(part: Understood) -> Understood:
    """The part, marked as unlabelled where its columns hold nothing to learn for a task that needs labels."""
    return replace(part, is_labelled=set(part.meaning.columns) not in ({"tokens"}, {"text"}) or not _wants_label(part))


def _wants_label(part: Understood) -> bool:
    return part.meaning.task in ON_TEXTS or part.meaning.task.endswith("classification")
