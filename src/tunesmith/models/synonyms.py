"""Words that a model holds for likely in a place: by its masked predictions, else by its input embeddings."""

import re
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.errors import ModelError
from tunesmith.models.loading import load
from tunesmith.models.tokenizer import load_tokenizer
from tunesmith.settings import ModelSettings

MOST = 5
"""Words for a place: further ones fit less and less."""

NEAREST = 0.5
"""Cosine of two input embeddings from which their words count as alike; below it most are not."""

LIKELY = 0.02
"""Probability from which a masked prediction counts: below it nearly any word is among them."""

FEWEST_LETTERS = 4
"""Shorter Latin words are mostly grammar: "to", "the", "and". To replace one can turn a sentence round."""

_MARKS = re.compile("^[\u2581\u0120]")
_LATIN = re.compile(f"[A-Za-z]{{{FEWEST_LETTERS},}}")
_HAN = re.compile("[\u3400-\u9fff]+")
# They turn a judgement round, whatever a model holds for likely in their place.
_KEPT = frozenset(["not", "never", "nor", "none", "nothing", "without", "hardly", "but"]) | frozenset("不没无非未别")


def synonyms(folder: Path, settings: ModelSettings) -> Callable[[Sequence[str], Sequence[int]], list[list[str]]]:
    """Pieces of a row and places in it → for each place words of the same script and case, the likeliest first.

    Raises:
        ModelError: the folder must not be trusted, or its files are damaged.
    """
    try:
        masked = load(folder, auto_class="AutoModelForMaskedLM", labels=(), settings=settings, seed=0)
    except ModelError:
        # No such class for this kind of model; what else may be wrong with it shows below.
        masked = None
    tokenizer = load_tokenizer(folder)
    if masked is not None and not masked.new_weights and tokenizer.mask_token_id is not None:
        return _Masked(masked.model.eval(), tokenizer)
    model = load(folder, auto_class="AutoModel", labels=(), settings=settings, seed=0).model
    return _Near(model.get_input_embeddings().weight.detach().float().numpy(), tokenizer)


class _Words:
    """The whole words of a vocabulary, by script."""

    def __init__(self, tokenizer: Any) -> None:
        vocabulary: dict[str, int] = tokenizer.get_vocab()
        # Byte-level and sentence pieces mark a word's beginning, WordPiece its inside.
        is_marked = any(_MARKS.match(piece) for piece in vocabulary)
        self.ids: dict[str, int] = {}
        for piece, number in vocabulary.items():
            word = _MARKS.sub("", piece)
            if bool(_MARKS.match(piece)) == is_marked or _HAN.fullmatch(word):
                self.ids.setdefault(word, number)
        self.names = {number: word for word, number in self.ids.items()}
        self._is_small = not any(word != word.lower() for word in self.ids if _LATIN.fullmatch(word))

    def own(self, word: str) -> str | None:
        """How the vocabulary writes a word, where it holds it whole and it may be replaced."""
        if word.lower() in _KEPT or not (_LATIN.fullmatch(word) or _HAN.fullmatch(word)):
            return None
        own = word.lower() if self._is_small else word
        return own if own in self.ids else None

    def like(self, candidate: str, word: str) -> bool:
        """Whether a candidate is another word of the same script and length class, and none that turns a sentence."""
        if candidate.lower() == word.lower() or candidate.lower() in _KEPT:
            return False
        if _HAN.fullmatch(word):
            return bool(_HAN.fullmatch(candidate)) and len(candidate) == len(word)
        return bool(_LATIN.fullmatch(candidate)) and (self._is_small or candidate.istitle() == word.istitle())

    def written(self, candidate: str, word: str) -> str:
        """The candidate in the case of the word."""
        if word.isupper():
            return candidate.upper()
        return candidate.capitalize() if word.istitle() else candidate


class _Near:
    def __init__(self, embeddings: NDArray[np.float32], tokenizer: Any) -> None:
        self._words = _Words(tokenizer)
        self._unit = embeddings / np.maximum(np.linalg.norm(embeddings, axis=1, keepdims=True), 1e-9)
        self._known: dict[str, list[str]] = {}

    def __call__(self, pieces: Sequence[str], places: Sequence[int]) -> list[list[str]]:
        return [self._near(pieces[at]) for at in places]

    def _near(self, word: str) -> list[str]:
        if word not in self._known:
            own = self._words.own(word)
            self._known[word] = [] if own is None else self._found(own, word)
        return self._known[word]

    def _found(self, own: str, word: str) -> list[str]:
        alike = self._unit @ self._unit[self._words.ids[own]]
        best = np.argsort(-alike)[: 10 * MOST]
        names = [self._words.names.get(int(at), "") for at in best if alike[at] >= NEAREST]
        return [self._words.written(name, word) for name in names if self._words.like(name, word)][:MOST]


class _Masked:
    def __init__(self, model: Any, tokenizer: Any) -> None:
        self._words, self._model, self._tokenizer = _Words(tokenizer), model, tokenizer
        self._window = min(int(getattr(model.config, "max_position_embeddings", 512)), 512) - 2

    def __call__(self, pieces: Sequence[str], places: Sequence[int]) -> list[list[str]]:
        return [self._likely(pieces, at) for at in places]

    def _likely(self, pieces: Sequence[str], at: int) -> list[str]:
        import torch

        word = pieces[at]
        if self._words.own(word) is None:
            return []
        gap = "" if any(piece.isspace() for piece in pieces) or _HAN.fullmatch(word) else " "
        around = gap.join(pieces[:at]), gap.join(pieces[at + 1 :])
        text = f"{around[0]}{gap}{self._tokenizer.mask_token}{gap}{around[1]}"
        batch = self._tokenizer(text, return_tensors="pt", truncation=True, max_length=self._window)
        where = (batch["input_ids"][0] == self._tokenizer.mask_token_id).nonzero()
        if not len(where):
            return []  # beyond the window
        with torch.inference_mode():
            share = self._model(**batch).logits[0, where[0, 0]].softmax(-1)
        best = share.topk(min(10 * MOST, len(share)))
        pairs = zip(best.indices.tolist(), best.values.tolist(), strict=True)
        names = [self._words.names.get(number, "") for number, one in pairs if one >= LIKELY]
        return [self._words.written(name, word) for name in names if self._words.like(name, word)][:MOST]
