"""The room's door: facts in, a complete plan out, each choice with its reason."""

from typing import Any

from tunesmith.artifacts import Choice, Forecast, Plan
from tunesmith.errors import Problem, SettingsError
from tunesmith.rooms.plan.choices import CHOICES
from tunesmith.rooms.plan.costs import forecast
from tunesmith.rooms.plan.facts import Facts
from tunesmith.settings import Settings
from tunesmith.words import listed, say


def plan(facts: Facts) -> Plan:
    """Fill in every setting that the user left open. Pure: the same facts give the same plan.

    Without a probe the forecast is zero and no time budget is applied; the caller times a
    batch with this first plan's settings and asks again.

    Raises:
        SettingsError: a wish that cannot be met, such as a monitor that is not measured.
    """
    _check_wishes(facts)
    settings = facts.wanted
    choices = [
        Choice(name="model", value=facts.model.name, because=facts.model.because),
        Choice(name="split", value=_split_sizes(facts), because=facts.prepared.split_because),
    ]
    for path, choose in CHOICES:
        part, _, name = path.partition(".")
        given = getattr(getattr(settings, part), name)
        if given is None:
            value, because = choose(facts, settings)
        else:
            value, because = given, say("you set it", "由您指定")
        settings = _with(settings, part, name, value)
        choices.append(Choice(name=name, value=value, because=because))
    settings = _with(settings, "model", "name", facts.model.name)
    cost = Forecast(seconds=0.0, closing_seconds=0.0, peak_bytes=0)
    if facts.probe is not None:
        cost = forecast(facts.prepared, settings, facts.model, facts.probe)
    return Plan(
        task=facts.prepared.task,
        files=facts.files,
        settings=settings,
        choices=tuple(choices),
        forecast=cost,
        model=facts.model,
        data_key=facts.prepared.key,
        versions=facts.versions,
    )


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


def _split_sizes(facts: Facts) -> str:
    return ", ".join(f"{name} {file.rows:,}" for name, file in facts.prepared.splits.items())


def _with(settings: Settings, part: str, name: str, value: Any) -> Settings:
    changed = getattr(settings, part).model_copy(update={name: value})
    return settings.model_copy(update={part: changed})
