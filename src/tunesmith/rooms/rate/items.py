"""What is judged: items with their answers, and what people are asked about them."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tunesmith.words import counted, say

Kind = Literal["ab", "scale", "right", "tags"]
"""Which of two is better; grades of one; whether one is right; the tags of a sentence put right."""

KINDS: tuple[Kind, ...] = ("ab", "scale", "right", "tags")

LOWEST, HIGHEST = 1, 5
"""Both ends of a scale."""


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a system answered. ``also`` are systems that answered the very same: they are judged with it, once."""

    system: str
    text: str
    also: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Item:
    """One question to raters.

    Attributes:
        id: the same in every rating of the same answers.
        prompt: what was asked, or the text that was labelled.
        image, sound: absolute path of the picture that is seen with it, or of the sound; "" where there is none. No
            page is told it.
        answers: two for ``ab``, else one; of tags, their texts are empty.
        reference: the answer of the data, "" where there is none.
        labels: what may be chosen instead: labels of a classifier, or types of a tagger.
        tokens, tags: of ``tags``, words and the system's tags for them, BIO.
        place: file and line that it came from, without folders.
        accepted: of an item whose answer is known, the values that pass; empty for all others. Of ``ab`` they are
            ``"a"``, ``"b"`` or ``"tie"``, as of ``Vote.value``.
    """

    id: str
    prompt: str
    answers: tuple[Answer, ...]
    reference: str = ""
    labels: tuple[str, ...] = ()
    tokens: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    place: str = ""
    accepted: tuple[Any, ...] = ()
    image: str = ""
    sound: str = ""

    @property
    def is_gold(self) -> bool:
        """Its answer is known: it tells who reads."""
        return bool(self.accepted)

    def as_dict(self) -> dict[str, Any]:
        """All of it, for JSON; ``from_dict`` takes it back."""
        return asdict(self)

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> "Item":
        """What ``as_dict`` gave, also after JSON made lists of its tuples."""
        tuples = {name: tuple(body[name]) for name in ("labels", "tokens", "tags")}
        answers = tuple(Answer(**{**one, "also": tuple(one["also"])}) for one in body["answers"])
        accepted = tuple(tuple(one) if isinstance(one, list) else one for one in body["accepted"])
        return cls(**{**body, **tuples, "answers": answers, "accepted": accepted})


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What a rating asks: once begun, they stay.

    Attributes:
        systems: names of all that are judged, in the order in which the owner named them.
        criteria: what is asked of each item, one vote each; of none, there is one vote without a name.
        task: of the runs, "" where files are judged.
        guide: what the owner tells raters before they begin, plain text.
        judged, known, alike: items to be judged, those whose answer is known, and questions that were passed by since
            all answers to them were the same.
        seed: of orders and sides.
    """

    kind: Kind
    systems: tuple[str, ...]
    criteria: tuple[str, ...] = ()
    task: str = ""
    guide: str = ""
    judged: int = 0
    known: int = 0
    alike: int = 0
    seed: int = 17

    @property
    def asked(self) -> tuple[str, ...]:
        """The criteria, or the one without a name."""
        return self.criteria or ("",)

    @property
    def notes(self) -> tuple[str, ...]:
        """What has to be known of the items, in words."""
        items = counted(self.judged, "item", "items", "道题")
        more = say(
            f"{items}, and {self.known:,} more whose answer is known, for attention",
            f"{items}，另有 {self.known:,} 道已知答案的题用于检查注意力",
        )
        none = say(f"{items}; none whose answer is known", f"{items}；没有已知答案的题")
        found = more if self.known else none
        if not self.alike:
            return (found,)
        passed = counted(self.alike, "question", "questions", "个问题")
        return (
            found,
            say(
                f"{passed} passed by, since all answers were the same: they count for nobody",
                f"{passed}因回答完全相同而未提问，不计入任何一方",
            ),
        )

    @classmethod
    def from_dict(cls, body: Mapping[str, Any]) -> "Terms":
        """What ``dataclasses.asdict`` gave, after JSON."""
        values: dict[str, Any] = {n: tuple(value) if isinstance(value, list) else value for n, value in body.items()}
        return cls(**values)
