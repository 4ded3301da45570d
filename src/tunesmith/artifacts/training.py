"""``Step`` and ``Trained``: what the loop tells while it goes, and what came of it."""

from tunesmith.artifacts.base import Artifact


class Step(Artifact):
    """One optimiser step, as the loop yields it. ``scores`` only where the dev split was scored.

    ``is_best``: this state is the one to keep so far. ``note`` tells in words what was decided in it: less in a pass, a
    lower rate, a cool-down.
    ``seconds_left``: until the end of the whole run's time budget, where there is one.
    """

    step: int
    steps: int
    epoch: float
    loss: float
    learning_rate: float
    gradient_norm: float
    examples: int
    tokens: int
    seconds: float
    scores: dict[str, float] | None = None
    is_best: bool = False
    epoch_loss: float | None = None
    note: str = ""
    seconds_left: float | None = None


class Trained(Artifact):
    """A finished training: which state was kept, why it stopped, what it cost. ``machine``: its kind, for people.

    ``best`` is the state that was kept. Where another one had the highest dev score, in ``top_epoch``, ``kept_because``
    says why it was not that one.
    """

    run: str
    model: str
    seconds: float
    epochs: float
    best_epoch: float
    best_step: int
    monitor: str
    best_score: float
    top_epoch: int = 0
    kept_because: str = ""
    stopped_because: str
    examples_per_second: float
    peak_bytes: int = 0
    machine: str = ""
    notes: tuple[str, ...] = ()
