"""Parquet files, read a batch at a time."""

from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq

from tunesmith.errors import DataError
from tunesmith.rooms.read import roles
from tunesmith.rooms.read.records import BLOCK_ROWS, Block, Format, Layout
from tunesmith.rooms.read.survey import Surveyed
from tunesmith.settings import ReadSettings
from tunesmith.words import say

# Records that the roles are judged by, as many as of a table.
SAMPLE_RECORDS = 20_000
# The mark at both ends of a file (Apache Parquet format specification, "File format").
MAGIC = b"PAR1"


def _sniff(surveyed: Surveyed, settings: ReadSettings) -> Layout | None:
    if not surveyed.magic.startswith(MAGIC):
        return None
    records: list[dict[str, object]] = []
    columns: tuple[str, ...] = ()
    for batch in _batches(surveyed):
        # From the schema: a column of nulls alone is a column, too.
        columns = tuple(batch.schema.names)
        records += batch.to_pylist()
        if len(records) >= SAMPLE_RECORDS:
            break
    return Layout(
        format="parquet",
        confidence=1.0,
        evidence=(say("a parquet file", "parquet 文件"),),
        columns=columns,
        has_header=True,
        options={"is_keyed": True},
        records=records,
    )


def _batches(surveyed: Surveyed) -> Iterator[pa.RecordBatch]:
    try:
        # Through the member's own stream, so that a parquet file inside a zip is read like any other.
        with surveyed.open_bytes() as stream:
            yield from pq.ParquetFile(stream).iter_batches(BLOCK_ROWS)
    except (pa.ArrowException, OSError) as error:
        raise DataError(
            expected=say("a parquet file that can be read", "可以读取的 parquet 文件"),
            got=str(error).splitlines()[0],
            where=surveyed.shown,
            do=say(
                "write the file anew, or save it as CSV or JSON lines", "请重新写出该文件，或另存为 CSV 或 JSON lines"
            ),
        ) from error


def _blocks(surveyed: Surveyed, layout: Layout) -> Iterator[Block]:
    # Parquet knows no lines: the rows are counted on through all row groups.
    number = 1
    for batch in _batches(surveyed):
        records = batch.to_pylist()
        yield Block(records, range(number, number + len(records)))
        number += len(records)


PARQUET = Format(name="parquet", sniff=_sniff, blocks=_blocks, interpret=roles.interpret)
