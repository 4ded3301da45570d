"""What the user wants people to be asked, and all that may be wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tunesmith.errors import DataError, Problem, SettingsError
from tunesmith.rooms.rate import KINDS, Kind
from tunesmith.rooms.rate.question import Question
from tunesmith.words import counted, listed, say

BASE = "base"
MOST_CRITERIA = 10
MOST_RATERS = 200
MOST_NAME = 60
MOST_GUIDE = 20_000


@dataclass(frozen=True, kw_only=True)
class Wishes:
    """What the user wants to be asked; None: as the answers want it.

    Attributes:
        against: ``base``: beside the run, the model that it began as.
        items: at most so many judgements of each rater, without those that are repeated or known.
        guide: a text file that raters read before they begin.
        folder: where ratings are kept.
    """

    kind: Kind | None = None
    criteria: tuple[str, ...] = ()
    raters: tuple[str, ...] = ()
    items: int | None = None
    against: str = ""
    guide: Path | None = None
    folder: Path | None = None
    seed: int = 17


def check(sources: Sequence[Path], wishes: Wishes) -> None:
    """All that is wrong with what was asked for, at once.

    Raises:
        SettingsError: something is.
    """
    problems = [*_wrong_names(wishes), *_wrong_sources(sources, wishes)]
    if problems:
        raise SettingsError(problems, do=say("see: tunesmith rate --help", "参见：tunesmith rate --help"))


def _wrong_names(wishes: Wishes) -> list[Problem]:
    problems = []
    if wishes.kind not in (None, *KINDS):
        problems.append(Problem(path="--kind", expected=listed(list(KINDS)), got=str(wishes.kind)))
    if wishes.against not in ("", BASE):
        problems.append(Problem(path="--against", expected=BASE, got=wishes.against))
    if wishes.items is not None and wishes.items < 1:
        problems.append(
            Problem(path="--items", expected=say("a number of 1 or more", "不小于 1 的数"), got=str(wishes.items))
        )
    for path, names, most in (("--raters", wishes.raters, MOST_RATERS), ("--criteria", wishes.criteria, MOST_CRITERIA)):
        if len(names) > most or len(set(names)) < len(names) or any(not 0 < len(name) <= MOST_NAME for name in names):
            expected = say(
                f"at most {most} different names of at most {MOST_NAME} characters, with commas between",
                f"最多 {most} 个互不相同的名称，每个不超过 {MOST_NAME} 个字符，用逗号分隔",
            )
            problems.append(Problem(path=path, expected=expected, got=listed(list(names))))
    if wishes.criteria and wishes.kind == "tags":
        expected = say("none where tags are put right", "改正标记时不使用标准")
        problems.append(Problem(path="--criteria", expected=expected, got=listed(list(wishes.criteria))))
    return problems


def _wrong_sources(sources: Sequence[Path], wishes: Wishes) -> list[Problem]:
    runs = [path for path in sources if path.is_dir()]
    problems = []
    if runs and len(runs) < len(sources):
        problems.append(
            Problem(
                path="RUN | FILE",
                expected=say("runs alone, or files alone", "全部是运行文件夹，或全部是文件"),
                got=say("both", "两者混合"),
            )
        )
    if len({path.resolve() for path in sources}) < len(sources):
        expected = say("each one once", "每个只出现一次")
        problems.append(Problem(path="RUN | FILE", expected=expected, got=listed([str(path) for path in sources])))
    if wishes.against and (len(runs) != 1 or len(sources) != 1):
        expected = say("one run", "一个运行文件夹")
        problems.append(Problem(path="--against base", expected=expected, got=f"{len(sources)}"))
    return problems


def must_suit(kind: Kind, questions: Sequence[Question], systems: Sequence[str], wishes: Wishes) -> None:
    """See that the kind can be asked of these answers.

    Raises:
        SettingsError: it cannot.
    """
    is_tagged = any(one.tokens for one in questions)
    if kind == "tags" and not is_tagged:
        expected, got = say("sentences with tags, for tags", "tags 需要带标记的句子"), say("none", "没有")
    elif is_tagged and kind != "tags":
        expected, got = say("tags, for sentences with tags", "带标记的句子只能用 tags"), kind
    elif kind == "ab" and len(systems) < 2:
        expected = say("two systems, for ab", "ab 需要两个系统")
        got = listed(list(systems))
    elif kind == "tags" and wishes.criteria:
        expected = say("no criteria where tags are put right", "改正标记时不使用标准")
        got = listed(list(wishes.criteria))
    else:
        return
    raise SettingsError(
        [Problem(path="--kind", expected=expected, got=got)],
        do=say("leave --kind out, or name other answers", "请去掉 --kind，或给出其他回答"),
    )


def guide(path: Path | None) -> str:
    """The owner's words to raters.

    Raises:
        DataError: the file cannot be read as UTF-8, or is no short text.
    """
    if path is None:
        return ""
    try:
        text = path.read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError) as error:
        got = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    else:
        if len(text) <= MOST_GUIDE:
            return text
        got = counted(len(text), "character", "characters", "个字符")
    raise DataError(
        expected=say(
            f"a UTF-8 text of at most {MOST_GUIDE:,} characters", f"不超过 {MOST_GUIDE:,} 个字符的 UTF-8 文本"
        ),
        got=got,
        where=str(path),
        do=say("write what raters must know in short: --guide FILE", "请简短写明评分者须知：--guide 文件"),
    )
