"""The room's door: parts in, a Training out."""

from tunesmith.train.loop import Parts, Training


def train(parts: Parts) -> Training:
    """A training that is ready to be iterated, resumed with ``checkpoints.restore``, or finished."""
    return Training(parts)
