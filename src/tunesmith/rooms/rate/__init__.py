"""rate: people judge answers in a browser, blind; what they say is kept."""

from tunesmith.rooms.rate.items import KINDS, Answer, Item, Kind, Terms
from tunesmith.rooms.rate.store import Store
from tunesmith.rooms.rate.votes import Given, Progress, Vote

__all__ = ["KINDS", "Answer", "Given", "Item", "Kind", "Progress", "Store", "Terms", "Vote"]
