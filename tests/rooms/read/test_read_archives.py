"""What the user hands over: files, folders, zip and gz; and what is refused of them."""

import gzip
import io
import os
import zipfile
from pathlib import Path

import pytest

from tunesmith.errors import DataError
from tunesmith.rooms.read import archives, read
from tunesmith.rooms.read.sources import members

ROWS = "good film , really\t1\nbad film , really\t0\n" * 10


def packed(entries: dict[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return out.getvalue()


def test_zip_holds_splits(put) -> None:
    path = put(
        "data.zip", packed({"x/train.tsv": ROWS, "x/test.tsv": ROWS.upper(), "__MACOSX/x/._a": b"\0", "x/README": "hi"})
    )
    reading = read([path])
    assert {name: split.rows for name, split in reading.splits.items()} == {"train": 20, "test": 20}
    assert reading.format == "tsv"
    assert reading.sources[0].path == f"{path}/x/train.tsv"


def test_gz_is_read_as_what_it_holds(put) -> None:
    reading = read([put("rows.csv.gz", gzip.compress(b"label,text\n1,good\n0,bad\n"))])
    assert (reading.format, reading.rows.used) == ("csv", 2)


@pytest.mark.parametrize("name", ["../evil.tsv", "/etc/evil.tsv", "a/../../b.tsv", "C:/x.tsv"])
def test_a_member_that_leads_out_is_refused(put, name: str) -> None:
    with pytest.raises(DataError, match="leads out of it"):
        read([put("a.zip", packed({name: ROWS}))])


def test_a_bomb_is_refused_by_its_table(put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "BOMB_BYTES", 1 << 20)
    with pytest.raises(DataError, match="200 times its packed size"):
        read([put("a.zip", packed({"a.tsv": b"0" * (4 << 20)}))])


def test_a_gz_bomb_is_refused_while_it_unpacks(put, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "BOMB_BYTES", 1 << 20)
    with pytest.raises(DataError, match="200 times its packed size"):
        read([put("a.txt.gz", gzip.compress(b"0" * (4 << 20)))])


@pytest.mark.parametrize(
    "data", [gzip.compress(ROWS.encode() * 99)[:-60], b"\x1f\x8b\x08garbage", b"PK\x03\x04garbage"]
)
def test_damaged_archives_are_named(put, data: bytes) -> None:
    with pytest.raises(DataError, match="archive that can be unpacked"):
        read([put("a.gz", data)])


def test_an_office_document_asks_for_csv(put) -> None:
    with pytest.raises(DataError, match="save the sheet as CSV"):
        read([put("a.xlsx", packed({"[Content_Types].xml": "<x/>", "xl/sheet.xml": "<x/>"}))])


def test_chinese_member_names_of_old_tools(put) -> None:
    data = packed({"zzzz.tsv": ROWS}).replace(b"zzzz", "训练".encode("gbk"))
    assert read([put("a.zip", data)]).sources[0].path.endswith("训练.tsv")


def test_nothing_given_and_nothing_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="at least one file"):
        read([])
    (tmp_path / "reviews.tsv").write_text(ROWS, encoding="utf-8")
    with pytest.raises(DataError, match=r"nothing at this path; beside it: reviews\.tsv"):
        read([tmp_path / "review.tsv"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_named(put) -> None:
    path = put("a.tsv", ROWS)
    path.chmod(0)
    with pytest.raises(DataError, match="check its permissions"):
        read([path])


@pytest.mark.parametrize("entries", [{}, {"README.md": "hello"}, {"a.bin": bytes(range(256))}, {"e.txt": ""}])
def test_a_folder_with_nothing_to_read(put, tmp_path: Path, entries: dict[str, str | bytes]) -> None:
    (tmp_path / "given").mkdir()
    for name, data in entries.items():
        put(name, data)
    with pytest.raises(DataError, match="text, JSON, parquet, images or sounds"):
        read([tmp_path / "given"])


def test_hidden_files_and_repeated_paths_count_once(put, tmp_path: Path) -> None:
    path = put("a.tsv", ROWS)
    put(".cache/b.tsv", ROWS)
    assert [m.path for m in members([tmp_path / "given", path])] == [str(path)]
