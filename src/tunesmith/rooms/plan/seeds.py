"""What is drawn by which seed, so that a run can be repeated, and what another seed would change."""

from tunesmith.artifacts import Choice
from tunesmith.settings import Settings
from tunesmith.words import say


def seeded(settings: Settings) -> Choice:
    """The seed of the training; the others beside it, where they differ."""
    train, split = settings.train.seed, settings.prepare.seed
    others = {"evaluate": settings.evaluate.seed, "generate": settings.generate.seed, "tune": settings.tune.seed}
    if {train, split, *others.values()} == {train}:
        return Choice(
            name="seed",
            value=train,
            because=say(
                "of split, order, dropout, new weights, resampling and search; train.seed alone would keep the split",
                "用于划分、顺序、dropout、新权重、重采样和搜索；只改 train.seed 则划分不变",
            ),
        )
    differing = ", ".join(f"{part} {seed}" for part, seed in {"prepare": split, **others}.items() if seed != train)
    return Choice(
        name="seed",
        value=train,
        because=say(
            f"of order, dropout and new weights; others differ: {differing}",
            f"用于顺序、dropout 和新权重；其他不同：{differing}",
        ),
    )
