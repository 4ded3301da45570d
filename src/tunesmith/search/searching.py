"""A search from files to a judged model: the spine that ``tune`` and ``resume`` walk.

searches/<name>/  setup.json  probe.json  plan.yaml data/ … (the plan's own choice and all rows)
                  trials.sqlite  trials/<number>/ again/<seed>/ plan-again/<seed>/ (run folders)
                  best/ (a whole run; with retraining its plan, and final/)  search.json  report.html
"""

import math
import platform
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from tunesmith import flow, rooms
from tunesmith.artifacts import Plan, Probe
from tunesmith.artifacts.trials import Dimension, Setup, Value
from tunesmith.disk import writing
from tunesmith.errors import RunError
from tunesmith.hall.planning import as_ready, known
from tunesmith.runs import Run, new_run
from tunesmith.search.allowance import FEWEST_SEEDS, SLOWER
from tunesmith.search.attempts import QUARTERS, Ground, value_of
from tunesmith.search.searchable import must_be_possible, must_compare
from tunesmith.search.searched import RESULT, SETUP, STORE, Searched
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed
from tunesmith.words import counted, say

SEARCHES, PROBE = "searches", "probe.json"

DEFAULT_TRIALS = 20
"""Where neither a number nor a time is given."""

FEWEST_FULL = 4
"""As many trials of full length must fit into the search's time, beside those with other seeds that tell gain from
noise; otherwise all of them get fewer epochs."""


LOOKS = 9
"""The first look, at which weak trials end, comes after such a part of a trial's length; the next after three such."""


def is_search(folder: Path) -> bool:
    """Whether a folder holds a search rather than a run."""
    return (folder / SETUP).is_file()


def may_vary() -> tuple[str, ...]:
    """Every setting that a space may hold, by its dotted path."""
    return rooms.tune.may_vary()


def search(
    source: flow.Files,
    settings: Settings,
    *,
    space: Path | None = None,
    is_grid: bool = False,
    storage: str = "",
    name: str = "",
    ask: flow.Ask | None = None,
    began: float | None = None,
) -> Searched:
    """A new search over settings for ``source``.

    Args:
        space: YAML file of what may vary; None: what is worth varying around the plan.
        is_grid: the article's grid, every cell trained to its end.
        storage: address of a PostgreSQL server, so that others may join; empty: a file in the search's folder.
        began: instant of ``time.monotonic`` from which the time counts; None: this call.

    Raises:
        UserError: as ``flow.plan``; also a space that cannot be used.
    """
    began = time.monotonic() if began is None else began
    must_be_possible(settings, space, is_grid=is_grid)
    given = () if space is None else rooms.tune.read_space(space, fixed=settings)
    ready, facts = flow.planned(source, settings, ask=ask, began=began)
    wishes, because = _shortened(settings, ready.plan, given)
    if because:
        facts = replace(facts, wanted=wishes)
        ready = as_ready(facts, _with_reason(rooms.plan.plan(facts), because), began=began)
    rows = facts.prepared.splits["train"].rows
    dimensions = rooms.tune.ARTICLE if is_grid else given or rooms.tune.sensible(ready.plan, wishes, rows=rows)
    if not is_grid:
        dimensions = tuple(_with_own(one, ready.plan.settings) for one in dimensions)
    if "train.epochs" in {one.path for one in dimensions}:
        # Trials of unlike length are compared, so all are scored equally often in an epoch.
        wishes = changed(wishes, {"train.scorings": ready.plan.settings.train.scorings})
    must_compare(dimensions, ready.plan.settings.train.monitor or "", facts.metrics)
    with writing(Path.cwd(), then=say("search again", "重新搜索")):
        run = new_run(name or f"{Path(ready.plan.files[0]).name.partition('.')[0]}-search", root=Path(SEARCHES))
        flow.placed(ready, run)
    setup = Setup(
        name=run.name,
        wishes=wishes,
        dimensions=dimensions,
        is_grid=is_grid,
        is_elsewhere=bool(storage),
        trials=_count(wishes, dimensions, is_grid=is_grid),
        first_look=max(1, round(QUARTERS * (ready.plan.settings.train.epochs or 1) / LOOKS)),
        because=because,
    )
    address = storage or rooms.tune.own_storage(run.folder / STORE)
    rooms.tune.Board.begin(address, setup, plan=_own(dimensions, ready.plan.settings), key=ready.plan.data_key)
    facts.measured.write(run.folder / PROBE)
    setup.write(run.folder / SETUP)
    return _opened(run, setup, facts, address, began=began)


def join(
    source: flow.Files, *, storage: str, name: str, ask: flow.Ask | None = None, began: float | None = None
) -> Searched:
    """Help a search that another process began: its trials are trained here, too, until none is left.

    Raises:
        UserError: there is no such search, or the data here is not that of the search.
    """
    began = time.monotonic() if began is None else began
    setup, key = rooms.tune.Board.found(storage, name)
    ready, facts = flow.planned(source, setup.wishes, ask=ask, began=began)
    if ready.plan.data_key != key:
        raise RunError(
            expected=say("the data that the search was begun with", "与开始搜索时相同的数据"),
            got=say("other data, or another version of a library", "不同的数据，或不同版本的库"),
            where=", ".join(ready.plan.files),
            do=say("copy the files from where it was begun", "请从开始搜索的机器复制文件"),
        )
    with writing(Path.cwd(), then=say("join again", "重新加入")):
        run = new_run(f"{name}-helper", root=Path(SEARCHES))
        flow.placed(ready, run)
    return _opened(run, setup, facts, storage, began=began, is_helper=True)


def resume(folder: Path, *, storage: str = "", began: float | None = None) -> Searched:
    """Go on with an interrupted search: finished trials are kept, the one that was interrupted goes on.

    Args:
        storage: as it was given when the search was begun; a server's address is not kept.

    Raises:
        RunError: the search is finished, or its trials are on a server that was not named.
    """
    began = time.monotonic() if began is None else began
    setup = Setup.load(folder / SETUP)
    if (folder / RESULT).is_file():
        raise RunError(
            expected=say("a search that was interrupted", "被中断的搜索"),
            got=say("a finished one", "已完成的搜索"),
            where=str(folder),
            do=say(f"use its model: tunesmith test {folder / 'best'}", f"使用其模型：tunesmith test {folder / 'best'}"),
        )
    if setup.is_elsewhere and not storage:
        raise RunError(
            expected=say("the address of the server that holds its trials", "保存试验的服务器地址"),
            got=say("none: it is not written down, for it holds a password", "未提供：地址含密码，不会被保存"),
            where=str(folder),
            do=say(
                f"name it: tunesmith resume {folder} --storage postgresql://…",
                f"请提供：tunesmith resume {folder} --storage postgresql://…",
            ),
        )
    run = Run(folder)
    ready = flow.kept(run, began=began)
    reading = ready.reading
    if not all(Path(split.path).is_file() for split in reading.splits.values()):
        # The cache is gone; the search's own copy of the rows is split as they were.
        reading = reading.model_copy(update={"splits": ready.prepared.raw, "key": ready.prepared.key})
    facts = known(reading, ready.health, setup.wishes)
    probe = Probe.load(folder / PROBE)
    facts = replace(facts, prepared=ready.prepared, model=ready.plan.model).with_probe(
        probe, probed=ready.plan.settings, elapsed_seconds=0.0
    )
    address = storage or rooms.tune.own_storage(folder / STORE)
    return _opened(run, setup, facts, address, began=began, is_resumed=True)


def _opened(
    run: Run,
    setup: Setup,
    facts: "rooms.plan.Facts",
    address: str,
    *,
    began: float,
    is_helper: bool = False,
    is_resumed: bool = False,
) -> Searched:
    ready = flow.kept(run, began=began)
    worker = f"{platform.node()}:{run.folder.resolve()}"
    board = rooms.tune.Board(address, setup, monitor=facts.monitor, worker=worker)
    # What the trials link to lies in the search's own folder; the cache may be emptied meanwhile.
    own = replace(facts, prepared=ready.prepared, model=ready.plan.model)
    ground = Ground(folder=run.folder, facts=own, wishes=setup.wishes, dimensions=setup.dimensions, worker=worker)
    return Searched(run, ready, ground, board, is_helper=is_helper, is_resumed=is_resumed)


def _shortened(settings: Settings, plan: Plan, given: tuple[Dimension, ...]) -> tuple[Settings, str]:
    """The wishes with fewer epochs where too few trainings of full length would fit into the time, and why."""
    seconds, epochs = settings.tune.search_seconds, plan.settings.train.epochs or 1
    if seconds is None or settings.train.epochs is not None or "train.epochs" in {one.path for one in given}:
        return settings, ""
    cost, seeds = plan.forecast, min(FEWEST_SEEDS, settings.tune.repeats)
    wanted = FEWEST_FULL + 2 * seeds * SLOWER
    each = (cost.seconds - cost.closing_seconds - cost.ahead_seconds) / epochs
    fitting = max(1, math.floor((seconds - cost.elapsed_seconds) / (wanted * max(each, 1e-9))))
    if fitting >= epochs:
        return settings, ""
    train = settings.train.model_copy(update={"epochs": fitting})
    return settings.model_copy(update={"train": train}), say(
        f"{counted(fitting, 'epoch', 'epochs', '轮')} at most in each trial, not the plan's {epochs}: the time is to"
        f" hold {FEWEST_FULL + 2 * seeds} trainings of full length{_for_seeds(seeds)[0]}",
        f"每次试验最多 {fitting} 轮，而非计划的 {epochs} 轮：时间内应能容纳 {FEWEST_FULL + 2 * seeds} 次完整训练"
        f"{_for_seeds(seeds)[1]}",
    )


def _for_seeds(seeds: int) -> tuple[str, str]:
    """What a part of the trainings is for, where there are any."""
    if not seeds:
        return "", ""
    return (
        f", {2 * seeds} of them with other seeds, which tell gain from noise (--seeds 0: none)",
        f"，其中 {2 * seeds} 次换种子，用来区分提升与噪声（--seeds 0：不做）",
    )


def _with_reason(plan: Plan, because: str) -> Plan:
    """The plan with the reason for its epochs, which it takes for the user's wish."""
    choices = tuple(
        one.model_copy(update={"because": because}) if one.name == "epochs" else one for one in plan.choices
    )
    return plan.model_copy(update={"choices": choices})


def _count(wishes: Settings, dimensions: tuple[Dimension, ...], *, is_grid: bool) -> int | None:
    if is_grid:
        return 1 + math.prod(len(one.choices) for one in dimensions)
    return wishes.tune.trials or (DEFAULT_TRIALS if wishes.tune.search_seconds is None else None)


def _with_own(dimension: Dimension, settings: Settings) -> Dimension:
    """The dimension, made wider where the plan's own choice lay outside of it."""
    own = value_of(settings, dimension.path)
    if dimension.choices:
        found = dimension.choices if own in dimension.choices else (*dimension.choices, own)
        return dimension.model_copy(update={"choices": found})
    if dimension.is_factor or dimension.is_power or isinstance(own, bool) or not isinstance(own, int | float):
        return dimension
    if own <= 0 and dimension.is_log:
        return dimension
    return dimension.model_copy(update={"low": min(dimension.low, own), "high": max(dimension.high, own)})


def _own(dimensions: tuple[Dimension, ...], settings: Settings) -> Mapping[str, Value] | None:
    """The plan's own choice as the dimensions would draw it; None where one of them cannot."""
    try:
        return {one.path: rooms.tune.as_drawn(one, value_of(settings, one.path)) for one in dimensions}
    except LookupError:
        return None
