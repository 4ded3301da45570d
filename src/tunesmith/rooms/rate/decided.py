"""What people decided, item by item, as data to learn from; where they do not agree nothing is decided."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from tunesmith.rooms.rate.items import Item
from tunesmith.rooms.rate.result.ballots import Ballots, choices, grades, versus
from tunesmith.rooms.rate.votes import Vote
from tunesmith.words import say

AGREED = 2 / 3
"""Of the votes on an item so many must say the same: two of three decide, one of two does not."""

_ROUNDING = 1e-9
_SPEAKERS = re.compile(r"(?:^|\n\n)(system|user|assistant): ")
"""As ``using`` writes what was said before an answer, where that is more than one turn."""


@dataclass(frozen=True, kw_only=True)
class Decided:
    """Rows of data, and how many items each reason kept from becoming one."""

    rows: Sequence[Mapping[str, Any]]
    left_out: Mapping[str, int] = field(default_factory=dict)


def preferences(ballots: Ballots, doubted: frozenset[str]) -> Decided:
    """``prompt``, ``chosen``, ``rejected`` where two votes of three or more prefer one answer, by all criteria.

    A tie counts for neither. Also ``votes``, the share of them that chose so, and both systems.
    """
    left_out: Counter[str] = Counter(_undecidable(ballots, doubted))
    rows, known = [], _answers(ballots)
    for (question, first, second), worths in _worths(ballots.without(doubted)).items():
        answers = [known[question, system] for system in (first, second)]
        shares = [sum(worth == side for worth in worths) / len(worths) for side in (1.0, 0.0)]
        prompt, texts = answers[0][0], [text for _, text in answers]
        reason = _flaw(prompt, texts, max(shares), ties=sum(worth == 0.5 for worth in worths) / len(worths))
        if reason:
            left_out[reason] += 1
            continue
        better = 0 if shares[0] > shares[1] else 1
        rows.append(
            {
                "prompt": _turns(prompt) if ballots.terms.task == "chat" else prompt,
                "chosen": texts[better],
                "rejected": texts[1 - better],
                "votes": len(worths),
                "agreed": round(shares[better], 3),
                "chosen_system": (first, second)[better],
                "rejected_system": (second, first)[better],
            }
        )
    return Decided(rows=rows, left_out=left_out)


def labels(ballots: Ballots, doubted: frozenset[str]) -> Decided:
    """``text`` and ``label`` where two votes of three or more stand for one label: found right, or named instead.

    Of a picture or a sound, ``path`` stands instead of ``text``.
    ``was`` is the label that the systems gave, where people gave another.
    """
    left_out: Counter[str] = Counter(_undecidable(ballots, doubted))
    rows = []
    for votes in _by_question(ballots.without(doubted)).values():
        item = ballots.items[votes[0].item]
        label, share = _label(votes, ballots.items)
        judged = {"path": file} if (file := item.image or item.sound) else {"text": item.prompt}
        if not any(said.strip() for said in judged.values()) or share < AGREED - _ROUNDING:
            left_out[_no_label() if not label else _no_agreement()] += 1
            continue
        given = {ballots.items[vote.item].answers[0].text for vote in votes}
        rows.append({**judged, "label": label, **({} if label in given else {"was": sorted(given)[0]})})
    return Decided(rows=rows, left_out=left_out)


def tagged(ballots: Ballots, doubted: frozenset[str]) -> Decided:
    """``tokens`` and ``tags`` where two votes of three or more set all tags of a sentence alike."""
    left_out: Counter[str] = Counter(_undecidable(ballots, doubted))
    rows = []
    for votes in _by_question(ballots.without(doubted)).values():
        tags, times = Counter(tuple(vote.value) for vote in votes).most_common(1)[0]
        if times / len(votes) < AGREED - _ROUNDING:
            left_out[_no_agreement()] += 1
            continue
        rows.append({"tokens": list(ballots.items[votes[0].item].tokens), "tags": list(tags)})
    return Decided(rows=rows, left_out=left_out)


def _worths(ballots: Ballots) -> dict[tuple[str, str, str], list[float]]:
    """By question and pair of systems, what each vote is worth for the first."""
    found: dict[tuple[str, str, str], list[float]] = {}
    for criterion in ballots.terms.asked:
        if ballots.terms.kind == "ab":
            said = choices(ballots, criterion, is_shared=False)
        else:
            said = versus(grades(ballots, criterion), ballots.terms.systems)
        for one in said:
            found.setdefault((one.question, one.first, one.second), []).append(one.worth)
    return found


def _answers(ballots: Ballots) -> dict[tuple[str, str], tuple[str, str]]:
    """By question and system, the prompt and the answer."""
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for vote in ballots.votes:
        item = ballots.items[vote.item]
        for answer in item.answers:
            for system in (answer.system, *answer.also):
                found[ballots.question(vote), system] = item.prompt, answer.text
    return found


def _flaw(prompt: str, texts: Sequence[str], share: float, *, ties: float) -> str:
    """Why a pair teaches nothing; an empty text where it does."""
    if not prompt.strip() or not all(text.strip() for text in texts) or texts[0].strip() == texts[1].strip():
        return say("no question, an empty answer, or both the same", "没有问题、回答为空或两个回答相同")
    if share >= AGREED - _ROUNDING:
        return ""
    return say("a tie", "平局") if ties > 0.5 else _no_agreement()


def _turns(prompt: str) -> str | list[dict[str, str]]:
    """The turns of a talk that was shown as one text, a speaker and a colon before each; a text alone stays one."""
    parts = _SPEAKERS.split(prompt)
    if len(parts) <= 3 or parts[0]:
        return prompt
    return [{"role": role, "content": said} for role, said in zip(parts[1::2], parts[2::2], strict=True)]


def _label(votes: Sequence[Vote], items: Mapping[str, Item]) -> tuple[str, float]:
    """The label that most stands for, and its share of the votes that say something of it."""
    stands: Counter[str] = Counter()
    denied: Counter[str] = Counter()
    for vote in votes:
        label = items[vote.item].answers[0].text
        if vote.value:
            stands[label] += 1
        else:
            denied[label] += 1
            stands.update([vote.correction] if vote.correction else [])
    if not stands:
        return "", 0.0
    best, times = stands.most_common(1)[0]
    # Whoever stands for another label speaks against this one; a correction was counted as a denial already.
    against = denied[best] + sum(count for label, count in stands.items() if label != best) - _both(votes, items, best)
    return best, times / (times + against)


def _both(votes: Iterable[Vote], items: Mapping[str, Item], label: str) -> int:
    """Votes that deny ``label`` and name another: they speak against it once."""
    return sum(not vote.value and bool(vote.correction) and items[vote.item].answers[0].text == label for vote in votes)


def _by_question(ballots: Ballots) -> dict[str, list[Vote]]:
    found: dict[str, list[Vote]] = {}
    for vote in ballots.votes:
        found.setdefault(ballots.question(vote), []).append(vote)
    return found


def _undecidable(ballots: Ballots, doubted: frozenset[str]) -> dict[str, int]:
    """Items that nobody judged, or only raters whose votes look like chance."""
    asked = {item.id for item in ballots.items.values() if not item.is_gold}
    judged = {vote.item for vote in ballots.votes}
    trusted = {vote.item for vote in ballots.without(doubted).votes}
    found = {
        say("no vote", "没有投票"): len(asked - judged),
        say("only votes that look like chance", "只有看似随机的投票"): len(judged - trusted),
    }
    return {reason: count for reason, count in found.items() if count}


def _no_agreement() -> str:
    return say("fewer than two thirds of the votes agree", "一致的票数不足三分之二")


def _no_label() -> str:
    return say("wrong, and nobody named what is right", "判为错误，但没有人给出正确答案")
