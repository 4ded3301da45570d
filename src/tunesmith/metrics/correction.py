"""Many looks at the same rows: how much more a finding must show when others were looked for, too."""

from collections.abc import Sequence

import numpy as np


def holm(p: Sequence[float]) -> list[float]:
    """P values corrected for their number so that the chance of one false finding or more stays the level's.

    Holm (1979, "A simple sequentially rejective multiple test procedure"): the smallest of m is multiplied by m, the
    next by m - 1, …; none is corrected to less than a smaller one, or to more than 1.
    """
    values = np.asarray(p, np.float64)
    order = np.argsort(values, kind="stable")
    corrected = np.empty(len(values))
    corrected[order] = np.minimum(np.maximum.accumulate(values[order] * np.arange(len(values), 0, -1)), 1.0)
    return [float(one) for one in corrected]
