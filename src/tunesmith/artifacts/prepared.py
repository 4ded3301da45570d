"""``Prepared``: rows as tokens, how texts were cleaned on the way, and the tokens that stand around them."""

from typing import Literal

from pydantic import Field

from tunesmith.artifacts.base import Artifact
from tunesmith.artifacts.reading import Documents, SplitFile


class Sense(Artifact):
    """How a picture or a sound is shown to a model; what is kept of it lies in the prepared file as plain numbers.

    ``input`` is the model's argument. One item has ``shape``; a first length of 0 is each item's own. What is kept are
    numbers of type ``kept``; the model is shown (number * ``scale`` - mean) / deviation, a mean for each place of the
    first axis, or one for all. ``time`` is the axis of time, None for pictures. A sound is heard at ``rate`` samples a
    second, in windows of ``window`` samples. The model makes ``tokens`` of an item, or one of every ``tokens`` samples
    where items are of their own length. ``varied``: the ways in which items are shown otherwise in every epoch.
    """

    input: Literal["pixel_values", "input_values", "input_features"]
    shape: tuple[int, ...]
    kept: Literal["uint8", "float16", "int16"]
    scale: float = 1.0
    mean: tuple[float, ...] = (0.0,)
    deviation: tuple[float, ...] = (1.0,)
    time: int | None = None
    rate: int = 0
    window: int = 0
    tokens: int
    varied: tuple[str, ...] = ()


class Template(Artifact):
    """Ids that a tokenizer puts around one text, or around and between two.

    ``[prefix] text [suffix]`` or ``[prefix] text [middle] text2 [suffix]``;
    ``has_types``: the second text is marked by token type 1. ``end`` is the token that ends a text, ``mask`` the
    one that hides a token, where the tokenizer names them; ``size`` are its entries. A decoder behind an encoder
    begins with ``start``. ``truncation``: what gives way in a talk that is too long. For pictures and sounds
    ``sense`` stands in the place of all that.
    """

    prefix: tuple[int, ...]
    middle: tuple[int, ...]
    suffix: tuple[int, ...]
    pad: int
    unknown: int
    has_types: bool
    end: int | None = None
    start: int | None = None
    truncation: Literal["answer", "drop", "split"] = "answer"
    mask: int | None = None
    size: int = 0
    sense: Sense | None = None


class Cleaning(Artifact):
    """What is done to a text before it becomes tokens, at training and wherever the model is used.

    ``steps`` by name, in the order in which they are taken. ``stopwords`` are left out, then with ``segment``
    words and signs are put apart by spaces. ``libraries`` are the versions that decide what comes out.
    """

    steps: tuple[str, ...] = ()
    segment: bool = False
    stopwords: tuple[str, ...] = ()
    libraries: dict[str, str] = Field(default_factory=dict)


class Cleaned(Artifact):
    """What one cleaning step changed in all splits: rows, and characters that are no longer there."""

    step: str
    rows: int
    characters: int


class Decoding(Artifact):
    """How files were decoded: ``seconds`` of a core for one of ``files``; ``workers`` where ``cores`` could be used.

    One worker is this process alone.
    """

    files: int
    seconds: float
    workers: int
    cores: int


class Prepared(Artifact):
    """Tokenised splits, ready to be batched.

    Each Arrow file holds what the task's ``encode`` made of a row (token ids without any
    truncation) and ``row``, the row's position in the Reading's file of split ``origin``.
    The files in ``raw`` hold the rows as they were read; ``cleaning`` was done on the way to the tokens, and
    ``cleaned`` counts it. Of ``kept_rows`` a step would have emptied a text, which stayed as it was.
    Of a corpus of lines, ``documents`` says which of them were joined into texts.
    ``augmented`` counts made training rows by way; they stand behind the others, with ``augmented`` 1 in that column
    and with ``row`` their source's. ``labels`` is in the order of the model's outputs. ``token_lengths`` are ascending
    quantiles (0, 1, … 100%) of the training split's rows in tokens. ``decoding``: of pictures and sounds.
    """

    task: str
    labels: tuple[str, ...]
    splits: dict[str, SplitFile]
    raw: dict[str, SplitFile]
    tokenizer: str
    template: Template
    token_lengths: tuple[int, ...]
    train_tokens: int
    unknown_share: float
    split_because: str
    documents: Documents | None = None
    cleaning: Cleaning = Cleaning()
    cleaned: tuple[Cleaned, ...] = ()
    kept_rows: int = 0
    augmented: dict[str, int] = Field(default_factory=dict)
    decoding: Decoding | None = None
    key: str
