"""The page of pictures and sounds that were explained: one file that needs no network and no script."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from tunesmith.artifacts import Explanation, Explanations, Grid, Sense
from tunesmith.models.media.decode import IMAGE_SUFFIXES, Undecodable, picture, sound
from tunesmith.models.media.embedded import grey, mp3, png, tones
from tunesmith.rooms.explain import media_telling, pictures
from tunesmith.rooms.explain.media import SeenThrough, Subject
from tunesmith.rooms.explain.page import curve, environment, write_page
from tunesmith.words import language, say

SIDE = 320
"""Pixels of a drawn picture's longer side; of a small one each number is a square of several."""

SMALL = 72
"""Pixels of a training file's thumbnail."""

WIDE = 640
"""Pixels of a drawn sound's width."""

HEIGHT = 48
"""Numbers of a drawn sound's height, where it is drawn from its wave."""

FINE_FRAME = 128
"""Samples of a stretch there: fine enough for half a second."""

LONGEST_SECONDS = 6.0
"""Of a training sound that can be heard."""


@dataclass(frozen=True)
class MapView:
    """One method's map over the file."""

    name: str
    told: str
    drawn: Markup


@dataclass(frozen=True)
class MediaView:
    """One file's explanation with its pictures; ``whole``: the file as it is."""

    number: int
    found: Explanation
    whole: Markup
    maps: tuple[MapView, ...]
    curve: Markup | None
    neighbours: tuple[Markup, ...]


def media_page(path: Path, result: Explanations, found: Sequence[SeenThrough], sense: Sense) -> Path:
    """Write the page, whole or not at all.

    Raises:
        OSError: it cannot be written.
    """
    views = [view(one, at + 1, sense) for at, one in enumerate(found)]
    template = environment().get_template("media.html.j2")
    said = {"result": result, "views": views, "language": language(), "telling_media": media_telling}
    return write_page(path, template.render(**said))


def view(one: SeenThrough, number: int, sense: Sense) -> MediaView:
    """The pictures of one file's explanation."""
    found, subject = one.explanation, one.subject
    assert found.grid is not None, "a file's explanation has one"
    ground, ratio = _ground(subject, sense)
    methods = [each.method for each in found.faith]
    return MediaView(
        number=number,
        found=found,
        whole=_whole(subject),
        maps=tuple(_map(found, name, ground, ratio) for name in methods),
        curve=curve(found, say("places covered", "遮住的块数")) if found.faith else None,
        neighbours=tuple(thumbnail(Path(neighbour.path)) for neighbour in found.neighbours),
    )


def _map(found: Explanation, name: str, ground: str, ratio: float) -> MapView:
    assert found.grid is not None
    values = values_of(found, name).reshape(found.grid.rows, found.grid.columns)
    largest = float(np.abs(values).max())
    share = f"{100 * largest:.0f}%" if name == "attention" else f"{largest:.2f}"
    # Attention reaches every place; drawn is what one gets beyond an even share.
    shown = np.maximum(values - values.mean(), 0.0) if name == "attention" else values
    drawn = over(ground, shown / (largest or 1.0), ratio, found.grid, media_telling.method(name))
    return MapView(name, say(f"densest: {share}", f"最深处：{share}"), drawn)


def values_of(found: Explanation, name: str) -> NDArray[np.float64]:
    """What a method says of each place, (k,)."""
    if name == "gradient":
        return np.asarray([place.gradient for place in found.words])
    if name == "attention":
        return np.asarray([place.attention for place in found.words])
    return np.asarray(
        [found.value - (found.value if place.without is None else place.without) for place in found.words]
    )


def over(ground: str, values: NDArray[np.float64], ratio: float, grid: Grid, title: str) -> Markup:
    """A map (rows, columns) of numbers from -1 to 1 over a grey picture that is ``ratio`` times as wide as high.

    It is as dense as the numbers are large: the root that other maps take would hide the picture behind small ones.
    """
    wide, high = _size(ratio, grid)
    return Markup(
        '<svg class="map" viewBox="0 0 {w} {h}" width="{w}" role="img"><title>{t}</title>'
        '<image class="ground-picture" width="{w}" height="{h}" preserveAspectRatio="none" href="{g}"/>'
        '<image class="heat" width="{w}" height="{h}" preserveAspectRatio="none" href="{v}"/></svg>'
    ).format(w=wide, h=high, t=title, g=ground, v=pictures.png(values * np.abs(values)))


def _size(ratio: float, grid: Grid) -> tuple[int, int]:
    if grid.kind == "sound":
        return WIDE, SIDE // 2
    return (SIDE, round(SIDE / ratio)) if ratio >= 1 else (round(SIDE * ratio), SIDE)


def _ground(subject: Subject, sense: Sense) -> tuple[str, float]:
    """What the model is shown, in grey, so that the map's colours are seen on it; and how much wider than high."""
    from PIL import Image

    if subject.wave is None:
        mean, deviation = (np.asarray(one).reshape(-1, 1, 1) for one in (sense.mean, sense.deviation))
        light = (subject.item * deviation + mean).mean(0) / sense.scale
        level = np.clip(light, 0, 255).astype(np.uint8)
        return png(Image.fromarray(level)), level.shape[1] / level.shape[0]
    if subject.item.ndim == 1:
        return png(Image.fromarray(tones(subject.wave, height=HEIGHT, frame=FINE_FRAME))), WIDE / SIDE
    item = subject.item if sense.time == 1 else subject.item.T
    owner = subject.places.owner if sense.time == 1 else subject.places.owner.T
    heard = item[:, (owner >= 0).any(0)]
    return png(Image.fromarray(grey(heard[::-1].astype(np.float64)))), WIDE / SIDE


def _whole(subject: Subject) -> Markup:
    """The file itself: a picture in its colours, a sound to be listened to."""
    if subject.wave is not None:
        return Markup('<audio controls src="{}"></audio>').format(mp3(subject.wave, subject.rate))
    return _drawn(picture(subject.path), SIDE)


def thumbnail(path: Path) -> Markup:
    """A training file, small, or to be listened to; nothing where it is gone."""
    try:
        if path.suffix.lower() in IMAGE_SUFFIXES:
            return _drawn(picture(path), SMALL)
        wave, rate = sound(path)
    except Undecodable:
        return Markup()
    return Markup('<audio controls preload="none" src="{}"></audio>').format(
        mp3(wave[: int(LONGEST_SECONDS * rate)], rate)
    )


def _drawn(shown: Any, side: int) -> Markup:
    small = shown.copy()
    small.thumbnail((side, side))
    grow = max(1, side // max(small.size))
    return Markup('<img class="as-it-is" alt="" width="{}" height="{}" src="{}">').format(
        small.width * grow, small.height * grow, png(small)
    )
