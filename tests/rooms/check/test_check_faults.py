"""Faults planted in made rows are found again: the benchmark's planters and the checks, on a small scale."""

import random
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from tunesmith.rooms.check.catalogue import CHECKS, ROW_CHECKS

BENCHMARKS = str(Path(__file__).parents[3] / "benchmarks")

NAMES = ("Anna", "Bert", "Carla", "Doris", "Emil", "Frida", "Gustav", "Hilde", "Igor", "Jana", "Karl", "Lotte", "Nora")
PLACES = ("Rome", "Oslo", "Lima", "Kiev", "Cairo", "Delhi", "Tokyo", "Paris", "Sofia", "Minsk")
VERBS = ("visited", "praised", "painted", "described", "avoided", "missed", "filmed", "mapped", "explored", "loved")
REASONS = ("because of its river", "after the long war", "with two old friends", "on a rainy Monday", "before sunrise")


def made(task: str, n: int = 260) -> dict[str, list[dict[str, Any]]]:
    """Rows that share words but are all different, and clean."""
    rng = random.Random(5)
    rows: list[dict[str, Any]] = []
    sentences: dict[str, None] = {}
    while len(sentences) < n:
        first, second = rng.choice(NAMES), rng.choice(NAMES)
        words = [first, rng.choice(VERBS), rng.choice(PLACES), rng.choice(REASONS), "and", second, rng.choice(VERBS)]
        sentences[" ".join([*words, rng.choice(PLACES), rng.choice(REASONS)])] = None
    for i, text in enumerate(sentences):
        if task == "label":
            rows.append({"text": f"{text}, it's said.", "label": "sad" if i % 2 else "glad"})
        elif task == "answer":
            rows.append(
                {"question": f"Who was it, case {i}?", "answer": f"It's known. {text}. Or {text[::-1].lower()}."}
            )
        else:
            tokens = text.split()
            tags = ["B-LOC" if token in PLACES else "O" for token in tokens]
            rows.append({"tokens": tokens, "tags": tags})
    return {"train": rows[: n - 60], "test": rows[n - 60 :]}


@pytest.fixture(scope="module")
def bench() -> Any:
    sys.path.insert(0, BENCHMARKS)
    try:
        return import_module("check"), import_module("faults")
    finally:
        sys.path.remove(BENCHMARKS)


CASES = [
    ("duplicates 5%", "label"),
    ("near duplicates 5%", "label"),
    ("leakage 3%", "tags"),
    ("near leakage 3%", "answer"),
    ("mojibake 3%", "label"),
    ("mojibake 3%", "answer"),
    ("lost characters 3%", "answer"),
    ("swapped columns 2%", "label"),
    ("label variants 3%", "label"),
    ("empty answers 2%", "answer"),
    ("copied answers 2%", "answer"),
    ("cut answers 5%", "answer"),
    ("illegal tags 3%", "tags"),
]


@pytest.mark.parametrize(("name", "task"), CASES)
def test_planted_faults_are_found_and_nothing_else(bench: Any, name: str, task: str) -> None:
    benchmark, faults = bench
    fault = next(fault for fault in faults.FAULTS if fault.name == name)
    assert any(code in (*CHECKS, *ROW_CHECKS) for code in fault.codes)
    score = benchmark.measured(made(task), fault, set(), seed=3)
    assert score.planted >= 2
    least = 1.0 if fault.is_exact else 0.75
    assert score.recall >= least, score
    assert score.precision >= 0.9, score


def test_every_fault_is_tried_here_or_too_large(bench: Any) -> None:
    _, faults = bench
    assert {fault.name for fault in faults.FAULTS} - {name for name, _ in CASES} == {"short spans"}
