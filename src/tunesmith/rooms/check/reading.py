"""What reading the files already told: rows that were rejected, and a guess that was close."""

from tunesmith.rooms.check.survey import Draft, Survey
from tunesmith.words import counted, say


def rejected_rows(survey: Survey) -> Draft | None:
    """Rows that could not be read."""
    rows = survey.reading.rows
    if not rows.rejected:
        return None
    n = counted(rows.rejected, "row was rejected", "rows were rejected", "行被拒绝")
    return Draft(
        severity=survey.graded(rows.rejected),
        count=rows.rejected,
        title=n,
        message=say(
            f"{n} of {rows.total:,}; each stands with its line and reason in {survey.reading.rejects}.",
            f"共 {rows.total:,} 行，{n}；每行的行号和原因见 {survey.reading.rejects}。",
        ),
        do=say("look through the list and mend what should have counted", "请查看该列表，修正本应有效的行"),
    )


def close_call(survey: Survey) -> Draft | None:
    """Another way to understand the files is nearly as likely."""
    reading = survey.reading
    if not reading.is_close:
        return None
    taken = reading.hypotheses[0]
    columns = ", ".join(f"{role}={column}" for role, column in taken.columns.items())
    return Draft(
        severity="warning",
        count=1,
        title=say("the files can be understood in two ways", "文件可以有两种理解"),
        message=say(
            f"Taken as {taken.task} ({columns}), but it was close: {reading.would_change}",
            f"按 {taken.task}（{columns}）理解，但相差不大：{reading.would_change}",
        ),
        do=say(
            "look at the three rows shown; if they are wrong, state --task and --columns",
            "请看展示的三行；若不对，请指定 --task 和 --columns",
        ),
    )
