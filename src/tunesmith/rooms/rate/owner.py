"""The owner's pages: how far everybody is, what came of it so far, and files to take away."""

from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import Response

from tunesmith.rooms.rate.attention import attention
from tunesmith.rooms.rate.desk import Desk
from tunesmith.rooms.rate.links import OWNER, entrance


def pages(desk: Desk) -> APIRouter:
    """What lies below ``/owner``."""
    router = APIRouter(prefix="/owner")

    @router.get("/enter/{token}")
    def enter(request: Request, token: str) -> Response:
        return desk.enter(request, OWNER, token, "/owner")

    @router.get("/")
    def overview(request: Request) -> Response:
        desk.owner(request)
        links = {number: entrance(desk.links, str(number)) for number in desk.store.raters()}
        return desk.page(request, "owner", links=links, raters=desk.store.raters(), exports={}, has_result=False)

    @router.get("/progress")
    def progress(request: Request) -> dict[str, Any]:
        desk.owner(request)
        return {"raters": [_told(desk, number) for number in desk.store.raters()]}

    return router


def _told(desk: Desk, number: int) -> dict[str, Any]:
    one, seen = desk.store.progress(number), attention(desk.store, number)
    return {
        "number": number,
        "places": one.places,
        "done": one.done,
        "skipped": one.skipped,
        "last": one.last,
        "seconds": one.seconds,
        "gold": [seen.gold_right, seen.gold],
        "repeats": [seen.repeats_same, seen.repeats],
    }
