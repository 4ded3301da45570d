"""What systems answered to one question, before it is decided what of it people are asked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Question:
    """One row with the answers of those systems that answered it.

    Attributes:
        key: the same for the same row, whatever answered it.
        answers: system → what it wrote, or the label that it gave.
        tags: of a tagger, system → its tags, BIO.
        truth: of a tagger, the tags of the data.
        accepted: judgements that the owner named as right; see ``Item.accepted``.
        others: as of ``Item``.
    """

    key: str
    prompt: str
    answers: Mapping[str, str] = field(default_factory=dict)
    reference: str = ""
    labels: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    tags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    truth: tuple[str, ...] = ()
    place: str = ""
    accepted: tuple[Any, ...] = ()
    image: str = ""
    sound: str = ""
