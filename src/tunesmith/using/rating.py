"""``rate``: people judge answers, blind: of runs, of a run and the model it began as, or of files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith.disk import writing
from tunesmith.errors import DataError, Problem, RunError, SettingsError
from tunesmith.lock import Lock
from tunesmith.rooms.rate import KINDS, Kind, Store, Terms
from tunesmith.rooms.rate.asking import asked
from tunesmith.rooms.rate.links import Links
from tunesmith.rooms.rate.question import Question
from tunesmith.rooms.rate.store import NAME
from tunesmith.using import rated_files, rated_runs
from tunesmith.using.rated_runs import Tell
from tunesmith.words import counted, listed, say

if TYPE_CHECKING:
    from tunesmith.rooms.rate.serving import Served

RATINGS = "ratings"
"""The folder of ratings: in the run's own where one run is judged, else here."""

BASE = "base"

ITEMS = 100
"""Items where the user names no number: a win rate of 60% is then told from chance."""

MOST_RATERS = 200
MOST_NAME = 60
MOST_GUIDE = 20_000


def silent(note: str) -> None:
    """Nobody is told."""


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


@dataclass(frozen=True)
class Rating:
    """A rating, begun or gone on with: ``serve`` it, or look at its ``store``."""

    folder: Path
    store: Store
    links: Links
    lock: Lock
    is_new: bool
    notes: tuple[str, ...] = ()

    def serve(self, *, host: str = "127.0.0.1", port: int | None = None) -> "Served":
        """Bind an address for it; ``run()`` of what comes back serves until it is stopped.

        Raises:
            SettingsError: no such address, or its port is taken.
        """
        # Only here: the store alone needs no server.
        from tunesmith.rooms.rate.serving import Served

        return Served(self.store, self.links, host=host, port=port)

    def close(self) -> None:
        """Let go of the file and the folder."""
        self.store.close()
        self.lock.release()


def rate(sources: Sequence[Path], wishes: Wishes, *, tell: Tell = silent) -> Rating:
    """Begin a rating, or go on with the one that the same sources have.

    Args:
        sources: folders of runs, or files of answers.
        tell: is told what takes long.

    Raises:
        UserError: nothing that people can judge, or a rating that was begun otherwise.
    """
    _check(sources, wishes)
    folder = folder_of(sources, wishes)
    with writing(folder, then=say("try again", "再试一次")):
        folder.mkdir(parents=True, exist_ok=True)
    lock = Lock(folder)
    note = lock.hold()
    try:
        path = folder / NAME
        is_new = not path.is_file()
        store = _begun(path, sources, wishes, tell) if is_new else _gone_on(path, wishes)
        for rater in wishes.raters or (() if store.raters() else (say("rater", "评分人"),)):
            store.join(rater)
        with writing(folder, then=say("try again", "再试一次")):
            links = Links(folder)
    except BaseException:
        lock.release()
        raise
    return Rating(folder, store, links, lock, is_new, (note,) if note else ())


def _begun(path: Path, sources: Sequence[Path], wishes: Wishes, tell: Tell) -> Store:
    most = wishes.items or ITEMS
    questions, systems, kind, task = _questions(sources, wishes, most, tell)
    _must_suit(kind, questions, systems, wishes)
    found = asked(questions, kind, systems, most=most, seed=wishes.seed)
    if not found.items:
        raise _nothing(sources, kind)
    terms = Terms(
        kind=kind,
        systems=tuple(systems),
        criteria=wishes.criteria,
        task=task,
        guide=_guide(wishes.guide),
        judged=len(found.items) - found.known,
        known=found.known,
        alike=found.alike,
        seed=wishes.seed,
    )
    return Store.begun(path, found.items, terms)


def _guide(path: Path | None) -> str:
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
        do=say("write what raters must know in short: --guide FILE", "请简短写明评分人须知：--guide 文件"),
    )


def _questions(
    sources: Sequence[Path], wishes: Wishes, most: int, tell: Tell
) -> tuple[Sequence[Question], Sequence[str], Kind, str]:
    if any(path.is_dir() for path in sources):
        found = rated_runs.read(
            sources, is_against_base=bool(wishes.against), most=most, seed=wishes.seed, tell=tell
        )  # fmt: skip
        return found.questions, found.systems, wishes.kind or found.kind, found.task
    questions, systems, kind = rated_files.read(sources, wishes.kind)
    return questions, systems, kind, ""


def _gone_on(path: Path, wishes: Wishes) -> Store:
    """The rating that is there, as it was begun.

    Raises:
        RunError: other criteria or another kind are wished for than those that it has.
    """
    store = Store(path)
    terms = store.terms
    wanted = replace(terms, kind=wishes.kind or terms.kind, criteria=wishes.criteria or terms.criteria)
    if wanted == terms:
        return store
    store.close()
    raise RunError(
        expected=say(
            f"what this rating was begun with: {_asked_for(terms)}", f"与此评分开始时相同的要求：{_asked_for(terms)}"
        ),
        got=_asked_for(wanted),
        where=str(path.parent),
        do=say("go on without --kind and --criteria, or begin another: --out FOLDER",
               "请去掉 --kind 和 --criteria 继续，或另建一个：--out 文件夹"),
    )  # fmt: skip


def _asked_for(terms: Terms) -> str:
    return f"--kind {terms.kind}" + (f" --criteria {','.join(terms.criteria)}" if terms.criteria else "")


def folder_of(sources: Sequence[Path], wishes: Wishes) -> Path:
    """Where a rating of these sources lies, so that the same command finds it again."""
    if wishes.folder is not None:
        return wishes.folder
    if len(sources) == 1 and (sources[0] / NAME).is_file():
        return sources[0]
    kind = f"-{wishes.kind}" if wishes.kind else ""
    if len(sources) == 1 and sources[0].is_dir():
        return sources[0] / RATINGS / (("base" if wishes.against else "alone") + kind)
    names = "-vs-".join(path.name if path.is_dir() else path.stem for path in sources)
    return Path(RATINGS) / ((re.sub(r"[^\w.-]+", "-", names).strip("-.") or "answers")[:120] + kind)


def _check(sources: Sequence[Path], wishes: Wishes) -> None:
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
    for path, names, most in (("--raters", wishes.raters, MOST_RATERS), ("--criteria", wishes.criteria, 10)):
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


def _must_suit(kind: Kind, questions: Sequence[Question], systems: Sequence[str], wishes: Wishes) -> None:
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


def _nothing(sources: Sequence[Path], kind: Kind) -> RunError:
    return RunError(
        expected=say("answers that people can judge", "可供人评判的回答"),
        got=say("none that differ", "没有不同的回答") if kind == "ab" else say("none", "没有"),
        where=listed([str(path) for path in sources]),
        do=say(
            "name systems that answered the same questions, and not all alike",
            "请给出回答了相同问题、且回答不完全相同的系统",
        ),
    )
