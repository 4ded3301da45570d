"""Kill a run at random moments, resume it until it is done, and compare its weights with an undisturbed run's.

    .venv/bin/python benchmarks/chaos.py [--kills 40] [--seed 1]

Real processes of the command train a tiny model from scratch on data made here, with a
checkpoint after every step. Every second SIGKILL falls at a moment drawn from the whole
life of a process; the others wait for a sight that a save, the placing of a run or its end
leaves on the disk, and fall up to 30 ms after it, so that they strike in the middle. A run
that was killed before its plan stood is begun anew: resume must explain that it cannot go
on. Prints a line a kill, a count by what was struck, and exits with 1 if any run's weights
differ or any message was a traceback.
"""

import argparse
import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

ROWS, EPOCHS = 160, 4
SETTINGS = (
    "model.name=scratch",
    "model.scratch_size=tiny",
    f"train.epochs={EPOCHS}",
    "train.batch_size=16",
    "train.threads=1",
    "train.patience=99",
    "train.checkpoint_seconds=0",
    "evaluate.bootstrap_samples=100",
)
SAVE = "checkpoints/.*.partial"
SIGHTS = ("data", "plan.yaml.partial", SAVE, SAVE, SAVE, SAVE, ".model.partial", "model", "evaluation.json")
"""What stands in a run's folder while it is placed, saved (most of the time) and finished."""

MOST_SAVES = 12
"""A kill on sight of a save lets up to so many pass first."""

AFTER_SECONDS = 0.03
"""A kill on sight falls up to so much later: about as long as a small save takes."""


@dataclass
class Tally:
    """What came of the kills so far."""

    struck: Counter[str] = field(default_factory=Counter)
    runs: int = 0
    equal: int = 0
    faults: list[str] = field(default_factory=list)


def write_data(path: Path) -> Path:
    """Two classes of short texts that a tiny model can tell apart."""
    words = {"good": ("fine", "lovely", "great", "kind"), "bad": ("awful", "rude", "dirty", "slow")}
    lines = []
    for at in range(ROWS):
        label = "good" if at % 2 else "bad"
        lines.append(f"{label}\tnumber {at} was {words[label][at % 4]} and {words[label][at // 4 % 4]}\n")
    path.write_text("".join(lines), encoding="utf-8")
    return path


def command(arguments: list[str], here: Path) -> subprocess.Popen[bytes]:
    """Start the command in ``here``; its cache lies there too, so that making it is struck as well."""
    environment = {**os.environ, "TUNESMITH_CACHE": str(here / "cache"), "TUNESMITH_LANG": "en", "HF_HUB_OFFLINE": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "tunesmith", *arguments],
        cwd=here,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=(here / "stderr.txt").open("wb"),
    )


def weights(run: Path) -> str:
    """The sha256 of a finished run's weights."""
    return hashlib.sha256((run / "model" / "model.safetensors").read_bytes()).hexdigest()


def killed(process: subprocess.Popen[bytes], run: Path, *, sight: str, skipped: int, delay: float) -> bool:
    """Kill ``delay`` seconds after the start, or after ``sight`` came up and ``skipped`` had; did it still live?"""
    seen = set(run.glob(sight)) if sight else set()
    until = len(seen) + skipped
    while sight and process.poll() is None and len(seen) <= until:
        seen |= set(run.glob(sight))
        time.sleep(0.001)
    try:
        process.wait(delay)
    except subprocess.TimeoutExpired:
        process.send_signal(signal.SIGKILL)
        process.wait()
        return True
    return False


def struck(run: Path) -> str:
    """What a kill interrupted, by what it left behind."""
    if not (run / "plan.yaml").is_file():
        return "while the run was placed" if run.exists() else "before there was a run"
    if (run / "trained.json").is_file():
        return "after it was done"
    if (run / "evaluation.json").is_file():
        return "between scores and the end"
    if (run / "model").is_dir() or list(run.glob(".model.*")):
        return "while it finished"
    if list(run.glob("checkpoints/.*.partial")):
        return "in the middle of a save"
    return "while it trained" if (run / "checkpoints").is_dir() else "before the first checkpoint"


def storm(number: int, root: Path, data: Path, tally: Tally, options: argparse.Namespace, life: float) -> None:
    """One run, killed until it is done or the kills are used up; then left alone to its end."""
    draw = random.Random(f"{options.seed}/{number}")
    here = root / f"storm-{number}"
    here.mkdir()
    run = here / "runs" / "run"
    while not (run / "trained.json").is_file():
        is_begun = (run / "plan.yaml").is_file()
        if not is_begun and run.exists():
            explained(here, tally)
            run.rename(here / f"lost-{time.monotonic_ns()}")
        arguments = ["resume", "runs/run"] if is_begun else ["train", str(data), "--name", "run", *SETTINGS]
        process = command(arguments, here)
        kills = sum(tally.struck.values())
        if kills < options.kills:
            is_aimed = kills % 2 == 1
            sight = draw.choice(SIGHTS if not is_begun else SIGHTS[2:]) if is_aimed else ""
            skipped = draw.randrange(MOST_SAVES) if sight == SAVE else 0
            delay = draw.uniform(0, AFTER_SECONDS if is_aimed else life)
            if killed(process, run, sight=sight, skipped=skipped, delay=delay):
                what = struck(run)
                tally.struck[what] += 1
                print(f"kill {kills + 1:3}  run {number:2}  {what}", flush=True)
                continue
        code = process.wait()
        told = (here / "stderr.txt").read_text(encoding="utf-8", errors="replace")
        if code != 0:
            tally.faults.append(f"run {number}: exit code {code}\n{told}")
            break


def explained(here: Path, tally: Tally) -> None:
    """A run without a plan cannot go on; resume has to say so, and not by a traceback."""
    code = command(["resume", "runs/run"], here).wait()
    told = (here / "stderr.txt").read_text(encoding="utf-8", errors="replace")
    if code != 2 or "What to do" not in told:
        tally.faults.append(f"resume of a half-placed run: exit code {code}\n{told}")


def is_whole(run: Path) -> bool:
    """Whether a run is finished and its journal holds every step once, in order."""
    if not (run / "trained.json").is_file():
        return False
    steps = [json.loads(line)["step"] for line in (run / "steps.jsonl").read_text(encoding="utf-8").splitlines()]
    return steps == list(range(1, len(steps) + 1)) and not list(run.glob("**/*.partial"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=40)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    tally = Tally()
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        data = write_data(root / "reviews.tsv")
        calm = root / "calm"
        calm.mkdir()
        began = time.monotonic()
        process = command(["train", str(data), "--name", "run", *SETTINGS], calm)
        if process.wait() != 0:
            print((calm / "stderr.txt").read_text(encoding="utf-8"), file=sys.stderr)
            return 1
        life = time.monotonic() - began
        wanted = weights(calm / "runs" / "run")
        print(f"undisturbed: {life:.1f} s, sha256 {wanted}", flush=True)
        while sum(tally.struck.values()) < options.kills:
            tally.runs += 1
            storm(tally.runs, root, data, tally, options, life)
            run = root / f"storm-{tally.runs}" / "runs" / "run"
            is_equal = is_whole(run) and weights(run) == wanted
            tally.equal += is_equal
            print(f"run {tally.runs}: {'the same weights' if is_equal else 'DIFFERENT'}", flush=True)
    return told(tally)


def told(tally: Tally) -> int:
    """Print the count and give the exit code."""
    for what, count in tally.struck.most_common():
        print(f"{count:4}  {what}")
    for fault in tally.faults:
        print(fault)
    print(f"{sum(tally.struck.values())} kills, {tally.runs} runs, {tally.equal} of them with the undisturbed weights")
    return 0 if tally.equal == tally.runs and not tally.faults else 1


if __name__ == "__main__":
    sys.exit(main())
