"""A small rating: items, a store with two raters, and its pages as a browser sees them."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

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
