"""verify: what a run says of itself, looked at again."""

from tunesmith.rooms.verify.facts import Again, Kept
from tunesmith.rooms.verify.verify import is_whole, verify

__all__ = ["Again", "Kept", "is_whole", "verify"]
