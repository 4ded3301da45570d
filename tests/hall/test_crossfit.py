"""A tuned judge: every row is answered by a model that never saw its label, the same each time."""

from pathlib import Path

import numpy as np
import pytest

from made import reviews, write_reviews
from tunesmith import flow
from tunesmith.artifacts import ModelFacts, Reading, TextFacts
from tunesmith.errors import UserError
from tunesmith.hall import crossfit
from tunesmith.hall.closing import Ready
from tunesmith.models import facts, find, scratch
from tunesmith.models.quiet import quiet
from tunesmith.rooms.check import Tuned, UntunedError
from tunesmith.settings import ModelSettings, Settings

ROWS = 90
TEXTS = [text for _, text in reviews(ROWS)]
Y = np.array([int(label == "good") for label, _ in reviews(ROWS)])
PART = np.arange(ROWS) % crossfit.PARTS
FACTS = TextFacts(
    rows=ROWS, characters=4000, cjk_share=0.0, latin_share=1.0, length_median=40, length_p95=55, length_max=60
)


def silent(what: str, share: float) -> None:
    """Nobody listens."""


@pytest.fixture
def encoder(tmp_path: Path) -> Path:
    """A pretrained model, as far as anyone can see: two layers of random weights that know the reviews' words."""
    from transformers import AutoConfig, AutoModel

    from tunesmith.models.loading import seeded

    folder = tmp_path / "encoder"
    scratch.train_tokenizer(TEXTS, vocabulary=300, folder=folder, is_cjk=False, seed=1)
    scratch.write_config(folder, "tiny", max_length=64)
    with seeded(1, "test"), quiet():
        AutoModel.from_config(AutoConfig.from_pretrained(folder)).save_pretrained(folder)
    return folder


@pytest.fixture
def judge(encoder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tuned:
    """The judge that ``encoder`` becomes, with a rate at which so small a model learns something."""
    monkeypatch.setattr(crossfit, "EPOCHS", 4)
    wanted = ModelSettings(name=str(encoder))
    found = facts.facts(find.find(str(encoder), settings=wanted), "named")
    reading = flow.read([write_reviews(tmp_path / "reviews.tsv", ROWS)])

    def planned(part: Reading, texts: TextFacts, settings: Settings) -> object:
        train = settings.train.model_copy(update={"learning_rate": 3e-3, "threads": 1})
        return flow._planned_part(part, texts, settings.model_copy(update={"train": train}))

    return crossfit.tuned(reading, wanted, found, FACTS, planned=planned)


def test_a_rows_own_label_never_reaches_its_judge(judge: Tuned) -> None:
    answers = judge.answer(TEXTS, Y, PART, silent)
    assert answers.shape == (ROWS, 2)
    assert answers.sum(1) == pytest.approx(1.0)
    flipped = np.where(PART == 0, 1 - Y, Y)
    others = judge.answer(TEXTS, flipped, PART, silent)
    # The judge of part 0 learned from the same rows and labels, those of the others from other labels.
    assert (others[PART == 0] == answers[PART == 0]).all()
    assert (others[PART != 0] != answers[PART != 0]).any(1).mean() > 0.9


def test_it_learns_and_tells_how_far_it_is(judge: Tuned) -> None:
    told: list[tuple[str, float]] = []
    answers = judge.answer(TEXTS, Y, PART, lambda what, share: told.append((what, share)))
    assert (answers.argmax(1) == Y).mean() > 0.75
    assert told[0][1] == 0.0 and told[-1][1] == 1.0
    assert "3 times to judge what it has not seen, about 1 min" in told[-1][0]
    assert [share for _, share in told] == sorted(share for _, share in told)


def planned_never(*_: object) -> Ready:
    raise UserError(expected="memory", got="too little of it", do="nothing")


def never_tuned(hidden: int) -> Tuned:
    """The judge of a model, two layers of that width, that cannot be tuned."""
    model = ModelFacts(
        name="m", path="m", kind="bert", parameters=1, hidden=hidden, layers=2, max_length=64, vocabulary=9, sha256="",
        is_pretrained=True, because="",
    )  # fmt: skip
    reading = Reading.model_construct(splits={}, labels={}, key="k")
    return crossfit.tuned(reading, ModelSettings(name="m"), model, FACTS, planned=planned_never)


def test_more_than_minutes_of_work_is_left_undone(monkeypatch: pytest.MonkeyPatch) -> None:
    # Two layers twice as wide as minilm's do 4/3 of its work.
    monkeypatch.setattr(crossfit, "MOST_CHARACTERS", 4000)
    with pytest.raises(UntunedError, match=r"would take too long; with this model it is done for 3,000 at most"):
        never_tuned(768).answer(TEXTS, Y, PART, silent)


def test_a_machine_that_is_too_small_is_said_to_be() -> None:
    with pytest.raises(UntunedError, match="too little of it"):
        never_tuned(8).answer(TEXTS, Y, PART, silent)
