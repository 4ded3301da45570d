"""Every kind of picture and sound that people have becomes the same numbers; what is broken is told in words."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from PIL import Image

from made_media import picture as drawn
from made_media import tone
from tunesmith.models.media.decode import Undecodable, picture, sound
from tunesmith.models.media.looks import flaw


def numbers(path: Path) -> np.ndarray:
    return np.asarray(picture(path), np.float64)


@pytest.mark.parametrize("ending", ["png", "bmp", "tiff", "webp", "gif", "jpg"])
def test_every_kind_of_file_shows_the_same_picture(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"one.{ending}"
    one = drawn(3, is_striped=True)
    one.save(
        path,
        **({"lossless": True} if ending == "webp" else {"quality": 100, "subsampling": 0} if ending == "jpg" else {}),
    )
    # A GIF has 256 colours, a JPEG waves; all others hold the very numbers.
    most = {"gif": 40, "jpg": 12}.get(ending, 0)
    assert np.abs(numbers(path) - np.asarray(one, np.float64)).max() <= most


def test_sixteen_bits_keep_their_shades(tmp_path: Path) -> None:
    deep = np.linspace(0, 65535, 256).reshape(16, 16).astype(np.uint16)
    Image.fromarray(deep).save(tmp_path / "deep.png")
    shades = numbers(tmp_path / "deep.png")[..., 0]
    assert shades.min() == 0
    assert shades.max() == 255
    assert np.abs(shades - deep / 256).max() <= 1


def test_ink_and_palettes_become_light(tmp_path: Path) -> None:
    one = Image.new("RGB", (8, 8), (204, 51, 51))
    one.convert("CMYK").save(tmp_path / "ink.jpg", quality=100)
    one.convert("P").save(tmp_path / "palette.png")
    for name in ("ink.jpg", "palette.png"):
        assert np.abs(numbers(tmp_path / name) - np.asarray(one, np.float64)).max() <= 12


def test_what_is_transparent_lies_on_white(tmp_path: Path) -> None:
    Image.new("RGBA", (8, 8), (0, 0, 0, 0)).save(tmp_path / "clear.png")
    assert (numbers(tmp_path / "clear.png") == 255).all()


def test_pictures_stand_upright_by_their_exif(tmp_path: Path) -> None:
    wide = Image.new("RGB", (20, 10))
    exif = wide.getexif()
    exif[0x0112] = 6  # turned by a quarter
    wide.save(tmp_path / "turned.jpg", exif=exif)
    assert picture(tmp_path / "turned.jpg").size == (10, 20)


def test_of_an_animation_the_first_frame_counts(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ((250, 0, 0), (0, 250, 0))]
    frames[0].save(tmp_path / "moving.gif", save_all=True, append_images=frames[1:])
    assert numbers(tmp_path / "moving.gif")[0, 0].argmax() == 0


@pytest.mark.parametrize("content", [b"", b"no picture at all", None])
def test_a_broken_picture_is_told_in_words(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "broken.png"
    drawn(1, is_striped=False).save(path)
    path.write_bytes(path.read_bytes()[:60] if content is None else content)
    assert "broken" in flaw(str(path))


def test_a_picture_that_promises_too_much_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn(1, is_striped=False).save(tmp_path / "large.png")
    monkeypatch.setattr("tunesmith.models.media.decode.MOST_PIXELS", 100)
    assert "16 × 16" in flaw(str(tmp_path / "large.png"))


@pytest.mark.parametrize("ending", ["wav", "flac", "ogg", "mp3"])
def test_every_kind_of_sound_is_heard(tmp_path: Path, ending: str) -> None:
    wave = tone(2, is_high=False, seconds=0.5)
    soundfile.write(tmp_path / f"one.{ending}", wave, 8000)
    heard, rate = sound(tmp_path / f"one.{ending}")
    assert rate == 8000
    assert abs(len(heard) - len(wave)) <= 1200
    # Lossy kinds shift and change the wave; its strongest tone stays.
    loudest = [np.abs(np.fft.rfft(one[:3000])).argmax() for one in (heard, wave)]
    assert abs(int(loudest[0]) - int(loudest[1])) <= 2


def test_two_channels_become_one_and_any_rate_the_one_that_is_wanted(tmp_path: Path) -> None:
    wave = tone(2, is_high=False, rate=44100, seconds=0.5)
    soundfile.write(tmp_path / "two.wav", np.stack([wave, np.zeros_like(wave)], 1), 44100)
    heard, rate = sound(tmp_path / "two.wav", 16000)
    assert rate == 16000
    assert abs(len(heard) - 8000) <= 2
    assert np.abs(heard).max() == pytest.approx(np.abs(wave).max() / 2, abs=0.03)


@pytest.mark.parametrize("content", [b"", b"RIFF no sound at all"])
def test_a_broken_sound_is_told_in_words(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.wav").write_bytes(content)
    with pytest.raises(Undecodable, match="broken"):
        sound(tmp_path / "broken.wav")


def test_a_sound_without_length_or_of_no_numbers_is_refused(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "none.wav", np.zeros(3, np.float32), 8000)
    assert "no length" in flaw(str(tmp_path / "none.wav"))
    soundfile.write(tmp_path / "nan.wav", np.full(800, np.nan, np.float32), 8000, subtype="FLOAT")
    assert "finite" in flaw(str(tmp_path / "nan.wav"))
