"""Room: is the data good enough. ``check(reading)`` answers with a Health.

``rows`` streams a Reading, ``survey`` (with ``texts`` and ``index``) gathers in one pass what the checks look
at, the files of checks judge it, ``catalogue`` lists them all, ``health`` runs them. What needs a model is handed in:
a ``Lens`` (how its tokenizer sees the texts, for ``match``) and ``Features`` (for the slow checks in ``deep``).
``mend`` writes a copy without what can be mended.
"""

from tunesmith.rooms.check.deep.ahead import Ahead, ahead
from tunesmith.rooms.check.deep.features import Features, FeaturesFor, Progress, Tuned, UntunedError
from tunesmith.rooms.check.health import check
from tunesmith.rooms.check.match import Lens, LensFor
from tunesmith.rooms.check.mend import cures, for_humans, mend
from tunesmith.rooms.check.remedy import Clean

__all__ = [
    "Ahead",
    "Clean",
    "Features",
    "FeaturesFor",
    "Lens",
    "LensFor",
    "Progress",
    "Tuned",
    "UntunedError",
    "ahead",
    "check",
    "cures",
    "for_humans",
    "mend",
]
