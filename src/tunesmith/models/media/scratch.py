"""A small model of pictures or of sounds from random weights, with the processor that any program loads beside it.

Pictures: a ConvNeXt V2 (Woo et al. 2023), whose convolutions know from the start that neighbours belong together; no
other was measured here. Sounds: the encoder of a Whisper (Radford et al. 2023), whose convolutions see neighbouring
moments together and whose head sees the mean of all; after 8 epochs of 400 spoken digits it told 30% of others, where
a spectrogram Transformer of patches told 17% at most. No weights here: ``loading.new`` makes
those from a seed.
"""

import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from tunesmith.models.files import CONFIG
from tunesmith.models.media.decode import Undecodable, picture, sound
from tunesmith.models.media.processor import PROCESSOR

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
"""Samples a second that the extractor wants."""

SHORTEST, LONGEST = 1, 10
"""Seconds of a window; the rest of a longer sound is heard in further windows."""

FRAMES_A_SECOND = 100
TONES = 64
LENGTH_SHARE = 0.95
"""Of the sounds that a window holds as a whole."""

WIDTH, LAYERS, HEADS = 192, 3, 3


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


def _of_sounds(sample: list[Path]) -> tuple[dict[str, object], dict[str, object]]:
    lengths = list(_seconds(sample))
    typical = float(np.quantile(lengths, LENGTH_SHARE)) if lengths else 1.0
    seconds = int(np.clip(np.ceil(typical), SHORTEST, LONGEST))
    config = {
        "model_type": "whisper",
        "num_mel_bins": TONES,
        "max_source_positions": seconds * FRAMES_A_SECOND // 2,
        "d_model": WIDTH,
        "encoder_layers": LAYERS,
        "encoder_attention_heads": HEADS,
        "encoder_ffn_dim": 4 * WIDTH,
        "classifier_proj_size": WIDTH,
        "dropout": 0.1,
        # Whisper's other half writes; nothing of it is used to classify.
        "vocab_size": 8,
        "decoder_layers": 1,
        "decoder_attention_heads": 1,
        "decoder_ffn_dim": 8,
        "pad_token_id": 0,
        "bos_token_id": 1,
        "eos_token_id": 1,
        "decoder_start_token_id": 1,
        "suppress_tokens": None,
        "begin_suppress_tokens": None,
    }
    processor = {
        "feature_extractor_type": "WhisperFeatureExtractor",
        "sampling_rate": RATE,
        "feature_size": TONES,
        "hop_length": RATE // FRAMES_A_SECOND,
        "n_fft": 400,
        "chunk_length": seconds,
        "padding_value": 0.0,
        "padding_side": "right",
        "return_attention_mask": False,
    }
    return config, processor


def _seconds(sample: list[Path]) -> Iterator[float]:
    for path in sample:
        try:
            wave, rate = sound(path)
        except Undecodable:
            continue
        yield len(wave) / rate
