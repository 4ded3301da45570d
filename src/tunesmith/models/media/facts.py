"""Facts of a model of pictures or sounds from scratch, by its configuration."""

from pathlib import Path

from tunesmith.artifacts import ModelFacts
from tunesmith.models.facts import NO_LIMIT, depth, width
from tunesmith.models.files import CONFIG, read_object
from tunesmith.models.shelf import SCRATCH


def of_files(folder: Path, because: str) -> ModelFacts:
    """As ``scratch.scratch_facts``. Parameters are counted on a model that takes no memory."""
    import torch
    from transformers import AutoConfig, AutoModel

    with torch.device("meta"):
        model = AutoModel.from_config(AutoConfig.from_pretrained(folder, local_files_only=True))
    config = read_object(folder / CONFIG)
    return ModelFacts(
        name=SCRATCH,
        path=str(folder),
        kind=config["model_type"],
        parameters=sum(weight.numel() for weight in model.parameters()),
        hidden=width(config),
        layers=depth(config),
        max_length=NO_LIMIT,
        vocabulary=0,
        sha256="",
        is_pretrained=False,
        because=because,
    )
