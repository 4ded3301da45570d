"""Entities whose borders are off, tokens that are no tokens, and sentences that nobody tagged."""

from collections.abc import Iterator

import numpy as np
import pyarrow.compute as pc
from numpy.typing import NDArray

from tunesmith.metrics.tags import entities
from tunesmith.rooms.check.rows import UNLABELLED, Batch, batches, numbers
from tunesmith.rooms.check.spotting import row_check
from tunesmith.rooms.check.survey import Draft, Survey
from tunesmith.words import counted, say

# The same words must be tagged with the same borders at least so often before one that differs looks like a slip.
LEAST_ALIKE = 8

# Annotators themselves agree on borders in nine cases of ten or more; beyond that a difference may be meant.
SLIP_SHARE = 0.1

# Where more sentences than this have no entity, that is how the data is.
BARE_SHARE = 0.02

# Signs that no name begins with, or ends with. A point or a bracket at the end may belong to it (Inc., U.S.).
NEVER_FIRST = frozenset(",.;:!?)]}，。；：！？、）】》”’%")
NEVER_LAST = frozenset(",;:([{，；：、（【《“‘。")

_NONE = 0


def _spot_spaces(batch: Batch) -> NDArray[np.int64]:
    tokens = batch.fields["tokens"]
    # White space within a token, or nothing but that.
    odd = numbers(pc.match_substring_regex(pc.list_flatten(tokens), r"[^\s\pZ][\s\pZ]+[^\s\pZ]|^[\s\pZ]*$"))
    rows = numbers(pc.list_parent_indices(tokens))
    return np.bincount(rows[odd > 0], minlength=len(tokens)).astype(np.int64)


def _spot_loose(batch: Batch) -> NDArray[np.int64]:
    return np.fromiter(map(_loose, *_columns(batch)), np.int64, len(batch.fields["tags"]))


def _loose(tokens: list[str], tags: list[str] | None) -> int:
    if not tags or all(tag == "O" for tag in tags):
        return 0
    return sum(
        tokens[entity.start] in NEVER_FIRST or tokens[entity.end] in NEVER_LAST
        for entity in entities(tuple(tags))
        # A sign alone that was tagged is a matter of taste: a team may be called "!".
        if entity.start < entity.end
    )


def _spot_bare(batch: Batch) -> NDArray[np.int64]:
    tags = batch.fields["tags"]
    tagged = numbers(pc.list_parent_indices(tags))[numbers(pc.not_equal(pc.list_flatten(tags), "O")) > 0]
    has_some = np.zeros(len(tags), bool)
    has_some[tagged] = True
    return numbers(tags.is_valid()) * ~has_some


def _columns(batch: Batch) -> tuple[list[list[str]], list[list[str] | None]]:
    return batch.fields["tokens"].to_pylist(), batch.fields["tags"].to_pylist()


def cut_spans(survey: Survey) -> Draft | None:
    """Entities that are one token shorter or longer than the same words nearly always are."""
    if "tags" not in survey.fields:
        return None
    rows = _slips(survey)
    if not rows.size:
        return None
    n = counted(rows.size, "entity ends", "entities end", "个实体")
    return Draft(
        severity=survey.graded(np.unique(rows).size),
        count=rows.size,
        title=say(f"{n} one token off", f"{n}的边界差一个词元"),
        message=say(
            f"{n} or begin one token from where the same words are tagged in nearly all other places, "
            f"such as 'New York' in 'New York City'.",
            f"{n}的开头或结尾与其他地方同样文字的标注差一个词元，例如“上海市”只标了“上海”。",
        ),
        do=say("look at them and put the borders where the others are", "请查看，并把边界改得与其他地方一致"),
        found=np.unique(rows),
    )


def _slips(survey: Survey) -> NDArray[np.intp]:
    """The row of each entity whose borders differ, as the survey's entries number rows; a row may stand there twice.

    Each entity has three readings: itself, and itself with the token before or behind, if that is outside of all
    entities. Where one reading's words stand as a whole entity elsewhere, the two are rivals: the rare one is a slip.
    """
    found = list(_readings(survey))
    if not found:
        return np.empty(0, np.intp)
    row, whole, before, behind = np.array(found, np.int64).T
    wider = np.concatenate([before, behind])
    # The words of ``key`` are an entity in ``full`` places, and hold one that is a token shorter in ``short`` ones.
    keys, counts = np.unique(np.concatenate([whole, wider]), return_inverse=True)
    full = np.bincount(counts[: whole.size], minlength=keys.size)
    short = np.bincount(counts[whole.size :], minlength=keys.size)
    short[keys == _NONE] = 0
    total = full + short
    is_short_slip = (full >= LEAST_ALIKE) & (short > 0) & (short <= SLIP_SHARE * total) & (keys != _NONE)
    is_long_slip = (short >= LEAST_ALIKE) & (full > 0) & (full <= SLIP_SHARE * total) & (keys != _NONE)
    is_slip = is_long_slip[counts[: whole.size]]
    is_slip |= is_short_slip[counts[whole.size : 2 * whole.size]] | is_short_slip[counts[2 * whole.size :]]
    slips: NDArray[np.intp] = row[is_slip].astype(np.intp)
    return slips


def _readings(survey: Survey) -> Iterator[tuple[int, int, int, int]]:
    """Of each entity the row, and hashes of type and words: of itself, and with the token before and behind."""
    first = 0
    for split in survey.reading.splits:
        if split == UNLABELLED:
            continue
        for batch in batches(survey.reading, split):
            for row, (tokens, tags) in enumerate(zip(*_columns(batch), strict=True), first):
                yield from ((row, *reading) for reading in _readings_in(tokens, tags or []))
            first += len(batch.fields["tags"])


def _readings_in(tokens: list[str], tags: list[str]) -> Iterator[tuple[int, int, int]]:
    if all(tag == "O" for tag in tags):
        return
    for entity in entities(tuple(tags)):
        start, stop = entity.start, entity.end + 1
        has_before = start > 0 and tags[start - 1] == "O"
        has_behind = stop < len(tags) and tags[stop] == "O"
        yield (
            hash((entity.type, *tokens[start:stop])),
            hash((entity.type, *tokens[start - 1 : stop])) if has_before else _NONE,
            hash((entity.type, *tokens[start : stop + 1])) if has_behind else _NONE,
        )


SPACED_TOKENS = row_check(
    "tokens",
    _spot_spaces,
    unit=("token", "tokens", "个词元"),
    title=("{n} with white space in {rows}", "{rows}中有 {n}含空白"),
    message=(
        "{n} with white space inside, or nothing else, in {rows}: a column may have slipped.",
        "{rows}中有 {n}含有空白或只有空白：可能列错位。",
    ),
    do=("look at these lines; each token should stand on its own", "请查看这些行；每个词元应单独成行"),
)
LOOSE_SPANS = row_check(
    "tags",
    _spot_loose,
    unit=("entity begins or ends", "entities begin or end", "个实体"),
    title=("{n} with punctuation", "{n}的首尾是标点"),
    message=(
        "{n} with a sign that belongs to the sentence, such as a comma, in {rows}: the border is one token off.",
        "{rows}中有 {n}的首尾是属于句子的标点（如逗号）：边界差了一个词元。",
    ),
    do=("leave the signs out of the entities", "请把标点移出实体"),
)
BARE_SENTENCES = row_check(
    "tags",
    _spot_bare,
    unit=("sentence has", "sentences have", "个句子"),
    title=("{n} no entity", "{n}没有实体"),
    message=(
        "{n} no entity, where nearly all others have some: perhaps nobody tagged them.",
        "{n}没有实体，而其他句子几乎都有：可能漏标了。",
    ),
    do=("look at them; tag what was missed", "请查看；补上漏标的实体"),
    severity="note",
    habit=BARE_SHARE,
)
