"""Does the model know what the texts are written in: unknown tokens, scripts, and the room that its window leaves."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tunesmith.artifacts import TextFacts
from tunesmith.tasks.task import Encoder


@dataclass(frozen=True, kw_only=True)
class Lens:
    """What is known of a model before it is loaded: how it would see the texts.

    Attributes:
        name: as the user would name it.
        key: names its tokenizer and window; part of the name under which a Health is kept.
        tokenize: texts to token ids, without special tokens and without truncation.
        unknown: the id of what the vocabulary does not hold; None where it can spell everything.
        bytes_: ids that stand for single bytes, of which unknown characters are put together.
        window: most tokens of one input, special tokens included.
        special: how many special tokens stand around one text, and around two.
        is_pretrained: it comes with weights that were trained on other texts.
        vocabulary: entries.
        scripts: how many entries of the vocabulary are written in each script.
        languages: what its card says that it was made for, such as ``("en",)``; empty where that is silent.
        because: why this model is looked at.
        others: models on this machine that may be named instead.
    """

    name: str
    key: str
    tokenize: Encoder
    unknown: int | None
    bytes_: frozenset[int] = frozenset()
    window: int
    special: tuple[int, int] = (2, 3)
    is_pretrained: bool = True
    vocabulary: int
    scripts: Mapping[str, int] = field(default_factory=dict)
    languages: tuple[str, ...] = ()
    because: str = ""
    others: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LensFor:
    """A Lens that is known only when the texts were read once: without a wish, they decide on the model.

    Attributes:
        key: stands for all that ``make`` depends on but the texts.
        make: facts about the texts to the Lens; None where a model is made from the texts themselves.
    """

    key: str
    make: Callable[[TextFacts], Lens | None]
