"""lora, dora, rslora, pissa, ia3, qlora: small matrices or vectors beside linear layers learn, the head, and new words.

All through peft, which takes seconds to import and is asked for by these methods alone. In
the end what was learned is added to the layers, so what is saved is a plain model; it is also
kept apart, head included, in the form that peft loads.
"""

import warnings
from collections.abc import Callable, Collection, Iterable, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from tunesmith.models.loading import seeded
from tunesmith.models.methods.base import calm, note_base
from tunesmith.models.methods.shapes import shape
from tunesmith.models.methods.tuning import Pace
from tunesmith.settings import AdapterSettings
from tunesmith.tasks.task import Batch

if TYPE_CHECKING:
    from peft import PeftModel
    from torch import Tensor
    from transformers import PreTrainedModel

KINDS = ("lora", "dora", "rslora", "pissa", "ia3", "qlora")


class Adapted:
    """A frozen model with something small beside its linear layers that learns.

    Args:
        method: one of ``KINDS``, or ``shapes.WORDS``.
        settings: rank, alpha and targets are filled in.
        seed: of the matrices that do not begin at zero.
        writes: the kind of language model; "" for one that answers with labels.
        made: names of the weights that were made anew, which learn too.
        added: ids of words that the vocabulary grew by, whose vectors learn too.
        again: puts a saved adapter on its base as it was before it was quantised; only qlora needs it.

    Raises:
        ModelError: the model has no such layers, or IA3 does not know them.
    """

    learns_words = False
    is_whole = False
    pace: Pace | None = None

    def __init__(
        self,
        model: "PreTrainedModel",
        method: str,
        settings: AdapterSettings,
        *,
        seed: int,
        writes: str = "",
        made: Collection[str] = (),
        added: Sequence[int] = (),
        again: Callable[[Path], Any] | None = None,
    ) -> None:
        from peft import get_peft_model

        self._base = Path(model.config.name_or_path)
        self._entries = int(model.get_input_embeddings().weight.shape[0]) if added else 0
        config = shape(model, method, settings, writes=writes, made=made, added=added)
        with seeded(seed, "adapter"), calm():
            self._adapted = get_peft_model(model, config)
        # PiSSA takes what its matrices begin with out of the layers: what they came from is needed to go back.
        self._start = _learned(self._adapted) if method == "pissa" else None
        self._again = again if method == "qlora" else None
        # The model itself, changed in place, so that hooks and names stay those of transformers.
        self.model: PreTrainedModel = self._adapted.get_base_model()

    def begin(self, batches: Iterable[Batch]) -> str:
        """Nothing is computed ahead."""
        return ""

    def whole(self, adapter: Path | None) -> "PreTrainedModel":
        """The model with what was learned added to its layers, and the learned head in place."""
        if adapter is not None:
            self._save(adapter)
        with calm():
            merged: PreTrainedModel = self._full().merge_and_unload(safe_merge=True)
        return merged.requires_grad_(True)

    def _full(self) -> "PeftModel":
        """The adapter on its base in full precision: added to 4 bits, what was learned would be rounded, too."""
        if self._again is None:
            return self._adapted
        with TemporaryDirectory() as folder:
            self._save(Path(folder))
            full: PeftModel = self._again(Path(folder))
        return full.to(self._adapted.device)

    def _save(self, adapter: Path) -> None:
        """What was learned, in the form that peft loads, and which model it belongs to."""
        self._write(adapter)
        # A form with nothing filled in; what there is to say stands in the model's own card.
        (adapter / "README.md").unlink(missing_ok=True)
        note_base(adapter, self._base, entries=self._entries)

    def _write(self, adapter: Path) -> None:
        """The matrices that are added to the base as it was."""
        if self._start is None:
            self._adapted.save_pretrained(adapter, save_embedding_layers=False)
            return
        from safetensors.torch import save_file

        with TemporaryDirectory() as start, warnings.catch_warnings():
            # Its matrices are here turned into LoRA's, which is what the warning asks for.
            warnings.filterwarnings("ignore", "PiSSA changes the base weights", UserWarning)
            save_file(self._start, Path(start) / "adapter_model.safetensors")
            self._adapted.save_pretrained(
                adapter, save_embedding_layers=False, path_initial_model_for_weight_conversion=start
            )


def _learned(adapted: "PeftModel") -> dict[str, "Tensor"]:
    """A copy of what peft would save."""
    from peft import get_peft_model_state_dict

    state = get_peft_model_state_dict(adapted, save_embedding_layers=False)
    return {name: value.detach().cpu().clone() for name, value in state.items()}
