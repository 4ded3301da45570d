"""How the model came about and what it scored, in two sentences."""

from tunesmith.rooms.report.expectations import main_score, within
from tunesmith.rooms.report.facts import Facts, split_name
from tunesmith.rooms.report.measures import label, value
from tunesmith.rooms.report.names import named
from tunesmith.rooms.report.numbers import compact, duration
from tunesmith.words import counted, say


def lead(facts: Facts) -> str:
    """Model, rows, time and aim; then the main score with its interval and its rows."""
    return f"{_made(facts)}{say(' ', '')}{_scored(facts)}"


def _made(facts: Facts) -> str:
    model, time = facts.plan.model, duration(facts.trained.seconds)
    rows = counted(facts.prepared.splits["train"].rows, "row", "rows", "行")
    size = say(f"{compact(model.parameters)} parameters", f"{compact(model.parameters)}参数")
    origin = (
        say(f"{facts.model_name} ({size}) was tuned", f"在 {facts.model_name}（{size}）的基础上微调")
        if model.is_pretrained
        else say(f"A new model ({size}) was trained from scratch", f"从零训练一个新模型（{size}）")
    )
    end = aim(facts)
    return say(f"{origin} on {rows} in {time} {end}.", f"{origin}，数据 {rows}，用时 {time}，{end}。")


def aim(facts: Facts) -> str:
    """What the model is for, as the end of a sentence."""
    task = facts.plan.task
    told = named("aim", task)
    if told == task:
        told = say("to write", "用来写作") if facts.is_writing else say(f"for {task}", f"用于 {task}")
    return told.format(labels=len(facts.prepared.labels), types=len(facts.reading.labels))


def _scored(facts: Facts) -> str:
    evaluation = facts.evaluation
    name, main = evaluation.main, main_score(evaluation)
    rows = counted(evaluation.rows, "row", "rows", "行")
    interval = within(name, main, is_rough=name in evaluation.rough)
    split, score = split_name(evaluation.split), f"{value(name, main)}{interval}"
    if not facts.is_held_out:
        return say(
            f"On {rows} of the {split} split its {label(name)} is {score}; these rows took part in making the model, so"
            " the score flatters it: score it on other rows.",
            f"在{split}的 {rows}上，{label(name)}为 {score}；这些行参与了模型的产生，因此分数偏高："
            "请用其他数据再评一次。",
        )
    return say(
        f"On {rows} of the {split} split that it had never seen its {label(name)} is {score}.",
        f"在{split}的 {rows}（训练时未见过）上，{label(name)}为 {score}。",
    )
