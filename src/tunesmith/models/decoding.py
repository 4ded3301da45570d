"""From token ids back to text: of a whole answer, and of one that is still coming."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray

from tunesmith.metrics.segments import is_unspaced

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

Decode = Callable[[Sequence[int] | NDArray[Any]], str]

_PROBE = "好好"
_REPLACEMENT = "\ufffd"


def decoder(tokenizer: "PreTrainedTokenizerFast") -> Decode:
    """Ids to text without special tokens.

    WordPiece puts a space between any two pieces, so also between Chinese characters: where
    the tokenizer does so, those spaces are taken out, for no text had them.
    """
    backend = tokenizer.backend_tokenizer
    is_parting = " " in backend.decode(backend.encode(_PROBE, add_special_tokens=False).ids)

    def decode(ids: Sequence[int] | NDArray[Any]) -> str:
        text = backend.decode([int(token) for token in ids], skip_special_tokens=True)
        return _together(text) if is_parting else text

    return decode


def _together(text: str) -> str:
    """The text without single spaces between two characters of scripts that use none."""
    kept = [
        one
        for at, one in enumerate(text)
        if one != " " or not (0 < at < len(text) - 1 and is_unspaced(text[at - 1]) and is_unspaced(text[at + 1]))
    ]
    return "".join(kept)


class Spoken:
    """The text of an answer as its tokens come; ``told`` gets whole characters alone, in order."""

    def __init__(self, decode: Decode, told: Callable[[str], None]) -> None:
        self._decode, self._told = decode, told
        self._ids: list[int] = []
        self.text = ""

    def hear(self, token: int) -> None:
        """One more token. Part of a character waits for the rest of it."""
        self._ids.append(token)
        text = self._decode(self._ids)
        if not text.endswith(_REPLACEMENT):
            self._tell(text)

    def finish(self) -> str:
        """No more comes: what waited is told, and the whole answer is returned."""
        self._tell(self._decode(self._ids))
        return self.text

    def _tell(self, text: str) -> None:
        if text.startswith(self.text) and len(text) > len(self.text):
            self._told(text[len(self.text) :])
            self.text = text
