"""tunesmith: hand over the file you already have, get back a model that you can trust.

import tunesmith as ts
reading = ts.read("reviews.tsv")
health = ts.check(reading)
session = ts.train("reviews.tsv", model="minilm", time="10m")
for step in session: ...
result = session.finish()
"""

from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

if TYPE_CHECKING:
    from tunesmith.api import (
        chat,
        check,
        compare,
        explain,
        mend,
        plan,
        predict,
        rate,
        ratings,
        read,
        resume,
        test,
        train,
        tune,
        verify,
        what_if,
    )

__all__ = [
    "chat",
    "check",
    "compare",
    "explain",
    "mend",
    "plan",
    "predict",
    "rate",
    "ratings",
    "read",
    "resume",
    "test",
    "train",
    "tune",
    "verify",
    "what_if",
]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'tunesmith' has no attribute {name!r}")
    # Loaded when first used, so that importing the package costs nothing.
    from tunesmith import api

    return getattr(api, name)
