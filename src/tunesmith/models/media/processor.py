"""What turns files into numbers: the processor in a model's folder, the same that any program loads with the model."""

import json
from collections.abc import Callable
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tunesmith.artifacts import Sense, Template
from tunesmith.errors import DataError, ModelError
from tunesmith.models.files import CONFIG, read_object
from tunesmith.models.media.decode import Undecodable, picture, sound
from tunesmith.tasks.task import FileEncoder, Task
from tunesmith.words import say

PROCESSOR = "preprocessor_config.json"

LONGEST_SECONDS = 10.0
"""Of raw waves, a window: their attention grows with the square of the length."""

SAMPLES_PER_TOKEN = 320
"""The stride of the convolutions before wav2vec2, HuBERT and WavLM: 20 ms at 16 kHz."""

PATCH = 16
"""Where a configuration states no patch."""


ToNumbers = Callable[[Path], bytes]
"""A file → what the model is shown of it, as the ``sense`` of its template has it; raises ``Undecodable``."""


def encoding(task: Task, folder: Path) -> tuple[FileEncoder, Template]:
    """How the files of a task are shown to the model in ``folder``.

    Raises:
        ModelError: the folder holds no processor, or one of another kind of media.
    """
    to_numbers, sense = shown_by(task.modality, folder)
    around = Template(prefix=(), middle=(), suffix=(), pad=0, unknown=0, has_types=False, sense=sense)

    def encode(paths: pa.StringArray) -> pa.BinaryArray:
        return pa.array([_numbers(Path(path)) for path in paths.to_pylist()], pa.binary())

    def _numbers(path: Path) -> bytes:
        try:
            return to_numbers(path)
        except Undecodable as error:
            raise changed_since(path, str(error)) from error

    return encode, around


def shown_by(modality: str, folder: Path) -> tuple[ToNumbers, Sense]:
    """What the model in ``folder`` is shown of a file, and how.

    Raises:
        ModelError: as ``encoding``.
    """
    to_numbers, sense = _pictures(folder) if modality == "image" else _sounds(folder)
    return lambda path: np.ascontiguousarray(to_numbers(path)).tobytes(), sense


def changed_since(path: Path, flaw: str) -> DataError:
    """What to say of a file that could be decoded when it was read."""
    return DataError(
        expected=say("the file as it was when it was read", "与读取时相同的文件"),
        got=flaw,
        where=str(path),
        do=say("put it back, or run the command again to leave it out", "请恢复该文件，或重新运行命令以跳过它"),
    )


def fingerprint(folder: Path) -> str:
    """SHA-256 of what decides the numbers of a file."""
    return sha256((folder / PROCESSOR).read_bytes() + (folder / CONFIG).read_bytes()).hexdigest()


# ---------------------------------------------------------------- pictures


def _pictures(folder: Path) -> tuple[Callable[[Path], NDArray[Any]], Sense]:
    """As the processor resizes and cuts them, in whole numbers; scale and colours follow when a batch is made."""
    from PIL import Image

    loaded = _loaded(folder, "AutoImageProcessor")

    def to_numbers(path: Path) -> NDArray[Any]:
        return shown(picture(path))

    def shown(one: Any) -> NDArray[Any]:
        found = loaded(one, do_rescale=False, do_normalize=False, return_tensors="np")["pixel_values"][0]
        result: NDArray[Any] = np.clip(np.rint(found), 0, 255).astype(np.uint8)
        return result

    shape = shown(Image.new("RGB", (64, 64))).shape
    rescales, normalises = getattr(loaded, "do_rescale", True), getattr(loaded, "do_normalize", True)
    return to_numbers, Sense(
        input="pixel_values",
        shape=shape,
        kept="uint8",
        scale=float(loaded.rescale_factor) if rescales else 1.0,
        mean=tuple(map(float, loaded.image_mean)) if normalises else (0.0,),
        deviation=tuple(map(float, loaded.image_std)) if normalises else (1.0,),
        tokens=_patches(read_object(folder / CONFIG), shape),
    )


def _patches(config: dict[str, Any], shape: tuple[int, ...]) -> int:
    """Tokens of a picture: its patches."""
    size = config.get("patch_size", PATCH)
    size = size[0] if isinstance(size, list) else int(size)
    return max(1, shape[-2] // size) * max(1, shape[-1] // size)


# ---------------------------------------------------------------- sounds


def _sounds(folder: Path) -> tuple[Callable[[Path], NDArray[Any]], Sense]:
    """Windows of the wave: as they are where the model takes waves, else the features of each."""
    extractor = _loaded(folder, "AutoFeatureExtractor")
    rate = int(extractor.sampling_rate)
    one_second = extractor(np.zeros(rate, np.float32), sampling_rate=rate, return_tensors="np")
    name = extractor.model_input_names[0]
    if np.asarray(one_second[name]).ndim == 2:
        return _waves(rate)
    return _spectrograms(folder, extractor, name)


def _waves(rate: int) -> tuple[Callable[[Path], NDArray[Any]], Sense]:
    def to_numbers(path: Path) -> NDArray[Any]:
        wave, _ = sound(path, rate)
        result: NDArray[Any] = np.clip(np.rint(wave * 32767), -32768, 32767).astype(np.int16)
        return result

    return to_numbers, Sense(
        input="input_values",
        shape=(0,),
        kept="int16",
        scale=1 / 32768,
        time=0,
        rate=rate,
        window=int(LONGEST_SECONDS * rate),
        tokens=SAMPLES_PER_TOKEN,
    )


def _spectrograms(folder: Path, extractor: Any, name: str) -> tuple[Callable[[Path], NDArray[Any]], Sense]:
    """Features of each window, float16: their logarithms have no need of more."""
    rate = int(extractor.sampling_rate)
    shape = features(extractor, np.zeros(rate, np.float32)).shape
    # Whisper's tones come first, AST's frames do. AST counts frames of 10 ms; Whisper knows the length of its window.
    time = 1 if shape[0] == int(getattr(extractor, "feature_size", 0)) else 0
    window = int(getattr(extractor, "n_samples", 0) or shape[time] * rate // 100)

    def to_numbers(path: Path) -> NDArray[Any]:
        wave, _ = sound(path, rate)
        parts = [wave[at : at + window] for at in range(0, len(wave), window)]
        # A rest too short for a single frame of 25 ms is no window.
        parts = parts[:1] + [part for part in parts[1:] if len(part) >= rate // 40]
        return np.stack([features(extractor, part) for part in parts])

    return to_numbers, Sense(
        input=name,
        shape=shape,
        kept="float16",
        time=time,
        rate=rate,
        window=window,
        tokens=_frames(read_object(folder / CONFIG), shape, time),
    )


def features(extractor: Any, wave: NDArray[Any]) -> NDArray[Any]:
    """What the extractor makes of one window of a wave, float16."""
    rate, name = int(extractor.sampling_rate), extractor.model_input_names[0]
    # One frame of 25 ms at least.
    padded = np.pad(wave, (0, max(0, rate // 40 + 1 - len(wave))))
    found = extractor(padded, sampling_rate=rate, return_tensors="np")[name]
    result: NDArray[Any] = np.asarray(found)[0].astype(np.float16)
    return result


def _frames(config: dict[str, Any], shape: tuple[int, ...], time: int) -> int:
    """Tokens of a window: patches of a spectrogram (AST), or every second frame (Whisper)."""
    if "time_stride" not in config:
        return max(1, shape[time] // 2)
    frames, tones = frames_of(config, shape, time)
    return frames * tones


def frames_of(config: dict[str, Any], shape: tuple[int, ...], time: int) -> tuple[int, int]:
    """Patches of a spectrogram along time and along tones."""
    patch = int(config.get("patch_size", PATCH))
    along = (shape[time] - patch) // int(config["time_stride"]) + 1
    return along, (shape[1 - time] - patch) // int(config["frequency_stride"]) + 1


def _loaded(folder: Path, auto_class: str) -> Any:
    """The processor in a folder; it is opened once for what lies there now."""
    path = folder / PROCESSOR
    changed = path.stat().st_mtime_ns if path.is_file() else 0
    return _opened(folder.resolve(), changed, auto_class)


@cache
def _opened(folder: Path, changed: int, auto_class: str) -> Any:
    import transformers

    more = {"backend": "pil"} if auto_class == "AutoImageProcessor" else {}
    try:
        return getattr(transformers, auto_class).from_pretrained(folder, local_files_only=True, **more)
    except (OSError, ValueError, KeyError, TypeError, ImportError, json.JSONDecodeError) as error:
        raise ModelError(
            expected=say(f"a {PROCESSOR} for this kind of file", f"适用于此类文件的 {PROCESSOR}"),
            got=(str(error).strip().splitlines() or [type(error).__name__])[0],
            where=str(folder),
            do=say(
                "use a model of pictures for pictures, one of sounds for sounds, with its processor, or scratch",
                "图像请用图像模型，声音请用声音模型，并包含其预处理配置；或使用：--model scratch",
            ),
        ) from error
