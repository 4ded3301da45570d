"""Which item a rater sees when, and which answer on which side: drawn for each rater, and kept."""

from collections.abc import Sequence
from dataclasses import dataclass

from tunesmith.rooms.rate.items import Item
from tunesmith.seeds import generator

ONE_REPEAT_IN = 20
"""Items for each that is shown a second time: whether a rater agrees with themself is told by these."""

FEWEST = 10
"""With fewer items nothing is repeated: everybody would remember."""

APART = 5
"""Items that lie at least between the two showings of one."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """One showing: the ``item``'s number; ``is_flipped`` where the first answer is shown as the second."""

    item: int
    is_flipped: bool
    is_repeat: bool = False


def dealt(items: Sequence[Item], *, rater: str, seed: int) -> list[Place]:
    """All items in the rater's own order, some of them twice, the second time with sides as drawn anew.

    Args:
        items: by number.
    """
    draw = generator(seed, "order", rater)
    order = draw.permutation(len(items)).tolist()
    shown = [(int(item), False) for item in order]
    early = [item for item in order[: 2 * len(order) // 3] if not items[item].is_gold]
    count = len(items) // ONE_REPEAT_IN if len(items) >= ONE_REPEAT_IN else int(len(items) >= FEWEST)
    for item in draw.permutation(early)[:count].tolist():
        first = shown.index((item, False))
        shown.insert(int(draw.integers(min(first + 1 + APART, len(shown)), len(shown) + 1)), (item, True))
    sides = draw.integers(0, 2, len(shown)).astype(bool).tolist()
    return [
        Place(item=item, is_flipped=flipped and len(items[item].answers) > 1, is_repeat=repeat)
        for (item, repeat), flipped in zip(shown, sides, strict=True)
    ]
