"""The settings tree: the one source of flags, YAML, web form and documentation.

``None`` means: the plan decides, and says why. A plan holds the tree filled in.
"""

from tunesmith.settings.tree import (
    EvaluateSettings,
    ModelSettings,
    PrepareSettings,
    ReadSettings,
    Settings,
    TrainSettings,
)

__all__ = ["EvaluateSettings", "ModelSettings", "PrepareSettings", "ReadSettings", "Settings", "TrainSettings"]
