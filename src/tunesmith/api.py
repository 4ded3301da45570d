"""The verbs as Python functions: the same flow as the command line, with the same words."""

from collections.abc import Iterator, Sequence
from os import PathLike
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from tunesmith import flow, using
from tunesmith.artifacts import (
    Comparison,
    Evaluation,
    Explanations,
    Health,
    Mended,
    Ratings,
    Reading,
    Supposition,
    Verification,
)
from tunesmith.beforehand import mending, supposing
from tunesmith.hall.closing import Ready
from tunesmith.hall.folds import Folded
from tunesmith.hall.session import Session
from tunesmith.search import searching
from tunesmith.search.searched import Searched
from tunesmith.settings import Settings, parse
from tunesmith.using import rated

if TYPE_CHECKING:
    from tunesmith.models.conversation import Conversation
    from tunesmith.rooms.rate import Kind
    from tunesmith.using.rating import Rating

File = str | PathLike[str]


def read(*files: File, **settings: Any) -> Reading:
    """What the files are; ``settings`` are those of ``read``: task, columns, allow_rejects, …

    Raises:
        DataError: nothing readable, or more than 1% of the rows rejected.
    """
    return flow.read(_paths(files), _settings({f"read.{name}": value for name, value in settings.items()}).read)


def check(source: Reading | File, *, model: str | None = None, deep: bool = False) -> Health:
    """Whether the data is good enough, also for the model.

    Args:
        model: minilm, a folder, or a Hub name; None: the one that a plan would choose.
        deep: also look for wrong labels and foretell what more data would bring, which takes minutes.

    Raises:
        UserError: the data cannot be read, or the model is not here.
    """
    return flow.check(source if isinstance(source, Reading) else read(source), model=model, deep=deep)


def mend(source: Reading | File, *kinds: str, out: File, overwrite: bool = False) -> Mended:
    """Write a copy without some kinds of fault to ``out``, and what was done to ``out`` + ``.changes.tsv``.

    Args:
        kinds: duplicates, labels, html, …, or all: those that need no human.
        out: a file for one file, a folder for several; never one that was read.

    Raises:
        UserError: no such kind, or something lies at ``out`` and ``overwrite`` is off.
    """
    reading = source if isinstance(source, Reading) else read(source)
    return mending.mend(reading, kinds, Path(out), overwrite=overwrite)


def plan(*source: Reading | File, model: str | None = None, time: str | None = None, **settings: Any) -> Ready:
    """A plan with what it was made from; ``.plan.choices`` hold every decision with its reason.

    Args:
        source: files, or one Reading.
        model: minilm, scratch, a folder, or a Hub name.
        time: budget for the whole run, as in ``"10m"``.
        settings: any others, as in ``epochs=3``.

    Raises:
        UserError: the data cannot be used, the model is not here, a wish cannot be met.
    """
    wanted = {"model.name": model, "train.time_seconds": None if time is None else parse.seconds(time), **settings}
    tree = _settings({name: value for name, value in wanted.items() if value is not None})
    first = source[0] if len(source) == 1 else None
    if isinstance(first, Reading):
        return flow.plan(first, tree)
    return flow.plan(_paths(source), tree)


def what_if(
    *files: File, what: Sequence[str], deep: bool = False, model: str | None = None, **settings: Any
) -> tuple[Supposition, ...]:
    """What would change if there were other time, memory, rows, settings or another model. Nothing is trained.

    Args:
        what: suppositions, each a text as in ``"rows=10x,time=2h"``.
        deep: measure what more rows bring, which takes a minute or so.
        settings: of the plan as it is, as in ``epochs=3``.

    Raises:
        UserError: as ``plan``; also a supposition that is not understood.
    """
    tree = _settings(settings if model is None else {"model.name": model, **settings})
    return supposing.suppose(_paths(files), tree, what, deep=deep)[1]


def train(*source: Ready | Reading | File, name: str = "", **wishes: Any) -> Session | Folded:
    """A run: iterate over its steps, or ``finish()`` it. Takes what ``plan`` gave, or what ``plan`` takes.

    Raises:
        UserError: as ``plan``.
    """
    first = source[0] if len(source) == 1 else None
    ready = first if isinstance(first, Ready) else plan(*_unplanned(source), **wishes)
    return flow.begin(ready, name=name)


def tune(
    *files: File,
    model: str | None = None,
    time: str | None = None,
    trials: int | None = None,
    space: File | None = None,
    grid: bool = False,
    storage: str = "",
    name: str = "",
    **settings: Any,
) -> Searched:
    """A search over settings around the plan: iterate over its trials, or ``finish()`` it.

    Args:
        time: budget for the whole search, as in ``"30m"``.
        trials: settings that are tried.
        space: YAML file of what may vary; None: what is worth varying.
        grid: the article's grid, every cell to its end.
        storage: a PostgreSQL server's address, so that others may join.
        settings: any others, as in ``epochs=3``; they are the same for all trials.

    Raises:
        UserError: as ``plan``; also a space that cannot be used.
    """
    wanted = {
        "model.name": model,
        "tune.search_seconds": None if time is None else parse.seconds(time),
        "tune.trials": trials,
        **settings,
    }
    return searching.search(
        _paths(files),
        _settings({key: value for key, value in wanted.items() if value is not None}),
        space=None if space is None else Path(space),
        is_grid=grid,
        storage=storage,
        name=name,
    )


def resume(run: File, *, storage: str = "") -> Session | Folded | Searched:
    """Continue an interrupted run, or an interrupted search.

    Args:
        storage: of a search whose trials are on a server, its address.

    Raises:
        RunError: no run there, or one that is finished.
    """
    if searching.is_search(Path(run)):
        return searching.resume(Path(run), storage=storage)
    return flow.resume(Path(run))


def test(run: File, *files: File, **wishes: Any) -> Evaluation:
    """Score a finished run on files, or on its own held-out split.

    Args:
        wishes: settings of ``evaluate``: ``costs={"ham:spam": 5}``.

    Raises:
        UserError: no finished run, no labelled rows, or labels that the model does not know.
    """
    return using.test(Path(run), _paths(files), wishes=wishes)


def compare(*named: File, files: Sequence[File] = (), each: bool = False) -> Comparison:
    """Which of several runs is better, by how much, and whether it may be chance: ``compare("runs/a", "runs/b")``.

    Args:
        named: folders of finished runs, and rules that cost nothing: majority, tfidf, …
        files: labelled rows that all of them answer now; none: the held-out rows that all have answered.
        each: runs that differ in their seeds alone stay apart.

    Raises:
        UserError: fewer than two, no finished run, other tasks or labels, or too few rows in common.
    """
    return using.compare([str(one) for one in named], [Path(file) for file in files], is_each_apart=each)


def verify(run: File) -> Verification:
    """A run's claims, looked at again; ``.holds`` says whether all of them do.

    Raises:
        RunError: no finished run.
    """
    return using.verify(Path(run))


def predict(run: File, source: File | IO[bytes], *, at_least: float | None = None) -> Iterator[dict[str, Any]]:
    """Answers in input order.

    Args:
        at_least: rows of which the model is less sure are marked ``unsure``.

    Raises:
        UserError: no finished run, or nothing that its task can answer.
    """
    given = Path(source) if isinstance(source, str | PathLike) else source
    return using.predict(Path(run), given, at_least=at_least)


def rate(
    *sources: File,
    kind: "Kind | None" = None,
    criteria: Sequence[str] = (),
    raters: Sequence[str] = (),
    items: int | None = None,
    against: str = "",
    folder: File | None = None,
) -> "Rating":
    """A rating by people: ``rate("runs/a", "runs/b", raters=["anna"]).serve().run()``; its ``store`` holds the votes.

    Args:
        sources: folders of runs, or files of answers.
        kind: ab, scale, right or tags; None: as the answers want it.
        criteria: asked one by one.
        raters: names; each gets a personal link.
        items: at most so many for each rater; None: 100.
        against: ``"base"``: the model that the run began as, beside it.
        folder: where ratings are kept; a rating that is there is gone on with.

    Raises:
        UserError: nothing that people can judge, or a rating that was begun otherwise.
    """
    wishes = using.Wishes(
        kind=kind, criteria=tuple(criteria), raters=tuple(raters), items=items, against=against,
        folder=None if folder is None else Path(folder),
    )  # fmt: skip
    return using.rate(_paths(sources), wishes)


def ratings(rating: File) -> Ratings:
    """What people said so far in a rating; also written beside it as ``result.html`` and ``result.json``.

    Args:
        rating: its folder or file, or a run that has one.

    Raises:
        UserError: no rating there, or no vote in it.
    """
    return rated.ratings(rated.found([Path(rating)], Path(rating)))


def explain(run: File, source: str | PathLike[str], *, text2: str = "", **wishes: Any) -> Explanations:
    """How a run's model came to its answer to a text (``str``), or to the first texts of a file (a path object).

    Args:
        text2: the second text, where the run learned from pairs.
        wishes: word (from 1), check (held-out rows), limit (texts of a file), page and attention (where they go).

    Raises:
        UserError: no finished run, nothing that its task can answer, or no such word.
    """
    given = source if isinstance(source, str) else Path(source)
    return using.explain(Path(run), given, text2=text2, wish=using.Wish(**wishes))


def chat(run: File, *, system: str = "", **wishes: Any) -> "Conversation":
    """A conversation with a run's model: ``chat("runs/x", temperature=0.8, do_sample=True).reply("…").text``.

    Args:
        system: how the model is told to answer.
        wishes: settings of ``generate``.

    Raises:
        UserError: no finished run, or one whose model does not write.
    """
    return using.chat(Path(run), wishes=wishes, system=system)


def _settings(given: dict[str, Any]) -> Settings:
    return parse.changed(Settings(), given)


def _paths(files: tuple[Any, ...]) -> list[Path]:
    return [Path(file) for file in files]


def _unplanned(source: tuple[Any, ...]) -> tuple[Reading | File, ...]:
    if any(isinstance(one, Ready) for one in source):
        raise TypeError("train takes one plan alone, or files")
    return source
