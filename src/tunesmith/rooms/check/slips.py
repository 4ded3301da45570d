"""Whether one label is another one with a slip of the pen, in the plural, or in the other language."""

# A slip happens in few rows: a label that has a tenth of the other's rows may well be a class of its own.
RARE_SHARE = 0.1

# In shorter labels another letter makes another label: "bad" and "mad", B-LOC and B-LOG.
LEAST_LETTERS = 5

# Pairs that leave no doubt; others, such as 好评 and good, may stand side by side.
_SAME = {("正面", "positive"), ("负面", "negative"), ("中性", "neutral"), ("是", "yes"), ("否", "no")}


def is_slip(rare: str, rare_rows: int, common: str, common_rows: int) -> bool:
    """Whether ``rare``, of ``rare_rows`` rows, means ``common``; both folded (``labels.folded``)."""
    if rare == common or rare_rows > common_rows:
        return False
    if {(rare, common), (common, rare)} & _SAME:
        return True
    if min(len(rare), len(common)) < LEAST_LETTERS or not (rare.isalpha() and common.isalpha()):
        return False
    # Characters that are words, such as Chinese ones, make another label each.
    if not (rare.isascii() and common.isascii()):
        return False
    if rare + "s" == common or common + "s" == rare:
        return True
    return rare_rows <= RARE_SHARE * common_rows and _is_one_edit(rare, common)


def _is_one_edit(one: str, other: str) -> bool:
    """Whether one letter put in, left out, replaced or exchanged with the next makes the other (Damerau 1964)."""
    start = next((at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))
    left, right = one[start:], other[start:]
    return (
        left[1:] == right[1:]
        or left == right[1:]
        or left[1:] == right
        or (left[:2] == right[1::-1] and len(left) > 1 and left[2:] == right[2:])
    )
