"""Whether a rater reads: items whose answer is known, and items that came twice, counted."""

from dataclasses import dataclass
from typing import Any

from tunesmith.rooms.rate.store import Store


@dataclass(frozen=True, kw_only=True)
class Attention:
    """Votes on items with a known answer and those that pass; repeated votes and those that say the same again."""

    gold: int
    gold_right: int
    repeats: int
    repeats_same: int


def attention(store: Store, rater: int) -> Attention:
    """Of one rater, so far; each criterion is a vote of its own."""
    accepted = {item.id: item.accepted for item in store.items() if item.accepted}
    first: dict[tuple[str, str], Any] = {}
    counts = {"gold": 0, "gold_right": 0, "repeats": 0, "repeats_same": 0}
    for vote in store.checks(rater):
        if vote.is_gold:
            counts["gold"] += 1
            counts["gold_right"] += _plain(vote.value) in [_plain(one) for one in accepted[vote.item]]
        if not vote.is_repeat:
            first[vote.item, vote.criterion] = vote.value
        elif (vote.item, vote.criterion) in first:
            counts["repeats"] += 1
            counts["repeats_same"] += first[vote.item, vote.criterion] == vote.value
    return Attention(**counts)


def _plain(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
