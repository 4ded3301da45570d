"""Pictures and sounds of items: who holds the link gets them as ours, whatever is asked for nothing else is served."""

import io
import json
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from starlette.testclient import TestClient

from made_media import picture, png, wav
from made_ratings import vote
from tunesmith import rooms
from tunesmith.rooms.rate import KINDS, Answer, Given, Item, Kind, Store, Terms
from tunesmith.rooms.rate.desk import Desk
from tunesmith.rooms.rate.export import export
from tunesmith.rooms.rate.links import Links, entrance
from tunesmith.rooms.rate.practice import practice
from tunesmith.rooms.rate.practised import PRACTISED, practised
from tunesmith.rooms.rate.server import application
from tunesmith.settings import ReadSettings

Begun = Callable[..., Store]
Serve = Callable[..., Callable[[str], Any]]

HOME = "http://127.0.0.1:8717"
LABELS = ("cat", "dog")


def seen(at: int, path: Path, **more: Any) -> Item:
    place = "image" if path.suffix == ".png" else "sound"
    answers = (Answer(system="one", text="cat"),)
    return Item(**{"id": f"m{at}", "prompt": "", "answers": answers, "labels": LABELS, place: str(path)} | more)


def as_it_is(path: Path) -> tuple[bytes, str]:
    return path.read_bytes(), path.suffix


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    """A picture and a sound whose names give their class away."""
    folder = tmp_path / "data" / "dog"
    folder.mkdir(parents=True)
    (folder / "dog_1.png").write_bytes(png())
    (folder / "dog_2.wav").write_bytes(wav())
    return folder / "dog_1.png", folder / "dog_2.wav"


@pytest.fixture
def anna(begun: Begun, tmp_path: Path, files: tuple[Path, Path]) -> Any:
    """A rater of one picture and one sound, in a browser."""
    store = begun([seen(at, path) for at, path in enumerate(files)], kind="right", systems=("one",))
    links = Links(tmp_path)
    client = TestClient(application(Desk(store, links, 8717, decode=as_it_is)), base_url=HOME)
    assert client.get(HOME + entrance(links, "1")).status_code == 200
    client.base_url = f"{HOME}/r/1/"
    yield client
    client.close()


def addresses(anna: Any) -> dict[str, str]:
    """What the page is told of the picture and of the sound."""
    items = anna.get("items").json()["items"]
    return {name: one[name] for one in items for name in ("image", "sound") if one[name]}


def test_pages_are_told_a_name_that_says_nothing(anna: Any, tmp_path: Path) -> None:
    told = json.dumps(anna.get("items").json()["items"])
    assert [word for word in ("dog_", "data", str(tmp_path)) if word in told] == []
    assert set(addresses(anna)) == {"image", "sound"}
    assert len({len(address) for address in addresses(anna).values()}) == 1


def test_files_come_with_types_of_ours_and_stay_in_the_browser(anna: Any, files: tuple[Path, Path]) -> None:
    for (name, address), path, kind in zip(
        sorted(addresses(anna).items()), files, ("image/png", "audio/wav"), strict=True
    ):
        answer = anna.get(address)
        assert (answer.status_code, answer.headers["content-type"]) == (200, kind), name
        assert answer.content == path.read_bytes()
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "private, max-age=86400, immutable"
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy and "img-src 'self' data:; media-src 'self'" in policy


def test_a_player_may_ask_for_a_part(anna: Any, files: tuple[Path, Path]) -> None:
    part = anna.get(addresses(anna)["sound"], headers={"range": "bytes=4-11"})
    assert part.status_code == 206
    assert part.content == files[1].read_bytes()[4:12]
    assert part.headers["content-range"] == f"bytes 4-11/{files[1].stat().st_size}"


@pytest.mark.parametrize(
    "name",
    [
        "x",
        "ratings.sqlite",
        "..%2fratings.sqlite",
        "%2e%2e/%2e%2e/secret",
        "..\\secret",
        "practice-",
        "%00",
        "a" * 5000,
    ],
)
def test_nothing_else_is_served(anna: Any, name: str) -> None:
    answer = anna.get("media/" + name, headers={"accept": "application/json"})
    assert answer.status_code == 404
    assert b"SQLite" not in answer.content


def test_who_has_no_link_sees_no_picture(begun: Begun, tmp_path: Path, files: tuple[Path, Path]) -> None:
    links = Links(tmp_path)
    store = begun([seen(0, files[0])], kind="right")
    client = TestClient(application(Desk(store, links, 8717, decode=as_it_is)), base_url=HOME)
    address = f"/r/1/media/{links.alias(str(files[0]))}"
    assert client.get(address).status_code == 403
    client.get(entrance(links, "2"))
    assert client.get(address).status_code == 403
    client.get(entrance(links, "1"))
    assert client.get(address).status_code == 200
    client.close()


def test_what_was_shown_once_is_kept_and_what_cannot_be_shown_is_not_there(
    begun: Begun, tmp_path: Path, files: tuple[Path, Path]
) -> None:
    asked = []

    def decode(path: Path) -> tuple[bytes, str]:
        asked.append(path.name)
        if path.suffix == ".wav":
            raise ValueError("broken")
        return b"picture", ".jpg"

    desk = Desk(begun([seen(at, path) for at, path in enumerate(files)], kind="right"), Links(tmp_path), decode=decode)
    names = [desk.gallery.address(str(path)).removeprefix("media/") for path in files]
    for _ in range(2):
        kept, kind = desk.gallery.file(names[0])
        assert (kept.read_bytes(), kind) == (b"picture", "image/jpeg")
    assert asked == ["dog_1.png"]
    with pytest.raises(ValueError, match="broken"):
        desk.gallery.file(names[1])
    assert [path.name for path in kept.parent.iterdir()] == [kept.name], "no half of a file stays"
    assert desk.sense == "both"


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "tags"])
@pytest.mark.parametrize("sense", ["image", "sound"])
def test_practice_is_with_what_is_judged(kind: Kind, sense: str, anna: Any) -> None:
    items = practice(kind, ("",), sense=sense)
    assert len(items) == 2 and items[0]["accepted"] != items[1]["accepted"]
    for item in items:
        answer = anna.get(item[sense])
        assert answer.status_code == 200 and answer.headers["content-type"] in ("image/png", "audio/wav")


def test_what_is_practised_on_is_what_it_is_called() -> None:
    circle, square = (Image.open(io.BytesIO(practised(name)[0])) for name in PRACTISED[:2])
    corner = (circle.width // 5 + 3, circle.height // 5 + 3)
    assert circle.getpixel(corner) == (255, 255, 255) and square.getpixel(corner) != (255, 255, 255)
    lengths = []
    for name in PRACTISED[2:]:
        with wave.open(io.BytesIO(practised(name)[0])) as file:
            samples = np.frombuffer(file.readframes(file.getnframes()), np.int16)
        is_loud = np.abs(samples.reshape(-1, 1400)).max(1) > 1000
        lengths.append(int(np.sum(np.diff(is_loud.astype(int)) == 1) + is_loud[0]))
    assert lengths == [1, 2]


def test_the_page_speaks_of_pictures_and_sounds(begun: Begun, tmp_path: Path, files: tuple[Path, Path]) -> None:
    store = begun([seen(0, files[1])], kind="right")
    links = Links(tmp_path)
    client = TestClient(application(Desk(store, links, 8717)), base_url=HOME)
    client.get(entrance(links, "1"))
    english, chinese = client.get("/r/1/").text, client.get("/r/1/?lang=zh").text
    assert "You will hear a sound, and what was said of it." in english and "<kbd>Space</kbd>" in english
    assert "您会听到一段声音，以及对它的判断。" in chinese and "<kbd>Z</kbd>" not in chinese
    client.close()


def test_what_people_decided_of_pictures_is_read_as_data(tmp_path: Path) -> None:
    paths = []
    for at in range(8):
        paths.append(tmp_path / f"{at}.png")
        picture(at, is_striped=bool(at % 2)).save(paths[-1])
    store = Store.begun(
        tmp_path / "ratings.sqlite",
        [seen(at, path) for at, path in enumerate(paths)],
        Terms(kind="right", systems=("one",)),
    )
    number = store.join("anna")
    for place in range(8):
        wrong = vote(place, value={"": False, "correction": "dog"})
        sent = wrong if store.shown(number, place, 1)[0].item.id in {"m1", "m3", "m5", "m7"} else vote(place, True)
        store.add(number, [Given(**sent)])
    found = export(store.votes(), store.items(), store.terms, form="labels", path=tmp_path / "labels.jsonl")
    store.close()
    reading = rooms.read.read([found.path], settings=ReadSettings())
    assert (found.rows, reading.task) == (8, "image-classification")
    said = {Path(row["path"]).stem: row["label"] for row in map(json.loads, found.path.read_text().splitlines())}
    assert said == {str(at): "dog" if at % 2 else "cat" for at in range(8)}
