"""Small pictures and sounds that a model tells apart, made on the spot."""

import io
from pathlib import Path

import numpy as np
import soundfile
from PIL import Image


def picture(at: int, *, is_striped: bool, side: int = 16) -> Image.Image:
    """Stripes that stand or lie, each of other colours and at another place."""
    random = np.random.default_rng(at)
    wave = 60 * np.sin(np.arange(side) * np.pi / 2 + random.uniform(0, 6)) + random.uniform(90, 150)
    plane = np.tile(wave, (side, 1)) if is_striped else np.tile(wave[:, None], (1, side))
    noisy = plane[..., None] + random.normal(0, 12, (side, side, 3))
    return Image.fromarray(np.clip(noisy, 0, 255).astype(np.uint8))


def write_pictures(folder: Path, rows: int = 60) -> Path:
    """``folder``/standing and ``folder``/lying with as many PNG files each."""
    for at in range(rows):
        place = folder / ("standing" if at % 2 else "lying")
        place.mkdir(parents=True, exist_ok=True)
        picture(at, is_striped=bool(at % 2)).save(place / f"{at:03}.png")
    return folder


def tone(at: int, *, is_high: bool, rate: int = 8000, seconds: float = 0.3) -> np.ndarray:
    """A low or a high tone with noise."""
    random = np.random.default_rng(at)
    time = np.arange(int(rate * seconds)) / rate
    pitch = random.uniform(1500, 2000) if is_high else random.uniform(200, 400)
    return (0.4 * np.sin(2 * np.pi * pitch * time) + random.normal(0, 0.02, len(time))).astype(np.float32)


def write_sounds(folder: Path, rows: int = 60) -> Path:
    """One folder of WAV files whose names hold class, speaker and number."""
    folder.mkdir(parents=True, exist_ok=True)
    for at in range(rows):
        name = f"{'high' if at % 2 else 'low'}_{('ann', 'bob', 'cy', 'di', 'ed')[at % 5]}_{at:03}.wav"
        soundfile.write(folder / name, tone(at, is_high=bool(at % 2)), 8000)
    return folder


def png(at: int = 0) -> bytes:
    """A PNG file's bytes."""
    target = io.BytesIO()
    picture(at, is_striped=True).save(target, "PNG")
    return target.getvalue()


def wav(at: int = 0) -> bytes:
    """A WAV file's bytes."""
    target = io.BytesIO()
    soundfile.write(target, tone(at, is_high=False), 8000, format="WAV")
    return target.getvalue()
