"""What each of several processes is doing, in a file each, and who is to blame when all stand still."""

import json
import os
import threading
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import BaseModel

from tunesmith.words import say

BEAT_SECONDS = 1.0
"""Each process rewrites its file this often, whatever its main thread is doing."""

DEAD_BEATS = 30
"""So many beats missed: the process itself is gone, not only busy in one long call or short of memory."""


class Heartbeat(BaseModel):
    """One process's last sign of life: ``since`` is when its phase began, ``time`` when this was written."""

    rank: int
    pid: int
    step: int
    phase: str
    since: float
    time: float


class Pulse:
    """Writes one process's heartbeat from a thread of its own, so that a stuck phase shows and a dead process too."""

    def __init__(self, folder: Path, rank: int) -> None:
        self._folder, self._rank = folder, rank
        self._at = (0, "start", time.time())
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def at(self, phase: str, step: int) -> None:
        """Say what the process does from now on."""
        self._at = (step, phase, time.time())

    def stop(self) -> None:
        """Write a last time, and no more."""
        self._is_over.set()
        self._thread.join()

    def _run(self) -> None:
        while True:
            is_last = self._is_over.is_set()
            step, phase, since = self._at
            beat = Heartbeat(
                rank=self._rank, pid=os.getpid(), step=step, phase=phase, since=since, time=round(time.time(), 2)
            )
            partial = self._folder / f".heartbeat-{self._rank}.partial"
            partial.write_text(beat.model_dump_json(), encoding="utf-8")
            partial.replace(path_of(self._folder, self._rank))
            if is_last:
                return
            self._is_over.wait(BEAT_SECONDS)


def path_of(folder: Path, rank: int) -> Path:
    """The heartbeat of ``rank`` in a run's folder."""
    return folder / f"heartbeat-{rank}.json"


def read(folder: Path, ranks: Iterable[int]) -> list[Heartbeat]:
    """The heartbeats of ``ranks`` that are there and whole."""
    found = []
    for rank in ranks:
        try:
            found.append(Heartbeat.model_validate(json.loads(path_of(folder, rank).read_text(encoding="utf-8"))))
        except (OSError, ValueError):
            continue  # one that never began, or whose disk is gone: ``blamed`` names the rank
    return found


def is_dead(beat: Heartbeat, *, now: float) -> bool:
    """Whether so many beats are missing that the process must be gone."""
    return now - beat.time > DEAD_BEATS * BEAT_SECONDS


def blamed(folder: Path, ranks: Sequence[int], *, now: float) -> str:
    """Which of ``ranks`` holds the others up, in words: one without a sign, else the one furthest behind."""
    beats = read(folder, ranks)
    missing = sorted(set(ranks) - {beat.rank for beat in beats})
    if missing:
        return say(f"rank {missing[0]} never showed a sign of life", f"进程 {missing[0]} 从未出现")
    dead = [beat for beat in beats if is_dead(beat, now=now)]
    # Whoever waits for the others entered the phase in which all meet last.
    last = min(dead or beats, key=lambda beat: (beat.step, beat.since))
    seconds = now - (last.time if dead else last.since)
    where = say(f"step {last.step}, phase {last.phase}", f"第 {last.step} 步，阶段 {last.phase}")
    if dead:
        return say(
            f"rank {last.rank} is gone; its last sign, {seconds:.0f} s ago, was in {where}",
            f"进程 {last.rank} 已消失；{seconds:.0f} 秒前的最后消息位于{where}",
        )
    return say(
        f"rank {last.rank} has been in {where} for {seconds:.0f} s", f"进程 {last.rank} 停在{where}已 {seconds:.0f} 秒"
    )
