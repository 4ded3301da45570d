"""Fixtures of the read room's tests: put a file down, read it, look at its rows."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from tunesmith.artifacts import Reading
from tunesmith.rooms.read import read
from tunesmith.settings import ReadSettings

Put = Callable[[str, str | bytes], Path]


@pytest.fixture
def put(tmp_path: Path) -> Put:
    """Write text (as UTF-8) or bytes under a name and give its path."""

    def write(name: str, data: str | bytes) -> Path:
        path = tmp_path / "given" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
        return path

    return write


@pytest.fixture
def read_as(put: Put) -> Callable[..., Reading]:
    """Put one file down and read it with the given settings."""

    def call(name: str, data: str | bytes, **settings: Any) -> Reading:
        return read([put(name, data)], ReadSettings(**settings))

    return call


@pytest.fixture
def rows() -> Callable[..., list[dict[str, Any]]]:
    """The rows of a reading's split, without where they came from."""

    def look(reading: Reading, split: str = "train", *, with_line: bool = False) -> list[dict[str, Any]]:
        with pa.ipc.open_file(reading.splits[split].path) as file:
            found = file.read_all().to_pylist()
        return [{k: v for k, v in row.items() if k != "source" and (with_line or k != "line")} for row in found]

    return look
