"""Pictures and sounds that people judge: of runs and of files, as the model gets them, and nothing else of a file."""

import io
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import soundfile
from PIL import Image

from made_media import picture, tone, wav, write_pictures
from tunesmith.errors import DataError
from tunesmith.models.media.decode import Undecodable
from tunesmith.using import rated_media
from tunesmith.using.rated_media import MOST_SIDE, decode
from tunesmith.using.rating import Rating, rate
from tunesmith.using.rating_wishes import Wishes

Begin = Callable[..., Rating]


@pytest.fixture
def begin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Begin]:
    """``begin("one.jsonl", kind="ab")`` in a folder of its own; closed in the end. ``told``: what the user is."""
    monkeypatch.chdir(tmp_path)
    opened: list[Rating] = []

    def begun(*sources: str, told: list[str] | None = None, **wishes: Any) -> Rating:
        heard: list[str] = [] if told is None else told
        opened.append(rate([Path(source) for source in sources], Wishes(**wishes), tell=heard.append))
        return opened[-1]

    yield begun
    for one in opened:
        one.close()


def opened(path: Path) -> Image.Image:
    """What a browser gets of a picture."""
    content, ending = decode(path)
    found = Image.open(io.BytesIO(content))
    assert {".png": "PNG", ".jpg": "JPEG"}[ending] == found.format
    assert found.mode == "RGB" and not found.info.get("exif")
    return found


def write(name: str, *records: object) -> str:
    Path(name).write_text("".join(json.dumps(one) + "\n" for one in records), encoding="utf-8")
    return name


@pytest.mark.parametrize("name", ["deep.png", "scan.tif", "print.jpg", "moving.gif", "clear.png"])
def test_what_browsers_show_otherwise_or_not_at_all_is_shown_as_the_model_sees_it(name: str, tmp_path: Path) -> None:
    base = picture(1, is_striped=True, side=32)
    path = tmp_path / name
    if name == "deep.png":
        Image.fromarray(np.full((8, 8), 128 * 256, np.uint16)).save(path)
        assert opened(path).getpixel((3, 3)) == (128, 128, 128)
    elif name == "print.jpg":
        base.convert("CMYK").save(path, quality=100)
        assert np.abs(np.asarray(opened(path), float) - np.asarray(base, float)).mean() < 8
    elif name == "moving.gif":
        base.save(path, save_all=True, append_images=[picture(2, is_striped=False, side=32)])
        assert getattr(opened(path), "n_frames", 1) == 1
    elif name == "clear.png":
        Image.new("RGBA", (4, 4), (0, 0, 0, 0)).save(path)
        assert opened(path).getpixel((0, 0)) == (255, 255, 255)
    else:
        base.save(path)
        assert np.array_equal(np.asarray(opened(path)), np.asarray(base))


def test_where_a_photograph_was_taken_is_not_told_and_a_large_one_is_made_smaller(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x9286] = "taken at home"
    exif[0x0112] = 6  # lies on its side
    photo = Image.new("RGB", (2 * MOST_SIDE, MOST_SIDE), "red")
    photo.save(tmp_path / "photo.jpg", exif=exif)
    content, ending = decode(tmp_path / "photo.jpg")
    assert b"taken at home" in (tmp_path / "photo.jpg").read_bytes() and b"taken at home" not in content
    assert ending == ".jpg" and opened(tmp_path / "photo.jpg").size == (MOST_SIDE // 2, MOST_SIDE)


@pytest.mark.parametrize(
    ("ending", "subtype"),
    [("wav", "PCM_24"), ("wav", "DOUBLE"), ("wav", "ULAW"), ("flac", "PCM_16"), ("ogg", "VORBIS")],
)
def test_every_sound_becomes_one_that_every_browser_plays(ending: str, subtype: str, tmp_path: Path) -> None:
    wave = tone(1, is_high=False)
    soundfile.write(tmp_path / f"s.{ending}", np.stack([wave, wave], 1), 8000, subtype=subtype)
    content, served = decode(tmp_path / f"s.{ending}")
    found, rate_ = soundfile.read(io.BytesIO(content))
    info = soundfile.info(io.BytesIO(content))
    assert (served, info.format, info.subtype, info.channels, rate_) == (".wav", "WAV", "PCM_16", 1, 8000)
    assert np.corrcoef(found[: len(wave)], wave)[0, 1] > 0.98


def test_what_cannot_be_decoded_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "x.png").write_bytes(b"<svg onload=alert(1)>")
    (tmp_path / "x.wav").write_bytes(b"RIFF")
    for name in ("x.png", "x.wav", "gone.png"):
        with pytest.raises(Undecodable):
            decode(tmp_path / name)
    (tmp_path / "long.wav").write_bytes(wav())
    monkeypatch.setattr(rated_media, "MOST_SECONDS", 0.2)
    with pytest.raises(Undecodable, match="too long"):
        decode(tmp_path / "long.wav")


def test_files_of_answers_name_pictures_and_sounds_as_seen_from_themselves(begin: Begin) -> None:
    write_pictures(Path("data/shown"), 4)
    (Path("data") / "one.wav").write_bytes(wav())
    images = [f"shown/{'standing' if at % 2 else 'lying'}/{at:03}.png" for at in range(4)]
    for name in ("one", "two"):
        rows = ({"image": image, "prediction": f"{name} {at}"} for at, image in enumerate(images))
        write(f"data/{name}.jsonl", *rows, {"audio": "one.wav", "text": "What is heard?", "answer": f"{name} tone"})
    items = begin("data/one.jsonl", "data/two.jsonl").store.items()
    here = Path("data").resolve()
    assert {(item.prompt, item.image, item.sound, *(one.text for one in item.answers)) for item in items} == {
        *(("", str(here / image), "", f"one {at}", f"two {at}") for at, image in enumerate(images)),
        ("What is heard?", "", str(here / "one.wav"), "one tone", "two tone"),
    }
    assert len({item.id for item in items}) == 5


def test_files_that_are_gone_are_left_out_and_it_is_said(begin: Begin) -> None:
    Path("a.wav").write_bytes(wav())
    rows = [{"file": name, "answer": "x"} for name in ("a.wav", "gone.wav", "https://example.org/b.wav")]
    told: list[str] = []
    items = begin(write("x.jsonl", *rows), told=told).store.items()
    assert [Path(item.sound).name for item in items] == ["a.wav"]
    assert told == ["2 files left out: no longer there, or longer than 10 minutes"]
    with pytest.raises(DataError, match=r"got none of them.\n.*gone\.wav"):
        begin(write("y.jsonl", rows[1]))


def test_a_column_that_names_no_picture_is_none(begin: Begin) -> None:
    (item,) = begin(write("x.jsonl", {"prompt": "q", "answer": "a", "file": "notes.txt", "image": None})).store.items()
    assert (item.image, item.sound) == ("", "")
