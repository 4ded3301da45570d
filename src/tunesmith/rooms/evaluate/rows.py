"""Raw rows by number, each with the file and line it came from."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from tunesmith.artifacts import Source


class RawRows:
    """Random access to a raw split, memory-mapped."""

    def __init__(self, path: Path, sources: Sequence[Source]) -> None:
        with pa.memory_map(str(path)) as file:
            self._table = pa.ipc.open_file(file).read_all()
        self._sources = sources

    def __len__(self) -> int:
        return int(self._table.num_rows)

    @property
    def names(self) -> list[str]:
        """The columns that there are."""
        found: list[str] = self._table.column_names
        return found

    def has(self, name: str) -> bool:
        """Whether there is such a column."""
        return name in self.names

    def is_text(self, name: str) -> bool:
        """Whether a column holds single texts."""
        return bool(pa.types.is_string(self._table.schema.field(name).type))

    def column(self, name: str, rows: Sequence[int]) -> list[Any]:
        """The values of some rows."""
        found: list[Any] = self._table.column(name).take(pa.array(rows, pa.int64())).to_pylist()
        return found

    def files(self, rows: Sequence[int]) -> list[str]:
        """The file of each, as the user named it."""
        return [self._sources[source].path for source in self.column("source", rows)]

    def columns(self, row: int) -> dict[str, Any]:
        """Column name → value of one row."""
        return {name: self._table.column(name)[row].as_py() for name in self._table.column_names}

    def origin(self, row: int) -> tuple[str, int]:
        """The file as the user named it, and the line in it."""
        source = self._table.column("source")[row].as_py()
        return self._sources[source].path, self._table.column("line")[row].as_py()
