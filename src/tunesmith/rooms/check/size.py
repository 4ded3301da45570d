"""Is there enough to train on."""

from typing import NamedTuple

from tunesmith.rooms.check.survey import Draft, Survey
from tunesmith.words import counted, say


class Bands(NamedTuple):
    """Where the named bands begin: below ``least`` none, below ``little`` little, from ``ample`` on ample."""

    least: int
    little: int
    ample: int
    unit: str = "rows"


# With fewer than 10 rows, splits of a tenth each stay empty. Up to about 1,000 rows the score of a fine-tuned
# BERT depends strongly on the seed (Zhang et al. 2021, "Revisiting Few-sample BERT Fine-tuning"); FewCLUE calls
# its splits of 32 to 240 rows few-shot. The other bounds scale that by how much a row says: a chat model follows
# instructions after 1,000 good answers (Zhou et al. 2023, LIMA), and Tiny Shakespeare, a million characters, is
# the customary least for a character model from scratch.
BANDS = {
    "text-classification": Bands(10, 300, 5_000),
    "token-classification": Bands(10, 1_000, 10_000),
    "language-modeling": Bands(2_000, 100_000, 1_000_000, unit="characters"),
    "generation": Bands(10, 1_000, 10_000),
    "chat": Bands(10, 200, 1_000),
    "image-classification": Bands(10, 500, 5_000),
    "audio-classification": Bands(10, 500, 5_000),
}
DEFAULT_BANDS = Bands(10, 500, 5_000)


def amount(survey: Survey) -> int:
    """How much there is to train on, in the unit of the task's bands."""
    training = survey.splits.get(survey.training)
    if training is None:
        return 0
    if bands(survey).unit == "characters":
        # Characters are counted over all splits; the share of the rows is near enough for a band.
        return survey.facts.characters * training.rows // max(1, survey.rows)
    return training.rows - (training.unlabelled if survey.is_labelled else 0)


def bands(survey: Survey) -> Bands:
    """The bands of the survey's task."""
    return BANDS.get(survey.reading.task, DEFAULT_BANDS)


def band(survey: Survey) -> str:
    """Which band the data is in: none, little, workable or ample."""
    have, limits = amount(survey), bands(survey)
    names = ("none", "little", "workable", "ample")
    # As many bounds as are passed, so many names further.
    return names[sum(have >= limit for limit in (limits.least, limits.little, limits.ample))]


def amount_in_words(survey: Survey) -> str:
    """Such as ``6,920 rows``."""
    if bands(survey).unit == "characters":
        return counted(amount(survey), "character", "characters", "个字符")
    return counted(amount(survey), "row", "rows", "行")


def too_few_rows(survey: Survey) -> Draft | None:
    """Less to train on than the task's bands call workable."""
    name, limits, have = band(survey), bands(survey), amount_in_words(survey)
    if name == "none":
        return Draft(
            severity="error",
            count=amount(survey),
            title=say(f"only {have} to train on", f"可训练的只有{have}"),
            message=say(
                f"There are only {have} to train on; with fewer than {limits.least:,} "
                f"nothing can be set apart to test on.",
                f"可训练的只有{have}；少于 {limits.least:,} 就没有可留作测试的数据。",
            ),
            do=say(
                "add data, or check that the right file and columns were taken",
                "请增加数据，或检查所用的文件和列是否正确",
            ),
        )
    if name == "little":
        return Draft(
            severity="warning",
            count=amount(survey),
            title=say(f"{have} are few for this task", f"{have}对该任务偏少"),
            message=say(
                f"There are {have} to train on; below {limits.little:,} the result depends much on chance "
                f"(the order, the split), and intervals are wide.",
                f"可训练的有{have}；少于 {limits.little:,} 时，结果很受偶然因素（顺序、划分）影响，置信区间也宽。",
            ),
            do=say(
                "add data if you can; otherwise take a pretrained model of your language and repeat with other seeds",
                "尽量增加数据；否则请选用本语言的预训练模型，并用几个随机种子重复",
            ),
        )
    return None
