"""The nouns that pass from room to room: frozen, checked, and written to the run folder as they are.

Rows themselves never travel inside an artifact: they lie in Arrow IPC files beside it and the artifact names the file.
The columns of those files stand at ``reading``.
"""

from tunesmith.artifacts.base import Artifact
from tunesmith.artifacts.evaluation import CROSS, ClassScore, Evaluation, Hard, Interval, Mistake, Sample
from tunesmith.artifacts.fitness import Curve, CurvePoint, FieldCut, Match, Row, Suspect
from tunesmith.artifacts.health import Finding, Health, Mended, Severity, SplitFacts, TextFacts
from tunesmith.artifacts.plan import Choice, Example, Forecast, Load, ModelFacts, Piece, Plan, Probe, Timed
from tunesmith.artifacts.prepared import Cleaned, Cleaning, Prepared, Template
from tunesmith.artifacts.reading import Documents, Hypothesis, Reading, RowCount, SetAside, Source, SplitFile
from tunesmith.artifacts.training import Step, Trained

__all__ = [
    "CROSS",
    "Artifact",
    "Choice",
    "ClassScore",
    "Cleaned",
    "Cleaning",
    "Curve",
    "CurvePoint",
    "Documents",
    "Evaluation",
    "Example",
    "FieldCut",
    "Finding",
    "Forecast",
    "Hard",
    "Health",
    "Hypothesis",
    "Interval",
    "Load",
    "Match",
    "Mended",
    "Mistake",
    "ModelFacts",
    "Piece",
    "Plan",
    "Prepared",
    "Probe",
    "Reading",
    "Row",
    "RowCount",
    "Sample",
    "SetAside",
    "Severity",
    "Source",
    "SplitFacts",
    "SplitFile",
    "Step",
    "Suspect",
    "Template",
    "TextFacts",
    "Timed",
    "Trained",
]
