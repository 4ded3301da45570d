"""What a plan is made from."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from tunesmith.artifacts import Health, ModelFacts, Prepared, Probe, Reading
from tunesmith.device import Machine
from tunesmith.settings import Settings
from tunesmith.tasks.task import Lost


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Counts, the model, the machine, and the timed batches once there are some.

    ``writes``: the task is a language model's. ``is_written``: what it writes is judged, too. ``added``: words that the
    model's vocabulary grows by.
    """

    wanted: Settings
    reading: Reading
    health: Health
    prepared: Prepared
    model: ModelFacts
    machine: Machine
    files: tuple[str, ...]
    monitor: str
    metrics: tuple[str, ...]
    versions: dict[str, str]
    modality: str = "text"
    writes: bool = False
    added: tuple[str, ...] = ()
    is_written: bool = False
    form: tuple[str, str] | None = None
    lost: Callable[[int], Mapping[str, Lost]] | None = None
    probe: Probe | None = None
    probed: Settings | None = None
    elapsed_seconds: float = 0.0

    def with_probe(self, probe: Probe, *, probed: Settings, elapsed_seconds: float) -> "Facts":
        """The same facts and batches timed with the settings ``probed``, ``elapsed_seconds`` after the run began."""
        return replace(self, probe=probe, probed=probed, elapsed_seconds=elapsed_seconds)

    @property
    def measured(self) -> Probe:
        """The timed batches, for what cannot be said without them."""
        if self.probe is None:
            raise LookupError("no batch was timed yet")
        return self.probe

    @property
    def media(self) -> str:
        """Behind a key of the advice table: pictures and sounds have rows of their own."""
        return "" if self.modality == "text" else "_media"

    @property
    def train_rows(self) -> int:
        """Rows of the training split."""
        return self.prepared.splits["train"].rows

    @property
    def specials(self) -> int:
        """Special tokens around a text."""
        template = self.prepared.template
        return len(template.prefix) + len(template.suffix) + len(template.middle)
