"""rate: people judge answers in a browser, blind; what they say is kept."""

from tunesmith.rooms.rate.items import Answer, Item, Kind, Terms
from tunesmith.rooms.rate.store import Given, Progress, Store, Vote

__all__ = ["Answer", "Given", "Item", "Kind", "Progress", "Store", "Terms", "Vote"]
