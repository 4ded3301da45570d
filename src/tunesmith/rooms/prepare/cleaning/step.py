"""What a cleaning step declares."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray


@dataclass(frozen=True, kw_only=True)
class Step:
    """One named way to clean a text.

    Attributes:
        about: what it does, in the user's language, asked for when it is shown.
        suspects: an RE2 pattern; a text that it does not match is never changed. It may match too much, and makes
            that clean texts, which are the rule, cost next to nothing.
        clean: text → cleaned text. Pure, and twice is as good as once: ``clean(clean(x)) == clean(x)``.
        is_repeatable: false where that does not hold; such a step is taken once, after all others have settled.
        library: distribution whose version decides what comes out; empty where none does.
    """

    about: Callable[[], str]
    suspects: str
    clean: Callable[[str], str]
    is_repeatable: bool = True
    library: str = ""

    def may_change(self, texts: pa.StringArray) -> NDArray[np.bool_]:
        """Which of the texts may be changed, (n,); null never is."""
        found: NDArray[np.bool_] = (
            pc.match_substring_regex(texts, self.suspects).fill_null(False).to_numpy(zero_copy_only=False)
        )
        return found


def settled(clean: Callable[[str], str]) -> Callable[[str], str]:
    """``clean`` again and again until nothing changes; each change must lessen something that is finite."""

    def whole(text: str) -> str:
        while (cleaned := clean(text)) != text:
            text = cleaned
        return text

    return whole
