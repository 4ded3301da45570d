"""The nouns that pass from room to room: frozen, checked, and written to the run folder as they are.

Rows themselves never travel inside an artifact: they lie in Arrow IPC files beside it and the artifact names the file.
The columns of those files stand at ``reading``.
"""

from tunesmith.artifacts.base import Artifact
from tunesmith.artifacts.comparison import Comparison, Contender, Difference, Setting
from tunesmith.artifacts.evaluation import (
    CROSS,
    Baseline,
    Bin,
    Calibration,
    ClassScore,
    Costs,
    Evaluation,
    Hard,
    Interval,
    Mistake,
    Robustness,
    Sample,
    Slice,
    Temperature,
    Threshold,
)
from tunesmith.artifacts.explanation import Explanation, Explanations, Faith, Neighbour, Trust, Word
from tunesmith.artifacts.fitness import Curve, CurvePoint, FieldCut, Match, Row, Suspect
from tunesmith.artifacts.health import Finding, Health, Mended, Severity, SplitFacts, TextFacts
from tunesmith.artifacts.plan import Choice, Example, Forecast, Load, ModelFacts, Piece, Plan, Probe, Timed
from tunesmith.artifacts.prepared import Cleaned, Cleaning, Prepared, Template
from tunesmith.artifacts.ratings import (
    Agreement,
    Bias,
    Graded,
    Judged,
    PairAgreement,
    Preferred,
    Rater,
    Ratings,
    Right,
    Standing,
)
from tunesmith.artifacts.reading import Documents, Hypothesis, Reading, RowCount, SetAside, Source, SplitFile
from tunesmith.artifacts.supposition import Cell, Compared, Supposition
from tunesmith.artifacts.training import Step, Trained
from tunesmith.artifacts.verification import Claim, Verification

__all__ = [
    "CROSS",
    "Agreement",
    "Artifact",
    "Baseline",
    "Bias",
    "Bin",
    "Calibration",
    "Cell",
    "Choice",
    "Claim",
    "ClassScore",
    "Cleaned",
    "Cleaning",
    "Compared",
    "Comparison",
    "Contender",
    "Costs",
    "Curve",
    "CurvePoint",
    "Difference",
    "Documents",
    "Evaluation",
    "Example",
    "Explanation",
    "Explanations",
    "Faith",
    "FieldCut",
    "Finding",
    "Forecast",
    "Graded",
    "Hard",
    "Health",
    "Hypothesis",
    "Interval",
    "Judged",
    "Load",
    "Match",
    "Mended",
    "Mistake",
    "ModelFacts",
    "Neighbour",
    "PairAgreement",
    "Piece",
    "Plan",
    "Preferred",
    "Prepared",
    "Probe",
    "Rater",
    "Ratings",
    "Reading",
    "Right",
    "Robustness",
    "Row",
    "RowCount",
    "Sample",
    "SetAside",
    "Setting",
    "Severity",
    "Slice",
    "Source",
    "SplitFacts",
    "SplitFile",
    "Standing",
    "Step",
    "Supposition",
    "Suspect",
    "Temperature",
    "Template",
    "TextFacts",
    "Threshold",
    "Timed",
    "Trained",
    "Trust",
    "Verification",
    "Word",
]
