"""Tiny pretrained models of pictures and sounds: random weights under every kind's own configuration and processor.

The folders are what a Hub repository of such a model holds: no head for the task at hand, files as ``save_pretrained``
leaves them. Nobody has trained them: what is tested is that they load, learn, are saved and answer alike.
"""

from pathlib import Path
from typing import Any

SIDE = 32
PICTURES = ("vit", "deit", "swin", "convnext", "dinov2")
SOUNDS = ("wav2vec2", "hubert", "ast", "whisper")

_SMALL = {"hidden_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 32}
_SIDED = {**_SMALL, "image_size": SIDE, "patch_size": 8}
_WAVES = {
    **_SMALL,
    "conv_dim": [16] * 7,
    "num_conv_pos_embeddings": 16,
    "num_conv_pos_embedding_groups": 4,
    "classifier_proj_size": 8,
    "num_feat_extract_layers": 7,
}


def write_model(kind: str, folder: Path, *, seed: int = 1) -> Path:
    """A bare encoder of this kind, with its processor."""
    import torch

    torch.manual_seed(seed)
    model, processor = _made(kind)
    model.save_pretrained(folder)
    processor.save_pretrained(folder)
    return folder


def _made(kind: str) -> tuple[Any, Any]:
    return _of_pictures(kind) if kind in PICTURES else _of_sounds(kind)


def _of_pictures(kind: str) -> tuple[Any, Any]:
    import transformers as hf

    models = {
        "vit": lambda: hf.ViTModel(hf.ViTConfig(**_SIDED)),
        "deit": lambda: hf.DeiTModel(hf.DeiTConfig(**_SIDED)),
        "dinov2": lambda: hf.Dinov2Model(hf.Dinov2Config(**_SIDED)),
        "swin": lambda: hf.SwinModel(
            hf.SwinConfig(image_size=SIDE, patch_size=4, embed_dim=8, depths=[1, 1], num_heads=[1, 2], window_size=4)
        ),
        "convnext": lambda: hf.ConvNextModel(
            hf.ConvNextConfig(image_size=SIDE, patch_size=4, num_stages=2, hidden_sizes=[8, 16], depths=[1, 2])
        ),
    }
    size = {"height": SIDE, "width": SIDE}
    if kind == "convnext":
        return models[kind](), hf.ConvNextImageProcessorPil(size={"shortest_edge": SIDE})
    if kind == "dinov2":
        return models[kind](), hf.BitImageProcessorPil(size={"shortest_edge": SIDE}, crop_size=size)
    if kind == "deit":
        return models[kind](), hf.DeiTImageProcessorPil(size=size, crop_size=size)
    return models[kind](), hf.ViTImageProcessorPil(size=size)


def _of_sounds(kind: str) -> tuple[Any, Any]:
    import transformers as hf

    if kind == "wav2vec2":
        return hf.Wav2Vec2Model(hf.Wav2Vec2Config(**_WAVES)), hf.Wav2Vec2FeatureExtractor(return_attention_mask=True)
    if kind == "hubert":
        return hf.HubertModel(hf.HubertConfig(**_WAVES)), hf.Wav2Vec2FeatureExtractor(return_attention_mask=True)
    if kind == "ast":
        config = hf.ASTConfig(**_SMALL, patch_size=16, max_length=64, num_mel_bins=32)
        return hf.ASTModel(config), hf.ASTFeatureExtractor(max_length=64, num_mel_bins=32)
    config = hf.WhisperConfig(
        d_model=16,
        encoder_layers=2,
        encoder_attention_heads=2,
        encoder_ffn_dim=32,
        decoder_layers=1,
        decoder_attention_heads=2,
        decoder_ffn_dim=16,
        vocab_size=16,
        num_mel_bins=16,
        max_source_positions=50,
        classifier_proj_size=8,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=1,
        decoder_start_token_id=1,
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )
    return hf.WhisperForConditionalGeneration(config), hf.WhisperFeatureExtractor(feature_size=16, chunk_length=1)
