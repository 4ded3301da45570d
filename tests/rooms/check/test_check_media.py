"""Copies, leaks, blanks and silence among pictures and sounds are found, each with its file; clean data is quiet."""

from pathlib import Path

import numpy as np
import soundfile
from PIL import Image

from made_media import write_pictures, write_sounds
from tunesmith.artifacts import Finding, Health
from tunesmith.rooms.check import check
from tunesmith.rooms.read import read
from tunesmith.settings import ReadSettings


def found(health: Health) -> dict[str, Finding]:
    return {one.code: one for one in health.findings}


OF_MEDIA = {"blank-pictures", "tiny-pictures", "silent-sounds", "short-sounds", "clipped-sounds", "missing-files"}
OF_COPIES = {"leakage", "duplicates", "conflicting-labels"}


def test_clean_pictures_and_sounds_have_none_of_it(tmp_path: Path) -> None:
    pictures = read([write_pictures(tmp_path / "pictures", 30)])
    sounds = read([write_sounds(tmp_path / "waves", 30)], ReadSettings(columns={"label": 1}))
    for reading in (pictures, sounds):
        assert not (OF_MEDIA | OF_COPIES) & set(found(check(reading)))


def test_planted_faults_of_pictures_are_found(tmp_path: Path) -> None:
    train, test = write_pictures(tmp_path / "all/train", 40), write_pictures(tmp_path / "all/test", 8)
    for path in test.rglob("*.png"):
        # Other pictures than those of the training rows.
        turned = Image.open(path).transpose(Image.Transpose.ROTATE_180)
        (Image.blend(turned, Image.new("RGB", turned.size, (250, 20, 20)), 0.4)).save(path)
    (test / "lying/leak.png").write_bytes((train / "lying/000.png").read_bytes())
    (train / "standing/wrong.png").write_bytes((train / "lying/002.png").read_bytes())
    (train / "lying/again.png").write_bytes((train / "lying/004.png").read_bytes())
    Image.new("RGB", (16, 16), (7, 7, 7)).save(train / "lying/blank.png")
    Image.open(train / "lying/006.png").resize((5, 5)).save(train / "lying/tiny.png")
    told = found(check(read([tmp_path / "all"])))
    named = {
        "leakage": "leak.png",
        "conflicting-labels": "wrong.png",
        "duplicates": "again.png",
        "blank-pictures": "blank.png",
        "tiny-pictures": "tiny.png",
    }
    for code, name in named.items():
        assert told[code].count == 1
        assert any(row.text.endswith(name) for row in told[code].rows), code
    for code in ("leakage", "conflicting-labels", "duplicates"):
        said = f"{told[code].title} {told[code].message} {told[code].do}"
        assert "picture" in said, "a finding names what the rows are"
        assert "text" not in said, code


def test_planted_faults_of_sounds_are_found(tmp_path: Path) -> None:
    folder = write_sounds(tmp_path / "sounds", 40)
    soundfile.write(folder / "low_ann_900.wav", np.zeros(2400), 8000)
    soundfile.write(folder / "low_ann_901.wav", np.random.default_rng(0).normal(0, 0.1, 200), 8000)
    wave, _ = soundfile.read(folder / "low_ann_000.wav")
    soundfile.write(folder / "low_ann_902.wav", np.clip(6 * wave, -1, 1), 8000)
    told = found(check(read([folder], ReadSettings(columns={"label": 1}))))
    for code, name in (("silent-sounds", "900"), ("short-sounds", "901"), ("clipped-sounds", "902")):
        assert told[code].count == 1
        assert told[code].rows[0].text.endswith(f"_{name}.wav")


def test_names_that_tell_a_speaker_offer_a_split_by_them(tmp_path: Path) -> None:
    folder = write_sounds(tmp_path / "sounds", 40)
    told = found(check(read([folder], ReadSettings(columns={"label": 1}))))["named-sources"]
    assert told.count == 5
    assert "ann, bob, cy, di, ed" in told.message
    assert "--columns label=1 prepare.group_by=2" in told.do
    # A value that has one label alone is another word for the label.
    for path in sorted(folder.iterdir()):
        label, _, number = path.stem.split("_")
        path.rename(path.with_name(f"{label}_{'x' if label == 'low' else 'y'}_{number}.wav"))
    assert "named-sources" not in found(check(read([folder], ReadSettings(columns={"label": 1}))))
