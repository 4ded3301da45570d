"""A small model of pictures or of sounds from random weights, with the processor that any program loads beside it.

Pictures: a ConvNeXt V2 (Woo et al. 2023), whose convolutions know from the start that neighbours belong together; a
plain Transformer has to learn that from more pictures than most people have. Sounds: an Audio Spectrogram Transformer
(Gong et al. 2021) of small patches. No weights here: ``loading.new`` makes those from a seed.
"""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tunesmith.models.files import CONFIG
from tunesmith.models.media.decode import Undecodable, picture, sound
from tunesmith.models.media.processor import PROCESSOR, features

LOOKED_AT = 200
"""Files from which sizes and loudness are taken."""

SIDES = (16, 24, 32, 48, 64, 96, 128)
"""Sides of the square that pictures are brought to: the first that the middle one of them fits, at most the last."""

LAST_FINE = 64
"""Pictures up to this side are looked at in squares of 2 pixels, larger ones in squares of 4."""

COLOURS, SPREAD = (0.5, 0.5, 0.5), (0.25, 0.25, 0.25)
"""Mean and deviation that bring numbers near to mean 0 and variance 1, whatever the pictures show."""

STAGES = {"widths": [48, 96, 192], "depths": [2, 2, 4]}

RATE = 16_000
"""Samples a second: the extractor's frames are 400 samples, which are 25 ms at this rate alone."""

FRAMES_A_SECOND = 100
FEWEST_FRAMES, MOST_FRAMES = 48, 512
"""Frames of a window; the rest of a long sound is heard in further windows."""

TONES = 64
LENGTH_SHARE = 0.95
"""Of the sounds that a window holds as a whole."""

WIDTH, LAYERS, HEADS, PATCH = 192, 4, 3, 8


def make(paths: Iterator[str], folder: Path, *, is_picture: bool) -> Path:
    """Write configuration and processor for such files as ``paths`` names into ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    sample = [Path(path) for path in islice(paths, LOOKED_AT)]
    config, processor = _of_pictures(sample) if is_picture else _of_sounds(sample)
    for name, value in ((CONFIG, config), (PROCESSOR, processor)):
        (folder / name).write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")
    return folder


def _of_pictures(sample: list[Path]) -> tuple[dict[str, object], dict[str, object]]:
    sides = [min(one.size) for one in _decoded(sample)]
    middle = float(np.median(sides)) if sides else SIDES[-1]
    side = next((one for one in SIDES if one >= middle), SIDES[-1])
    config = {
        "model_type": "convnextv2",
        "image_size": side,
        "num_channels": 3,
        "patch_size": 2 if side <= LAST_FINE else 4,
        "num_stages": len(STAGES["widths"]),
        "hidden_sizes": STAGES["widths"],
        "depths": STAGES["depths"],
    }
    processor = {
        "image_processor_type": "ViTImageProcessor",
        "do_resize": True,
        "size": {"height": side, "width": side},
        "resample": 2,
        "do_rescale": True,
        "rescale_factor": 1 / 255,
        "do_normalize": True,
        "image_mean": COLOURS,
        "image_std": SPREAD,
    }
    return config, processor


def _decoded(sample: list[Path]) -> Iterator[Any]:
    for path in sample:
        try:
            yield picture(path)
        except Undecodable:
            continue


def _heard(sample: list[Path]) -> Iterator[NDArray[np.float32]]:
    for path in sample:
        try:
            yield sound(path, RATE)[0]
        except Undecodable:
            continue


def _of_sounds(sample: list[Path]) -> tuple[dict[str, object], dict[str, object]]:
    from transformers import ASTFeatureExtractor

    waves = list(_heard(sample))
    seconds = float(np.quantile([len(wave) / RATE for wave in waves], LENGTH_SHARE)) if waves else 1.0
    frames = int(np.clip(np.ceil(seconds * FRAMES_A_SECOND / PATCH) * PATCH, FEWEST_FRAMES, MOST_FRAMES))
    given = {"sampling_rate": RATE, "num_mel_bins": TONES, "max_length": frames}
    plain = ASTFeatureExtractor(**given, do_normalize=False)
    shown = [
        # Without the frames that fill up behind it.
        features(plain, wave)[: max(1, len(wave) * FRAMES_A_SECOND // RATE)].ravel().astype(np.float64)
        for wave in waves
    ]
    values = np.concatenate(shown) if shown else np.zeros(1)
    config = {
        "model_type": "audio-spectrogram-transformer",
        "hidden_size": WIDTH,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "intermediate_size": 4 * WIDTH,
        "patch_size": PATCH,
        "frequency_stride": PATCH,
        "time_stride": PATCH,
        "max_length": frames,
        "num_mel_bins": TONES,
        "hidden_dropout_prob": 0.1,
        "attention_probs_dropout_prob": 0.1,
    }
    # The extractor divides by twice the deviation (Gong et al. 2021, section 2.1: mean 0, deviation 0.5).
    processor = {
        "feature_extractor_type": "ASTFeatureExtractor",
        **given,
        "do_normalize": True,
        "mean": float(values.mean()),
        "std": float(max(values.std(), 1e-3)),
        "padding_value": 0.0,
        "padding_side": "right",
        "return_attention_mask": False,
        "feature_size": 1,
    }
    return config, processor
