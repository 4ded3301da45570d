"""What a model, or the one that it began as, writes to chosen rows, when somebody wants to see it."""

from collections.abc import Sequence
from pathlib import Path

from tunesmith.artifacts import Plan
from tunesmith.rooms.evaluate.base import base
from tunesmith.rooms.evaluate.subject import Subject
from tunesmith.rooms.evaluate.written import Asked, answers, prompt_of, texts
from tunesmith.tasks.encoded import Encoded


def afresh(
    judged: Subject, encoded: Path, rows: Sequence[int], *, plan: Plan, of_base: bool = False
) -> list[str] | str:
    """An answer to each of ``rows`` of the split ``encoded``, in the manner in which the run was scored.

    Args:
        of_base: by the model before training; in one string why it cannot answer, where that is so.

    Raises:
        ModelError: the base is no longer what it was.
    """
    speaks = base(judged, plan) if of_base else judged
    if isinstance(speaks, str):
        return speaks
    table = Encoded(encoded)
    given = Asked(
        rows=list(rows), prompts=[prompt_of(judged, table, row) for row in rows], questions=[], references=[]
    )  # fmt: skip
    tokens = plan.settings.evaluate.batch_tokens
    return list(texts(speaks, answers(speaks, given, tokens=tokens, seconds=None)))
