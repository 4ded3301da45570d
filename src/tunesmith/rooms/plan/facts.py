"""What a plan is made from."""

from dataclasses import dataclass, replace

from tunesmith.artifacts import Health, ModelFacts, Prepared, Probe, Reading
from tunesmith.device import Machine
from tunesmith.settings import Settings


@dataclass(frozen=True, kw_only=True)
class Facts:
    """Counts, the model, the machine, and the timed batch once there is one."""

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
    probe: Probe | None = None
    elapsed_seconds: float = 0.0

    def with_probe(self, probe: Probe, *, elapsed_seconds: float) -> "Facts":
        """The same facts and a timed batch, ``elapsed_seconds`` after the run began."""
        return replace(self, probe=probe, elapsed_seconds=elapsed_seconds)

    @property
    def train_rows(self) -> int:
        """Rows of the training split."""
        return self.prepared.splits["train"].rows

    @property
    def specials(self) -> int:
        """Special tokens around a text."""
        template = self.prepared.template
        return len(template.prefix) + len(template.suffix) + len(template.middle)
