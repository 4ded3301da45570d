"""An even sample of a stream that is read once."""

from collections.abc import Iterable, Iterator
from itertools import islice
from math import exp, floor, log, log1p

from tunesmith.seeds import generator


def sampled(texts: Iterable[str], limit: int, seed: int) -> Iterator[str]:
    """At most ``limit`` texts of a stream, each as likely as any other (reservoir, Li 1994, algorithm L)."""
    stream = iter(texts)
    kept = list(islice(stream, limit))
    draw = generator(seed, "tokenizer", "sample")
    weight = 1.0
    while len(kept) == limit:
        weight *= exp(log(1.0 - draw.random()) / limit)
        skip = floor(log(1.0 - draw.random()) / log1p(-weight))
        text = next(islice(stream, skip, None), None)
        if text is None:
            break
        kept[int(draw.integers(limit))] = text
    return iter(kept)
