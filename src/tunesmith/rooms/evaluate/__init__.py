"""evaluate: scores with intervals and the worst errors, by the same path that predicts."""

from tunesmith.rooms.evaluate.adapter import adapter_note
from tunesmith.rooms.evaluate.afresh import afresh
from tunesmith.rooms.evaluate.calibration import CALIBRATION, temperature
from tunesmith.rooms.evaluate.evaluate import Scorer, evaluate, scorer
from tunesmith.rooms.evaluate.features import KEPT
from tunesmith.rooms.evaluate.held import Held
from tunesmith.rooms.evaluate.label_thresholds import LABEL_THRESHOLDS, label_thresholds
from tunesmith.rooms.evaluate.pooled import Part, pooled, pooled_again
from tunesmith.rooms.evaluate.predict import predict
from tunesmith.rooms.evaluate.robustness import robustness
from tunesmith.rooms.evaluate.rows import RawRows
from tunesmith.rooms.evaluate.start import note_start
from tunesmith.rooms.evaluate.subject import Subject, subject
from tunesmith.rooms.evaluate.writers import judge_writing
from tunesmith.rooms.evaluate.written import prompt_of

__all__ = [
    "CALIBRATION",
    "KEPT",
    "LABEL_THRESHOLDS",
    "Held",
    "Part",
    "RawRows",
    "Scorer",
    "Subject",
    "adapter_note",
    "afresh",
    "evaluate",
    "judge_writing",
    "label_thresholds",
    "note_start",
    "pooled",
    "pooled_again",
    "predict",
    "prompt_of",
    "robustness",
    "scorer",
    "subject",
    "temperature",
]
