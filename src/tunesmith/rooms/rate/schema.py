"""The tables of a rating, how a new file of them is made, and how one is opened."""

import json
import secrets
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tunesmith.disk import writing
from tunesmith.errors import RunError
from tunesmith.rooms.rate.items import Item, Terms
from tunesmith.words import say

VERSION = 1
_APPLICATION = 0x74756E65
""""tune": any other SQLite file is none of ours."""

PRAGMAS = ("journal_mode = WAL", "synchronous = FULL", "foreign_keys = ON", "busy_timeout = 5000")
"""FULL: in WAL mode anything less may lose the last votes when the power goes."""

SCHEMA = """
CREATE TABLE about (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE items (number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, body TEXT NOT NULL);
CREATE TABLE raters (number INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, since TEXT NOT NULL);
CREATE TABLE places (
  rater INTEGER NOT NULL REFERENCES raters, place INTEGER NOT NULL, item INTEGER NOT NULL REFERENCES items,
  is_flipped INTEGER NOT NULL, is_repeat INTEGER NOT NULL, PRIMARY KEY (rater, place)
) WITHOUT ROWID;
CREATE TABLE votes (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, rater INTEGER NOT NULL, place INTEGER NOT NULL,
  mark TEXT NOT NULL CHECK (mark IN ('vote', 'skip', 'undo')), value TEXT NOT NULL, seconds REAL NOT NULL,
  at TEXT NOT NULL, FOREIGN KEY (rater, place) REFERENCES places
);
CREATE INDEX votes_of_places ON votes (rater, place, number, mark);
CREATE TRIGGER votes_never_change BEFORE UPDATE ON votes BEGIN SELECT RAISE(ABORT, 'votes are only added'); END;
CREATE TRIGGER votes_never_go BEFORE DELETE ON votes BEGIN SELECT RAISE(ABORT, 'votes are only added'); END;
"""


def make(path: Path, items: Sequence[Item], terms: Terms) -> None:
    """A new file with its items, whole or not at all.

    Raises:
        RunError: the disk is full or may not be written to.
    """
    partial = path.with_name(path.name + ".partial")
    with writing(path, then=say("try again", "再试一次")):
        partial.unlink(missing_ok=True)
        with closing(sqlite3.connect(partial, isolation_level=None)) as base:
            base.execute(f"PRAGMA application_id = {_APPLICATION}")
            base.execute(f"PRAGMA user_version = {VERSION}")
            base.executescript(f"BEGIN; {SCHEMA}")
            about = (("terms", as_json(asdict(terms))), ("id", secrets.token_hex(8)))
            base.executemany("INSERT INTO about VALUES (?, ?)", about)
            rows = ((number, item.id, as_json(item.as_dict())) for number, item in enumerate(items))
            base.executemany("INSERT INTO items VALUES (?, ?, ?)", rows)
            base.execute("COMMIT")
        partial.replace(path)


def opened(path: Path) -> sqlite3.Connection:
    """A connection that any thread may use, to a file that ``make`` made.

    Raises:
        RunError: no such file, or none of ours, or one of another version.
    """
    if not path.is_file():
        raise strange(path, say("nothing", "不存在的路径"))
    base = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        found = tuple(base.execute(f"PRAGMA {name}").fetchone()[0] for name in ("application_id", "user_version"))
        if found == (_APPLICATION, VERSION):
            for pragma in PRAGMAS:
                base.execute(f"PRAGMA {pragma}")
            return base
        got = say("a file of another kind or version", "其他类型或版本的文件")
    except sqlite3.DatabaseError as error:
        got = str(error)
    base.close()
    raise strange(path, got)


def as_json(value: Any) -> str:
    """As it stands in the tables."""
    return json.dumps(value, ensure_ascii=False)


def strange(path: Path, got: str) -> RunError:
    """The refusal of a file that holds no ratings."""
    return RunError(
        expected=say("ratings begun by tunesmith rate", "tunesmith rate 建立的评分"),
        got=got,
        where=str(path),
        do=say("name the folder that tunesmith rate printed", "请给出 tunesmith rate 打印的文件夹"),
    )
