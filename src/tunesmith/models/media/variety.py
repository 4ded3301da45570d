"""In which ways pictures and sounds are varied while a model learns from them."""

from collections.abc import Sequence

from tunesmith.artifacts import Sense
from tunesmith.errors import Problem, SettingsError
from tunesmith.settings import Settings
from tunesmith.tasks.variations import OF_WAVES, PICTURES, SOUNDS, USUAL
from tunesmith.words import listed, say

SIGN_CHARACTERS = 2
"""Labels that are no longer than this are mostly digits and letters, which mean something else in a mirror."""


def varied(sense: Sense, labels: Sequence[str], wished: Sequence[str] | None) -> Sense:
    """The same, with the ways that are wished for, else those that leave such labels right.

    Raises:
        SettingsError: a way that this kind of file does not have.
    """
    fitting: tuple[str, ...] = PICTURES if sense.time is None else SOUNDS
    if len(sense.shape) == 1:
        fitting = tuple(one for one in fitting if one in OF_WAVES)
    if wished is None:
        usual = [one for one in fitting if one in USUAL and (one != "flip" or not are_signs(labels))]
        return sense.model_copy(update={"varied": tuple(usual)})
    unknown = sorted(set(wished) - set(fitting))
    if unknown:
        problem = Problem(path="prepare.vary", expected=listed(list(fitting)), got=listed(unknown))
        raise SettingsError([problem], do=say("leave them out", "请去掉它们"))
    return sense.model_copy(update={"varied": tuple(one for one in fitting if one in wished)})


def is_kept(settings: Settings) -> bool:
    """Whether each row is shown alike in every epoch, so that what frozen layers say of it is computed once.

    That is so where the head alone learns and nobody asks for another way: looks that differ would cost a pass through
    the whole encoder in every epoch.
    """
    return (
        settings.train.method == "head"
        and settings.train.cache_frozen
        and not settings.prepare.vary
        and not settings.regularise.mixup
        and not settings.regularise.cutmix
    )


def are_signs(labels: Sequence[str]) -> bool:
    """Whether the labels look like those of digits or letters."""
    return all(len(label) <= SIGN_CHARACTERS for label in labels)


def because(sense: Sense, labels: Sequence[str]) -> str:
    """Why those ways."""
    if sense.time is None and "flip" not in sense.varied and are_signs(labels):
        return say(
            "training rows look otherwise in every epoch; labels as short as these name signs, so none is mirrored",
            "每轮训练所见的图像略有不同；标签很短，应为字符，因此不做镜像",
        )
    return say(
        "training rows are shown otherwise in every epoch, dev and test rows as they are",
        "每轮训练所见略有不同；验证集和测试集保持原样",
    )
