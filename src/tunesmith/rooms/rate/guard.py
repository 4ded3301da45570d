"""What stands before every page: who asks, from where, how much, how often; and what a browser may do with the answer.

A page that somebody else's site opens in a rater's browser must not vote there (Origin), a name that is turned to
this machine must not read (Host), and text of the data must not become a script (content security policy).
"""

import ipaddress
import socket
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping, Set
from typing import Any
from urllib.parse import urlsplit

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BYTES = 512 * 1024
"""Of one request. Fifty votes that put right the tags of long sentences take less."""

A_SECOND, AT_ONCE = 20.0, 120.0
"""Requests of one address that are answered: so many at once, then so many a second. A page makes two for a vote."""

MOST_ADDRESSES = 4096
"""Addresses that are remembered."""

HEADERS = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self';"
    " img-src 'self' data:; media-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cache-control": "no-store",
}


class Guard:
    """ASGI: asks of every request what has to be so, and adds the headers to every answer."""

    def __init__(self, app: App, *, is_public: bool = False) -> None:
        """``is_public``: machines other than this one may ask, too."""
        self._app, self._is_public = app, is_public
        own = socket.gethostname().lower()
        # Looked up once: what a request says must never make this machine ask the network.
        self._names = frozenset({"localhost", own, f"{own}.local"} if is_public else {"localhost"})
        self._allowance = Allowance(A_SECOND, AT_ONCE)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or turn it away."""
        if scope["type"] != "http":
            # There are no sockets here, and the rest is the server's own talk.
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                present = {name.lower() for name, _ in message["headers"]}
                added = [(k.encode(), v.encode()) for k, v in HEADERS.items() if k.encode() not in present]
                message["headers"] = [*message["headers"], *added]
            await send(message)

        status, reason = self._refusal(scope)
        if status:
            await _answer(with_headers, status, reason)
            return
        await self._app(scope, _limited(receive), with_headers)

    def _refusal(self, scope: Scope) -> tuple[int, str]:
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if not is_known_host(headers.get("host", ""), self._names, is_public=self._is_public):
            return 400, "unknown host"
        if scope["method"] not in ("GET", "HEAD") and not is_own_page(headers):
            return 403, "not from a page of this server"
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length) > MOST_BYTES:
            return 413, "too large"
        client = (scope.get("client") or ("",))[0]
        if not self._allowance.takes(str(client)):
            return 429, "too many requests; wait a moment"
        return 0, ""


class Allowance:
    """So many at once, then so many a second, for each name."""

    def __init__(self, a_second: float, at_once: float) -> None:
        self._a_second, self._at_once = a_second, at_once
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def takes(self, name: str) -> bool:
        """Whether ``name`` may, and count it."""
        now = time.monotonic()
        left, since = self._left.pop(name, (self._at_once, now))
        left = min(self._at_once, left + (now - since) * self._a_second)
        self._left[name] = (left - 1.0 if left >= 1.0 else left, now)
        if len(self._left) > MOST_ADDRESSES:
            self._left.popitem(last=False)
        return left >= 1.0


def is_known_host(host: str, names: Set[str], *, is_public: bool) -> bool:
    """Whether a browser that names this host means us: by an address, or one of our own names, never another."""
    try:
        name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return False
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        return name in names
    return is_public or address.is_loopback


def is_own_page(headers: dict[str, str]) -> bool:
    """Whether what changes something was sent by a page of ours, as browsers say it."""
    if not headers.get("content-type", "").startswith("application/json"):
        return False
    origin = headers.get("origin")
    if origin is None:
        return headers.get("sec-fetch-site") == "same-origin"
    parts = urlsplit(origin)
    return parts.scheme in ("http", "https") and parts.netloc == headers.get("host")


def _limited(receive: Receive) -> Receive:
    """The body, as far as it is allowed to go: one without a length in its header may go on for ever."""
    seen = 0

    async def counted() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return message if seen <= MOST_BYTES else {"type": "http.disconnect"}

    return counted


async def _answer(send: Send, status: int, reason: str) -> None:
    body = reason.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
