"""How long ``tunesmith check`` takes, and how much memory, as rows grow: the bound is 60 s and 1.5 GB for a million.

    python benchmarks/check_speed.py [ROWS ...]

Writes label<TAB>text files, drawn with a seed: words by Zipf's law, as a language has them, labels with words of their
own, 2% copied rows, 2% with a word changed, 1% of one pattern. Each is checked by the command in a process of its own,
with a cache of its own. Wall seconds mean little on a machine that does other things; processor seconds do.
"""

import os
import sys
import tempfile
import time
from itertools import accumulate
from pathlib import Path
from random import Random

ROWS = (250_000, 500_000, 1_000_000)
CLASSES = ("complaint", "praise", "question", "return", "other")
VOCABULARY = 60_000
SYLLABLES = ("ba", "ce", "di", "fo", "gu", "ha", "ke", "li", "mo", "nu", "pra", "que", "ri", "so", "tu", "ve")


def write(path: Path, rows: int, seed: int = 0) -> None:
    """Label<TAB>text, 4 to 20 words each."""
    draw = Random(seed)
    words = ["".join(draw.choices(SYLLABLES, k=draw.randint(1, 4))) for _ in range(VOCABULARY)]
    weights = list(accumulate(1 / (rank + 3) for rank in range(VOCABULARY)))
    recent: list[tuple[str, list[str]]] = []
    with path.open("w", encoding="utf-8") as file:
        for _ in range(rows):
            label, text = _row(draw, words, weights, recent)
            # A copy may be of any of the last ten thousand rows.
            if len(recent) < 10_000:
                recent.append((label, text))
            else:
                recent[draw.randrange(10_000)] = label, text
            file.write(f"{label}\t{' '.join(text)}\n")


def _row(
    draw: Random, words: list[str], weights: list[float], recent: list[tuple[str, list[str]]]
) -> tuple[str, list[str]]:
    kind = draw.random()
    if recent and kind < 0.04:
        label, text = draw.choice(recent)
        text = list(text)
        if kind < 0.02:
            text[draw.randrange(len(text))] = draw.choice(words)
        return label, text
    label = draw.choice(CLASSES)
    if kind < 0.05:
        return label, ["what", "is", "the", "price", "of", *draw.choices(words, k=2)]
    return label, [*draw.choices(words, cum_weights=weights, k=draw.randint(4, 20)), f"{label[:2]}{draw.randrange(40)}"]


def measured(path: Path, cache: Path) -> tuple[float, float, float]:
    """Wall seconds, processor seconds and peak memory in MB of one check."""
    started = time.monotonic()
    arguments = [sys.executable, "-m", "tunesmith", "check", str(path), "--json"]
    quiet = [(os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0)]
    child = os.posix_spawn(sys.executable, arguments, os.environ | {"TUNESMITH_CACHE": str(cache)}, file_actions=quiet)
    _, status, usage = os.wait4(child, 0)
    if status:
        raise SystemExit(f"the check ended with {os.waitstatus_to_exitcode(status)}")
    return time.monotonic() - started, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def main() -> None:
    """Print a line for each number of rows."""
    print(f"{'rows':>10} {'MB of text':>10} {'seconds':>8} {'cpu s':>7} {'peak MB':>8}", flush=True)
    for rows in [int(argument) for argument in sys.argv[1:]] or ROWS:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "rows.tsv"
            write(path, rows)
            wall, cpu, peak = measured(path, Path(folder) / "cache")
            print(f"{rows:>10,} {path.stat().st_size / 1e6:>10.0f} {wall:>8.1f} {cpu:>7.1f} {peak:>8.0f}", flush=True)


if __name__ == "__main__":
    main()
