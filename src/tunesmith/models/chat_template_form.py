"""The form that a chat template gives to a talk, found by rendering the template once for each sequence of speakers.

Each turn is given a mark for a text. What lies between the marks is the template's own, and what is added where an
answer stands, beyond the prompt that asks for it, is what a model must learn to write. So nothing is ever searched for
among token ids, and what a user says can neither be taken for the template's own nor end an answer.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from tunesmith.errors import ModelError
from tunesmith.tasks.talks import ASSISTANT
from tunesmith.words import listed, say

Message = dict[str, str]
Render = Callable[[Sequence[Message], bool], str]
"""A talk, and whether an answer is asked for → the text that the template makes of it.

Raises:
    ValueError: the template refuses the talk, with its reason.
"""

_PROBE = "\t"
"""Around a mark: it is gone where the template trims a text, and no template puts one there itself."""

_MARK = "\ue000{}\ue001"
_MARKS = f"(?P<left>{_PROBE}?)\ue000(?P<turn>[0-9]+)\ue001(?P<right>{_PROBE}?)"
"""Private signs, which no template knows."""


@dataclass(frozen=True, kw_only=True)
class SpecialToken:
    """A token that stands for itself in a text, and whether white space before it and behind it counts for nothing."""

    text: str
    id: int
    trims_before: bool = False
    trims_behind: bool = False


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The place of a turn's text, by the turn's number, and whether the template trims it on the left, on the right."""

    at: int
    trims: tuple[bool, bool]


@dataclass(frozen=True, kw_only=True)
class Special:
    """One special token."""

    token: SpecialToken
    is_learned: bool


@dataclass(frozen=True, kw_only=True)
class Run:
    """Text without special tokens: the template's own, and turns.

    ``is_inner``: it goes on right behind other text, as an answer does behind its prompt. ``trims``: white space at
    its start, at its end counts for nothing.
    """

    parts: tuple[str | Turn, ...]
    is_learned: bool
    is_inner: bool = False
    trims: tuple[bool, bool] = (False, False)


Form = tuple[Special | Run, ...]


@dataclass(frozen=True, kw_only=True)
class _Atom:
    """A stretch of a rendered talk."""

    start: int
    stop: int
    what: str | Turn | SpecialToken


def form(roles: Sequence[str], render: Render, specials: Mapping[str, SpecialToken], where: str) -> Form:
    """The form of talks whose turns have these roles; with an answer in the end, up to the token that ends it.

    Args:
        specials: the tokenizer's special tokens by their text.
        where: the model, for messages.

    Raises:
        ModelError: a template that cannot be learned from: it refuses such talks, leaves turns out, writes what was
            said another way later on, or puts no special token behind an answer.
    """
    talk = [{"role": role, "content": _PROBE + _MARK.format(at) + _PROBE} for at, role in enumerate(roles)]
    is_asking = roles[-1] != ASSISTANT
    whole = _rendered(render, talk, is_asking, where)
    atoms = _atoms(whole, specials)
    shown = [atom.what.at for atom in atoms if isinstance(atom.what, Turn)]
    if sorted(shown) != list(range(len(roles))):
        raise unusable(
            say("one that shows every turn once", "每一轮都恰好出现一次的模板"),
            say(f"turns are missing or doubled, of {listed(list(roles))}", f"{listed(list(roles))} 中有缺失或重复"),
            where,
        )
    learned = []
    for at, role in enumerate(roles):
        # Nobody asks for an answer that stands first.
        if role == ASSISTANT and at:
            learned.append(_learned(talk[: at + 1], whole, _end(atoms, at, where), render, where))
    end = len(whole) if is_asking else learned[-1][1]
    return _form([atom for atom in _parted(atoms, [begin for begin, _ in learned]) if atom.stop <= end], learned)


def _rendered(render: Render, talk: Sequence[Message], is_asking: bool, where: str) -> str:
    try:
        return render(talk, is_asking)
    except ValueError as error:
        roles = listed([message["role"] for message in talk])
        raise unusable(say(f"one for turns of {roles}", f"可用于 {roles} 的模板"), str(error).strip(), where) from error


def _atoms(whole: str, specials: Mapping[str, SpecialToken]) -> list[_Atom]:
    """The marks, the special tokens, and the texts between them."""
    # The longest first: one may begin like another.
    names = "|".join(map(re.escape, sorted(specials, key=lambda name: (-len(name), name))))
    found, last = [], 0
    for match in re.finditer(f"{_MARKS}|(?P<special>{names})" if names else _MARKS, whole):
        if match.start() > last:
            found.append(_Atom(start=last, stop=match.start(), what=whole[last : match.start()]))
        if match["turn"]:
            trims = not match["left"], not match["right"]
            what: Turn | SpecialToken = Turn(at=int(match["turn"]), trims=trims)
        else:
            what = specials[match["special"]]
        found.append(_Atom(start=match.start(), stop=match.end(), what=what))
        last = match.end()
    if last < len(whole):
        found.append(_Atom(start=last, stop=len(whole), what=whole[last:]))
    return found


def _learned(talk: Sequence[Message], whole: str, end: int, render: Render, where: str) -> tuple[int, int]:
    """Where in ``whole`` the last answer of ``talk`` begins, behind the prompt that asks for it, and where it ends."""
    prompt, answered = _rendered(render, talk[:-1], True, where), _rendered(render, talk, False, where)
    mark = talk[-1]["content"].strip()
    if not (whole.startswith(prompt) and answered[:end] == whole[:end] and mark in whole[len(prompt) : end]):
        raise _unstable(where)
    return len(prompt), end


def _unstable(where: str) -> ModelError:
    return unusable(
        say("one under which a talk only grows at its end", "对话只在末尾增长的模板"),
        say("one that writes earlier turns another way as the talk goes on", "随着对话继续会改写先前各轮的模板"),
        where,
    )


def _end(atoms: Sequence[_Atom], at: int, where: str) -> int:
    """Behind which place the answer in turn ``at`` is over: behind the first special token, with no word before it."""
    place = next(place for place, atom in enumerate(atoms) if isinstance(atom.what, Turn) and atom.what.at == at)
    for atom in atoms[place + 1 :]:
        if isinstance(atom.what, SpecialToken):
            return atom.stop
        if isinstance(atom.what, Turn) or atom.what.strip():
            break
    raise unusable(
        say("one that ends each answer with a special token", "每个回答都以特殊词元结束的模板"),
        say("one that does not, so that the model would never learn to stop", "并非如此，模型将学不会停止"),
        where,
    )


def _parted(atoms: Sequence[_Atom], borders: Sequence[int]) -> list[_Atom]:
    """The same, with texts cut in two where an answer begins."""
    found = []
    for atom in atoms:
        inside = [at for at in borders if atom.start < at < atom.stop and isinstance(atom.what, str)]
        ends = [atom.start, *inside, atom.stop]
        for start, stop in pairwise(ends):
            what = atom.what[start - atom.start : stop - atom.start] if isinstance(atom.what, str) else atom.what
            found.append(_Atom(start=start, stop=stop, what=what))
    return found


def _form(atoms: Sequence[_Atom], learned: Sequence[tuple[int, int]]) -> Form:
    """Special tokens, and runs of all that lies between them; an answer is a run of its own."""
    found: list[Special | Run] = []
    for atom in atoms:
        is_learned = any(begin <= atom.start < end for begin, end in learned)
        last = found[-1] if found else None
        if isinstance(atom.what, SpecialToken):
            if isinstance(last, Run):
                found[-1] = Run(
                    parts=last.parts,
                    is_learned=last.is_learned,
                    is_inner=last.is_inner,
                    trims=(last.trims[0], atom.what.trims_before),
                )
            found.append(Special(token=atom.what, is_learned=is_learned))
        elif isinstance(last, Run) and last.is_learned == is_learned:
            found[-1] = Run(
                parts=(*last.parts, atom.what), is_learned=is_learned, is_inner=last.is_inner, trims=last.trims
            )
        else:
            trims = isinstance(last, Special) and last.token.trims_behind, False
            found.append(Run(parts=(atom.what,), is_learned=is_learned, is_inner=isinstance(last, Run), trims=trims))
    return tuple(found)


def unusable(expected: str, got: str, where: str) -> ModelError:
    """A chat template from which a model cannot learn to answer."""
    return ModelError(
        expected=say(f"a chat template that can be learned from: {expected}", f"可用于训练的对话模板：{expected}"),
        got=got,
        where=where,
        do=say(
            "name another form for the talks: prepare.chat_template=plain, chatml, or a file with a Jinja template",
            "请另外指定对话形式：prepare.chat_template=plain、chatml，或 Jinja 模板文件",
        ),
    )
