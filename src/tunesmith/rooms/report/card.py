"""The model card: README.md of ``model/``, read by people and by model hubs."""

import html
import re
from collections.abc import Iterable, Sequence
from pathlib import Path

import yaml

from tunesmith.artifacts import Evaluation
from tunesmith.rooms.report import baselines, confidence, robustness, slices
from tunesmith.rooms.report.costs import costs
from tunesmith.rooms.report.facts import Facts, split_name
from tunesmith.rooms.report.hub import front
from tunesmith.rooms.report.lead import aim
from tunesmith.rooms.report.limits import limits
from tunesmith.rooms.report.loading import loading
from tunesmith.rooms.report.measures import ends, label, value
from tunesmith.rooms.report.numbers import compact, percent
from tunesmith.rooms.report.verdict import grade_name, verdict
from tunesmith.words import counted, say

# What Markdown reads as markup anywhere, and what it does so at the start of a line only.
SPECIAL = re.compile(r"([\\`*_\[\]|~$])")
LINE_START = re.compile(r"^(\d*)([-+#=.)])(?=[\s#=-]|$)")


def card(facts: Facts) -> str:
    """The card as Markdown with YAML front matter, in the user's language.

    Paths are given by their last part only: a card travels with the model, the
    machine that made it does not.
    """
    head = yaml.safe_dump(front(facts), allow_unicode=True, sort_keys=False, width=float("inf"))
    parts = [f"---\n{head}---", f"# {inline(facts.name)}", _what(facts), _intended(facts), _limits(facts)]
    parts += [_scores(facts), _sureness(facts), _data(facts), _made(facts), _use(facts)]
    return "\n\n".join(filter(None, parts)) + "\n"


def inline(text: object) -> str:
    """Any text as plain words of one Markdown line: no markup, no HTML, no line break, no control character."""
    line = " ".join("".join(char if char.isprintable() else " " for char in str(text)).split())
    return LINE_START.sub(r"\1\\\2", SPECIAL.sub(r"\\\1", html.escape(line, quote=False)))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table, all but the first column to the right. ``head`` is ours, ``rows`` are anybody's."""
    lines = [head, ["---", *["---:"] * (len(head) - 1)]]
    body = [[inline(cell) for cell in row] for row in rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in [*lines, *body])


def _what(facts: Facts) -> str:
    words = verdict(facts)
    sentences = [words.headline, words.lead, *words.expect]
    return f"## {say('What it is', '这是什么')}\n\n" + "\n".join(inline(sentence) for sentence in sentences if sentence)


def _intended(facts: Facts) -> str:
    """What it was made for, and what speaks against it."""
    made = aim(facts)
    lines = [
        say(
            f"Made {made}, for {facts.things} like those of its data.", f"{made}，适用于与其数据相似的{facts.things}。"
        ),
        say(f"Verdict: {grade_name(verdict(facts).grade)}.", f"结论：{grade_name(verdict(facts).grade)}。"),
    ]
    return f"## {say('Intended use', '用途')}\n\n" + "\n".join(map(inline, lines))


def _sureness(facts: Facts) -> str:
    """Its confidence, parts and free rules, in the report's own sentences."""
    found = facts.evaluation
    lines = [
        *(confidence.told(found.calibration) if found.calibration else ()),
        confidence.advised(found),
        slices.told(found) if found.slices else "",
        robustness.told(found) if found.robustness else "",
        baselines.told(found),
    ]
    told = [f"- {inline(line)}" for line in lines if line]
    return f"## {say('How far to trust it', '可信程度')}\n\n" + "\n".join(told) if told else ""


def _made(facts: Facts) -> str:
    """What the training cost, and on what kind of machine."""
    rows = [(cost.name, cost.text) for cost in costs(facts)]
    return f"## {say('Training', '训练')}\n\n" + table([say("cost", "成本"), ""], rows)


def _data(facts: Facts) -> str:
    rows = [
        (say("files", "文件"), say(", ", "、").join(Path(source.path).name for source in facts.reading.sources)),
        (say("format", "格式"), f"{facts.reading.format}, {facts.reading.encoding}"),
        *(
            (split_name(name), counted(split.rows, "row", "rows", "行"))
            for name, split in facts.prepared.splits.items()
        ),
        (say("rejected", "未采用"), counted(facts.reading.rows.rejected, "row", "rows", "行")),
    ]
    facts_table = table([say("data", "数据"), ""], rows)
    parts = [f"## {say('Data', '数据')}", facts_table, inline(facts.prepared.split_because)]
    if facts.reading.labels:
        parts.append(table([say("label", "标签"), say("count", "个数")], facts.reading.labels.items()))
    return "\n\n".join(parts)


def _scores(facts: Facts) -> str:
    parts = [f"## {say('Scores', '分数')}"]
    parts += [_score_table(evaluation) for evaluation in (facts.evaluation, *facts.others)]
    parts += [inline(note) for note in facts.evaluation.notes if facts.is_writing or facts.evaluation.rough]
    per_class = facts.evaluation.per_class
    if per_class:
        head = [
            say("class", "类别"),
            say("rows", "个数"),
            label("precision"),
            label("recall"),
            "F1",
            say("95% interval", "95% 区间"),
        ]
        rows = [
            (
                name,
                score.support,
                percent(score.precision.value),
                percent(score.recall.value),
                percent(score.f1.value),
                ends("f1", score.f1),
            )
            for name, score in per_class.items()
        ]
        parts.append(table(head, rows))
    return "\n\n".join(parts)


def _score_table(evaluation: Evaluation) -> str:
    title = f"{inline(split_name(evaluation.split))} · {counted(evaluation.rows, 'row', 'rows', '行')}"
    head = [title, say("value", "数值"), say("95% interval", "95% 区间")]
    rough = evaluation.rough
    rows = [
        (label(name), value(name, one), ("≈ " if name in rough else "") + ends(name, one))
        for name, one in evaluation.metrics.items()
    ]
    if not evaluation.base:
        return table(head, rows)
    before = [value(name, evaluation.base[name]) if name in evaluation.base else "" for name in evaluation.metrics]
    rows_compared = [(*row, was) for row, was in zip(rows, before, strict=True)]
    return table([*head, say("before training", "训练前")], rows_compared)


def _limits(facts: Facts) -> str:
    return f"## {say('Limits', '局限')}\n\n" + "\n".join(f"- {inline(limit)}" for limit in limits(facts))


def _use(facts: Facts) -> str:
    model, settings = facts.plan.model, facts.plan.settings
    origin = [
        (say("base model", "基础模型"), f"{facts.model_name} ({compact(model.parameters)})"),
        (say("its weights", "其权重"), f"sha256 {model.sha256}"),
        *((Path(source.path).name, f"sha256 {source.sha256}") for source in facts.reading.sources),
        (say("seeds", "随机种子"), f"{settings.prepare.seed}, {settings.train.seed}, {settings.evaluate.seed}"),
        *facts.plan.versions.items(),
    ]
    again = say(
        "Train it again, to the same weights, from the run folder that it came from:",
        "在产生它的运行文件夹旁，可重新训练出同样的权重：",
    )
    lines = loading(facts.plan.task, "path/to/this/folder", is_beside=settings.train.method == "prefix")
    parts = [
        f"## {say('How to load and reproduce', '如何加载与复现')}",
        f"```python\n{lines}\n```",
        *_cleaning(facts),
        again,
        "```\ntunesmith train plan.yaml\n```",
        table([say("origin", "来源"), ""], origin),
    ]
    return "\n\n".join(parts)


def _cleaning(facts: Facts) -> list[str]:
    """What was done to the texts, since a program that loads the weights alone does not do it."""
    cleaning = facts.prepared.cleaning
    done = [*cleaning.steps, *["stopwords"] * bool(cleaning.stopwords), *["words"] * cleaning.segment]
    if not done:
        return []
    names = ", ".join(done)
    return [
        inline(
            say(
                f"Its texts were cleaned before they became tokens: {names} (cleaning.json). tunesmith predict does the"
                " same to raw texts; other programs are to be given texts cleaned alike.",
                f"训练文本在转为词元前经过清洗：{names}（见 cleaning.json）。tunesmith predict 会对原始文本做同样处理；"
                "用其他程序时请先做同样的清洗。",
            )
        )
    ]
