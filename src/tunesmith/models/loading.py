"""Load a model from a folder, and account for every weight that did not come from it.

A weight that is made anew in silence is how a finished model comes to answer at random.
So: a pretrained model may get a new head for its task and nothing else, a trained model
may get nothing new at all, and what was made new is named.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tunesmith.errors import ModelError
from tunesmith.models.fast.memory import keep_few_shapes
from tunesmith.models.quiet import quiet
from tunesmith.models.safety import inspect_folder
from tunesmith.models.tokenizer import has_tokenizer, load_tokenizer, padding_id
from tunesmith.seeds import derived
from tunesmith.settings import ModelSettings
from tunesmith.words import listed, say

if TYPE_CHECKING:
    from transformers import PretrainedConfig, PreTrainedModel

_POOLER = "pooler"
"""The layer between encoder and head; it lies inside the encoder, but many checkpoints come without it."""


@dataclass(frozen=True, kw_only=True)
class Loaded:
    """A model in float32, in evaluation mode, and the names of its weights that were made anew."""

    model: "PreTrainedModel"
    new_weights: tuple[str, ...]


def load(
    folder: Path,
    *,
    auto_class: str,
    labels: Sequence[str],
    settings: ModelSettings,
    seed: int,
    problem_type: str | None = None,
    is_quantised: bool = False,
) -> Loaded:
    """A pretrained model with a head for ``labels`` (none for a model without classes).

    The folder's own head is kept when it was made for the same labels in the same
    order; otherwise its outputs mean something else and a new head is drawn from ``seed``.

    Args:
        folder: a folder on this machine; nothing is fetched here.
        auto_class: name of a transformers Auto class.
        labels: label names in the order of the outputs.
        settings: whether the model's own code may run.
        seed: of the new weights.
        problem_type: as transformers calls it, for sequence classification.
        is_quantised: hold the linear layers in 4 bits (NF4, Dettmers et al. 2023); they can then not learn themselves.

    Raises:
        ModelError: the folder must not be trusted, does not fit the class, lacks weights
            other than the head's, or holds weights that are not finite.
    """
    # find() has seen to the pinned commit; here the folder itself is looked at once more.
    inspect_folder(folder, settings=settings)
    config = _config(folder, settings.trust_remote_code)
    is_same_head = _names(config) == tuple(labels)
    _set_labels(config, labels, problem_type)
    if getattr(config, "pad_token_id", None) is None and has_tokenizer(folder):
        # Causal models find a text's last token by it when they classify.
        config.pad_token_id = padding_id(load_tokenizer(folder))
    with seeded(seed, "new weights"):
        more = {"quantization_config": _four_bits()} if is_quantised else {}
        model, information = _from_folder(folder, auto_class, config, settings.trust_remote_code, **more)
    made = sorted({*information["missing_keys"], *(entry[0] for entry in information["mismatched_keys"])})
    strangers = [name for name in made if not is_head(name, model)]
    if strangers:
        raise ModelError(
            expected=say("every weight but the head's in the file", "除任务头外的全部权重都在文件中"),
            got=say(f"none, or another shape, for {listed(strangers)}", f"缺少以下权重或形状不同：{listed(strangers)}"),
            where=str(folder),
            do=say("use the checkpoint that belongs to this config.json", "请使用与该 config.json 相配的权重"),
        )
    if labels and not is_same_head:
        made = sorted({*made, *_renew_head(model, auto_class, seed)})
    _refuse_infinite(model, folder)
    return Loaded(model=model, new_weights=tuple(made))


def new(folder: Path, *, auto_class: str, labels: Sequence[str], seed: int, problem_type: str | None = None) -> Loaded:
    """A model from random weights, as ``folder``/config.json describes it; the same seed gives the same weights.

    Raises:
        ModelError: the configuration does not fit the class.
    """
    config = _config(folder, False)
    _set_labels(config, labels, problem_type)
    model = _fresh(auto_class, config, seed)
    return Loaded(model=model, new_weights=tuple(name for name, _ in model.named_parameters()))


def reload(folder: Path, auto_class: str) -> "PreTrainedModel":
    """A trained model exactly as it was saved: no weight missing, left over, of another shape, or not finite.

    Raises:
        ModelError: any of that, or the folder was saved from another class.
    """
    inspect_folder(folder, settings=ModelSettings())
    config = _config(folder, False)
    model, information = _from_folder(folder, auto_class, config, False)
    saved_as = config.architectures or []
    wrong = {
        say("missing", "缺少"): sorted(information["missing_keys"]),
        say("left over", "多余"): sorted(information["unexpected_keys"]),
        say("of another shape", "形状不同"): sorted(entry[0] for entry in information["mismatched_keys"]),
        say("the class it was saved from", "保存时的模型类"): []
        if type(model).__name__ in saved_as
        else list(saved_as),
    }
    if any(wrong.values()):
        raise ModelError(
            expected=say(f"a whole trained {type(model).__name__}", f"完整的、训练过的 {type(model).__name__}"),
            got="; ".join(f"{what}: {listed(names)}" for what, names in wrong.items() if names),
            where=str(folder),
            do=say(
                "use the model/ folder of a finished run; train again if it is damaged",
                "请使用已完成运行的 model/ 文件夹；若已损坏请重新训练",
            ),
        )
    _refuse_infinite(model, folder)
    return model


# ---------------------------------------------------------------- parts


def _config(folder: Path, trust_remote_code: bool) -> "PretrainedConfig":
    from transformers import AutoConfig

    try:
        return AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=trust_remote_code)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            expected=say(
                "a configuration of a model type that transformers knows", "transformers 认识的模型类型的配置"
            ),
            got=_first_line(error),
            where=str(folder / "config.json"),
            do=say("check model_type in it, or update transformers", "请检查其中的 model_type，或升级 transformers"),
        ) from error


def _set_labels(config: "PretrainedConfig", labels: Sequence[str], problem_type: str | None) -> None:
    if labels:
        config.id2label = dict(enumerate(labels))
        config.label2id = {name: at for at, name in enumerate(labels)}
    config.problem_type = problem_type


def _names(config: "PretrainedConfig") -> tuple[str, ...]:
    return tuple(config.id2label[at] for at in sorted(config.id2label))


def _from_folder(
    folder: Path, auto_class: str, config: "PretrainedConfig", trust_remote_code: bool, **more: Any
) -> tuple["PreTrainedModel", dict[str, Any]]:
    import torch

    with quiet():
        try:
            model, information = _auto(auto_class).from_pretrained(
                folder,
                config=config,
                dtype=torch.float32,
                use_safetensors=True,
                local_files_only=True,
                trust_remote_code=trust_remote_code,
                ignore_mismatched_sizes=True,  # reported, and judged by the caller
                output_loading_info=True,
                **more,
            )
        except (OSError, ValueError, RuntimeError) as error:
            raise _unfit(folder, auto_class, error) from error
    return model, information


def _four_bits() -> Any:
    """4-bit normal floats, their scales quantised too; products in bfloat16."""
    import torch
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16,
    )


def _fresh(auto_class: str, config: "PretrainedConfig", seed: int) -> "PreTrainedModel":
    with seeded(seed, "new weights"), quiet():
        try:
            model: PreTrainedModel = _auto(auto_class).from_config(config)
        except ValueError as error:
            raise _unfit(Path(config.name_or_path), auto_class, error) from error
    return model.float().eval()


def _auto(auto_class: str) -> Any:
    keep_few_shapes()
    import transformers

    return getattr(transformers, auto_class)


def _unfit(folder: Path, auto_class: str, error: Exception) -> ModelError:
    return ModelError(
        expected=say(f"a model that {auto_class} can load", f"{auto_class} 能加载的模型"),
        got=_first_line(error),
        where=str(folder),
        do=say("use a model of a kind that has this task", "请使用支持该任务的模型类型"),
    )


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


def is_head(name: str, model: "PreTrainedModel") -> bool:
    """Whether a weight lies behind the encoder: outside of it, or in its pooler. A bare encoder has no head."""
    body = _body(model)
    return _is_pooler(name) or not (body is None or name.startswith(f"{body}."))


def _body(model: "PreTrainedModel") -> str | None:
    """Under which name a model with a head holds its encoder; None: it is one itself."""
    if model.base_model is not model:
        return str(model.base_model_prefix)
    # Whisper's classifier of sounds holds half of what its base class names.
    return "encoder" if hasattr(model, "encoder") and hasattr(model, "classifier") else None


def _is_pooler(name: str) -> bool:
    return _POOLER in name.split(".")


def _renew_head(model: "PreTrainedModel", auto_class: str, seed: int) -> list[str]:
    """Draw the head anew, but for the pooler, which belongs to no labels. Gives the names of its weights."""
    import torch

    fresh = _fresh(auto_class, model.config, seed).state_dict()
    head = [name for name, _ in model.named_parameters() if is_head(name, model) and not _is_pooler(name)]
    with torch.no_grad():
        for name in head:
            model.get_parameter(name).copy_(fresh[name])
    return head


def _refuse_infinite(model: "PreTrainedModel", folder: Path) -> None:
    wrong = [name for name, weight in model.named_parameters() if not bool(weight.isfinite().all())]
    if wrong:
        raise ModelError(
            expected=say("finite weights", "有限的权重"),
            got=say(f"NaN or infinity in {listed(wrong)}", f"{listed(wrong)} 中有 NaN 或无穷大"),
            where=str(folder),
            do=say(
                "use another checkpoint: the training that made this one diverged", "请换一个检查点：产生它的训练已发散"
            ),
        )


@contextmanager
def seeded(seed: int, purpose: str) -> Iterator[None]:
    """New weights as a function of seed and purpose alone; the generator outside is left as it was."""
    import torch

    with torch.random.fork_rng():
        torch.manual_seed(derived(seed, purpose))
        yield
