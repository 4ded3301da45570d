"""Wrong answers to pictures and sounds can be seen and heard; a text that looks like a path shows no file."""

from pathlib import Path

import pytest
import soundfile

from made_media import picture, tone
from tunesmith.artifacts import Mistake
from tunesmith.rooms.report import Facts
from tunesmith.rooms.report.environment import environment
from tunesmith.rooms.report.expectations import expectations
from tunesmith.rooms.report.limits import limits
from tunesmith.rooms.report.media import named, seen


def mistake(path: Path) -> Mistake:
    return Mistake(path="folder", line=3, text=str(path), truth="a", answer="b", confidence=0.9)


def test_a_picture_is_shown_and_a_sound_can_be_heard(tmp_path: Path) -> None:
    (tmp_path / "cats").mkdir()
    picture(1, is_striped=True).save(tmp_path / "cats/one.png")
    soundfile.write(tmp_path / "cats/one.wav", tone(1, is_high=True, seconds=0.5), 8000)
    shown, heard = (str(seen(mistake(tmp_path / "cats" / name))) for name in ("one.png", "one.wav"))
    assert 'src="data:image/png;base64,' in shown
    assert 'alt="one.png"' in shown
    assert 'src="data:audio/mpeg;base64,' in heard
    assert "<img" in heard
    assert len(shown) < 20_000
    assert named(mistake(tmp_path / "cats/one.png")) == "cats/one.png"


def test_a_file_that_is_gone_or_broken_leaves_a_gap(tmp_path: Path) -> None:
    (tmp_path / "broken.png").write_bytes(b"no picture")
    for name in ("gone.png", "broken.png", "gone.wav", "text.txt"):
        assert str(seen(mistake(tmp_path / name))) == ""


def test_a_text_that_looks_like_a_path_puts_no_file_onto_the_page(tmp_path: Path) -> None:
    picture(2, is_striped=False).save(tmp_path / "secret.png")
    parts = environment().get_template("parts.html.j2").module
    rows = (mistake(tmp_path / "secret.png"),)
    assert "data:image" not in str(parts.mistakes(rows, "more", False, False))  # type: ignore[attr-defined]
    assert "data:image" in str(parts.mistakes(rows, "more", False, True))  # type: ignore[attr-defined]


def test_names_are_escaped(tmp_path: Path) -> None:
    hostile = tmp_path / '"><script>alert(1)<.png'
    try:
        picture(2, is_striped=False).save(hostile)
    except OSError:
        return
    assert "<script>" not in str(seen(mistake(hostile)))


@pytest.mark.parametrize(("task", "things"), [("image-classification", "pictures"), ("audio-classification", "sounds")])
def test_pictures_and_sounds_are_not_spoken_of_as_texts(english: Facts, task: str, things: str) -> None:
    reading = english.reading.model_copy(update={"task": task, "columns": {"path": "path", "label": "folder"}})
    facts = english.model_copy(update={"reading": reading})
    told = [*limits(facts), *expectations(facts)]
    assert any(f"Of 100 {things} like these" in one for one in told)
    assert not any(word in one for one in told for word in ("character", "token", "language"))
