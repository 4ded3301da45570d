"""The pages of a rater: what it is about, two items to practise on, and the items one by one."""

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field

from tunesmith.rooms.rate.desk import Desk
from tunesmith.rooms.rate.gallery import Gallery
from tunesmith.rooms.rate.items import Kind
from tunesmith.rooms.rate.links import rater_path
from tunesmith.rooms.rate.practice import practice
from tunesmith.rooms.rate.values import is_fitting
from tunesmith.rooms.rate.votes import Given, Mark, Shown
from tunesmith.words import speaking

AT_ONCE = 50
"""Items, or votes, in one request."""


class Sent(BaseModel):
    """A vote as a page sends it; see ``Given``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: Annotated[str, Field(min_length=8, max_length=64, pattern=r"^[\w-]+$")]
    place: Annotated[int, Field(ge=0)]
    mark: Mark
    value: dict[str, Any] = Field(default_factory=dict)
    seconds: Annotated[float, Field(ge=0, le=7 * 24 * 3600, allow_inf_nan=False)]


class Parcel(BaseModel):
    """Votes of one request, the oldest first."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    votes: Annotated[list[Sent], Field(max_length=AT_ONCE)]


def pages(desk: Desk) -> APIRouter:
    """What lies below ``/r/NUMBER``."""
    router = APIRouter(prefix="/r/{number}")

    @router.get("/enter/{token}")
    def enter(request: Request, number: int, token: str) -> Response:
        return desk.enter(request, str(number), token, rater_path(number))

    @router.get("/")
    def introduction(request: Request, number: int) -> Response:
        name = desk.rater(request, number)
        done, places = desk.store.done(number)
        return desk.page(request, "intro", name=name, done=done, places=places)

    @router.get("/practice")
    def practise(request: Request, number: int) -> Response:
        desk.rater(request, number)
        return desk.page(request, "rate", is_practice=True, rating="practice")

    @router.get("/practice.json")
    def practice_items(request: Request, number: int) -> dict[str, Any]:
        desk.rater(request, number)
        terms = desk.store.terms
        with speaking(desk.language(request)):
            return {"items": practice(terms.kind, terms.asked, sense=desk.sense)}

    @router.get("/media/{name}")
    def media(request: Request, number: int, name: str) -> Response:
        desk.rater(request, number)
        return desk.media(name)

    @router.get("/rate")
    def rate(request: Request, number: int) -> Response:
        desk.rater(request, number)
        return desk.page(request, "rate", is_practice=False, rating=desk.store.id)

    @router.get("/items")
    def items(
        request: Request,
        number: int,
        first: Annotated[int, Query(ge=0)] = 0,
        count: Annotated[int, Query(ge=1, le=AT_ONCE)] = 20,
    ) -> dict[str, Any]:
        desk.rater(request, number)
        kind = desk.store.terms.kind
        return {"items": [as_seen(one, kind, desk.gallery) for one in desk.store.shown(number, first, count)]}

    @router.get("/state")
    def state(request: Request, number: int) -> dict[str, Any]:
        desk.rater(request, number)
        return _state(desk, number)

    @router.post("/votes")
    def votes(request: Request, number: int, parcel: Parcel) -> dict[str, Any]:
        desk.rater(request, number)
        _add(desk, number, parcel)
        return {"saved": [one.id for one in parcel.votes], **_state(desk, number)}

    return router


def as_seen(shown: Shown, kind: Kind, gallery: Gallery) -> dict[str, Any]:
    """An item for a rater's page: nothing in it tells a system from another, or what is known of the item."""
    item = shown.item
    texts = [one.text for one in item.answers]
    return {
        "place": shown.place,
        "prompt": item.prompt,
        "image": gallery.address(item.image),
        "sound": gallery.address(item.sound),
        "answers": texts[::-1] if shown.is_flipped else texts,
        # Where labels are judged, the data's own label is what may be wrong.
        "reference": item.reference if kind == "right" and not item.labels else "",
        "labels": item.labels,
        "tokens": item.tokens,
        "tags": item.tags,
        "mark": shown.mark,
        "value": shown.value,
    }


def _add(desk: Desk, number: int, parcel: Parcel) -> None:
    """Write the votes down.

    Raises:
        HTTPException: 422, one of them answers something else than what was asked.
    """
    terms = desk.store.terms
    for one in parcel.votes:
        found = desk.store.shown(number, one.place, 1)
        if not found or found[0].place != one.place:
            raise HTTPException(422, detail=f"no place {one.place}")
        if one.mark == "vote" and not is_fitting(one.value, found[0].item, terms):
            raise HTTPException(422, detail=f"place {one.place} asks for another value")
    desk.store.add(
        number,
        [
            Given(id=one.id, place=one.place, mark=one.mark, value=one.value if one.mark == "vote" else {},
                  seconds=one.seconds)
            for one in parcel.votes
        ],
    )  # fmt: skip


def _state(desk: Desk, number: int) -> dict[str, Any]:
    done, places = desk.store.done(number)
    return {"places": places, "done": done, "next": desk.store.next_open(number)}
