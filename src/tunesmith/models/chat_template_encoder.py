"""Talks to token ids in the form of a tokenizer's chat template; see ``chat_template_form`` for how it is found."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from tunesmith.errors import DataError
from tunesmith.models.chat_template_form import Form, Message, Run, Special, SpecialToken, form, unusable
from tunesmith.tasks.columns import lists
from tunesmith.tasks.talks import ASSISTANT
from tunesmith.tasks.task import Talks
from tunesmith.words import say

if TYPE_CHECKING:
    from transformers import PreTrainedTokenizerFast

_BREAK = "\n"
_PROBE = "ab"

_KEPT = frozenset({ASSISTANT, "system"})
"""Whose words are never cut: answers are to be learned, and a system text says how to answer."""

_SHORTEST = ({"role": "user", "content": _PROBE}, {"role": ASSISTANT, "content": _PROBE})

MOST_SHOWN = 80
"""Characters of a text in a message."""

Span = tuple[int, int]


@dataclass(frozen=True, kw_only=True)
class _Said:
    """A run of one talk in words, and where in it (characters) words stand that may be cut."""

    run: Run
    text: str
    cuts: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True)
class _Coded:
    """The ids of a run, and where in it (tokens) words stand that may be cut."""

    ids: list[int]
    cuts: tuple[Span, ...] = ()


def talk_encoder(tokenizer: "PreTrainedTokenizerFast", folder: Path) -> "FormedTalks":
    """Talks to ids by the tokenizer's own chat template.

    What is said is read as plain text throughout: ``<|im_end|>`` in a question is no special token. Between special
    tokens a prompt is tokenised in one piece, as by anyone who renders the template and tokenises the text; an answer
    is tokenised by itself, for a model writes it behind a prompt that has its tokens already.

    Raises:
        ModelError: no chat template, or one that cannot be learned from.
    """
    return FormedTalks(tokenizer, str(folder))


class FormedTalks:
    """A ``TalkEncoder``."""

    def __init__(self, tokenizer: "PreTrainedTokenizerFast", where: str) -> None:
        from tokenizers import Tokenizer

        if not tokenizer.chat_template:
            raise unusable(say("the tokenizer has one", "分词器带有模板"), say("it has none", "没有模板"), where)
        self._where, self._render = where, partial(_rendered, tokenizer)
        self._specials = {
            token.content: SpecialToken(text=token.content, id=at, trims_before=token.lstrip, trims_behind=token.rstrip)
            for at, token in tokenizer.added_tokens_decoder.items()
            if token.special
        }
        # A copy: others want special tokens in a text to be found.
        self._backend: Any = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
        self._backend.encode_special_tokens = True
        self._lead = self._leading()
        self._forms: dict[tuple[str, ...], Form] = {}

    def __call__(self, talks: pa.ListArray) -> Talks:
        """``ids``, ``target`` and ``cuts`` of each talk.

        Raises:
            ModelError: a template that cannot be learned from.
            DataError: a talk that the template shows in another form than others of the same speakers.
        """
        talked: list[list[Message]] = talks.to_pylist()
        forms = [self._form(talk) for talk in talked]
        said = [
            [_said(piece, talk) for piece in form if isinstance(piece, Run)]
            for form, talk in zip(forms, talked, strict=True)
        ]
        for talk, form_, runs in zip(talked, forms, said, strict=True):
            self._must_agree(talk, form_, runs)
        coded = iter(self._coded([one for runs in said for one in runs]))
        rows = [_row(form_, [next(coded) for _ in runs]) for form_, runs in zip(forms, said, strict=True)]
        return Talks(*(lists(row[column] for row in rows) for column in range(3)))

    @property
    def end(self) -> int:
        """The token that ends an answer."""
        last = self._form(_SHORTEST)[-1]
        assert isinstance(last, Special), "a form whose last turn is an answer stops at the token that ends it"
        return last.token.id

    def _form(self, talk: Sequence[Message]) -> Form:
        roles = tuple(turn["role"] for turn in talk)
        if roles not in self._forms:
            self._forms[roles] = form(roles, self._render, self._specials, self._where)
        return self._forms[roles]

    def _must_agree(self, talk: Sequence[Message], found: Form, runs: Sequence[_Said]) -> None:
        """The form must give what the template itself makes of this very talk: some templates look at the words."""
        texts = iter(runs)
        ours = "".join(piece.token.text if isinstance(piece, Special) else next(texts).text for piece in found)
        theirs = self._render(talk, talk[-1]["role"] != ASSISTANT)
        if not theirs.startswith(ours):
            at = next((at for at, (one, other) in enumerate(zip(ours, theirs, strict=False)) if one != other), 0)
            raise DataError(
                expected=say("talks that the chat template shows word for word", "对话模板原样呈现的对话"),
                got=say(
                    f"one that it changes: {theirs[max(0, at - 20) :][:MOST_SHOWN]!r}",
                    f"被模板改写的对话：{theirs[max(0, at - 20) :][:MOST_SHOWN]!r}",
                ),
                where=say(
                    f"the talk that begins {talk[0]['content'][:MOST_SHOWN]!r}",
                    f"以此开头的对话：{talk[0]['content'][:MOST_SHOWN]!r}",
                ),
                do=say(
                    "mend or drop it, or name another form: prepare.chat_template=plain",
                    "请修正或删除它，或另外指定形式：prepare.chat_template=plain",
                ),
            )

    def _coded(self, said: Sequence[_Said]) -> list[_Coded]:
        """The ids of each run; all at once, for that takes every core."""
        found: dict[int, _Coded] = {}
        inner = [at for at, one in enumerate(said) if one.run.is_inner and self._lead]
        others = [at for at, one in enumerate(said) if not (one.run.is_inner and self._lead)]
        for at, encoding in zip(others, self._encodings([_kept(said[at]) for at in others]), strict=True):
            found[at] = _Coded(ids=encoding.ids, cuts=_places(said[at], encoding.offsets))
        for at, encoding in zip(inner, self._encodings([_BREAK + _kept(said[at]) for at in inner]), strict=True):
            found[at] = _Coded(ids=self._without_lead(encoding.ids, _kept(said[at])))
        return [found[at] for at in range(len(said))]

    def _encodings(self, texts: Sequence[str]) -> list[Any]:
        found: list[Any] = self._backend.encode_batch(texts, add_special_tokens=False)
        return found

    def _ids(self, text: str) -> list[int]:
        found: list[int] = self._backend.encode(text, add_special_tokens=False).ids
        return found

    def _leading(self) -> list[int]:
        """Ids of a line break, where text behind one has other ids than at a start; else none.

        Tokenizers in SentencePiece's way put a space before every text that they are given, and an answer in the
        middle of a talk has none there.
        """
        lead, alone, behind = self._ids(_BREAK), self._ids(_PROBE), self._ids(_BREAK + _PROBE)
        return lead if behind != lead + alone and behind[: len(lead)] == lead else []

    def _without_lead(self, ids: list[int], text: str) -> list[int]:
        """The ids behind those of the line break; the text's own, where both have grown together."""
        size = len(self._lead)
        return ids[size:] if ids[:size] == self._lead else self._ids(text)


def _rendered(tokenizer: "PreTrainedTokenizerFast", talk: Sequence[Message], is_asking: bool) -> str:
    from jinja2 import TemplateError

    if not talk:
        return ""
    try:
        text = tokenizer.apply_chat_template(list(talk), tokenize=False, add_generation_prompt=is_asking)
    except (TemplateError, TypeError, KeyError, IndexError) as error:
        raise ValueError(str(error)) from error
    return str(text)


def _said(run: Run, talk: Sequence[Message]) -> _Said:
    """The run's text for this talk."""
    text, cuts = "", []
    for part in run.parts:
        start = len(text)
        if isinstance(part, str):
            text += part
            continue
        content = talk[part.at]["content"]
        content = content.lstrip() if part.trims[0] else content
        text += content.rstrip() if part.trims[1] else content
        if talk[part.at]["role"] not in _KEPT:
            cuts.append((start, len(text)))
    return _Said(run=run, text=text, cuts=tuple(cuts))


def _kept(said: _Said) -> str:
    """The text without the white space that the special tokens around it take away."""
    text = said.text.lstrip() if said.run.trims[0] else said.text
    return text.rstrip() if said.run.trims[1] else text


def _places(said: _Said, offsets: Sequence[Span]) -> tuple[Span, ...]:
    """The tokens that stand for nothing but words that may be cut."""
    if not said.cuts:
        return ()
    gone = len(said.text) - len(said.text.lstrip()) if said.run.trims[0] else 0
    found = []
    for start, stop in said.cuts:
        inside = [at for at, (a, b) in enumerate(offsets) if start <= a + gone and b + gone <= stop and a < b]
        if inside:
            found.append((inside[0], inside[-1] + 1))
    return tuple(found)


def _row(found: Form, runs: Sequence[_Coded]) -> tuple[list[int], list[int], list[int]]:
    """``ids``, ``target`` and ``cuts`` of one talk."""
    ids: list[int] = []
    target: list[int] = []
    cuts: list[int] = []
    coded = iter(runs)
    for piece in found:
        one = _Coded(ids=[piece.token.id]) if isinstance(piece, Special) else next(coded)
        cuts += [len(ids) + at for span in one.cuts for at in span]
        ids += one.ids
        target += [int(piece.is_learned)] * len(one.ids)
    return ids, target, cuts
