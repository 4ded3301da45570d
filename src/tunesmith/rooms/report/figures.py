"""A number that stands out at the head of a page."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """One number that stands out, what it counts, and what belongs to it."""

    name: str
    value: str
    more: str
