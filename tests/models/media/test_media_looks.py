"""Copies are found through another format, size or loudness, and different things stay different."""

from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from made_media import picture, tone
from tunesmith.models.media.looks import clusters, content, flaw, glance


def photo(at: int) -> Image.Image:
    """Something with large shapes: eight coarse patches a side, smoothed."""
    coarse = np.random.default_rng(at).integers(0, 255, (8, 8, 3)).astype(np.uint8)
    return Image.fromarray(coarse).resize((64, 64), Image.Resampling.BICUBIC)


def test_copies_of_pictures_are_near_and_others_are_not(tmp_path: Path) -> None:
    files = []
    for at in range(40):
        photo(at).save(tmp_path / f"{at}.png")
        files.append(str(tmp_path / f"{at}.png"))
    photo(5).save(tmp_path / "saved.jpg", quality=60)
    photo(6).resize((100, 100)).save(tmp_path / "large.png")
    Image.fromarray(np.clip(np.asarray(photo(7), float) * 0.95, 0, 255).astype(np.uint8)).save(tmp_path / "dark.png")
    found = clusters([*files, *(str(tmp_path / name) for name in ("saved.jpg", "large.png", "dark.png"))])
    assert found.tolist() == [*range(40), 5, 6, 7]


def test_the_same_sound_softer_is_near_and_others_are_not(tmp_path: Path) -> None:
    files = []
    for at in range(12):
        rising = np.sin(2 * np.pi * np.cumsum(np.linspace(200 + 90 * at, 400 + 250 * ((at * 7) % 12), 4000)) / 8000)
        soundfile.write(tmp_path / f"{at}.wav", 0.5 * rising, 8000)
        files.append(str(tmp_path / f"{at}.wav"))
    soft, _ = soundfile.read(files[4])
    soundfile.write(tmp_path / "soft.wav", 0.5 * soft, 8000)
    assert clusters([*files, str(tmp_path / "soft.wav")]).tolist() == [*range(12), 4]


def test_a_glance_tells_blank_silent_short_and_clipped(tmp_path: Path) -> None:
    Image.new("RGB", (9, 30), (9, 9, 9)).save(tmp_path / "blank.png")
    blank = glance(str(tmp_path / "blank.png"))
    assert blank is not None
    assert (blank.spread, blank.shortest) == (0.0, 9)
    soundfile.write(tmp_path / "silent.wav", np.zeros(400), 8000)
    silent = glance(str(tmp_path / "silent.wav"))
    assert silent is not None
    assert (silent.peak, silent.clipped, silent.shortest) == (0.0, 0.0, 50)
    loud, clean = np.clip(3 * tone(1, is_high=False), -1, 1), tone(1, is_high=False)
    for name, wave, least, most in (("loud.wav", loud, 0.1, 1.0), ("clean.wav", clean, 0.0, 0.005)):
        soundfile.write(tmp_path / name, wave, 8000)
        one = glance(str(tmp_path / name))
        assert one is not None
        assert least <= one.clipped <= most


def test_the_content_of_a_file_does_not_depend_on_its_name(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        picture(1, is_striped=True).save(tmp_path / name)
    picture(2, is_striped=True).save(tmp_path / "c.png")
    a, b, c = (content(str(tmp_path / name)) for name in ("a.png", "b.png", "c.png"))
    assert a == b != c
    assert content("nowhere.png") == "nowhere.png"
    assert glance("nowhere.png") is None


def test_a_file_is_decoded_once_for_its_flaw_and_its_glance_and_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "one.png"
    photo(1).save(path)
    assert flaw(str(path)) == ""
    first = glance(str(path))
    assert first is not None
    assert glance(str(path)) is first
    path.write_bytes(b"\x89PNG but no picture")
    assert "broken" in flaw(str(path))
    assert glance(str(path)) is None
    assert "exist" in flaw(str(tmp_path / "none.png"))
