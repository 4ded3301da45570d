"""The settings tree: the one source of flags, YAML, web form and documentation.

``None`` means: the plan decides, and says why. A plan holds the tree filled in.
"""

from tunesmith.settings.tree import (
    AdapterSettings,
    EvaluateSettings,
    GenerateSettings,
    ModelSettings,
    PreferenceSettings,
    PrepareSettings,
    ReadSettings,
    RegulariseSettings,
    Settings,
    TrainSettings,
    TuneSettings,
)

__all__ = [
    "AdapterSettings",
    "EvaluateSettings",
    "GenerateSettings",
    "ModelSettings",
    "PreferenceSettings",
    "PrepareSettings",
    "ReadSettings",
    "RegulariseSettings",
    "Settings",
    "TrainSettings",
    "TuneSettings",
]
