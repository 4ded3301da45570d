"""The room's door: facts in, a complete plan out, each choice with its reason."""

import math
from typing import Any

from tunesmith.artifacts import Choice, Forecast, Plan
from tunesmith.errors import Problem, SettingsError
from tunesmith.rooms.plan.augment import made
from tunesmith.rooms.plan.choices import CHOICES
from tunesmith.rooms.plan.cleaning import told, words
from tunesmith.rooms.plan.costs import forecast
from tunesmith.rooms.plan.facts import Facts
from tunesmith.rooms.plan.folds import proposed
from tunesmith.rooms.plan.guidance import guidance
from tunesmith.rooms.plan.memory import BUDGET_SHARE, fitting
from tunesmith.rooms.plan.methods import doubts as doubts_of_method
from tunesmith.rooms.plan.methods import misfits, worded
from tunesmith.rooms.plan.outputs import misfits as misfits_of_outputs
from tunesmith.rooms.plan.preference import misfits as misfits_of_pairs
from tunesmith.rooms.plan.seeds import seeded
from tunesmith.rooms.plan.speed import doubts
from tunesmith.rooms.plan.truncation import form, truncation
from tunesmith.rooms.plan.variety import of_files
from tunesmith.settings import Settings
from tunesmith.words import listed, say


def plan(facts: Facts) -> Plan:
    """Fill in every setting that the user left open. Pure: the same facts give the same plan.

    Without a probe the forecast is zero and no time budget is applied; the caller times a
    few batches with this first plan's settings and asks again.

    Raises:
        SettingsError: a wish that cannot be met: a monitor that is not measured, or a budget
            of memory below what the least demanding way needs.
    """
    _check_wishes(facts)
    settings = facts.wanted
    choices = [
        Choice(name="model", value=facts.model.name, because=facts.model.because),
        Choice(name="split", value=_split_sizes(facts), because=facts.prepared.split_because),
        seeded(settings),
        *proposed(facts),
        *made(facts),
        *words(facts),
    ]
    for path, choose in CHOICES:
        part, _, name = path.partition(".")
        given = getattr(getattr(settings, part), name)
        if given is None:
            value, because = choose(facts, settings)
        else:
            value, because = given, say("you set it", "由您指定") + doubts(path, given, facts)
            because += doubts_of_method(path, given, facts)
            because += told(facts) if path == "prepare.clean" else ""
        if value is None:
            continue
        settings = _with(settings, part, name, value)
        # A tuple would come back from a plan's file as a list.
        shown = (", ".join(value) or say("none", "无")) if isinstance(value, tuple) else value
        choices.append(Choice(name=name, value=shown, because=because))
    choices += [*worded(facts), *form(facts), *truncation(facts, settings), *of_files(facts, settings)]
    settings = _with(settings, "model", "name", facts.model.name)
    _must_go_together(facts, settings)
    cost = Forecast(seconds=0.0, closing_seconds=0.0, peak_bytes=0)
    if facts.probe is not None:
        _must_fit(facts, settings)
        cost = forecast(facts, settings)
    found = Plan(
        task=facts.prepared.task,
        files=facts.files,
        settings=settings,
        choices=tuple(choices),
        forecast=cost,
        model=facts.model,
        data_key=facts.prepared.key,
        versions=facts.versions,
    )
    return found if facts.probe is None else found.model_copy(update={"advice": guidance(found, facts)})


def _check_wishes(facts: Facts) -> None:
    monitor = facts.wanted.train.monitor
    if monitor is not None and monitor not in facts.metrics:
        raise SettingsError(
            [
                Problem(
                    path="train.monitor",
                    expected=say(f"one of {listed(list(facts.metrics))}", f"以下之一：{listed(list(facts.metrics))}"),
                    got=f"'{monitor}'",
                )
            ],
            do=say(f"leave it out; '{facts.monitor}' is the default", f"可以省略，默认为 '{facts.monitor}'"),
        )


def _must_go_together(facts: Facts, settings: Settings) -> None:
    problems = [*misfits(facts, settings), *misfits_of_pairs(facts, settings), *misfits_of_outputs(facts, settings)]
    if problems:
        raise SettingsError(
            problems,
            do=say("leave one of the two out, or use train.method=full", "去掉其中之一，或使用 train.method=full"),
        )


def _must_fit(facts: Facts, settings: Settings) -> None:
    budget, fit = settings.train.memory_bytes, fitting(facts, settings)
    if budget is None or fit.fits:
        return
    needed = math.ceil(fit.needed / BUDGET_SHARE / (1 << 20))
    raise SettingsError(
        [
            Problem(
                path="train.memory_bytes",
                expected=say(f"at least {needed:,}M", f"至少 {needed:,}M"),
                got=f"{budget >> 20:,}M",
            )
        ],
        do=say(
            f"allow it: --memory {needed}M; or take a smaller model, or a smaller max_length"
            f" (now {settings.prepare.max_length})",
            f"放宽预算：--memory {needed}M；或换用更小的模型，或减小 max_length（现为 {settings.prepare.max_length}）",
        ),
    )


def _split_sizes(facts: Facts) -> str:
    return ", ".join(f"{name} {file.rows:,}" for name, file in facts.prepared.splits.items())


def _with(settings: Settings, part: str, name: str, value: Any) -> Settings:
    changed = getattr(settings, part).model_copy(update={name: value})
    return settings.model_copy(update={part: changed})
