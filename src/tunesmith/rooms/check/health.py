"""Is the data good enough: run every check over one pass of the rows, and say it in one line."""

import os
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from tunesmith.artifacts import Finding, Health, Reading
from tunesmith.rooms.check.catalogue import CHECKS, ROW_CHECKS
from tunesmith.rooms.check.deep.features import Features, FeaturesFor, Progress, silent
from tunesmith.rooms.check.deep.judge import Deep, judge
from tunesmith.rooms.check.match import Lens, LensFor, match
from tunesmith.rooms.check.match import drafts as told
from tunesmith.rooms.check.pieces import words_in_pieces
from tunesmith.rooms.check.rows import Rows
from tunesmith.rooms.check.size import amount_in_words, band
from tunesmith.rooms.check.survey import EXAMPLES, Draft, Survey, survey
from tunesmith.runs import cache_folder
from tunesmith.sizes import in_words
from tunesmith.words import counted, language, listed, say

# Part of the name under which a Health is kept: a change of what is found or said makes old ones unfindable.
VERSION = 12

_SEVERITIES = ("error", "warning", "note")

# The verdict names so many findings and counts the rest: it is to be one line.
NAMED_IN_VERDICT = 3


def check(
    reading: Reading,
    *,
    lens: Lens | LensFor | None = None,
    features: Features | FeaturesFor | None = None,
    progress: Progress = silent,
) -> Health:
    """Judge the rows of a Reading: what is wrong, where, how bad it is, and what to do.

    Reads each row once, in bounded memory but for 26 bytes a row; changes nothing. What was found
    is kept beside the rows, and a second call takes it from there.

    Args:
        lens: how a model sees the texts; without one nothing is said of how well they fit together.
        features: of the texts, for the checks that take minutes; without them those are left out.
        progress: is told how far the slow checks are.
    """
    kept = _kept(reading, lens, features)
    if kept is not None and kept.is_file():
        return Health.load(kept)
    health = _judged(reading, lens, features, progress)
    if kept is not None and os.access(kept.parent, os.W_OK):
        # Several processes may look at one reading: each writes for itself, and the last one's is found.
        own = kept.with_name(f"{kept.name}.{os.getpid()}")
        health.write(own)
        own.replace(kept)
    return health


def _kept(reading: Reading, lens: Lens | LensFor | None, features: Features | FeaturesFor | None) -> Path | None:
    """Where the Health of a Reading in the cache is kept; None for others, and where files may come and go."""
    folder = cache_folder() / "readings" / reading.key
    is_cached = all(Path(file.path).parent == folder for file in reading.splits.values())
    # Pictures and sounds are named in the rows, but lie outside of what the key covers.
    if "path" in reading.columns or not is_cached or not folder.is_dir():
        return None
    # A task of somebody else's has the rows of another one, but its own bounds; anybody may register a check.
    views = ["" if view is None else view.key for view in (lens, features)]
    parts = [str(VERSION), language(), reading.task, *views, *CHECKS, *ROW_CHECKS]
    return folder / f"health-{sha256('/'.join(parts).encode('utf-8')).hexdigest()[:16]}.json"


def _judged(
    reading: Reading, lens: Lens | LensFor | None, features: Features | FeaturesFor | None, progress: Progress
) -> Health:
    seen = survey(reading, {code: ROW_CHECKS.get(code) for code in ROW_CHECKS})
    lens = lens.make(seen.facts) if isinstance(lens, LensFor) else lens
    matched = None if lens is None else match(reading, lens)
    drafts = _drafts(seen)
    if lens is not None and matched is not None:
        drafts |= told(matched, lens, seen.rows)
        cut = words_in_pieces(reading, lens)
        drafts |= {} if cut is None else {"words-in-pieces": cut}
    deep = Deep()
    if features is not None:
        deep = judge(
            seen, features.make(seen.facts) if isinstance(features, FeaturesFor) else features, matched, progress
        )
        drafts |= deep.drafts
    rows = Rows(reading)
    found = [_finding(code, draft, rows) for code, draft in drafts.items()]
    # The sort is stable: within a severity the order of the catalogue stays.
    findings = tuple(sorted(found, key=lambda finding: _SEVERITIES.index(finding.severity)))
    return Health(
        findings=findings,
        facts=seen.facts,
        splits=seen.splits,
        band=band(seen),
        verdict=verdict(findings, seen),
        is_trainable=all(finding.severity != "error" for finding in findings),
        match=matched,
        suspects=deep.suspects,
        curve=deep.curve,
    )


def verdict(findings: tuple[Finding, ...], seen: Survey) -> str:
    """One line: good enough to train, usable but, or not trainable."""
    titles = {severity: [f.title for f in findings if f.severity == severity] for severity in _SEVERITIES}
    if titles["error"]:
        return say("not trainable: ", "无法训练：") + listed(titles["error"], NAMED_IN_VERDICT)
    if titles["warning"]:
        return say("usable, but ", "可以使用，但是 ") + listed(titles["warning"], NAMED_IN_VERDICT)
    # A lesser band would have been a finding above.
    enough = in_words(band(seen))
    notes = counted(len(titles["note"]), "note", "notes", "条提示")
    have = amount_in_words(seen)
    return say(f"good enough to train: {have}, {enough}; {notes}", f"可以训练：{have}，{enough}；{notes}")


def _drafts(seen: Survey) -> dict[str, Draft]:
    drafts = {code: _with_places(CHECKS.get(code)(seen), seen) for code in CHECKS}
    drafts |= {code: ROW_CHECKS.get(code).tell(seen, hits) for code, hits in seen.hits.items() if hits.count}
    return {code: draft for code, draft in drafts.items() if draft is not None}


def _with_places(draft: Draft | None, seen: Survey) -> Draft | None:
    if draft is None or draft.found is None:
        return draft
    return replace(draft, places=seen.entries.places(draft.found[:EXAMPLES]))


def _finding(code: str, draft: Draft, rows: Rows) -> Finding:
    return Finding(
        code=code,
        severity=draft.severity,
        count=draft.count,
        rows=tuple(rows.row(split, position) for split, position in draft.places),
        title=draft.title,
        message=draft.message,
        do=draft.do,
    )
