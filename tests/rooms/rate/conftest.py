"""A small rating: items, a store with two raters, and its pages as a browser sees them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from browsing import CHROMIUM, SLOWLY, Page, Server
from tunesmith.rooms.rate import Item, Store, Terms
from tunesmith.rooms.rate.desk import Desk
from tunesmith.rooms.rate.links import OWNER, Links, entrance, rater_path
from tunesmith.rooms.rate.server import application

HOME = "http://127.0.0.1:8717"

Visit = Callable[[str], "Visitor"]


@pytest.fixture
def begun(tmp_path: Path) -> Iterator[Callable[..., Store]]:
    """``begun(items, kind="scale")``: a store with the raters anna and bo."""
    opened = []

    def begin(items: list[Item], **terms: Any) -> Store:
        store = Store.begun(
            tmp_path / "ratings.sqlite", items, Terms(**{"kind": "ab", "systems": ("one", "two")} | terms)
        )
        for name in ("anna", "bo"):
            store.join(name)
        opened.append(store)
        return store

    yield begin
    for store in opened:
        store.close()


class Visitor:
    """Somebody's browser that followed a link."""

    def __init__(self, client: TestClient, base: str) -> None:
        self.client, self.base = client, base

    def get(self, path: str, **options: Any) -> Any:
        return self.client.get(self.base + path, **options)

    def send(self, *votes: dict[str, Any], origin: str | None = HOME, **options: Any) -> Any:
        headers = {"origin": origin} if origin else {}
        return self.client.post(self.base + "/votes", **{"json": {"votes": list(votes)}, "headers": headers} | options)


@pytest.fixture
def visit(tmp_path: Path) -> Iterator[Callable[[Store], Visit]]:
    """``visit(store)("1")``: rater 1 in a browser of their own; ``("owner")`` the owner."""
    clients = []

    def serve(store: Store, **options: Any) -> Visit:
        links = Links(tmp_path)
        app = application(Desk(store, links, 8717), **options)

        def enter(name: str) -> Visitor:
            client = TestClient(app, base_url=HOME, headers={"accept": "text/html, application/json"})
            clients.append(client)
            assert client.get(entrance(links, name)).status_code == 200
            return Visitor(client, "/owner" if name == OWNER else rater_path(int(name)))

        return enter

    yield serve
    for client in clients:
        client.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    if CHROMIUM is None:
        pytest.skip("there is no chromium here")
    sync_api = pytest.importorskip("playwright.sync_api")
    with sync_api.sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def open_as(chromium: Any) -> Iterator[Callable[..., Page]]:
    """``open_as(server, "1")``: the page of rater 1, ready to rate, in a browser of their own."""
    contexts = []

    def opened(server: Server, name: str, path: str = "rate", **options: Any) -> Page:
        context = chromium.new_context(**{"locale": "en-US"} | options)
        context.set_default_timeout(SLOWLY)
        contexts.append(context)
        page = context.new_page()
        page.faults = []
        page.on("pageerror", lambda error: page.faults.append(str(error)))
        page.goto(server.link(name))
        page.wait_for_url("**/owner/" if name == OWNER else f"**/r/{name}/")
        if path:
            page.goto(page.url + path)
            page.wait_for_selector("#answer button")
        return page

    yield opened
    faults = [fault for context in contexts for page in context.pages for fault in page.faults]
    for context in contexts:
        context.close()
    assert faults == []


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    servers = []

    def serve(items: list[Item], raters: tuple[str, ...] = ("anna", "bo"), **terms: Any) -> Server:
        store = Store.begun(
            tmp_path / "ratings.sqlite", items, Terms(**{"kind": "ab", "systems": ("one", "two")} | terms)
        )
        for rater in raters:
            store.join(rater)
        store.close()
        servers.append(Server(tmp_path))
        return servers[-1]

    yield serve
    for server in servers:
        if server.process.poll() is None:
            server.kill()
