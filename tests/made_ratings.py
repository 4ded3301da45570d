"""Items and votes that tests of ratings share."""

import secrets
from typing import Any

from tunesmith.rooms.rate import Answer, Item


def pair(at: int, **more: Any) -> Item:
    answers = (Answer(system="one", text=f"first of {at}"), Answer(system="two", text=f"second of {at}"))
    return Item(**{"id": f"item{at}", "prompt": f"question {at}", "answers": answers} | more)


def vote(place: int, chosen: Any = "first", **more: Any) -> dict[str, Any]:
    value = {} if more.get("mark", "vote") != "vote" else {"": chosen}
    return {"id": secrets.token_hex(16), "place": place, "mark": "vote", "value": value, "seconds": 2.5} | more
