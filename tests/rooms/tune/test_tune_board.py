"""Trials without any training: tickets, early ends, workers that come, go and die."""

import math
from collections.abc import Iterator
from pathlib import Path

import pytest

from tunesmith.artifacts.trials import Dimension, Setup, State, Trial
from tunesmith.errors import RunError, SettingsError, UserError
from tunesmith.rooms.tune import ARTICLE, Asked, Board, as_drawn, own_storage, tune
from tunesmith.rooms.tune import storage as store
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

RATE = Dimension(path="train.learning_rate", low=1e-5, high=1e-2, is_log=True)
BATCH = Dimension(path="train.batch_size", low=4, high=64, is_power=True, is_whole=True)
METHOD = Dimension(path="train.method", choices=("full", "lora"))
SPACE = (RATE, BATCH, METHOD)
PLAN = {"train.learning_rate": 1e-4, "train.batch_size": 4, "train.method": "full"}
EPOCHS = 4


def setup(trials: int | None = 7, **tune: object) -> Setup:
    wishes = changed(Settings(), {f"tune.{name}": value for name, value in tune.items()} | {"tune.trials": trials})
    return Setup(name="s", wishes=wishes, dimensions=SPACE, trials=trials)


def begun(folder: Path, what: Setup) -> str:
    address = own_storage(folder / "trials.sqlite")
    Board.begin(address, what, plan=PLAN, key="rows")
    return address


def quality(asked: Asked) -> float:
    """Best at a rate of 1e-3, a batch of 16 and all weights: 1; what is left out counts as the plan's."""
    values = {**PLAN, "train.batch_size": 16, **asked.values}
    away = abs(math.log10(float(values["train.learning_rate"])) + 3) / 2
    return 1 - 0.5 * away - 0.1 * abs(math.log2(float(values["train.batch_size"])) - 4) / 4


class Fake:
    """A training whose score rises to its settings' quality; examples are one an epoch."""

    def __init__(self, asked: Asked, worker: str = "w", epochs: int = EPOCHS) -> None:
        self.asked, self.worker, self.epochs = asked, worker, epochs
        self.rungs: list[tuple[int, float]] = []
        self.kept = self.closed = False

    def __iter__(self) -> Iterator[Trial]:
        for epoch in range(1, self.epochs + 1):
            self.rungs.append((epoch, quality(self.asked) * (1 - 0.5**epoch)))
            if epoch < self.epochs:
                yield self.seen("running")
        yield self.seen("finished")

    def end(self, state: State) -> Trial:
        return self.seen(state)

    def keep(self) -> None:
        self.kept = True

    def close(self) -> None:
        self.closed = True

    def seen(self, state: State) -> Trial:
        return Trial(
            number=self.asked.number,
            role=self.asked.role,
            state=state,
            values=dict(self.asked.values),
            seed=17,
            score=self.rungs[-1][1],
            rungs=tuple(self.rungs),
            examples=len(self.rungs),
            worker=self.worker,
        )


def searched(board: Board, *, most: int = 10_000) -> list[Fake]:
    """Every attempt that a whole search made."""
    made: list[Fake] = []

    def attempt(asked: Asked) -> Fake:
        made.append(Fake(asked, board.worker))
        return made[-1]

    for _, _ in zip(range(most), tune(board, attempt=attempt, is_late=lambda: False), strict=False):
        pass
    return made


def test_the_plan_comes_first_weak_trials_end_early_and_the_best_is_kept(tmp_path: Path) -> None:
    board = Board(begun(tmp_path, setup()), setup(), monitor="accuracy", worker="w")
    made = searched(board)
    trials = board.trials()
    assert [one.number for one in trials] == list(range(7)) and board.left == 0
    assert trials[0].role == "plan" and trials[0].state == "finished"
    assert trials[0].values == {**PLAN, "train.batch_size": 16}
    pruned = [one for one in trials if one.state == "pruned"]
    assert pruned and {one.examples for one in pruned} <= {1, 3}, "halving by three looks after epochs 1, 3, 9"
    best = board.best()
    assert best is not None and best.score == max(one.score or 0 for one in trials) and (best.score or 0) > 0.8
    kept = [one for one in made if one.kept]
    assert kept[0].asked.role == "plan" and kept[-1].asked.number == best.number
    assert all(one.closed for one in made)
    batches = {one.values["train.batch_size"] for one in trials}
    assert batches <= {4, 8, 16, 32, 64} and len(batches) > 1


@pytest.mark.slow
def test_the_same_seed_draws_the_same_trials(tmp_path: Path) -> None:
    found = []
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
        board = Board(begun(tmp_path / name, setup(4)), setup(4), monitor="accuracy", worker="w")
        searched(board)
        found.append([one.values for one in board.trials()])
    assert found[0] == found[1]


def test_a_metric_that_is_better_lower_is_searched_downwards(tmp_path: Path) -> None:
    board = Board(begun(tmp_path, setup(3, pruner="none")), setup(3, pruner="none"), monitor="perplexity", worker="w")
    searched(board)
    best = board.best()
    assert best is not None and best.score == min(one.score or 9 for one in board.trials())


def test_an_interrupted_trial_goes_on_and_finished_ones_are_kept(tmp_path: Path) -> None:
    address = begun(tmp_path, setup(3))
    first = Board(address, setup(3), monitor="accuracy", worker="w")
    searched(first, most=EPOCHS + 3)  # the plan's own, and a few epochs of the next
    assert len(first.trials()) == 1
    again = Board(address, setup(3), monitor="accuracy", worker="w")
    asked = again.next()
    assert asked is not None and asked.number == 1 and asked.is_taken_up
    values = dict(asked.values)
    third = Board(address, setup(3), monitor="accuracy", worker="w")
    made = searched(third)
    assert dict(made[0].asked.values) == values
    assert [one.number for one in third.trials()] == [0, 1, 2]


def test_workers_share_exactly_so_many_trials(tmp_path: Path) -> None:
    address = begun(tmp_path, setup(3))
    boards = [Board(address, setup(3), monitor="accuracy", worker=name) for name in "abcd"]
    asked = [board.next() for board in boards]
    assert [one and one.number for one in asked] == [0, 1, 2, None]
    assert boards[0].more_may_come
    # Whoever left a trial behind gets it back, and nobody else.
    again = boards[1].next()
    assert again is not None and again.number == 1 and again.is_taken_up


def test_a_dead_worker_s_trial_is_given_out_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "GRACE_SECONDS", 1)
    address = begun(tmp_path, setup(3))
    dead = Board(address, setup(3), monitor="accuracy", worker="dead")
    lost = dead.next()  # and it dies before it shows any sign of life
    assert lost is not None and lost.role == "plan"
    board = Board(address, setup(3), monitor="accuracy", worker="alive")
    made = searched(board)  # it waits for the other, and takes over
    assert [one.asked.role for one in made].count("plan") == 1
    assert dict(made[-1].asked.values) == dict(lost.values) and len(board.trials()) == 3
    # It lived after all, and comes too late: its ticket counts once.
    dead.tell(lost, list(Fake(lost))[-1])
    assert [one.number for one in board.trials()] == [1, 2, 3]


def test_who_was_taken_for_dead_changes_nothing(tmp_path: Path) -> None:
    address = begun(tmp_path, setup(3))
    board = Board(address, setup(3), monitor="accuracy", worker="w")
    asked = board.next()
    assert asked is not None
    last = list(Fake(asked))[-1]
    board.tell(asked, last)
    board.tell(asked, last.model_copy(update={"score": 2.0}))
    assert board.trials()[0].score == last.score


def test_a_closed_search_gives_out_nothing(tmp_path: Path) -> None:
    board = Board(begun(tmp_path, setup(3)), setup(3), monitor="accuracy", worker="w")
    board.close(is_closed=True)
    assert board.is_closed and board.next() is None
    board.close(is_closed=False)
    assert board.next() is not None


def test_what_does_not_go_together_fails_alone_but_not_as_the_plan(tmp_path: Path) -> None:
    board = Board(begun(tmp_path, setup(4)), setup(4), monitor="accuracy", worker="w")

    def attempt(asked: Asked) -> Fake:
        if asked.number == 2:
            raise UserError(expected="x", got="y", do="z")
        return Fake(asked)

    list(tune(board, attempt=attempt, is_late=lambda: False))
    states = [one.state for one in board.trials()]
    assert states[2] == "failed" and states.count("failed") == 1
    (tmp_path / "other").mkdir()
    other = Board(begun(tmp_path / "other", setup(4)), setup(4), monitor="accuracy", worker="w")

    def refuse(asked: Asked) -> Fake:
        raise UserError(expected="x", got="y", do="z")

    with pytest.raises(UserError, match="Expected x"):
        list(tune(other, attempt=refuse, is_late=lambda: False))


def test_the_time_cuts_a_trial_which_is_best_only_where_there_is_no_other(tmp_path: Path) -> None:
    board = Board(begun(tmp_path, setup(4)), setup(4), monitor="accuracy", worker="w")
    late = iter([False] * 2 + [True] * 9)
    (*_, last) = tune(board, attempt=Fake, is_late=lambda: next(late))
    assert last.state == "cut" and last.is_best and board.best() == board.trials()[0]


def test_a_grid_trains_each_cell_to_its_end(tmp_path: Path) -> None:
    cells = tuple(one.model_copy(update={"choices": one.choices[-2:]}) for one in ARTICLE[:2])
    grid = Setup(name="s", wishes=Settings(), dimensions=cells, is_grid=True, trials=5)
    address = own_storage(tmp_path / "trials.sqlite")
    Board.begin(address, grid, plan=None, key="rows")
    board = Board(address, grid, monitor="accuracy", worker="w")
    searched(board)
    trials = board.trials()
    assert len(trials) == 5 and {one.state for one in trials} == {"finished"}
    assert trials[0].role == "plan" and trials[0].values == {}
    trained = {tuple(one.values.values()) for one in trials[1:]}
    assert trained == {(rate, batch) for rate in (0.001, 0.0001) for batch in (32, 64)}


def test_a_plan_outside_of_the_space_still_counts(tmp_path: Path) -> None:
    address = own_storage(tmp_path / "trials.sqlite")
    Board.begin(address, setup(4), plan=None, key="rows")
    board = Board(address, setup(4), monitor="accuracy", worker="w")
    searched(board)
    assert board.trials()[0].values == {} and board.trials()[0].state == "finished"
    assert len(board.trials()) == 4


def test_what_would_have_to_be_drawn() -> None:
    assert as_drawn(RATE, 1e-3) == 1e-3 and as_drawn(BATCH, 16) == 4 and as_drawn(METHOD, "lora") == "lora"
    assert as_drawn(RATE.model_copy(update={"is_factor": True}), 5.0) == 1.0
    for one, value in ((RATE, 1.0), (BATCH, 12), (METHOD, "head"), (RATE, None), (BATCH, True)):
        with pytest.raises(LookupError):
            as_drawn(one, value)


def test_a_search_is_found_by_its_name_and_only_by_it(tmp_path: Path) -> None:
    address = begun(tmp_path, setup(4))
    found, key = Board.found(address, "s")
    assert (found, key) == (setup(4), "rows")
    with pytest.raises(RunError, match="one of the searches there: s"):
        Board.found(address, "t")
    with pytest.raises(RunError, match="a name that no search has yet"):
        Board.begin(address, setup(4), plan=PLAN, key="rows")


def test_an_address_that_is_none_and_one_that_does_not_answer_show_no_password() -> None:
    with pytest.raises(SettingsError, match="an address like postgresql://user") as caught:
        store.opened("mysql://me:secret@host/x", stale=lambda study, trial: None)
    assert "secret" not in str(caught.value)
    with pytest.raises(RunError, match="a database that answers") as refused:
        store.opened("postgresql://me:secret@127.0.0.1:9/x", stale=lambda study, trial: None)
    assert "secret" not in str(refused.value) and "***@127.0.0.1" in str(refused.value)
