"""One training of a search: an ordinary run below the search's folder, which ends where it is weak or out of time."""

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from tunesmith import flow, rooms
from tunesmith.artifacts import Plan, Step
from tunesmith.artifacts.trials import Dimension, Role, State, Trial, Value
from tunesmith.disk import writing
from tunesmith.hall import planning
from tunesmith.hall.closing import Ready
from tunesmith.hall.session import Session
from tunesmith.memory import is_out_of_memory
from tunesmith.metrics.direction import worth
from tunesmith.runs import Run, read_steps
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed
from tunesmith.words import say

QUARTERS = 4
"""An epoch has no more scorings than this, so trials are compared after so many parts of it."""

PREPARING = ("model.", "prepare.")
"""Parts of the settings that rows must be prepared anew for, or another model found."""

PREPARED_WITHOUT = "prepare.max_length"
"""Of these the one that matters when batches are made."""

PROMPTS = {"train.method", "adapter.prompt_tokens"}
"""A prompt's words stand before each text, in the tokens."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What is to be trained: settings, and factors that multiply what the plan itself would choose."""

    number: int
    role: Role
    seed: int
    values: Mapping[str, Value] = field(default_factory=dict)
    factors: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What all trials of a search share: the facts of the plan's own choice, and what the user asked for."""

    folder: Path
    facts: "rooms.plan.Facts"
    wishes: Settings
    dimensions: tuple[Dimension, ...]
    worker: str

    def ready(self, wanted: "Wanted", *, began: float) -> Ready:
        """A plan with these settings, and its rows.

        Raises:
            UserError: settings that do not go together.
        """
        settings = changed(self.wishes, {**wanted.values, "train.seed": wanted.seed})
        facts = self._facts(settings, wanted.values, began)
        plan = rooms.plan.plan(facts)
        if wanted.factors:
            rates = {path: _times(plan.settings, path, factor) for path, factor in wanted.factors.items()}
            plan = rooms.plan.plan(replace(facts, wanted=changed(settings, rates)))
        return planning.as_ready(facts, _explained(plan, wanted), began=began)

    def _facts(self, settings: Settings, direct: Mapping[str, Value], began: float) -> "rooms.plan.Facts":
        if not _needs_preparing(direct, settings):
            return replace(self.facts, wanted=settings)
        facts = planning.known(self.facts.reading, self.facts.health, settings)
        if facts.model.name != self.facts.model.name:
            return planning.probed(facts, began=began)[1]
        return replace(facts, probe=self.facts.probe, probed=self.facts.probed)


class Attempt:
    """A trial as it is trained. Its folder stays; what it held of data and states goes unless it is the best.

    Args:
        run: its folder.
        ready: its plan and rows, placed there; or those that an earlier process left.
        trial: what is known of it before the first step.
    """

    def __init__(self, run: Run, ready: Ready, trial: Trial, *, is_resumed: bool = False) -> None:
        self.run, self._trial = run, trial
        self.session = Session(run, ready, is_resumed=is_resumed)
        self._rungs = _rungs(run, ready.plan) if is_resumed else []
        self._is_kept = self._is_over = False

    def __iter__(self) -> Iterator[Trial]:
        """A Trial after every step; the last one says how it ended."""
        try:
            for step in self.session:
                if step.scores is not None:
                    _note(self._rungs, step, self.session.training.progress.watch.best_score or 0.0)
                if not self._has_ended():
                    yield self.seen("running")
        except Exception as error:
            if not (isinstance(error, rooms.train.NotFiniteError) or is_out_of_memory(error)):
                raise
            self._is_over = True
            yield self.seen("failed", str(error).splitlines()[0])
            return
        self._is_over = True
        yield self.seen("finished", self.session.training.progress.stopped_because)

    def end(self, state: State) -> Trial:
        """Stop here."""
        self._is_over = True
        if state == "cut":
            # Where it is the best all the same, nothing is to go on when its state is judged.
            self.session.training.progress.stopped_because = say("the search's time is up", "搜索时间已用完")
        because = {
            "pruned": say("weaker than others that far", "到此为止弱于其他试验"),
            "cut": say("the search's time is up", "搜索时间已用完"),
        }
        return self.seen(state, because.get(state, ""))

    def keep(self) -> None:
        """Have the best state on disk, so that it can be judged later; those of other trials go."""
        with writing(self.run.folder, then=say("go on with tunesmith resume", "用 tunesmith resume 继续")):
            rooms.train.save(self.session.training, self.run.checkpoints)
        self._is_kept = True
        for other in self.run.folder.parent.iterdir():
            if other != self.run.folder:
                lighten(Run(other))

    def close(self) -> None:
        """Let go of the folder, and of the model."""
        self.session.close()
        if self._is_over and not self._is_kept:
            lighten(self.run)

    def seen(self, state: State, because: str = "") -> Trial:
        """How far it is."""
        training = self.session.training
        progress, per_epoch = training.progress, training.steps / (self._settings.train.epochs or 1)
        best = progress.watch.best_score
        return self._trial.model_copy(
            update={
                "state": "failed" if state == "finished" and best is None else state,
                "score": best,
                "best_step": progress.watch.best_step,
                "best_epoch": progress.watch.best_step / per_epoch,
                "epochs": progress.step / per_epoch,
                "step": progress.step,
                "steps": training.steps,
                "examples": progress.examples,
                "seconds": progress.seconds,
                "rungs": tuple(self._rungs),
                "because": because,
            }
        )

    @property
    def _settings(self) -> Settings:
        return self.session.ready.plan.settings

    def _has_ended(self) -> bool:
        training = self.session.training
        return training.progress.step >= training.steps or bool(training.progress.stopped_because)


def attempt(ground: Ground, folder: Path, wanted: Wanted, *, began: float) -> Attempt:
    """A trial at its first step, or where an earlier process left it.

    Raises:
        UserError: settings that do not go together.
    """
    run = Run(folder)
    is_resumed = run.plan.is_file() and run.data.is_dir()
    if is_resumed:
        ready = flow.kept(run, began=began)
    else:
        # Without a plan in it, its data may be there in part.
        shutil.rmtree(folder, ignore_errors=True)
        ready = ground.ready(wanted, began=began)
        with writing(ground.folder, then=say("go on with tunesmith resume", "用 tunesmith resume 继续")):
            folder.mkdir(parents=True)
            ready = flow.placed(ready, run)
    return Attempt(run, ready, trial_of(ground, run, ready, wanted), is_resumed=is_resumed)


def trial_of(ground: Ground, run: Run, ready: Ready, wanted: Wanted) -> Trial:
    """What is known of a trial before its first step."""
    return Trial(
        number=wanted.number,
        role=wanted.role,
        state="running",
        values={one.path: value_of(ready.plan.settings, one.path) for one in ground.dimensions},
        seed=wanted.seed,
        run=str(run.folder.relative_to(ground.folder)),
        worker=ground.worker,
    )


def lighten(run: Run) -> None:
    """Drop what a trial that lost needs no more; plan, steps and facts stay."""
    for folder in (run.checkpoints, run.data, run.model, run.adapter):
        shutil.rmtree(folder, ignore_errors=True)


def value_of(settings: Settings, path: str) -> Value:
    """A setting's value as a user would write it."""
    part, _, name = path.partition(".")
    value = getattr(getattr(settings, part), name)
    return ",".join(map(str, value)) or "none" if isinstance(value, tuple) else value


def _times(settings: Settings, path: str, factor: float) -> float:
    own = value_of(settings, path)
    assert isinstance(own, int | float), path
    return min(1.0, own * factor)


def _needs_preparing(direct: Mapping[str, Value], settings: Settings) -> bool:
    if PROMPTS & set(direct) and settings.train.method == "prompt":
        return True
    return any(path.startswith(PREPARING) and path != PREPARED_WITHOUT for path in direct)


def _explained(plan: Plan, wanted: Wanted) -> Plan:
    """In the plan's table, what was drawn is not said to be the user's wish."""
    names = {path.partition(".")[2] for path in (*wanted.values, *wanted.factors)}
    because = say(f"trial {wanted.number} of the search", f"搜索的第 {wanted.number} 次试验")
    choices = tuple(one.model_copy(update={"because": because}) if one.name in names else one for one in plan.choices)
    return plan.model_copy(update={"choices": choices})


def _rungs(run: Run, plan: Plan) -> list[tuple[int, float]]:
    """The quarters of an epoch after which dev was scored, each with the best score by then, from the journal."""
    monitor, scores, found = plan.settings.train.monitor or "", list[float](), list[tuple[int, float]]()
    for step in read_steps(run):
        if step.scores is not None:
            scores.append(step.scores[monitor])
            _note(found, step, max(scores, key=lambda score: worth(monitor, score)))
    return found


def _note(rungs: list[tuple[int, float]], step: Step, best: float) -> None:
    """One more scoring; of two within a quarter, the first one counts."""
    quarters = round(step.epoch * QUARTERS)
    if not rungs or quarters > rungs[-1][0]:
        rungs.append((quarters, best))
