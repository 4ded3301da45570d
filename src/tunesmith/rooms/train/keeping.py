"""What is kept of a training beside its present state: the best states, and the weights' moving average."""

import math
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

from tunesmith.models.sharded import dealt, gathered

State = dict[str, Tensor]
Fixed = frozenset[str]
NONE: Fixed = frozenset()

EARLY_UPDATES = 10
"""After t steps the average's decay is at most (1 + t) / (10 + t), so that it forgets the first weights soon."""

UPDATES = 16
"""Times that the average is renewed while it forgets 1 - 1/e of what it held: so seldom that it costs little."""


class Keeping:
    """The states that will be the result. ``tensors`` and ``restore`` carry them over a crash.

    Args:
        ema: decay of the weights' moving average (Polyak & Juditsky 1992); 0: none. Where
            there is one, it is what is scored and kept.
        soup: how many of the best states are kept, to be averaged in the end.
        fixed: weights that the method never changes; they are in no state.
    """

    def __init__(self, *, ema: float = 0.0, soup: int = 1, fixed: Fixed = NONE) -> None:
        self._ema, self._soup, self._fixed = ema, soup, fixed
        self._every = max(1, int(1 / (1 - ema) / UPDATES))
        self._average: State = {}
        self._states: list[State] = []
        self._scores: list[float] = []

    def after_step(self, model: nn.Module, step: int) -> None:
        """Take note of the weights after optimiser step ``step`` (counted from 1)."""
        if not self._ema:
            return
        if not self._average:
            self._average = {name: value.detach().clone() for name, value in changing(model, self._fixed).items()}
            return
        if step % self._every:
            return
        decay = min(self._ema, (1 + step) / (EARLY_UPDATES + step)) ** self._every
        with torch.no_grad():
            for name, value in changing(model, self._fixed).items():
                # After a resume it comes from a file: whole, and in the machine's own memory.
                average = self._average[name] = dealt(self._average[name].to(value.device), value)
                if average.is_floating_point():
                    average.lerp_(value, 1 - decay)
                else:
                    average.copy_(value)

    @contextmanager
    def judged(self, model: nn.Module) -> Iterator[None]:
        """While this lasts, ``model`` has the weights that are to be scored and kept."""
        if not self._average:
            yield
            return
        present = {name: value.detach().clone() for name, value in changing(model, self._fixed).items()}
        put(self._average, model)
        try:
            yield
        finally:
            put(present, model)

    def note(self, model: nn.Module, score: float, *, is_matched: bool = False) -> None:
        """Take note of the weights that were scored just now. Of equal scores, the earlier one is the better.

        Args:
            score: the higher the better.
            is_matched: no better one is known to be better beyond chance, so that this one takes its place.
        """
        if not math.isfinite(score):
            return
        if is_matched:
            self._states, self._scores = [], []
        at = sum(known >= score for known in self._scores)
        if at < self._soup:
            self._states.insert(at, copied(model, self._fixed))
            self._scores.insert(at, score)
        del self._states[self._soup :], self._scores[self._soup :]

    def put_back(self, model: nn.Module) -> None:
        """Give ``model`` the best weights that were seen, where any were scored."""
        if self._states:
            put(self._states[0], model)

    def stir(self, model: nn.Module) -> int:
        """Give ``model`` the mean of the best states, a uniform soup (Wortsman et al. 2022); how many, 0 for none."""
        if len(self._states) < 2:
            return 0
        first = self._states[0]
        mean = {
            name: torch.stack([state[name] for state in self._states]).mean(0) if value.is_floating_point() else value
            for name, value in first.items()
        }
        put(mean, model)
        return len(self._states)

    def forget(self) -> None:
        """Hold no state any more."""
        self._states, self._scores, self._average = [], [], {}

    def tensors(self) -> dict[str, State]:
        """File name → tensors that belong into a checkpoint."""
        found = {f"best-{at}" if at else "best": state for at, state in enumerate(self._states)}
        if self._states:
            found["scores"] = {"scores": torch.tensor(self._scores, dtype=torch.float64)}
        if self._average:
            found["average"] = {name: gathered(value) for name, value in self._average.items()}
        return found

    def restore(self, found: dict[str, State]) -> None:
        """Take over what ``tensors`` gave."""
        names = ["best", *(f"best-{at}" for at in range(1, self._soup))]
        self._states = [found[name] for name in names if name in found]
        self._scores = found["scores"]["scores"].tolist() if self._states else []
        self._average = found.get("average", {})


def put(state: State, model: nn.Module) -> None:
    """Copy the tensors of ``state`` into ``model``; what is not in it stays as it is."""
    present = model.state_dict(keep_vars=True)
    with torch.no_grad():
        for name, value in state.items():
            present[name].copy_(dealt(value, present[name]))


def fixed(model: nn.Module) -> Fixed:
    """Names of the entries of a model's state that no step changes.

    Of a weight held in 4 bits the state has further entries below its name: its scales.
    """
    still = {name for name, value in model.named_parameters() if not value.requires_grad}
    scales = {name for name in model.state_dict() if _above(name) & still}
    return frozenset(still | scales)


def _above(name: str) -> set[str]:
    """``a``, ``a.b`` of ``a.b.c``."""
    parts = name.split(".")
    return {".".join(parts[:count]) for count in range(1, len(parts))}


def changing(model: nn.Module, fixed: Fixed = NONE) -> State:
    """The model's weights, but for those that never change; one that has two names (a tied head) under the first."""
    first = {id(value): name for name, value in reversed(model.state_dict(keep_vars=True).items())}
    kept = set(first.values())
    return {name: value for name, value in model.state_dict().items() if name in kept and name not in fixed}


def copied(model: nn.Module, fixed: Fixed = NONE) -> State:
    """The same, apart from the model."""
    return {name: gathered(value).cpu().clone() for name, value in changing(model, fixed).items()}
