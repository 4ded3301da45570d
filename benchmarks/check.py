"""Plant faults in real data and count how many of them the check finds, and what else it names.

    .venv/bin/python benchmarks/check.py DATA [--only NAME ...] [--deep] [--seed 17]

DATA is a folder of public data sets. First each data set is checked as it is: what is found there are faults of its
own or false alarms, and each kind is printed. Then, fault by fault, some of its rows are changed or added, and the
whole is read and checked anew. Recall is the share of planted rows that the finding names; precision the share of
planted rows among those named that were not named in the untouched data. With --deep also wrong labels,
which takes minutes.
Exits with 1 if an exact kind (no judgement involved) falls below a recall of 0.95 or a precision of 0.9.
"""

import argparse
import copy
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from faults import FAULTS, WRONG_LABELS, Fault, Row, Splits, Where
from tunesmith import flow
from tunesmith.artifacts import Reading
from tunesmith.rooms.check.catalogue import CHECKS, ROW_CHECKS
from tunesmith.rooms.check.positions import positions
from tunesmith.settings import ReadSettings

SETS = {
    "sst2": ("en_cls_sst2",),
    "trec": ("en_cls_trec",),
    "waimai": ("zh_cls_waimai_10k",),
    "zh_qa": ("zh_qa_llamafactory_demo",),
    "weibo": ("zh_ner_weibo",),
    "wnut17": (
        "en_ner_wnut17/wnut17train.conll",
        "en_ner_wnut17/emerging.dev.conll",
        "en_ner_wnut17/emerging.test.annotated",
    ),
}

TEST_SHARE = 0.1
LEAST_RECALL, LEAST_PRECISION = 0.95, 0.9


@dataclass(frozen=True, kw_only=True)
class Score:
    """How many rows were planted, how many of them were named, and how many others."""

    planted: int
    hits: int
    alarms: int

    @property
    def recall(self) -> float:
        return self.hits / self.planted if self.planted else 1.0

    @property
    def precision(self) -> float:
        return self.hits / (self.hits + self.alarms) if self.hits + self.alarms else 1.0


def rows_of(reading: Reading) -> Splits:
    """The rows of a Reading as JSON Lines would hold them; a part is set apart where there is no test split."""
    splits = {name: [_plain(row) for row in _table(file.path)] for name, file in reading.splits.items()}
    splits.pop("unlabelled", None)
    if "test" not in splits:
        random.Random(0).shuffle(splits["train"])
        at = round(TEST_SHARE * len(splits["train"]))
        splits["test"], splits["train"] = splits["train"][:at], splits["train"][at:]
    return splits


def _table(path: str) -> list[Row]:
    with pa.memory_map(path) as file:
        rows: list[Row] = pa.ipc.open_file(file).read_all().to_pylist()
    return rows


def _plain(row: Row) -> Row:
    if "messages" in row:
        *_, question, answer = (message["content"] for message in row["messages"])
        return {"question": question, "answer": answer}
    return {name: value for name, value in row.items() if name not in {"source", "line"}}


def write(splits: Splits, folder: Path) -> Reading:
    """The rows as files of a folder, read as a user's files are."""
    for name, rows in splits.items():
        lines = (json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / f"{name}.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    columns: dict[str, str | int] = {name: name for name in splits["train"][0]}
    reading = flow.read([folder], ReadSettings(columns=columns, allow_rejects=True))
    if reading.rows.rejected:
        raise SystemExit(f"{reading.rows.rejected} rows were rejected: the numbers of the rows would not hold")
    return reading


def named(reading: Reading, codes: Sequence[str]) -> Where:
    """The rows that the findings ``codes`` mean."""
    found = (positions(reading, code) for code in codes if code in (*CHECKS, *ROW_CHECKS))
    return {(split, int(row)) for by_split in found for split, rows in by_split.items() for row in rows}


def measured(splits: Splits, fault: Fault, before: Where, seed: int) -> Score:
    """Plant a fault in a copy of the rows, check it, and count."""
    mutable = copy.deepcopy(splits)
    planted = fault.plant(mutable, random.Random(seed))
    with tempfile.TemporaryDirectory() as folder:
        found = named(write(mutable, Path(folder)), fault.codes)
    return Score(planted=len(planted), hits=len(planted & found), alarms=len(found - planted - before))


def untouched(name: str, reading: Reading) -> None:
    """Print what is found in the data as it is."""
    began = time.perf_counter()
    health = flow.check(reading)
    rows = sum(split.rows for split in health.splits.values())
    print(f"{name}: {rows:,} rows untouched, checked in {time.perf_counter() - began:.1f} s: {health.verdict}")
    for finding in health.findings:
        print(f"    {finding.severity:8} {finding.code:24} {finding.title}")


def suits(fault: Fault, row: Row) -> bool:
    return not fault.needs or any(need in row for need in fault.needs.split())


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", nargs="+", choices=list(SETS), default=list(SETS))
    parser.add_argument("--deep", action="store_true")
    parser.add_argument("--seed", type=int, default=17)
    options = parser.parse_args()
    os.environ["TUNESMITH_LANG"] = "en"
    bad = 0
    with tempfile.TemporaryDirectory() as cache:
        os.environ["TUNESMITH_CACHE"] = cache
        for name in options.only:
            bad += _one(name, options)
    return 1 if bad else 0


def _one(name: str, options: argparse.Namespace) -> int:
    """Check one data set as it is and with each fault; how many exact kinds fell short."""
    reading = flow.read([options.data / part for part in SETS[name]])
    untouched(name, reading)
    splits, bad = rows_of(reading), 0
    with tempfile.TemporaryDirectory() as folder:
        clean = write(splits, Path(folder))
        before = {fault.codes: named(clean, fault.codes) for fault in FAULTS if suits(fault, splits["train"][0])}
    print(f"    {'fault':20} {'planted':>8} {'found':>6} {'recall':>7} {'precision':>9} {'untouched':>9}")
    for fault in FAULTS:
        if not suits(fault, splits["train"][0]):
            continue
        if not any(code in (*CHECKS, *ROW_CHECKS) for code in fault.codes):
            print(f"    {fault.name:20} skipped: no check of that name")
            continue
        score = measured(splits, fault, before[fault.codes], options.seed)
        is_bad = fault.is_exact and (score.recall < LEAST_RECALL or score.precision < LEAST_PRECISION)
        bad += is_bad
        print(
            f"    {fault.name:20} {score.planted:8} {score.hits:6} {score.recall:7.3f} {score.precision:9.3f} "
            f"{len(before[fault.codes]):9}{'  SHORT' if is_bad else ''}",
            flush=True,
        )
    if options.deep and "label" in splits["train"][0]:
        _deep(splits, options.seed)
    return bad


def _deep(splits: Splits, seed: int) -> None:
    """Print how many of the wrong labels are among the most doubtful rows, as many as were planted."""
    for fault in WRONG_LABELS:
        mutable, began = copy.deepcopy(splits), time.perf_counter()
        planted = fault.plant(mutable, random.Random(seed))
        with tempfile.TemporaryDirectory() as folder:
            health = flow.check(write(mutable, Path(folder)), deep=True)
        if not health.suspects:
            print(f"    {fault.name:20} skipped: the deep checks named no row")
            continue
        # A file of JSON Lines has a row a line.
        ranked = [("train", suspect.row.line - 1) for suspect in health.suspects]
        top = sum(where in planted for where in ranked[: len(planted)]) / len(planted)
        hits = len(planted.intersection(ranked))
        print(
            f"    {fault.name:20} {len(planted):8} {hits:6} {hits / len(planted):7.3f} {hits / len(ranked):9.3f} "
            f"{'':9}  precision at the planted count {top:.3f}, {time.perf_counter() - began:.0f} s",
            flush=True,
        )


if __name__ == "__main__":
    sys.exit(main())
