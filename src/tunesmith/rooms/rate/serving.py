"""A rating on its address: bound before anybody is told of it, served until somebody asks for the end."""

import contextlib
import ipaddress
import socket
from collections.abc import Iterator, Sequence

import uvicorn

from tunesmith.errors import Problem, SettingsError
from tunesmith.rooms.rate.desk import Desk, unshown
from tunesmith.rooms.rate.gallery import Decode
from tunesmith.rooms.rate.links import OWNER, Links, entrance
from tunesmith.rooms.rate.server import application
from tunesmith.rooms.rate.store import Store
from tunesmith.words import say

PORT, PORTS = 8717, 20
"""The first port that is tried where the user names none, and how many after it: links should stay the same."""

LAST_WORDS_SECONDS = 3
"""What is under way at the end may take so long."""


class Served:
    """One rating, from binding its address to the end."""

    def __init__(
        self,
        store: Store,
        links: Links,
        *,
        host: str = "127.0.0.1",
        port: int | None = None,
        usual: int = PORT,
        decode: Decode = unshown,
    ) -> None:
        """Bind the address; ``port`` None: the ``usual`` one, or the first free one from ``PORT`` on.

        Args:
            decode: as of ``Desk``.

        Raises:
            SettingsError: no such address here, or the port is taken.
        """
        self._store, self._links = store, links
        self._socket = _bound(host, [port] if port is not None else [usual, *range(PORT, PORT + PORTS), 0])
        self.host, self.port = host, int(self._socket.getsockname()[1])
        app = application(Desk(store, links, self.port, decode=decode), is_public=self.is_public)
        config = uvicorn.Config(
            app, log_config=None, access_log=False, server_header=False, proxy_headers=False, lifespan="off", ws="none",
            timeout_graceful_shutdown=LAST_WORDS_SECONDS, limit_concurrency=200,
        )  # fmt: skip
        self._server = _Quiet(config)

    @property
    def is_public(self) -> bool:
        """Whether other machines can reach it."""
        return not is_loopback(self.host)

    @property
    def owner(self) -> str:
        """The owner's link."""
        return self._address + entrance(self._links, OWNER)

    @property
    def raters(self) -> dict[str, str]:
        """Each rater's personal link."""
        return {
            name: self._address + entrance(self._links, str(number)) for number, name in self._store.raters().items()
        }

    @property
    def stop_is_wanted(self) -> bool:
        """Set it, from any thread or signal, and ``run`` comes to its end."""
        return bool(self._server.should_exit)

    @stop_is_wanted.setter
    def stop_is_wanted(self, wanted: bool) -> None:
        self._server.should_exit = wanted

    def run(self) -> None:
        """Serve until it is told to stop; what was said to be saved is saved however it ends."""
        try:
            self._server.run(sockets=[self._socket])
        finally:
            self.close()

    def close(self) -> None:
        """Let go of the address."""
        self._socket.close()

    @property
    def _address(self) -> str:
        host = _reachable() if ipaddress.ip_address(self._socket.getsockname()[0]).is_unspecified else self.host
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach it."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


class _Quiet(uvicorn.Server):
    """Signals are the command's business."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _bound(host: str, ports: Sequence[int]) -> socket.socket:
    problem: OSError | None = None
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in ports:
        try:
            return socket.create_server((host, port), family=family)
        except (OSError, OverflowError) as error:
            problem = error if isinstance(error, OSError) else OSError(str(error))
    raise SettingsError(
        [
            Problem(
                path=f"{host}:{ports[0]}",
                expected=say("an address of this machine and a free port", "本机的地址和空闲端口"),
                got=problem.strerror or str(problem) if problem else "?",
            )
        ],
        do=say("name another --port, or leave --port and --host out", "请换一个 --port，或去掉 --port 和 --host"),
    )


def _reachable() -> str:
    """This machine's address as its network sees it; nothing is sent to find out."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            return str(probe.getsockname()[0])
        except OSError:
            return socket.gethostname()
