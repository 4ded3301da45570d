"""``rate``: people judge answers, blind: of runs, of a run and the model it began as, or of files."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tunesmith.disk import writing
from tunesmith.errors import RunError
from tunesmith.lock import Lock
from tunesmith.rooms.rate import Kind, Store, Terms
from tunesmith.rooms.rate.asking import asked
from tunesmith.rooms.rate.links import Links
from tunesmith.rooms.rate.question import Question
from tunesmith.rooms.rate.store import NAME
from tunesmith.using import rated_files, rated_media, rated_runs
from tunesmith.using.rated_runs import Tell
from tunesmith.using.rating_wishes import Wishes, check, guide, must_suit
from tunesmith.words import listed, say

if TYPE_CHECKING:
    from tunesmith.rooms.rate.serving import Served

RATINGS = "ratings"
"""The folder of ratings: in the run's own where one run is judged, else here."""

PORT_FILE = "port"
"""Beside the ratings: the port they were served at last."""

ITEMS = 100
"""Items where the user names no number: a win rate of 60% is then told from chance."""


def silent(note: str) -> None:
    """Nobody is told."""


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
        from tunesmith.rooms.rate.serving import PORT, Served

        kept = self.folder / PORT_FILE
        last = kept.read_text(encoding="ascii").strip() if kept.is_file() else ""
        usual = int(last) if last.isdecimal() and int(last) < 2**16 else PORT
        served = Served(self.store, self.links, host=host, port=port, usual=usual, decode=rated_media.decode)
        # Links, and votes that wait in a browser, belong to one address: the next time it is asked for first.
        kept.write_text(str(served.port), encoding="ascii")
        return served

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
    check(sources, wishes)
    folder = folder_of(sources, wishes)
    with writing(folder, then=say("try again", "再试一次")):
        folder.mkdir(parents=True, exist_ok=True)
    lock = Lock(folder)
    note = lock.hold()
    try:
        path = folder / NAME
        is_new = not path.is_file()
        store = _begun(path, sources, wishes, tell) if is_new else _gone_on(path, wishes)
        for rater in wishes.raters or (() if store.raters() else (say("rater", "评分者"),)):
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
    must_suit(kind, questions, systems, wishes)
    found = asked(questions, kind, systems, most=most, seed=wishes.seed)
    if not found.items:
        raise _nothing(sources, kind)
    terms = Terms(
        kind=kind,
        systems=tuple(systems),
        criteria=wishes.criteria,
        task=task,
        guide=guide(wishes.guide),
        judged=len(found.items) - found.known,
        known=found.known,
        alike=found.alike,
        seed=wishes.seed,
    )
    return Store.begun(path, found.items, terms)


def _questions(
    sources: Sequence[Path], wishes: Wishes, most: int, tell: Tell
) -> tuple[Sequence[Question], Sequence[str], Kind, str]:
    if any(path.is_dir() for path in sources):
        found = rated_runs.read(
            sources, is_against_base=bool(wishes.against), most=most, seed=wishes.seed, tell=tell
        )  # fmt: skip
        return found.questions, found.systems, wishes.kind or found.kind, found.task
    questions, systems, kind = rated_files.read(sources, wishes.kind, tell)
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
