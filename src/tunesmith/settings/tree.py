"""Every setting that a user can make, with its range and a sentence of help."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Share = Annotated[float, Field(ge=0.0, le=0.9)]
DevShare = Annotated[float, Field(ge=0.01, le=0.5)]  # without dev rows no state could be called the best
Positive = Annotated[int, Field(ge=1)]


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
    seed: int = Field(17, description="seed of the split")


class ModelSettings(_Part):
    """Which model is tuned."""

    name: str | None = Field(None, description="minilm, scratch, a folder, or a Hub or ModelScope name")
    revision: str | None = Field(None, description="commit of a Hub name")
    trust_remote_code: bool = Field(False, description="run the model's own code; needs a pinned revision")
    scratch_size: Literal["tiny", "small", "base"] | None = Field(None, description="size of a model from scratch")
    scratch_vocabulary: Annotated[int, Field(ge=300, le=100_000)] | None = Field(None, description="its vocabulary")


class TrainSettings(_Part):
    """The loop."""

    epochs: Annotated[int, Field(ge=1, le=1000)] | None = Field(None, description="upper bound of passes over the data")
    learning_rate: Annotated[float, Field(gt=0, le=1)] | None = Field(None, description="peak learning rate")
    batch_size: Positive | None = Field(None, description="examples per optimiser step")
    micro_batch_size: Positive | None = Field(None, description="examples per forward pass")
    warmup_share: Share = Field(0.06, description="share of the steps in which the rate rises")
    weight_decay: Annotated[float, Field(ge=0, le=1)] = Field(0.01, description="decoupled decay; not on biases, norms")
    clip_norm: Annotated[float, Field(gt=0)] = Field(1.0, description="largest gradient norm")
    label_smoothing: Share = Field(0.0, description="share of the target spread over all labels")
    patience: Annotated[int, Field(ge=0)] | None = Field(
        None, description="epochs without a better score before stopping"
    )
    plateau_epochs: Positive = Field(5, description="epochs before the plateau rule may stop the run")
    plateau_change: Annotated[float, Field(ge=0)] = Field(
        0.001, description="a smaller change of the epoch's loss stops"
    )
    monitor: str | None = Field(None, description="dev metric that decides which state is best")
    group_by_length: bool = Field(True, description="texts of like length share a batch")
    checkpoint_seconds: Annotated[float, Field(ge=0)] = Field(60.0, description="at most one checkpoint in this time")
    time_seconds: Annotated[float, Field(gt=0)] | None = Field(None, description="budget for the whole run")
    memory_bytes: Annotated[int, Field(gt=0)] | None = Field(None, description="budget of memory")
    threads: Positive | None = Field(None, description="CPU threads")
    seed: int = Field(17, description="seed of order, dropout and new weights")


class EvaluateSettings(_Part):
    """How the result is judged."""

    batch_tokens: Annotated[int, Field(ge=64)] = Field(8192, description="tokens per forward pass when scoring")
    bootstrap_samples: Annotated[int, Field(ge=100, le=100_000)] = Field(1000, description="resamples per interval")
    seed: int = Field(17, description="seed of the resampling")


class Settings(_Part):
    """The whole tree."""

    read: ReadSettings = ReadSettings()
    prepare: PrepareSettings = PrepareSettings()
    model: ModelSettings = ModelSettings()
    train: TrainSettings = TrainSettings()
    evaluate: EvaluateSettings = EvaluateSettings()
