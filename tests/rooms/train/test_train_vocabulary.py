"""A table of the corpus's rows learns exactly what the whole table learns."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from made import encoded
from tunesmith.rooms.train.loop import Training
from tunesmith.rooms.train.vocabulary import CorpusEmbedding, expand, shrink, used_ids

Maker = Callable[..., Training]
NAME = "bert.embeddings.word_embeddings.weight"
USED = np.asarray([0, 1, 2, 3, *range(4, 40, 2)])


def restricted(run: Training, used: np.ndarray) -> Training:
    """The training after its model was shrunk: a new optimiser for the new table."""
    assert shrink(run.model, used)
    return Training(run._parts)


def test_the_result_is_the_same(training: Maker) -> None:
    plain, small = training(epochs=3), training(epochs=3)
    table = plain._parts.source._encoded.lists["ids"]
    used = np.union1d(table.distinct(), [0, 1, 2, 3])
    small = restricted(small, used)
    assert small.model.get_parameter(NAME).shape[0] == len(used)
    losses = [[step.loss for step in run] for run in (plain, small)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-6)
    whole, back = (run.best_model().state_dict() for run in (plain, small))
    assert whole.keys() == back.keys()
    for name in whole:
        assert torch.allclose(whole[name], back[name], atol=1e-6), name


def test_rows_of_other_words_stay_untouched(training: Maker) -> None:
    run = training()
    before = run.model.get_parameter(NAME).detach().clone()
    assert shrink(run.model, USED)
    with torch.no_grad():
        run.model.get_input_embeddings().weight.add_(1.0)
    expand(run.model)
    after = run.model.get_parameter(NAME).detach()
    others = np.setdiff1d(np.arange(40), USED)
    assert torch.equal(after[others], before[others])
    assert torch.allclose(after[USED], before[USED] + 1.0)


def test_a_word_outside_is_an_error_never_another_word(training: Maker) -> None:
    table = CorpusEmbedding(training().model.get_input_embeddings(), USED)
    assert torch.equal(table(torch.tensor([[6]]))[0, 0], table.weight[5])
    with pytest.raises(IndexError, match="out of range"):
        table(torch.tensor([[5]]))


def test_a_corpus_that_uses_most_words_changes_nothing(training: Maker) -> None:
    model = training().model
    assert not shrink(model, np.arange(36))
    assert isinstance(model.get_input_embeddings(), torch.nn.Embedding)


def test_a_shared_table_is_left_alone(training: Maker) -> None:
    model = training().model
    model.tied = torch.nn.Linear(16, 40, bias=False)
    model.tied.weight = model.get_input_embeddings().weight
    assert not shrink(model, np.arange(5))


def test_ids_of_all_splits_and_the_special_ones_count(tmp_path: Path) -> None:
    first = encoded(tmp_path / "a.arrow", [{"ids": [[9, 7]], "ids2": [[8]]}, {"ids": [[7]], "ids2": [[30]]}])
    second = encoded(tmp_path / "b.arrow", [{"ids": [[12]]}])
    assert used_ids([first, second], [2, 1, 2]).tolist() == [1, 2, 7, 8, 9, 12, 30]
