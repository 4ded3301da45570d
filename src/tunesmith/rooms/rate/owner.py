"""The owner's pages: how far everybody is, what came of it so far, and files to take away."""

import tempfile
from pathlib import Path
from typing import Any

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import HTMLResponse, Response

from tunesmith.artifacts import Ratings
from tunesmith.rooms.rate import page, told
from tunesmith.rooms.rate.attention import attention
from tunesmith.rooms.rate.desk import Desk
from tunesmith.rooms.rate.export import FORMS, Form, export
from tunesmith.rooms.rate.items import Kind
from tunesmith.rooms.rate.links import OWNER, entrance
from tunesmith.words import speaking

DECIDED: dict[Form, tuple[Kind, ...]] = {"preference": ("ab", "scale"), "labels": ("right", "tags")}
"""Files of what people decided, and of which kinds of vote they can be made; the others hold all votes of any kind."""


def pages(desk: Desk) -> APIRouter:
    """What lies below ``/owner``."""
    router = APIRouter(prefix="/owner")

    @router.get("/enter/{token}")
    def enter(request: Request, token: str) -> Response:
        return desk.enter(request, OWNER, token, "/owner")

    @router.get("/")
    def overview(request: Request) -> Response:
        desk.owner(request)
        raters = desk.store.raters()
        links = {number: entrance(desk.links, str(number)) for number in raters}
        return desk.page(request, "owner", links=links, raters=raters, forms=_forms(desk))

    @router.get("/progress")
    def progress(request: Request) -> dict[str, Any]:
        desk.owner(request)
        return {"raters": [_told(desk, number) for number in desk.store.raters()]}

    @router.get("/findings")
    def findings(request: Request) -> dict[str, Any]:
        """What can be said so far, in the owner's language; it takes a moment where there are many votes."""
        desk.owner(request)
        with speaking(desk.language(request)):
            return {"sentences": _sentences(desk.ratings())}

    @router.get("/result")
    def result(request: Request) -> Response:
        desk.owner(request)
        with speaking(desk.language(request)):
            found = desk.ratings()
            if found is None:
                return desk.page(request, "refused", code=0, error=None)
            return HTMLResponse(page.render(found), headers={"content-security-policy": page.POLICY})

    @router.get("/export/{form}")
    def taken(request: Request, form: str) -> Response:
        desk.owner(request)
        if form not in _forms(desk):
            raise HTTPException(404)
        with speaking(desk.language(request)):
            return _file(desk, next(one for one in FORMS if one == form))

    return router


def _sentences(found: Ratings | None) -> list[str]:
    """What was judged, how far raters agree about it, and whether somebody seems not to read."""
    if found is None:
        return []
    whole = found.whole
    return [*told.sentences(whole), *map(told.agreement, whole.agreement), *filter(None, [told.doubts(found)])]


def _forms(desk: Desk) -> list[Form]:
    kind = desk.store.terms.kind
    return [form for form in FORMS if kind in DECIDED.get(form, (kind,))]


def _file(desk: Desk, form: Form) -> Response:
    """The file, as its browser keeps it.

    Raises:
        DataError: there is nothing to be in it.
    """
    found = desk.ratings()
    doubted = [rater.name for rater in found.raters if rater.doubts] if found else []
    suffix = "csv" if form == "csv" else "conll" if form == "labels" and desk.store.terms.kind == "tags" else "jsonl"
    name = f"ratings.{form}.{suffix}" if form in DECIDED else f"ratings.{suffix}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        store = desk.store
        export(store.votes(), store.items(), store.terms, form=form, path=path, doubted=doubted)
        content = path.read_bytes()
    headers = {"content-disposition": f'attachment; filename="{name}"'}
    return Response(content, media_type="application/octet-stream", headers=headers)


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
