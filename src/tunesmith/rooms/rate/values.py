"""Which values a vote may have: what a page sends is believed only as far as it answers what was asked."""

from collections.abc import Mapping
from typing import Any

from tunesmith.rooms.rate.items import HIGHEST, LOWEST, Item, Terms

MOST_CHARACTERS = 200
"""Of a correction: it is a label."""


def is_fitting(value: Mapping[str, Any], item: Item, terms: Terms) -> bool:
    """Whether each criterion is answered as its kind wants it, and nothing else is said."""
    extra = {"correction"} if terms.kind == "right" else set()
    if not set(terms.asked) <= set(value) <= set(terms.asked) | extra:
        return False
    if "correction" in value and not _is_label(value["correction"], item):
        return False
    return all(_fits(value[criterion], item, terms) for criterion in terms.asked)


def _fits(one: Any, item: Item, terms: Terms) -> bool:
    if terms.kind == "ab":
        return one in ("first", "second", "tie")
    if terms.kind == "right":
        return isinstance(one, bool)
    if terms.kind == "scale":
        return isinstance(one, int) and not isinstance(one, bool) and LOWEST <= one <= HIGHEST
    return isinstance(one, list) and len(one) == len(item.tokens) and all(_is_tag(tag, item) for tag in one)


def _is_tag(tag: Any, item: Item) -> bool:
    return tag == "O" or (isinstance(tag, str) and tag[:2] in ("B-", "I-") and tag[2:] in item.labels)


def _is_label(label: Any, item: Item) -> bool:
    return isinstance(label, str) and len(label) <= MOST_CHARACTERS and label in (*item.labels, "")
