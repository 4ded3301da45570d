"""What a row is called in findings: a row of a table, a text, a picture or a recording."""

from dataclasses import dataclass

from tunesmith.rooms.check.survey import Survey


@dataclass(frozen=True)
class Called:
    """English singular and plural; Chinese behind a number, and alone."""

    one: str
    many: str
    counted: str
    alone: str


ROW = Called("row", "rows", "行", "行")
TEXT = Called("text", "texts", "条文本", "文本")
PICTURE = Called("picture", "pictures", "张图像", "图像")
SOUND = Called("recording", "recordings", "段录音", "录音")

_FILES = {"image-classification": PICTURE, "audio-classification": SOUND}


def row(survey: Survey) -> Called:
    """A row, where it counts as one of the data set."""
    return _FILES.get(survey.reading.task, ROW)


def text(survey: Survey) -> Called:
    """What a row says."""
    return _FILES.get(survey.reading.task, TEXT)


def is_media(survey: Survey) -> bool:
    """Rows are pictures or sounds."""
    return survey.reading.task in _FILES
