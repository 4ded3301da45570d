"""The board on which trials are drawn, reported and compared: optuna's study behind a few plain verbs.

Every trial is a ticket that exactly one worker takes, so a search has as many as were
asked for however many share it. Tickets of the beginning are filled in: first the plan's own choice, then
draws around it. Those that come after are drawn from what is known by then.
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from math import log2
from typing import TYPE_CHECKING, Any

from tunesmith.artifacts.trials import Dimension, Role, Setup, Trial, Value
from tunesmith.errors import RunError
from tunesmith.metrics.direction import worth
from tunesmith.rooms.tune.drawing import around, drawn, sampler
from tunesmith.rooms.tune.storage import opened, redacted
from tunesmith.seeds import derived
from tunesmith.settings import TuneSettings
from tunesmith.words import say

if TYPE_CHECKING:
    from optuna import Study
    from optuna import Trial as Ticket
    from optuna.pruners import BasePruner
    from optuna.trial import FrozenTrial

MOST_TRIALS = 1000
"""Of a search that only time bounds."""

START_SHARE = 3
"""One trial of so many is drawn around the plan before what was measured decides."""

MOST_STARTS = 8

RECORD, ROLE, WORKER, SETUP, CLOSED, AGAIN = "trial", "role", "worker", "setup", "closed", "again"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A trial that this worker is to train. ``values`` are what was drawn, factors as factors."""

    number: int
    role: Role
    values: Mapping[str, Value]
    ticket: "Ticket"
    is_taken_up: bool = False


class Board:
    """One search's trials, in a store that workers may share.

    Args:
        address: of the store.
        setup: what the search was begun with.
        monitor: the dev metric that decides.
        worker: this process's name among those that share the search.
    """

    def __init__(self, address: str, setup: Setup, *, monitor: str, worker: str) -> None:
        self.setup, self.monitor, self.worker = setup, monitor, worker
        self.storage = opened(address, stale=self._again)
        self._study = self._loaded()
        self._met: set[int] = set()

    @staticmethod
    def begin(address: str, setup: Setup, *, plan: Mapping[str, Value] | None, key: str) -> None:
        """Open a new search and write its tickets.

        Args:
            plan: the plan's own choice as the dimensions would draw it; None: they cannot.
            key: of the data, which every worker must have.

        Raises:
            RunError: there is a search of that name.
        """
        import optuna

        storage = opened(address, stale=lambda study, trial: None)
        try:
            study = optuna.create_study(storage=storage, study_name=setup.name, direction="maximize")
        except optuna.exceptions.DuplicatedStudyError as error:
            raise RunError(
                expected=say("a name that no search has yet", "尚未使用的搜索名称"),
                got=f"'{setup.name}'",
                where=redacted(address),
                do=say("help it with --join, or choose another --name", "用 --join 加入它，或另选 --name"),
            ) from error
        study.set_user_attr(SETUP, setup.model_dump_json())
        study.set_user_attr("data", key)
        study.enqueue_trial(dict(plan or {}), user_attrs={ROLE: "plan"})
        for values in _tickets(setup, plan):
            study.enqueue_trial(values, user_attrs={ROLE: "drawn"})

    @staticmethod
    def found(address: str, name: str) -> tuple[Setup, str]:
        """What a search that is in the store was begun with, and the key of its data.

        Raises:
            RunError: there is no such search.
        """
        import optuna

        storage = opened(address, stale=lambda study, trial: None)
        try:
            study = optuna.load_study(storage=storage, study_name=name)
        except KeyError as error:
            known = [one.study_name for one in optuna.get_all_study_summaries(storage)]
            raise RunError(
                expected=say(f"one of the searches there: {', '.join(known)}", f"其中的搜索：{', '.join(known)}"),
                got=f"'{name}'",
                where=redacted(address),
                do=say("begin it first, without --join", "请先不带 --join 开始搜索"),
            ) from error
        return Setup.model_validate_json(study.user_attrs[SETUP]), str(study.user_attrs["data"])

    def next(self) -> Asked | None:
        """The next trial for this worker; those that an earlier process of it left come first. None: none is left."""
        import optuna

        # Asked for when this worker has none in hand: those that it is said to have were left behind.
        left = [one for one in self._frozen("RUNNING") if one.user_attrs.get(WORKER) == self.worker]
        if left:
            return self._asked(optuna.Trial(self._study, left[0]._trial_id), is_taken_up=True)
        self.bury()
        if self.is_closed:
            return None
        if not self._frozen("WAITING") and not self._is_open:
            return None
        # Seeded anew each time: what is drawn depends on what was measured, not on when the process began.
        begun = len(self._study.get_trials(deepcopy=False)) - len(self._frozen("WAITING"))
        tune = self.setup.wishes.tune
        self._study.sampler = sampler(tune, seed=derived(tune.seed, "draw", begun, self.worker), starts=_starts(tune))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # asking is meant for those who send heartbeats by themselves, as we do
            ticket = self._study.ask()
        ticket.set_user_attr(WORKER, self.worker)
        return self._asked(ticket)

    @property
    def more_may_come(self) -> bool:
        """Whether other workers have trials in hand, or one of them has just been found dead and left its own."""
        self.bury()
        is_worked_on = any(one.user_attrs.get(WORKER) != self.worker for one in self._frozen("RUNNING"))
        return is_worked_on or bool(self._frozen("WAITING"))

    def bury(self) -> None:
        """Give the trials of workers that have died out again."""
        import optuna

        for one in self._frozen("RUNNING"):
            if one.number not in self._met:
                # Its worker may have died before it first showed a sign of life; from now on, it lacks one.
                self._met.add(one.number)
                self.storage.record_heartbeat(one._trial_id)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is called experimental
            optuna.storages.fail_stale_trials(self._study)

    def report(self, asked: Asked, trial: Trial) -> bool:
        """Note the best score at each scoring so far; whether the trial is too weak to go on."""
        known = self.storage.get_trial(asked.ticket._trial_id).intermediate_values
        for quarters, score in trial.rungs:
            if quarters not in known:
                asked.ticket.report(worth(self.monitor, score), quarters)
        return asked.role != "plan" and bool(trial.rungs) and asked.ticket.should_prune()

    def tell(self, asked: Asked, trial: Trial) -> None:
        """Write down how a trial ended."""
        from optuna.exceptions import UpdateFinishedTrialError
        from optuna.trial import TrialState

        is_drawn = set(asked.ticket.params) == {one.path for one in self.setup.dimensions}
        state = {"finished": TrialState.COMPLETE, "pruned": TrialState.PRUNED, "cut": TrialState.PRUNED}.get(
            trial.state, TrialState.FAIL
        )
        value = worth(self.monitor, trial.score) if state == TrialState.COMPLETE and trial.score is not None else None
        try:
            asked.ticket.set_user_attr(RECORD, trial.model_dump_json())
            # A choice outside of the space would leave the sampler nothing that all trials have in common.
            self._study.tell(asked.ticket, value if is_drawn else None, state if is_drawn else TrialState.FAIL)
        except (UpdateFinishedTrialError, ValueError):
            # Others took this worker for dead, and its trial over.
            return

    def trials(self) -> tuple[Trial, ...]:
        """Every trial that is over, in order, whoever trained it; each ticket once, should two have trained it."""
        frozen = self._study.get_trials(deepcopy=False)
        given_again = {one.user_attrs[AGAIN] for one in frozen if AGAIN in one.user_attrs}
        found: dict[int, Trial] = {}
        for one in frozen:
            if RECORD in one.user_attrs and one.number not in given_again:
                ticket = one.user_attrs.get(AGAIN, one.number)
                found.setdefault(ticket, Trial.model_validate_json(one.user_attrs[RECORD]))
        return tuple(sorted(found.values(), key=lambda trial: trial.number))

    def best(self) -> Trial | None:
        """The best trial that was trained to its end; a cut one only where there is no other."""
        scored = [one for one in self.trials() if one.score is not None and one.state in {"finished", "cut"}]
        whole = [one for one in scored if one.state == "finished"] or scored
        return max(whole, key=lambda one: worth(self.monitor, one.score or 0.0), default=None)

    @property
    def is_closed(self) -> bool:
        """Whether the one that judges waits for no more trials."""
        return bool(self._study.user_attrs.get(CLOSED))

    def close(self, *, is_closed: bool) -> None:
        """Tell all workers whether trials are still wanted."""
        self._study.set_user_attr(CLOSED, is_closed)

    @property
    def left(self) -> int | None:
        """Tickets that nobody has taken yet; None where only time bounds the search."""
        return None if self._is_open else len(self._frozen("WAITING"))

    @property
    def _is_open(self) -> bool:
        return self.setup.trials is None and len(self._study.get_trials(deepcopy=False)) < MOST_TRIALS

    def _asked(self, ticket: "Ticket", *, is_taken_up: bool = False) -> Asked:
        role = ticket.user_attrs.get(ROLE, "drawn")
        given = self.storage.get_trial(ticket._trial_id).system_attrs.get("fixed_params")
        values = {} if role == "plan" and not given else {one.path: drawn(ticket, one) for one in self.setup.dimensions}
        return Asked(number=ticket.number, role=role, values=values, ticket=ticket, is_taken_up=is_taken_up)

    def _again(self, study: "Study", trial: "FrozenTrial") -> None:
        if any(one.user_attrs.get(AGAIN) == trial.number for one in study.get_trials(deepcopy=False)):
            return
        values = trial.params or trial.system_attrs.get("fixed_params", {})
        study.enqueue_trial(values, user_attrs={ROLE: trial.user_attrs.get(ROLE, "drawn"), AGAIN: trial.number})

    def _frozen(self, state: str) -> list["FrozenTrial"]:
        from optuna.trial import TrialState

        return self._study.get_trials(deepcopy=False, states=(TrialState[state],))

    def _loaded(self) -> "Study":
        import optuna

        pruner = (
            _pruner(self.setup.wishes.tune, self.setup.first_look)
            if not self.setup.is_grid
            else optuna.pruners.NopPruner()
        )
        return optuna.load_study(storage=self.storage, study_name=self.setup.name, pruner=pruner)


def as_drawn(dimension: Dimension, value: Value) -> Any:
    """What would have to be drawn for a setting to have this value; a LookupError where nothing would do."""
    if dimension.choices:
        if value not in dimension.choices:
            raise LookupError(value)
        return value
    if dimension.is_factor:
        return 1.0
    if not isinstance(value, int | float) or isinstance(value, bool):
        raise LookupError(value)  # noqa: TRY004 - the value is not there, whatever its type
    if not dimension.low <= value <= dimension.high or (dimension.is_power and log2(value) % 1):
        raise LookupError(value)
    return round(log2(value)) if dimension.is_power else value


def _tickets(setup: Setup, plan: Mapping[str, Value] | None) -> Sequence[dict[str, Any]]:
    """What the trials behind the plan's own are filled in with; an empty one is drawn when its time comes."""
    if setup.is_grid:
        return [
            dict(zip((one.path for one in setup.dimensions), values, strict=True))
            for values in product(*(one.choices for one in setup.dimensions))
        ]
    tune, count = setup.wishes.tune, _starts(setup.wishes.tune)
    first = [around(setup.dimensions, plan or {}, derived(tune.seed, "start", at)) for at in range(count)]
    if setup.trials is None:
        return first
    return (first + [{}] * setup.trials)[: setup.trials - 1]


def _starts(tune: TuneSettings) -> int:
    return min(MOST_STARTS, -(-(tune.trials or MOST_STARTS * START_SHARE) // START_SHARE))


def _pruner(tune: TuneSettings, first_look: int) -> "BasePruner":
    import optuna

    if tune.pruner == "none":
        return optuna.pruners.NopPruner()
    if tune.pruner == "hyperband":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return optuna.pruners.HyperbandPruner(min_resource=first_look, reduction_factor=tune.reduction)
    return optuna.pruners.SuccessiveHalvingPruner(min_resource=first_look, reduction_factor=tune.reduction)
