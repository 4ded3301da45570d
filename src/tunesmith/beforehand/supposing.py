"""``plan --what-if``: what more time, memory or rows, or another model would change and buy. Nothing is trained."""

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from tunesmith import flow, rooms
from tunesmith.artifacts import Plan, Supposition
from tunesmith.errors import Problem, SettingsError
from tunesmith.hall import outlook
from tunesmith.hall.closing import Ready
from tunesmith.hall.planning import probed
from tunesmith.hall.worth import told, worth
from tunesmith.settings import Settings, parse
from tunesmith.words import say

ROWS = "rows"
"""The one thing that can be supposed and is no setting."""

AGAIN = ("model.", "prepare.")
"""Settings that change the rows as the model sees them: all is prepared and timed anew."""

Side = tuple[Plan, "rooms.plan.Facts"]


@dataclass(frozen=True, kw_only=True)
class Wish:
    """One ``--what-if`` as it was typed, and what it says: rows by number or by ``factor``, and settings."""

    text: str
    given: dict[str, Any]
    rows: int | None = None
    factor: float | None = None

    def factor_of(self, rows: int) -> float:
        """Times the rows that there are."""
        return self.factor or (1.0 if self.rows is None else self.rows / rows)


def wish(text: str) -> Wish:
    """``time=2h,rows=10x`` understood.

    Raises:
        SettingsError: a part without ``=``, a setting that there is not, or one of reading.
    """
    given: dict[str, Any] = {}
    rows, factor = None, None
    for part in filter(None, (part.strip() for part in text.split(","))):
        key, equals, value = (word.strip() for word in part.partition("="))
        if not equals or not value:
            raise _refused(say("name=value, as in time=2h,rows=10x", "名称=值，例如 time=2h,rows=10x"), part)
        if key == ROWS:
            rows, factor = _rows(value)
        else:
            given |= _setting(key, value)
    if not given and rows is None and factor is None:
        raise _refused(say("something to suppose, as in rows=10x", "要假设的内容，例如 rows=10x"), text)
    parse.changed(Settings(), given)
    return Wish(text=text, given=given, rows=rows, factor=factor)


def _rows(value: str) -> tuple[int | None, float | None]:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)\s*[x\u00d7\u500d]|(\d+)", value.lower().replace("_", ""))
    if match is None or not float(match[1] or match[2]):
        raise _refused(say("rows=10x or rows=50000", "rows=10x 或 rows=50000"), f"rows={value}")
    return (None, float(match[1])) if match[1] else (int(match[2]), None)


def _setting(key: str, value: str) -> dict[str, Any]:
    if key == "time":
        return {"train.time_seconds": None if value == "none" else parse.seconds(value)}
    if key == "memory":
        return {"train.memory_bytes": None if value == "none" else parse.size(value)}
    key = "model.name" if key == "model" else key
    if any(place.startswith("read.") for place in parse.places(key)):
        raise _refused(say("what can change without other files", "不换文件也能改变的内容"), key)
    return parse.pairs([f"{key}={value}"])


def _refused(expected: str, got: str) -> SettingsError:
    return SettingsError(
        [Problem(path="--what-if", expected=expected, got=f"'{got}'")],
        do=say(
            "name rows, time, memory, model, epochs or any setting", "可用 rows、time、memory、model、epochs 或任何设置"
        ),
    )


def suppose(
    source: flow.Files,
    settings: Settings,
    asked: Sequence[str],
    *,
    deep: bool = False,
    ask: flow.Ask | None = None,
    began: float | None = None,
    progress: flow.Progress | None = None,
) -> tuple[Ready, tuple[Supposition, ...]]:
    """The plan as it is, and beside it what each of ``asked`` would change.

    Args:
        deep: measure what more rows bring, by the learning curve of a linear model, which takes a minute or so.
        progress: as for ``flow.check``.

    Raises:
        UserError: as ``flow.plan``; also a wish that is not understood.
    """
    wishes = [wish(text) for text in asked]
    ready, facts = flow.planned(source, settings, ask=ask, began=began)
    rows = facts.train_rows
    factors = tuple(one.factor_of(rows) for one in wishes)
    others = [max(1, round(factor * rows)) for factor in factors]
    curves = _measured(ready, settings, rows, others, progress) if deep and set(others) != {rows} else None
    now = (rooms.plan.plan(facts), facts)
    found = []
    for at, (one, factor) in enumerate(zip(wishes, factors, strict=True)):
        try:
            then = _then(now, one, factor, ready)
        except SettingsError as error:
            found.append(Supposition(asked=one.text, refused=_why(error)))
            continue
        curve = None if curves is None or factor == 1 else curves[at]
        score = worth(now, then, curve=curve, is_deep=deep, task=ready.plan.task)
        lines = (*rooms.plan.side_by_side(now, then), score)
        found.append(Supposition(asked=one.text, lines=lines, verdict=told(now, then, curve), plan=then[0]))
    return ready, tuple(found)


def _why(error: SettingsError) -> str:
    """What is in the way, and what would help, on one line."""
    problems = [
        say(f"{one.path}: expected {one.expected}; got {one.got}", f"{one.path}：应为 {one.expected}，实为 {one.got}")
        for one in error.problems
    ]
    return say("; ", "；").join([*problems, error.do])


def _then(now: Side, one: Wish, factor: float, ready: Ready) -> Side:
    """The plan and the facts under the supposition; timed anew where it computes in another way."""
    wanted = parse.changed(now[1].wanted, one.given)
    if any(place.startswith(AGAIN) for key in one.given for place in parse.places(key)):
        facts = flow.planned(ready.reading, wanted, began=time.monotonic())[1]
        # So that both sides had the same start.
        facts = replace(facts, elapsed_seconds=now[1].elapsed_seconds)
    else:
        facts = replace(now[1], wanted=wanted)
        first = rooms.plan.plan(facts)
        if facts.probed is None or not rooms.plan.computes_alike(facts.probed, first.settings):
            began = time.monotonic() - facts.elapsed_seconds
            facts = replace(probed(facts, began=began)[1], elapsed_seconds=facts.elapsed_seconds)
    if factor != 1:
        facts = rooms.plan.multiplied(facts, factor)
    return rooms.plan.plan(facts), facts


def _measured(
    ready: Ready, settings: Settings, rows: int, others: Sequence[int], progress: flow.Progress | None
) -> "tuple[rooms.check.Ahead, ...] | None":
    """What other numbers of rows would bring, by a linear model on features of the model that is chosen."""
    wanted = settings.model.model_copy(update={"name": ready.plan.model.name})
    features = outlook.features(wanted, ready.reading.task).make(ready.health.facts)
    tell = progress or (lambda what, share: None)
    return rooms.check.ahead(ready.reading, features, ready.health.match, rows=rows, others=others, progress=tell)
