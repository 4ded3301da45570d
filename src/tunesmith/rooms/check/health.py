"""Is the data good enough: run every check over one pass of the rows, and say it in one line."""

from tunesmith.artifacts import Finding, Health, Reading
from tunesmith.rooms.check.catalogue import CHECKS, ROW_CHECKS
from tunesmith.rooms.check.rows import Rows
from tunesmith.rooms.check.size import amount_in_words, band
from tunesmith.rooms.check.survey import Draft, Survey, survey
from tunesmith.words import counted, listed, say

_SEVERITIES = ("error", "warning", "note")

# The verdict names so many findings and counts the rest: it is to be one line.
NAMED_IN_VERDICT = 3


def check(reading: Reading) -> Health:
    """Judge the rows of a Reading: what is wrong, where, how bad it is, and what to do.

    Reads each row once, in bounded memory but for 26 bytes a row; changes nothing.
    """
    seen = survey(reading, {code: ROW_CHECKS.get(code) for code in ROW_CHECKS})
    # The sort is stable: within a severity the order of the catalogue stays.
    findings = tuple(sorted(_findings(seen), key=lambda finding: _SEVERITIES.index(finding.severity)))
    return Health(
        findings=findings,
        facts=seen.facts,
        splits=seen.splits,
        band=band(seen),
        verdict=verdict(findings, seen),
        is_trainable=all(finding.severity != "error" for finding in findings),
    )


def verdict(findings: tuple[Finding, ...], seen: Survey) -> str:
    """One line: good enough to train, usable but, or not trainable."""
    titles = {severity: [f.title for f in findings if f.severity == severity] for severity in _SEVERITIES}
    if titles["error"]:
        return say("not trainable: ", "无法训练：") + listed(titles["error"], NAMED_IN_VERDICT)
    if titles["warning"]:
        return say("usable, but ", "可以使用，但是 ") + listed(titles["warning"], NAMED_IN_VERDICT)
    # A lesser band would have been a finding above.
    enough = {"workable": say("enough", "够用"), "ample": say("ample", "充足")}[band(seen)]
    notes = counted(len(titles["note"]), "note", "notes", "条提示")
    have = amount_in_words(seen)
    return say(f"good enough to train: {have}, {enough}; {notes}", f"可以训练：{have}，{enough}；{notes}")


def _findings(seen: Survey) -> list[Finding]:
    drafts = {code: CHECKS.get(code)(seen) for code in CHECKS}
    drafts |= {code: ROW_CHECKS.get(code).tell(seen, hits) for code, hits in seen.hits.items() if hits.count}
    rows = Rows(seen.reading)
    return [_finding(code, draft, rows) for code, draft in drafts.items() if draft is not None]


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
