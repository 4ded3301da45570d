"""Every setting that a user can make, with its range and a sentence of help."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=0.9)]
DevShare = Annotated[float, Field(ge=0.01, le=0.5)]  # without dev rows no state could be called the best
Method = Literal["full", "head", "top", "lora", "dora", "rslora", "pissa", "ia3", "qlora", "prefix", "prompt"]
Optimiser = Literal["adamw", "adafactor", "lion", "sgd"]
Schedule = Literal["linear", "cosine", "stable", "constant"]
Augmenter = Literal["swap", "delete", "insert", "synonym", "entities"]
Positive = Annotated[int, Field(ge=1)]


def _names(given: Any) -> Any:
    """``a,b`` and ``[a, b]`` as ``("a", "b")``, ``none`` and ``[]`` as ``()``; anything else as it is."""
    if not isinstance(given, str):
        return given
    parts = [part.strip() for part in given.strip("[] ").split(",")]
    return () if parts == ["none"] else tuple(filter(None, parts))


def _prices(given: Any) -> Any:
    """``a:b=5,b=2`` as ``{"a:b": 5, "b": 2}``; anything else as it is."""
    if not isinstance(given, str):
        return given
    parts = (part.rpartition("=") for part in given.split(",") if part.strip())
    return {name.strip(): price.strip() for name, _, price in parts}


Prices = Annotated[dict[str, Annotated[float, Field(ge=0)]], BeforeValidator(_prices)]
Names = Annotated[tuple[str, ...], BeforeValidator(_names)]


LINEAR = ("linear",)
"""Stands for the names of all linear layers but the head's."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


class ReadSettings(_Part):
    """How files are understood. What stays None is found out from the content."""

    task: str | None = Field(None, description="task; found out when not given")
    columns: dict[str, str | int] | None = Field(None, description="role=column, by header or 1-based position")
    has_header: bool | None = Field(None, description="first line names the columns")
    separator: str | None = Field(None, description="tab, comma, semicolon or space")
    encoding: str | None = Field(None, description="Python codec name")
    allow_rejects: bool = Field(False, description="go on when more than 1% of the rows cannot be used")
    keep: Names = Field((), description="further columns that are kept, to split by")


class PrepareSettings(_Part):
    """How rows become batches."""

    dev_share: DevShare | None = Field(
        None, description="share of the training rows for the dev split, if none is given"
    )
    test_share: Share | None = Field(
        None, description="share of the training rows for the test split, if none is given"
    )
    max_length: Annotated[int, Field(ge=8)] | None = Field(
        None, description="tokens a text is cut at, or a window's size"
    )
    chat_template: str | None = Field(
        None, description="form of talks: plain, chatml, or a file with a Jinja template; else the model's own"
    )
    prompt: str | None = Field(None, description="what a text is asked with, such as 'Title: {title}\\n'")
    truncation: Literal["answer", "drop", "split"] = Field(
        "answer", description="too long for the model: keep the answer and cut the question, drop the row, or split it"
    )
    seed: int = Field(17, description="seed of the split")
    document: Literal["line", "paragraph", "file"] | None = Field(
        None, description="lines of a corpus that make up one text; found out when not given"
    )
    clean: Names | None = Field(None, description="cleaning steps with commas between them, or none")
    segment: bool = Field(False, description="cut texts into words, Chinese by a dictionary")
    stopwords: Names = Field((), description="words left out: zh, en, or a file with a word a line")
    group_by: str | None = Field(None, description="column whose equal values stay on one side of the split")
    near_together: bool = Field(True, description="near duplicates stay on one side of the split")
    split_by: Literal["label", "time"] = Field("label", description="label: by shares; time: the latest are held out")
    time_column: str | None = Field(None, description="column of dates or numbers that split_by=time goes by")
    folds: Annotated[int, Field(ge=2, le=20)] | None = Field(
        None, description="cross-validation: each row is scored by one of so many models"
    )
    fold: Positive | None = Field(None, description="of folds, only this one: it is the test split")
    augment: Annotated[tuple[Augmenter, ...], BeforeValidator(_names)] = Field(
        (), description="ways to make more training rows: swap, delete, insert, synonym, entities"
    )
    vary: Names | None = Field(
        None,
        description="pictures: flip, crop, trivial, rand, light, erase; "
        "sounds: speed, shift, noise, loudness, mask; or none",
    )
    workers: Positive | None = Field(
        None, description="processes that decode pictures and sounds; found out when not given"
    )
    augment_factor: Annotated[float, Field(gt=0, le=20)] = Field(1.0, description="made rows for each row of a class")
    augment_all: bool = Field(False, description="augment all classes, not the small ones alone")


class ModelSettings(_Part):
    """Which model is tuned."""

    name: str | None = Field(None, description="minilm, scratch, a folder, or a Hub or ModelScope name")
    revision: str | None = Field(None, description="commit of a Hub name")
    trust_remote_code: bool = Field(False, description="run the model's own code; needs a pinned revision")
    add_tokens: Names = Field(
        (), description="words that become tokens of their own: a file with a word a line, or words with commas"
    )
    scratch_size: Literal["tiny", "small", "base"] | None = Field(None, description="size of a model from scratch")
    scratch_vocabulary: Annotated[int, Field(ge=300, le=100_000)] | None = Field(None, description="its vocabulary")


class AdapterSettings(_Part):
    """Small matrices or prompts that are trained in the model's place."""

    rank: Positive | None = Field(None, description="rank of LoRA's matrices")
    alpha: Annotated[float, Field(gt=0)] | None = Field(None, description="LoRA's scale before division by the rank")
    lora_dropout: Share = Field(0.0, description="dropout before LoRA's matrices")
    targets: Names | None = Field(None, description="layers that get LoRA's matrices, by their last names; linear: all")
    prompt_tokens: Positive = Field(20, description="virtual tokens of prompt and prefix tuning")


class PreferenceSettings(_Part):
    """How a model learns which of two answers is better."""

    loss: Literal["dpo", "orpo"] | None = Field(None, description="dpo or orpo")
    beta: Annotated[float, Field(gt=0, le=10)] = Field(
        0.1, description="DPO: how close it stays to where it began; ORPO: weight of the comparison"
    )


class RegulariseSettings(_Part):
    """Strategies against learning by heart, and for rare classes. Zero, one or none switches one off."""

    dropout: Share | None = Field(None, description="dropout instead of the model's own")
    label_smoothing: Share = Field(0.0, description="share of the target spread over all labels")
    r_drop: Annotated[float, Field(ge=0)] = Field(0.0, description="weight of R-Drop's divergence of two passes")
    adversarial: Annotated[float, Field(ge=0)] = Field(0.0, description="length of FGM's step in the embeddings")
    mixup: Annotated[float, Field(ge=0)] = Field(0.0, description="alpha of mixup between embedded texts, or pictures")
    cutmix: Annotated[float, Field(ge=0)] = Field(0.0, description="alpha of CutMix between pictures, or sounds")
    ema: Annotated[float, Field(ge=0, lt=1)] | None = Field(None, description="decay of the weights' moving average")
    soup: Annotated[int, Field(ge=1, le=10)] = Field(1, description="best states that are averaged in the end")
    layer_decay: Annotated[float, Field(gt=0, le=1)] = Field(
        1.0, description="rate's factor from a layer to the one below"
    )
    gradual_unfreezing: bool = Field(False, description="train from the head downwards, a layer more each time")
    class_weights: Literal["none", "balanced"] = Field("none", description="weigh rare classes up in the loss")
    focal: Annotated[float, Field(ge=0)] = Field(0.0, description="gamma of the focal loss")
    sampling: Literal["natural", "balanced"] = Field("natural", description="how often each class is drawn")


class TrainSettings(_Part):
    """The loop."""

    method: Method | None = Field(
        None, description="full, head, top, lora, dora, rslora, pissa, ia3, qlora, prefix or prompt"
    )
    top_layers: Positive | None = Field(None, description="layers that the method top trains")
    cache_frozen: bool = Field(True, description="compute frozen layers once and keep their outputs on disk")
    epochs: Annotated[int, Field(ge=1, le=1000)] | None = Field(None, description="upper bound of passes over the data")
    optimiser: Optimiser = Field("adamw", description="adamw, adafactor, lion or sgd")
    learning_rate: Annotated[float, Field(gt=0, le=1)] | None = Field(None, description="peak learning rate")
    head_rate: Annotated[float, Field(gt=0, le=100)] | None = Field(
        None, description="rate of what follows the layers, in units of learning_rate"
    )
    batch_size: Positive | None = Field(None, description="examples per optimiser step, over all processes")
    micro_batch_size: Positive | None = Field(None, description="examples per forward pass")
    warmup_share: Share | None = Field(None, description="share of the steps in which the rate rises")
    schedule: Schedule | None = Field(None, description="how the rate falls then: linear, cosine, stable or constant")
    cooldown_epochs: Annotated[float, Field(ge=0, le=20)] = Field(
        0.0, description="epochs of falling rate once the score stalls, before the run stops"
    )
    weight_decay: Annotated[float, Field(ge=0, le=1)] = Field(0.01, description="decoupled decay; not on biases, norms")
    clip_norm: Annotated[float, Field(gt=0)] = Field(1.0, description="largest gradient norm")
    patience: Annotated[int, Field(ge=0)] | None = Field(
        None, description="epochs without a better score before stopping"
    )
    scorings: Positive | None = Field(None, description="times in an epoch that the dev split is scored")
    plateau_epochs: Positive = Field(5, description="epochs before the plateau rule may stop the run")
    plateau_change: Annotated[float, Field(ge=0)] = Field(
        0.001, description="a smaller change of the epoch's loss stops"
    )
    monitor: str | None = Field(None, description="dev metric that decides which state is best")
    group_by_length: bool | None = Field(None, description="texts of like length share a batch")
    packed: bool | None = Field(None, description="compute on real tokens alone, without padding")
    precision: Literal["float32", "bfloat16"] | None = Field(None, description="type of the forward and backward pass")
    compile: bool | None = Field(None, description="compile the model with torch.compile")
    gradient_checkpointing: bool | None = Field(None, description="compute activations twice to save memory")
    sharded: bool | None = Field(None, description="of several processes, each holds a part of the weights (FSDP2)")
    checkpoint_seconds: Annotated[float, Field(ge=0)] = Field(60.0, description="at most one checkpoint in this time")
    time_seconds: Annotated[float, Field(gt=0)] | None = Field(None, description="budget for the whole run")
    memory_bytes: Annotated[int, Field(gt=0)] | None = Field(None, description="budget of memory")
    threads: Positive | None = Field(None, description="CPU threads")
    seed: int = Field(17, description="seed of order, dropout and new weights")


class EvaluateSettings(_Part):
    """How the result is judged."""

    batch_tokens: Annotated[int, Field(ge=64)] = Field(8192, description="tokens per forward pass when scoring")
    most_rows: Positive | None = Field(
        None, description="rows of a split that a run scores; of more a seeded sample is taken"
    )
    written_rows: Positive | None = Field(
        None, description="rows that a model which writes is judged by writing to, a seeded sample"
    )
    costs: Prices | None = Field(None, description="what errors cost, as in truth:answer=5,truth=2; others cost 1")
    bootstrap_samples: Annotated[int, Field(ge=100, le=100_000)] = Field(1000, description="resamples per interval")
    seed: int = Field(17, description="seed of the resampling")


class GenerateSettings(_Part):
    """How a model writes its answers."""

    max_new_tokens: Positive | None = Field(None, description="tokens of an answer at most; by the training answers")
    do_sample: bool | None = Field(None, description="draw each token by its probability, not always the likeliest")
    temperature: Annotated[float, Field(gt=0, le=10)] | None = Field(
        None, description="when drawing: below 1 safer, above 1 wilder"
    )
    top_p: Annotated[float, Field(gt=0, le=1)] | None = Field(
        None, description="when drawing: only the likeliest tokens that together reach this share"
    )
    top_k: Annotated[int, Field(ge=0)] = Field(0, description="when drawing: only so many of the likeliest; 0: all")
    repetition_penalty: Annotated[float, Field(gt=0, le=10)] = Field(
        1.0, description="above 1: what was said comes less easily again"
    )
    num_beams: Annotated[int, Field(ge=1, le=64)] = Field(1, description="continuations kept side by side")
    seed: int = Field(17, description="seed of drawing")


class TuneSettings(_Part):
    """How settings are searched for."""

    trials: Positive | None = Field(None, description="settings that are tried; else as many as the time allows, or 20")
    search_seconds: Annotated[float, Field(gt=0)] | None = Field(None, description="budget for the whole search")
    sampler: Literal["tpe", "random"] = Field("tpe", description="how settings are drawn: tpe or random")
    pruner: Literal["asha", "hyperband", "none"] = Field("asha", description="how weak trials end early")
    reduction: Annotated[int, Field(ge=2, le=10)] = Field(3, description="of so many trials one goes on at each look")
    repeats: Annotated[int, Field(ge=0, le=20)] = Field(
        3, description="other seeds that the best and the plan's own choice are trained with, to tell gain from noise"
    )
    retrain: bool = Field(False, description="train the best on train and dev together in the end")
    seed: int = Field(17, description="seed of the search")


class Settings(_Part):
    """The whole tree."""

    read: ReadSettings = ReadSettings()
    prepare: PrepareSettings = PrepareSettings()
    model: ModelSettings = ModelSettings()
    adapter: AdapterSettings = AdapterSettings()
    preference: PreferenceSettings = PreferenceSettings()
    regularise: RegulariseSettings = RegulariseSettings()
    train: TrainSettings = TrainSettings()
    evaluate: EvaluateSettings = EvaluateSettings()
    generate: GenerateSettings = GenerateSettings()
    tune: TuneSettings = TuneSettings()
