"""Damaged files: never a traceback, never a lost row."""

import gzip
import io
import json
import random
import re
import zipfile
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tunesmith.artifacts import Reading
from tunesmith.errors import UserError
from tunesmith.rooms.read import read
from tunesmith.settings import ReadSettings

TEXTS = [
    "the room was clean, and quiet", "服务员态度很好,房间干净", 'he said "never again" and left', "crème brûlée",
    "早餐太差了;不会再来", "fine", "a\u2028line separator inside",
    "why is the sky blue?", "什么是人工智能?", "x",
]  # fmt: skip


def table(separator: str, quote: Callable[[str], str]) -> bytes:
    rows = [f"{i % 3}{separator}{quote(TEXTS[i % len(TEXTS)] + f' {i}')}" for i in range(30)]
    return "\n".join(rows).encode() + b"\n"


def zipped(data: bytes) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("train.tsv", data)
        archive.writestr("dev.tsv", data[: len(data) // 2])
    return out.getvalue()


def parquet() -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"text": TEXTS * 3, "label": [i % 2 for i in range(30)]}), out)
    return out.getvalue()


RECORDS = [{"text": t, "label": i % 2, "tags": [t[:2]]} for i, t in enumerate(TEXTS * 3)]
PAIRS = [{"instruction": t, "input": "", "output": t[::-1], "history": [["a", "b"]]} for t in TEXTS * 2]
TURNS = [{"conversations": [{"from": "human", "value": t}, {"from": "gpt", "value": t}]} for t in TEXTS]
SPANS = [{"text": t, "label": {"name": {t[:1]: [[0, 0]]}}} for t in TEXTS * 2]
TAGGED = "\n".join(
    "".join(f"{word}\t{'B-X' if j == 0 else 'O'}\n" for j, word in enumerate(t.split())) for t in TEXTS * 2
)

SEEDS: dict[str, bytes] = {
    "plain.tsv": table("\t", str),
    "quoted.csv": table(",", lambda t: '"' + t.replace('"', '""') + '"'),
    "header.csv": b"label,text\n" + table(",", lambda t: '"' + t.replace('"', '""').replace(" ", "\n", 1) + '"'),
    "semi.csv": table(";", lambda t: '"' + t.replace('"', '""') + '"'),
    "space.txt": table(" ", str),
    "fast.txt": b"".join(b"__label__%d " % (i % 2) + t.encode() + b"\n" for i, t in enumerate(TEXTS * 3)),
    "lines.txt": "\n".join(TEXTS * 3).encode(),
    "rows.jsonl": "\n".join(json.dumps(r, ensure_ascii=False) for r in RECORDS).encode(),
    "array.json": json.dumps(RECORDS, indent=1).encode(),
    "line.json": json.dumps(PAIRS, ensure_ascii=False).encode(),
    "objects.json": "\n".join(json.dumps(r, indent=2) for r in SPANS).encode(),
    "splits.json": json.dumps({"train": RECORDS[:20], "test": RECORDS[20:]}, indent=1).encode(),
    "turns.jsonl": "\n".join(json.dumps(r) for r in TURNS).encode(),
    "tags.conll": TAGGED.encode(),
    "wide.tsv": "\ufeff标签\t内容\n".encode() + table("\t", str),
    "utf16.tsv": table("\t", str).decode().encode("utf-16"),
    "gbk.csv": ("标签,内容\n" + "\n".join(f"{i % 2},房间很好服务不错{i}" for i in range(30))).encode("gb18030"),
    "table.parquet": parquet(),
    "table.tsv.gz": gzip.compress(table("\t", str)),
    "pack.zip": zipped(table("\t", str)),
}
PIECES = [
    b"\x00", b"\xff", b"\xf0", b'"', b'""', b"\t", b",", b"\n", b"\r", b"\r\n", b"\n\n", b"{", b"}", b"[", b"]", b"\\",
    b"\\ud800",
    b"\xef\xbb\xbf", b"\xe2\x80\xa8", b"\x85", b"\x0b", b"\x0c", b" ", b"null", b"1e999", b"9" * 5000, b"[" * 3000,
    b"__label__", b"-DOCSTART-",
    b"\x1f\x8b", b"PK\x03\x04", b"PAR1", b"B-X,I-Y", b"'", b";", b"\x1a", b"\xe3\x80\x80",
]  # fmt: skip


def mutated(data: bytes, draw: random.Random) -> bytes:
    """The data after one to six small accidents: bytes changed, cut, doubled, moved or put in."""
    out = bytearray(data)
    for _ in range(draw.randint(1, 6)):
        at = draw.randrange(len(out) + 1)
        match draw.randrange(7):
            case 0 if out:
                out[at % len(out)] = draw.randrange(256)
            case 1:
                out[at : at + draw.randint(1, 40)] = b""
            case 2:
                del out[at:]
            case 3:
                out[at:at] = out[at : at + draw.randint(1, 200)]
            case 4 if out:
                out = out[at:] + out[:at]
            case _:
                out[at:at] = draw.choice(PIECES)
    return bytes(out)


# Formats in which every written line is one row; the others have records over several lines.
LINE_FORMATS = {"tsv", "lines", "jsonl", "fasttext", "label-space-text"}
_QUOTED = "quoted"


def check(reading: Reading) -> None:
    assert reading.rows.total == reading.rows.used + reading.rows.rejected
    assert sum(split.rows for split in reading.splits.values()) == reading.rows.used
    listed = Path(reading.rejects).read_text(encoding="utf-8").count("\n") - 1
    assert listed == reading.rows.rejected
    is_quoted = any(_QUOTED in line for line in reading.hypotheses[0].evidence)
    for source in reading.sources:
        if (
            source.format in LINE_FORMATS
            and Path(source.path).is_file()
            and not source.path.endswith(".gz")
            and not is_quoted
        ):
            text = Path(source.path).read_bytes().decode(source.encoding, errors="replace")
            written = sum(bool(line.strip()) for line in re.split("\r\n|\n|\r", text))
            assert source.rows.total == written - reading.has_header * (source.format == "tsv")


def survive(folder: Path, seeds: range) -> int:
    """How many of the damaged files could still be read; any error but the user's own fails the test."""
    readable = refused = 0
    names = list(SEEDS)
    for seed in seeds:
        draw = random.Random(seed)
        name = names[seed % len(names)]
        path = folder / f"{seed}_{name}"
        path.write_bytes(mutated(SEEDS[name], draw))
        try:
            check(read([path], ReadSettings(allow_rejects=True)))
            readable += 1
        except UserError:
            refused += 1
        except Exception as error:
            raise AssertionError(f"seed {seed}, {name}: {error!r}") from error
        path.unlink()
    assert readable + refused == len(seeds)
    return readable


@pytest.mark.parametrize("name", SEEDS)
def test_the_undamaged_file_is_read(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(SEEDS[name])
    reading = read([path])
    check(reading)
    assert reading.rows.rejected == 0


def test_200_damaged_files(tmp_path: Path) -> None:
    assert survive(tmp_path, range(200)) > 100


@pytest.mark.slow
def test_2000_damaged_files(tmp_path: Path) -> None:
    assert survive(tmp_path, range(200, 2200)) > 1000
