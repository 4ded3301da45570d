"""Pictures hold the numbers that they were drawn from, and nothing that a text could smuggle in."""

import base64
import struct
import zlib
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from tunesmith.rooms.explain import pictures
from tunesmith.rooms.explain.heads import is_even, pattern, softmax


def densities(address: str) -> tuple[np.ndarray, np.ndarray]:
    """Alpha and redness of each pixel, read back from the file by its own rules."""
    data = base64.b64decode(address.partition(",")[2])
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        name, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length])[0] == zlib.crc32(name + body)
        chunks[name], at = body, at + 12 + length
    width, height = struct.unpack(">II", chunks[b"IHDR"][:8])
    rows = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), np.uint8).reshape(height, width + 1)
    assert not rows[:, 0].any(), "no filter"
    index = rows[:, 1:]
    palette = np.frombuffer(chunks[b"PLTE"], np.uint8).reshape(-1, 3)
    return np.frombuffer(chunks[b"tRNS"], np.uint8)[index].astype(int), palette[index]


def test_the_further_from_nothing_the_denser() -> None:
    alpha, colours = densities(pictures.png(np.asarray([[0.0, 0.25, 1.0], [-0.25, -1.0, 7.0]])))
    assert alpha.shape == (2, 3)
    assert alpha[0, 0] <= 2 and alpha[0, 2] == alpha[1, 1] == alpha[1, 2] >= 253
    # Density goes with the root: a quarter is half as dense.
    assert alpha[0, 1] == pytest.approx(127, abs=2) and alpha[1, 0] == pytest.approx(127, abs=2)
    assert tuple(colours[0, 2]) == pictures.FOR and tuple(colours[1, 1]) == pictures.AGAINST


@pytest.mark.parametrize("bad", ["</text><script>alert(1)</script>", '" onload="x', "&amp;<b>"])
def test_hostile_tokens_stay_text(bad: str) -> None:
    for drawn in (pictures.axes([bad], [bad], "e"), pictures.small(np.eye(2), "h", bad), pictures.bar(1.0, 2.0, bad)):
        root = ET.fromstring(str(drawn))
        assert not [node for node in root.iter() if node.tag in {"script", "b"} or "onload" in node.attrib]


def test_large_pictures_use_small_ones_and_name_their_edges() -> None:
    small = pictures.small(np.eye(3), "h-1", "head")
    large = pictures.large((3, 3), "h-1", "edge-1", "head")
    assert 'id="h-1"' in small and 'href="#h-1"' in large and 'href="#edge-1"' in large
    names = [node.text for node in ET.fromstring(str(pictures.axes(["a", "b" * 30], ["c"], "e"))).iter("text")]
    assert names == ["a", "b" * 12 + "…", "c"]


def test_heads_are_named_by_what_they_look_at() -> None:
    special = np.asarray([True, False, False, True])
    assert pattern(np.eye(4, dtype=np.float32), special) == "itself 100%"
    assert pattern(np.eye(4, k=-1, dtype=np.float32), special) == "one before 100%"
    assert pattern(np.full((4, 4), 0.25, np.float32), special) == "evenly"
    marks = np.tile(np.asarray([0.5, 0.1, 0.0, 0.4], np.float32), (4, 1))
    assert pattern(marks, special) == "marks 90%"
    assert not is_even(marks)


def test_softmax_sums_to_one_and_hides_what_is_not_seen() -> None:
    found = softmax(np.asarray([1000.0, 1001.0, -np.inf]))
    assert found.sum() == pytest.approx(1.0) and found[2] == 0.0 and found[1] > found[0]
