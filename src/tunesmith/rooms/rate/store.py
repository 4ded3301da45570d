"""What people said, kept so that nothing is lost: SQLite in WAL mode, each vote on the disk before its page says so.

Votes are rows that are only ever added; a trigger refuses anything else. A later row for the same showing of an item
takes the place of the earlier one, ``undo`` leaves it open again, ``skip`` answers it without a vote.
"""

import json
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from tunesmith.rooms.rate import schema
from tunesmith.rooms.rate.items import Item, Terms
from tunesmith.rooms.rate.order import Place, dealt
from tunesmith.rooms.rate.schema import as_json
from tunesmith.rooms.rate.votes import Given, Progress, Shown, Vote, as_meant

NAME = "ratings.sqlite"
_LAST = "SELECT MAX(number) FROM votes WHERE rater = places.rater AND place = places.place"
_SHOWN = f"""
SELECT places.place, places.item, places.is_flipped, places.is_repeat, votes.mark, votes.value, votes.seconds, votes.at
FROM places LEFT JOIN votes ON votes.number = ({_LAST})
"""  # noqa: S608 - constants only
_OPEN = f"COALESCE((SELECT mark FROM votes WHERE number = ({_LAST})), 'undo') = 'undo'"  # noqa: S608

# Of a group, SQLite takes the columns of the row with the largest number.
_DONE = """
SELECT COUNT(*) FROM (SELECT MAX(number), mark FROM votes WHERE rater = ? GROUP BY place) WHERE mark != 'undo'
"""

_CHECKS = f"""
{_SHOWN} WHERE places.rater = ? AND (
  places.item IN (SELECT item FROM places WHERE rater = ? AND is_repeat)
  OR places.item IN (SELECT value FROM json_each(?))
) ORDER BY places.place
"""  # noqa: S608


class Store:
    """The ratings in one file. Any thread may use it; another process may read it meanwhile.

    Attributes:
        terms: what is asked.
        id: another one for every rating, so that no page takes one for another.
    """

    def __init__(self, path: Path) -> None:
        """Open what ``begun`` made.

        Raises:
            RunError: no such file, or none of ours, or one of a later version.
        """
        self.path = path
        self._guard = threading.RLock()
        self._base = schema.opened(path)
        try:
            self.terms = Terms.from_dict(json.loads(self._about("terms")))
            self.id = self._about("id")
        except (IndexError, TypeError, ValueError) as error:
            self._base.close()
            raise schema.strange(path, str(error)) from error

    @classmethod
    def begun(cls, path: Path, items: Sequence[Item], terms: Terms) -> "Store":
        """A new file with its items, whole or not at all.

        Raises:
            RunError: the disk is full or may not be written to.
        """
        schema.make(path, items, terms)
        return cls(path)

    def close(self) -> None:
        """Let go of the file; what is in it is safe already."""
        with self._guard:
            self._base.close()

    def join(self, rater: str) -> int:
        """The rater's number; who is new is dealt an order of the items."""
        with self._writes() as base:
            known = base.execute("SELECT number FROM raters WHERE name = ?", (rater,)).fetchone()
            if known:
                return int(known[0])
            number = int(base.execute("SELECT COUNT(*) FROM raters").fetchone()[0]) + 1
            base.execute("INSERT INTO raters VALUES (?, ?, ?)", (number, rater, _now()))
            places = dealt(self._items, rater=rater, seed=self.terms.seed)
            base.executemany(
                "INSERT INTO places VALUES (?, ?, ?, ?, ?)",
                ((number, at, one.item, one.is_flipped, one.is_repeat) for at, one in enumerate(places)),
            )
            return number

    def raters(self) -> dict[int, str]:
        """All raters, by number."""
        return {int(number): str(name) for number, name in self._read("SELECT number, name FROM raters ORDER BY 1")}

    def items(self) -> tuple[Item, ...]:
        """All items, by number; they never change."""
        return self._items

    @cached_property
    def _items(self) -> tuple[Item, ...]:
        rows = self._read("SELECT body FROM items ORDER BY number")
        return tuple(Item.from_dict(json.loads(body)) for (body,) in rows)

    def add(self, rater: int, given: Sequence[Given]) -> int:
        """Write votes down; when this returns they are on the disk. One that is known by its id is written once.

        Returns:
            how many were new.
        """
        with self._writes() as base:
            before = base.total_changes
            base.executemany(
                "INSERT INTO votes (id, rater, place, mark, value, seconds, at) VALUES (?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (id) DO NOTHING",
                (
                    (f"{rater}/{one.id}", rater, one.place, one.mark, as_json(one.value), one.seconds, _now())
                    for one in given
                ),
            )
            return base.total_changes - before

    def shown(self, rater: int, first: int, count: int) -> list[Shown]:
        """The rater's places ``first`` to ``first + count``, as far as there are any."""
        rows = self._read(
            f"{_SHOWN} WHERE places.rater = ? AND places.place >= ? ORDER BY places.place LIMIT ?",
            (rater, first, count),
        )
        return [
            Shown(
                place=place,
                item=self._items[number],
                is_flipped=bool(flipped),
                is_repeat=bool(repeat),
                mark=None if mark in (None, "undo") else mark,
                value=json.loads(value) if value and mark == "vote" else {},
            )
            for place, number, flipped, repeat, mark, value, _, _ in rows
        ]

    def next_open(self, rater: int, first: int = 0) -> int | None:
        """The first place from ``first`` on that waits for an answer, else the first of all; None: nothing waits."""
        asked = f"SELECT place FROM places WHERE rater = ? AND place >= ? AND {_OPEN} ORDER BY place LIMIT 1"  # noqa: S608
        found = self._read(asked, (rater, first)) or self._read(asked, (rater, 0))
        return int(found[0][0]) if found else None

    def done(self, rater: int) -> tuple[int, int]:
        """How many places a rater has answered, and how many there are."""
        places = self._read("SELECT COUNT(*) FROM places WHERE rater = ?", (rater,))
        return int(self._read(_DONE, (rater,))[0][0]), int(places[0][0])

    def progress(self, rater: int) -> Progress:
        """How far a rater is; ``seconds`` is the median for one answer."""
        rows = self._read(f"{_SHOWN} WHERE places.rater = ?", (rater,))
        answered = [row for row in rows if row[4] in ("vote", "skip")]
        times = sorted(float(row[6]) for row in answered)
        return Progress(
            rater=self.raters()[rater],
            places=len(rows),
            done=len(answered),
            skipped=sum(row[4] == "skip" for row in answered),
            last=max((row[7] for row in answered), default=""),
            seconds=times[len(times) // 2] if times else 0.0,
        )

    def votes(self) -> Iterator[Vote]:
        """The last word of every rater on every showing, one vote for each criterion, rater by rater."""
        for number, name in self.raters().items():
            yield from self._votes(
                name, self._read(f"{_SHOWN} WHERE places.rater = ? ORDER BY places.place", (number,))
            )

    def checks(self, rater: int) -> Iterator[Vote]:
        """Of one rater, the votes on items whose answer is known, and on those that were shown twice."""
        known = as_json([at for at, item in enumerate(self._items) if item.is_gold])
        return self._votes(self.raters()[rater], self._read(_CHECKS, (rater, rater, known)))

    def _votes(self, rater: str, rows: Iterable[tuple[Any, ...]]) -> Iterator[Vote]:
        for _, at, flipped, repeat, mark, value, seconds, when in rows:
            if mark != "vote":
                continue
            chosen, place = json.loads(value), Place(item=at, is_flipped=bool(flipped), is_repeat=bool(repeat))
            for criterion in self.terms.asked:
                if criterion in chosen:
                    yield as_meant(
                        self._items[at], place, chosen, criterion=criterion, rater=rater, seconds=seconds, at=when
                    )  # fmt: skip

    def newest(self) -> int:
        """The number of the last row that was added; another one whenever anything was said."""
        return int(self._read("SELECT COALESCE(MAX(number), 0) FROM votes")[0][0])

    def has_votes(self) -> bool:
        """Whether there is any judgement that counts."""
        return next(self.votes(), None) is not None

    def _about(self, name: str) -> str:
        return str(self._read("SELECT value FROM about WHERE name = ?", (name,))[0][0])

    def _read(self, asked: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        with self._guard:
            return self._base.execute(asked, values).fetchall()

    @contextmanager
    def _writes(self) -> Iterator[sqlite3.Connection]:
        """All of it or nothing, and on the disk when it is left."""
        with self._guard:
            self._base.execute("BEGIN IMMEDIATE")
            try:
                yield self._base
            except BaseException:
                self._base.execute("ROLLBACK")
                raise
            self._base.execute("COMMIT")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
