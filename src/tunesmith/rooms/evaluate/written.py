"""Answers of a model to held-out rows, as many as there is time for."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tunesmith.metrics.sheet import Resampling, ScoreSheet
from tunesmith.metrics.writing import writing_scores
from tunesmith.models.writing import Answer, fitted, write
from tunesmith.rooms.evaluate.rows import RawRows
from tunesmith.rooms.evaluate.subject import Subject
from tunesmith.seeds import generator
from tunesmith.tasks.asked import question
from tunesmith.tasks.encoded import Encoded
from tunesmith.tasks.padding import framed
from tunesmith.tasks.talks import without
from tunesmith.tasks.task import Array

FIRST_SLICE = 8
"""Rows whose writing tells how long more will take; each next slice is twice as large."""

START_TOKENS, GO_ON_TOKENS = 32, 64
"""Of running text: tokens of a row's start that are shown to the model, and tokens that it goes on with."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Rows with what the model is given, in words too, and what should come: (k,) each."""

    rows: list[int]
    prompts: list[Array]
    questions: list[str]
    references: list[str]

    def first(self, count: int) -> "Asked":
        """The first ``count`` of them."""
        return Asked(
            rows=self.rows[:count],
            prompts=self.prompts[:count],
            questions=self.questions[:count],
            references=self.references[:count],
        )


def asked(judged: Subject, table: Encoded, raw: RawRows, *, most: int, seed: int) -> Asked:
    """At most ``most`` rows that hold a reference, drawn by ``seed``, in the order in which they are written to."""
    reference_of, found = judged.task.reference, Asked(rows=[], prompts=[], questions=[], references=[])
    assert reference_of is not None, "a task that says what it asks says what should come"
    for row in generator(seed, "written rows", len(table)).permutation(len(table)).tolist():
        if len(found.rows) == most:
            break
        columns = raw.columns(row)
        reference = reference_of(columns)
        if reference.strip():
            found.rows.append(row)
            found.prompts.append(prompt_of(judged, table, row))
            found.questions.append(question(judged.task, columns))
            found.references.append(reference)
    return found


def prompt_of(judged: Subject, table: Encoded, row: int) -> Array:
    """What the model is given for a row. Where it is too long, users' words give way, never the form around them.

    Raises:
        LookupError: a task that asks nothing.
    """
    task, manner = judged.task, judged.writing.manner
    if task.prompt is None:
        raise LookupError(f"{task.name} asks nothing")
    prompt = task.prompt(table, row)
    over = len(prompt) - len(fitted(prompt, manner))
    if over <= 0 or "cuts" not in table.lists:
        return prompt
    spans = table.lists["cuts"][row].reshape(-1, 2)
    return prompt[without(spans[spans[:, 1] <= len(prompt)], over, len(prompt))]


def starts(judged: Subject, table: Encoded, *, most: int, seed: int) -> Asked:
    """Starts of running texts, and what really follows."""
    found = Asked(rows=[], prompts=[], questions=[], references=[])
    for row in generator(seed, "starts", len(table)).permutation(len(table)).tolist():
        ids = table.lists["ids"][row]
        cut = min(START_TOKENS, len(ids) // 2)
        if cut and len(found.rows) < most:
            found.rows.append(row)
            found.prompts.append(framed(ids[:cut], None, judged.template.model_copy(update={"suffix": ()})))
            found.questions.append(judged.writing.decode(ids[:cut]).strip())
            found.references.append(judged.writing.decode(ids[cut : cut + GO_ON_TOKENS]))
    return found


def answers(judged: Subject, given: Asked, *, tokens: int, seconds: float | None) -> list[Answer]:
    """Answers to the first of the prompts, to all where time allows: at least one slice, however long it takes."""
    began, size = time.perf_counter(), FIRST_SLICE
    found: list[Answer] = []
    while len(found) < len(given.prompts) and size > 0:
        part = given.prompts[len(found) : len(found) + size]
        found += write(judged.model, part, judged.writing.manner, tokens=tokens, first=len(found))
        size = 2 * size
        if seconds is not None:
            each = (time.perf_counter() - began) / len(found)
            size = min(size, int((seconds - each * len(found)) / each))
    return found


def of_running_text(judged: Subject) -> Subject:
    """The same, going on for a short while."""
    limit = min(GO_ON_TOKENS, judged.writing.manner.max_new_tokens)
    return replace(judged, pen=replace(judged.writing, manner=replace(judged.writing.manner, max_new_tokens=limit)))


def scores(judged: Subject, given: Asked, came: Sequence[Answer], resampling: Resampling) -> ScoreSheet:
    """Measures of what came; without a rate of stopping where no token ends an answer."""
    stopped = [one.has_stopped for one in came]
    sheet = writing_scores(list(texts(judged, came)), given.references[: len(came)], stopped, resampling=resampling)
    if judged.writing.manner.ends:
        return sheet
    return replace(sheet, metrics={name: one for name, one in sheet.metrics.items() if name != "stop_rate"})


def texts(judged: Subject, came: Sequence[Answer]) -> Iterator[str]:
    """What was written, in words."""
    return (judged.writing.decode(one.ids).strip() for one in came)


def cut_prompts(judged: Subject, table: Encoded, given: Asked) -> int:
    """Prompts that lost a part for want of room in the window."""
    asked_for = judged.task.prompt
    assert asked_for is not None, "what was asked was asked for"
    whole, manner = (len(asked_for(table, row)) for row in given.rows), judged.writing.manner
    return sum(len(fitted(prompt, manner)) < all_of for all_of, prompt in zip(whole, given.prompts, strict=True))
