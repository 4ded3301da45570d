"""Workers of a search as tasks of a Ray cluster, or of this machine: each joins it as any other process would.

Nothing of the search is Ray's: trials are drawn from the search's own store, so that a worker may die. Ray begins it
anew, and its trial is given out again once it has shown no sign of life for a while.
"""

import importlib.util
import logging
import os
import platform
import secrets
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tunesmith import rooms
from tunesmith.device import machine
from tunesmith.errors import Problem, SettingsError, UserError
from tunesmith.search import searching
from tunesmith.search.searched import STORE, Searched
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed
from tunesmith.words import say

ENGINE = "ray"

ADDRESS = "RAY_ADDRESS"
"""Variable that names a cluster; without it, Ray is started here, for as long as the search lasts."""

RETRIES = 3
"""Times that a worker which died is begun anew."""

LEAVE_SECONDS = 60.0
"""Time that workers have to end by themselves once no trial is wanted any more."""

SILENT = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO": "0"}
"""Ray sends no usage statistics anywhere, and does not warn of what it does with graphics cards."""

LOCAL = "RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"
"""Set to 0, Ray listens on the loopback address alone, as it does by itself on Windows and macOS. (Ray turns an
address of the loopback that it is given into that of the network.)"""

OBJECTS_BYTES = 100_000_000
"""What Ray may keep for handing objects about, of which there are next to none; by itself it takes a third of all."""


def must_be_there(engine: str, storage: str, *, is_joining: bool = False) -> None:
    """Refuse a search on Ray that could not begin.

    Raises:
        SettingsError: another engine, Ray is not installed, a cluster of machines has no store that all reach, or
            the search was begun elsewhere, where its workers are begun, too.
    """
    if engine != ENGINE:
        raise _refused(ENGINE, engine)
    if is_joining:
        raise _refused(say("a command that begins a search", "开始搜索的命令"), "--join")
    if importlib.util.find_spec("ray") is None:
        raise _refused(
            say("Ray", "Ray"),
            say("none: pip install 'tunesmith[ray]'", "未安装：pip install 'tunesmith[ray]'"),
        )
    if os.environ.get(ADDRESS) and not storage:
        raise _refused(
            say(
                "--storage postgresql://…, which every machine of the cluster reaches",
                "集群中每台机器都能连接的 --storage postgresql://…",
            ),
            say("a file on this machine", "本机上的文件"),
        )


def dealt(settings: Settings, workers: int) -> Settings:
    """The settings with the cores of this machine shared out, where nobody said how many threads a trial gets."""
    if settings.train.threads is not None:
        return settings
    return changed(settings, {"train.threads": max(1, machine().cores // (workers + 1))})


@contextmanager
def helped(search: Searched, files: Sequence[Path], *, workers: int, storage: str = "") -> Iterator[list[str]]:
    """While this lasts, so many workers train trials of ``search`` beside this process.

    Args:
        files: as the search was begun with; every machine must have them at the same place.
        storage: as the search was begun with; empty: its own file.

    Yields:
        What went wrong with workers, told once it is over: the search goes on without them.
    """
    with _begun(workers * (search.ground.wishes.train.threads or 1)):
        yield from _tasks(search, files, workers, storage)


def _tasks(search: Searched, files: Sequence[Path], workers: int, storage: str) -> Iterator[list[str]]:
    import ray

    told, address = list[str](), storage or rooms.tune.own_storage(search.run.folder / STORE)
    paths, threads = [str(Path(file).resolve()) for file in files], search.ground.wishes.train.threads or 1
    task = ray.remote(num_cpus=threads, max_retries=RETRIES)(_help)
    ends = [task.remote(paths, address, search.run.name, str(Path.cwd())) for _ in range(workers)]
    try:
        yield told
        over, _ = ray.wait(ends, num_returns=len(ends), timeout=LEAVE_SECONDS)
        told += filter(None, ray.get([one for one in over if not _has_died(one)]))
        told += [_gone()] * sum(map(_has_died, over))
    finally:
        for one in ends:
            ray.cancel(one, force=True)


def _help(files: list[str], storage: str, name: str, folder: str) -> str:
    """What a worker does: join, and train trials until none is wanted. Gives what kept it from that, if anything."""
    try:
        os.chdir(folder)
        searching.join([Path(file) for file in files], storage=storage, name=name).finish()
    except (UserError, OSError) as error:
        return f"{platform.node()}: {error}"
    return ""


def _has_died(end: object) -> bool:
    """Whether a worker died more often than it is begun anew."""
    import ray

    try:
        ray.get(end)
    except ray.exceptions.RayError:
        return True
    return False


def _gone() -> str:
    return say(
        f"a worker died {RETRIES + 1} times and was not begun again; the others trained its trials",
        f"一个工作进程终止了 {RETRIES + 1} 次，不再重启；其试验由其他进程完成",
    )


@contextmanager
def _begun(cores: int) -> Iterator[None]:
    """While this lasts, Ray is there: the cluster that was named, or one of this machine that nobody else reaches."""
    is_own = not os.environ.get(ADDRESS)
    # Read once, when Ray is imported: where that was done before, its own defaults hold (a token, too).
    own = {LOCAL: "0", "RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    with _environment(SILENT | (own if is_own and "ray" not in sys.modules else {})):
        import ray

        here = {"address": "local", "num_cpus": cores, "include_dashboard": False, "object_store_memory": OBJECTS_BYTES}
        ray.init(log_to_driver=False, logging_level=logging.ERROR, **(here if is_own else {}))
        try:
            yield
        finally:
            ray.shutdown()


@contextmanager
def _environment(wanted: Mapping[str, str]) -> Iterator[None]:
    before = {key: os.environ.get(key) for key in wanted}
    os.environ.update(wanted)
    try:
        yield
    finally:
        for key, value in before.items():
            os.environ.pop(key) if value is None else os.environ.update({key: value})


def _refused(expected: str, got: str) -> SettingsError:
    return SettingsError(
        [Problem(path="--engine", expected=expected, got=got)],
        do=say(
            "leave out --engine to train in this process alone",
            "省略 --engine 则只在本进程训练",
        ),
    )
