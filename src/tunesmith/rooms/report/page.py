"""The report: one page for people and the same facts for machines."""

import shlex
from pathlib import Path
from typing import Any

from tunesmith.rooms.report import baselines, confidence, given_from, health, robustness, slices
from tunesmith.rooms.report.confusions import top_confusions, weakest_first, wrong_answers
from tunesmith.rooms.report.costs import costs
from tunesmith.rooms.report.curves import curves
from tunesmith.rooms.report.environment import environment, write_whole
from tunesmith.rooms.report.facts import Facts
from tunesmith.rooms.report.limits import grave, limits
from tunesmith.rooms.report.loading import loading
from tunesmith.rooms.report.next_steps import next_steps
from tunesmith.rooms.report.texts import flattened, preview
from tunesmith.rooms.report.verdict import grade_name, verdict
from tunesmith.rooms.report.writers import before_training
from tunesmith.words import language, say

PAGE, DATA = "report.html", "report.json"

MOST_BEWARE = 4
"""Limits that stand beside the verdict; all of them have a section."""

# Choices that change what comes out; the others are of speed and memory, and lie folded.
MAIN_CHOICES = frozenset(
    {"model", "split", "method", "max_length", "epochs", "learning_rate", "batch_size", "monitor", "patience"}
)


def report(folder: Path, facts: Facts) -> Path:
    """Write ``report.html`` and ``report.json`` into ``folder`` and return the page's path.

    The page needs no network, no script and no other file. ``Facts.load`` reads the
    JSON back. Each file is written whole or not at all.

    Raises:
        OSError: the folder cannot be written to.
    """
    facts.write(folder / DATA)
    return write_whole(folder / PAGE, render(facts))


def report_page(page: Path, facts: Facts) -> Path:
    """The page alone, wherever it is wanted; arguments and errors as those of ``report``."""
    return write_whole(page, render(facts))


def render(facts: Facts) -> str:
    """The whole page as text, in the user's language."""
    template = environment().get_template("report.html.j2")
    shared = {"facts": facts, "language": language(), "sections": sections(facts), "evaluation": facts.evaluation}
    return template.render(**shared, **_said(facts), **_judged(facts), **_made(facts))


def _said(facts: Facts) -> dict[str, Any]:
    """The verdict, and what a manager needs beside it."""
    words, all_limits = verdict(facts), limits(facts)
    return {
        "verdict": words,
        "verdict_name": grade_name(words.grade),
        "beware": grave(facts)[:MOST_BEWARE] or all_limits[:1],
        "next_steps": next_steps(facts),
        "limits": all_limits,
        "before": before_training(facts.evaluation),
    }


def _judged(facts: Facts) -> dict[str, Any]:
    """Scores and errors, and the modules that tell of the rest."""
    found = facts.evaluation
    return {
        "rivals": baselines,
        "confidence": confidence,
        "thresholds": given_from,
        "slices": slices,
        "robustness": robustness,
        "classes": weakest_first(found),
        "wrong": wrong_answers(found),
        "plain_mistakes": [one for one in found.mistakes if one not in found.suspects],
        "top_confusions": top_confusions(found),
    }


def _made(facts: Facts) -> dict[str, Any]:
    """Data, plan and cost, and how to make it again."""
    run, choices = facts.trained.run, facts.plan.choices
    return {
        "curves": curves(facts),
        "preview": preview(facts.reading),
        "pictures": health.pictures(facts.health),
        "choices": [one for one in choices if one.name in MAIN_CHOICES],
        "other_choices": [one for one in choices if one.name not in MAIN_CHOICES],
        "costs": costs(facts),
        "settings": flattened(facts.plan.settings.model_dump()),
        "command": shlex.join(["tunesmith", "train", str(Path(run) / "plan.yaml")]),
        "verify": shlex.join(["tunesmith", "verify", run]),
        "loading": loading(facts.plan.task, facts.trained.model),
    }


def sections(facts: Facts) -> tuple[tuple[str, str], ...]:
    """Id and heading of every section that has something to say, in the order in which they are read."""
    found = facts.evaluation
    errors = say("What it writes", "它写了什么") if facts.is_writing else say("Errors and doubts", "错误与疑点")
    known: tuple[tuple[str, str, bool], ...] = (
        ("limits", say("What it cannot do", "它做不到什么"), True),
        ("scores", say("Scores", "分数"), True),
        (
            "confidence",
            say("How sure it may be", "置信度是否可信"),
            bool(found.calibration or found.thresholds or found.costs),
        ),
        ("slices", say("Where it is worse", "在哪里更差"), bool(found.slices)),
        ("robustness", say("Texts written otherwise", "换一种写法"), bool(found.robustness)),
        ("errors", errors, True),
        ("learning", say("Learning curves", "学习曲线"), True),
        ("data", say("The data", "数据"), True),
        ("plan", say("The plan and its cost", "方案与成本"), True),
        ("reproduce", say("Reproduce", "复现"), True),
    )
    return tuple((name, heading) for name, heading, is_filled in known if is_filled)
