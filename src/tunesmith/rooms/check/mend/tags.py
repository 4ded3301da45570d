"""Tag sequences that break their scheme, written so that they say by the scheme what they say by conlleval's rule.

No entity begins, ends or changes: a broken tag starts an entity for every scorer, and afterwards it says so.
"""

from collections.abc import Sequence

from tunesmith.metrics.tags import JOINERS, OUTSIDE, Scheme, entities, illegal_positions

# first, inside, last, single, in the letters of each closed scheme
_CLOSED = {
    Scheme.BIOES: ("B", "I", "E", "S"),
    Scheme.BMES: ("B", "M", "E", "S"),
    Scheme.BMEWO: ("B", "M", "E", "W"),
    Scheme.BILOU: ("B", "I", "L", "U"),
}
_OPEN = {Scheme.BIO: "B", Scheme.IOB1: "I"}


def legal(tags: Sequence[str], scheme: Scheme) -> list[str]:
    """The tags with those that break the scheme put right; legal ones as they are."""
    broken = illegal_positions(tags, scheme)
    if not broken:
        return list(tags)
    if scheme in _CLOSED:
        return _rewritten(tags, _CLOSED[scheme])
    mended = list(tags)
    for position in broken:
        tag = mended[position]
        # In BIO an I- that continues nothing begins an entity; in IOB1 a B- that parts nothing is an I-.
        if scheme in _OPEN and tag[:1] in "BI" and tag[1:2] in {*JOINERS, ""}:
            mended[position] = _OPEN[scheme] + tag[1:]
    return mended


def _rewritten(tags: Sequence[str], letters: tuple[str, str, str, str]) -> list[str]:
    first, inside, last, single = letters
    mended = [tag if tag in OUTSIDE else "O" for tag in tags]
    for entity in entities(tags):
        for position in range(entity.start, entity.end + 1):
            is_first, is_last = position == entity.start, position == entity.end
            letter = single if is_first and is_last else first if is_first else last if is_last else inside
            rest = tags[position][1:] if tags[position][1:2] in {*JOINERS} else f"-{entity.type}"
            mended[position] = letter + rest
    return mended
