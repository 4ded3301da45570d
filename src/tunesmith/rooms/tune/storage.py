"""Where trials are kept: a file beside the search, or a PostgreSQL server that several machines share."""

import importlib.util
import logging
import re
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

from tunesmith.errors import Problem, RunError, SettingsError
from tunesmith.words import say

if TYPE_CHECKING:
    from optuna import Study
    from optuna.storages import RDBStorage
    from optuna.trial import FrozenTrial

BEAT_SECONDS = 5
"""A worker shows that it lives this often."""

GRACE_SECONDS = 30
"""A worker that has shown nothing for so long is taken for dead, and its trial is given out again."""

EXAMPLE = "postgresql://user:password@host/database"

POSTGRES = re.compile(r"^postgres(ql)?(\+\w+)?://")
SECRET = re.compile(r"(?<=://)[^/@]*@")

Stale = Callable[["Study", "FrozenTrial"], None]


def own_storage(file: Path) -> str:
    """The address of a search's own file."""
    return f"sqlite:///{file.resolve()}"


def opened(address: str, *, stale: Stale) -> "RDBStorage":
    """Open the store at ``address``, making its tables where there are none.

    Args:
        stale: is told of a trial whose worker has died.

    Raises:
        SettingsError: an address of no known kind, or a driver that is not installed.
        RunError: nothing answers there.
    """
    from optuna.exceptions import StorageInternalError
    from optuna.storages import RDBStorage
    from sqlalchemy.exc import SQLAlchemyError

    quiet()
    url = _driven(address)
    arguments = {"connect_args": {"timeout": 60}} if url.startswith("sqlite") else {"pool_pre_ping": True}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # heartbeats are called experimental
            return RDBStorage(
                url,
                engine_kwargs=arguments,
                heartbeat_interval=BEAT_SECONDS,
                grace_period=GRACE_SECONDS,
                heartbeat_stale_trial_callback=stale,
            )
    except (SQLAlchemyError, StorageInternalError, OSError) as error:
        raise RunError(
            expected=say("a database that answers", "可以连接的数据库"),
            got=SECRET.sub("***@", str(error).strip().splitlines()[0]),
            where=redacted(address),
            do=say(
                "see that the server runs, and that user, password and database are right",
                "请检查服务器是否运行，以及用户、密码和数据库名是否正确",
            ),
        ) from error


def redacted(address: str) -> str:
    """An address without user and password, for messages."""
    return SECRET.sub("***@", address)


def quiet() -> None:
    """Have optuna say nothing by itself: what is to be said, is said in the user's language."""
    logging.getLogger("optuna").setLevel(logging.ERROR)


@contextmanager
def beating(storage: "RDBStorage", trial_id: int) -> Iterator[None]:
    """While this lasts, other workers see that this trial's worker lives."""
    over = Event()

    def beat() -> None:
        while True:
            storage.record_heartbeat(trial_id)
            if over.wait(BEAT_SECONDS):
                return

    thread = Thread(target=beat, name="heartbeat", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _driven(address: str) -> str:
    """The address with the driver that is used for it."""
    if address.startswith("sqlite:///"):
        return address
    if not POSTGRES.match(address):
        raise _refused(say(f"an address like {EXAMPLE}", f"形如 {EXAMPLE} 的地址"), redacted(address))
    if importlib.util.find_spec("pg8000") is None:
        raise _refused(
            say("pg8000, the driver for PostgreSQL", "PostgreSQL 驱动 pg8000"),
            say("none: pip install 'tunesmith[postgresql]'", "未安装：pip install 'tunesmith[postgresql]'"),
        )
    return POSTGRES.sub("postgresql+pg8000://", address)


def _refused(expected: str, got: str) -> SettingsError:
    return SettingsError(
        [Problem(path="--storage", expected=expected, got=got)],
        do=say("leave it out to keep the trials in a file", "省略它，试验将保存在文件中"),
    )
