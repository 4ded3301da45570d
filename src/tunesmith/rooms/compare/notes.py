"""What a reader must know to take a comparison for what it is worth."""

from collections.abc import Sequence

from tunesmith.rooms.compare.entrants import Entrant
from tunesmith.rooms.compare.measured import OF_TEXTS, PER_CHARACTER
from tunesmith.rooms.compare.teams import Team
from tunesmith.tasks.task import Task
from tunesmith.words import counted, say

FEW_SEEDS = 5
"""With fewer, the spread over seeds is itself a rough estimate."""


def notes(
    given: Sequence[Entrant],
    entrants: Sequence[Entrant],
    contenders: Sequence[Team],
    *,
    task: Task,
    main: str,
    written: int,
) -> tuple[str, ...]:
    """On which rows, by which metric, and what seeds allow to say.

    Args:
        given: the entrants with all their rows.
        entrants: the same with those in common.
        written: rows that all of them wrote to.
    """
    found = [_rows(given, len(entrants[0].outcomes)), *_known(entrants), *_groups(entrants[0])]
    if main == OF_TEXTS:
        found.append(say("compared by what was written: a rule foretells no tokens", "按所写文本比较：规则不预测词元"))
    elif _hide_other_tokens(task, entrants):
        found.append(
            say(
                "other tokens: each model was asked for other hidden ones, so that losses hardly compare",
                "词元不同：各模型被要求预测的遮盖词元不同，损失难以相互比较",
            )
        )
    elif main != task.monitor:
        found.append(
            say(
                f"other tokens: compared by {main}, since a loss for each token depends on what the tokens are",
                f"词元不同：改用 {main} 比较，因为每词元损失取决于词元如何划分",
            )
        )
    if written:
        rows = counted(written, "row", "rows", "行")
        found.append(say(f"{rows} that all of them wrote to", f"所有参与者都写了回答的有 {rows}"))
    return (*found, *_seeds(contenders))


def _hide_other_tokens(task: Task, entrants: Sequence[Entrant]) -> bool:
    """Whether losses are of single tokens that were hidden, and of others for each model."""
    if task.output != "token-losses" or PER_CHARACTER in task.metrics:
        return False
    return len({tuple(float(one[2]) for one in entrant.outcomes.answers) for entrant in entrants}) > 1


def _rows(given: Sequence[Entrant], common: int) -> str:
    rows = counted(common, "row", "rows", "行")
    if all(len(one.outcomes) == common for one in given):
        return say(f"{rows}, answered by all of them", f"{rows}，全部参与者都已回答")
    sizes = ", ".join(f"{one.name}: {len(one.outcomes):,}" for one in given)
    return say(f"{rows} in common, of {sizes}", f"共同的 {rows}；各自行数 {sizes}")


def _groups(one: Entrant) -> list[str]:
    if one.outcomes.groups is None:
        return []
    groups = counted(len(set(one.outcomes.groups)), "group", "groups", "组")
    return [
        say(
            f"rows belong together in {groups}, which are drawn and tested as wholes",
            f"数据行分属{groups}，抽样和检验均以组为单位",
        )
    ]


def _known(entrants: Sequence[Entrant]) -> list[str]:
    """Who has learned from rows that it is now asked."""
    found = []
    for one in entrants:
        count = sum(key in one.learned for key in one.outcomes.keys)
        if count:
            rows = counted(count, "row", "rows", "行")
            found.append(
                say(
                    f"{rows} of these stand in the training data of {one.name}: its score flatters it",
                    f"其中 {rows}出现在 {one.name} 的训练数据中：其得分偏高",
                )
            )
    return found


def _seeds(contenders: Sequence[Team]) -> list[str]:
    trained = [team for team in contenders if team.members[0].plan is not None]
    several = [len(team.members) for team in trained if len(team.members) > 1]
    if not several:
        return [
            say(
                "one seed each: how much another seed would change is not in these intervals",
                "各只有一个种子：换种子带来的变化不在这些区间之内",
            )
        ]
    fewest = min(len(team.members) for team in trained)
    if fewest < FEW_SEEDS:
        seeds = counted(fewest, "seed", "seeds", "个种子")
        return [
            say(
                f"{seeds} for one of them: so few say only roughly how much seeds matter, hence wide intervals",
                f"其中一个只有 {seeds}：只能粗略估计种子的影响，区间因此更宽",
            )
        ]
    return []
