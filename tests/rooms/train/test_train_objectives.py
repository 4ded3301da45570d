"""R-Drop, mixup and FGM give the losses and gradients of their papers, on every kind of encoder, alone and together."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from tunesmith.errors import ModelError, SettingsError
from tunesmith.models.fast.packed import Packing
from tunesmith.models.losses import summed_cross_entropy
from tunesmith.rooms.train.adversary import Adversarial, moved
from tunesmith.rooms.train.loop import Training
from tunesmith.rooms.train.measures import Fit, RDrop, symmetric_divergence
from tunesmith.rooms.train.mixup import Mixup, last_linear
from tunesmith.rooms.train.objectives import objective_for
from tunesmith.rooms.train.vocabulary import shrink
from tunesmith.seeds import generator
from tunesmith.settings import RegulariseSettings
from tunesmith.tasks.task import Batch

Maker = Callable[..., Training]
CRITERION = partial(summed_cross_entropy, smoothing=0.0)
SEED = 77


@pytest.fixture
def batch() -> Batch:
    """Four texts of unequal length, padded behind."""
    random, lengths = np.random.default_rng(4), (9, 5, 7, 9)
    mask = np.asarray([[int(at < length) for at in range(9)] for length in lengths])
    return {
        "input_ids": random.integers(4, 40, (4, 9)) * mask,
        "attention_mask": mask,
        "labels": np.asarray([0, 2, 1, 2]),
    }


def forward(model: nn.Module, batch: Batch) -> Tensor:
    inputs = {name: torch.from_numpy(batch[name]) for name in ("input_ids", "attention_mask")}
    return model(**inputs).logits


def gradients(model: nn.Module) -> dict[str, Tensor]:
    found = {name: p.grad.clone() for name, p in model.named_parameters() if p.grad is not None}
    model.zero_grad(set_to_none=True)
    return found


def learned(model: nn.Module, losses: object) -> tuple[list[float], dict[str, Tensor]]:
    """What the learner does with an objective: differentiate each loss before the next is asked for."""
    values = []
    for loss in losses:
        loss.backward()
        values.append(loss.item())
    return values, gradients(model)


# ---------------------------------------------------------------- R-Drop


def test_divergence_is_the_formula() -> None:
    p, q = np.asarray([[0.7, 0.2, 0.1], [0.5, 0.25, 0.25]]), np.asarray([[0.1, 0.6, 0.3], [0.5, 0.25, 0.25]])
    by_hand = 0.5 * ((p * np.log(p / q)).sum() + (q * np.log(q / p)).sum())
    found = symmetric_divergence(torch.from_numpy(np.log(p) + 3), torch.from_numpy(np.log(q) - 5))
    assert found.item() == pytest.approx(by_hand, rel=1e-5)


def test_r_drop_is_two_passes_that_must_agree(encoder: nn.Module, batch: Batch) -> None:
    torch.manual_seed(SEED)
    found = RDrop(Fit(CRITERION), weight=0.7)(encoder, batch).loss
    torch.manual_seed(SEED)
    one, other = forward(encoder, batch), forward(encoder, batch)
    labels, p, q = torch.from_numpy(batch["labels"]), one.softmax(-1), other.softmax(-1)
    apart = ((p * (p / q).log()).sum() + (q * (q / p).log()).sum()) / 2
    right = (cross_entropy(one, labels, reduction="sum") + cross_entropy(other, labels, reduction="sum")) / 2
    assert found.item() == pytest.approx((right + 0.7 * apart).item(), rel=1e-5)


def test_without_dropout_r_drop_is_the_plain_loss(encoder: nn.Module, batch: Batch) -> None:
    encoder.eval()
    assert RDrop(Fit(CRITERION), weight=5.0)(encoder, batch).loss.item() == pytest.approx(
        Fit(CRITERION)(encoder, batch).loss.item(), rel=1e-6
    )


class TwoAnswers(nn.Module):
    """Tags: other logits in each pass."""

    def __init__(self) -> None:
        super().__init__()
        self.logits = nn.Parameter(torch.randn(2, 1, 4, 3, generator=torch.Generator().manual_seed(1)))
        self.passes = 0

    def forward(self, **inputs: Tensor) -> SimpleNamespace:
        self.passes += 1
        return SimpleNamespace(logits=self.logits[self.passes - 1])


def test_words_without_a_target_need_not_agree() -> None:
    model, batch = TwoAnswers(), {"input_ids": np.zeros((1, 4), np.int64), "labels": np.asarray([[-100, 1, 2, -100]])}
    loss = RDrop(Fit(CRITERION), weight=1.0)(model, batch).loss
    loss.backward()
    kept = model.logits.detach()[:, :, 1:3].reshape(2, 2, 3)
    labels = torch.tensor([1, 2])
    by_hand = sum(cross_entropy(part, labels, reduction="sum") for part in kept) / 2 + symmetric_divergence(*kept)
    assert loss.item() == pytest.approx(by_hand.item(), rel=1e-6)
    assert (model.logits.grad[:, :, [0, 3]] == 0).all()


# ---------------------------------------------------------------- mixup


def test_mixup_mixes_what_the_last_layer_reads(encoder: nn.Module, batch: Batch) -> None:
    encoder.eval()
    layer, read = last_linear(encoder), []
    hook = layer.register_forward_pre_hook(lambda module, inputs: read.append(inputs[0].detach()))
    forward(encoder, batch)
    hook.remove()
    torch.manual_seed(SEED)
    found = Mixup(CRITERION, alpha=0.4)(encoder, batch)
    # The same draws, apart from the code under test.
    random = generator(SEED, "mixup")
    share, partner = random.beta(0.4, 0.4), random.permutation(4)
    hidden = share * read[0] + (1 - share) * read[0][partner]
    logits = hidden @ layer.weight.T + layer.bias
    assert torch.allclose(found.logits, logits, atol=1e-5)
    wanted = share * np.eye(3)[batch["labels"]] + (1 - share) * np.eye(3)[batch["labels"][partner]]
    by_hand = -(wanted * logits.detach().log_softmax(-1).numpy()).sum()
    assert 0.01 < share < 0.99
    assert found.loss.item() == pytest.approx(by_hand, rel=1e-5)
    # Nothing stays behind in the model.
    assert torch.equal(forward(encoder, batch), forward(encoder, batch))
    assert not layer._forward_pre_hooks


def test_mixup_depends_on_the_step_alone(encoder: nn.Module, batch: Batch) -> None:
    encoder.eval()
    losses = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        torch.rand(seed)
        losses.append(Mixup(CRITERION, alpha=0.4)(encoder, batch).loss.item())
    assert losses[0] == losses[1] != losses[2]


def test_tags_cannot_be_mixed() -> None:
    batch = {"input_ids": np.zeros((1, 4), np.int64), "labels": np.asarray([[0, 1, 2, 0]])}
    with pytest.raises(SettingsError, match=r"regularise\.mixup: expected 0, unless each text has one label"):
        Mixup(CRITERION, alpha=0.4)(TwoAnswers(), batch)


def test_a_model_that_ends_otherwise_cannot_be_mixed(batch: Batch) -> None:
    with pytest.raises(ModelError, match="ends in one linear layer"):
        Mixup(CRITERION, alpha=0.4)(TwoAnswers(), batch)


# ---------------------------------------------------------------- FGM


def test_fgm_adds_the_gradient_at_the_moved_embeddings(encoder: nn.Module, batch: Batch) -> None:
    encoder.eval()
    values, found = learned(encoder, Adversarial(Fit(CRITERION), length=0.5)(encoder, batch))
    table, labels = encoder.get_input_embeddings().weight, torch.from_numpy(batch["labels"])
    mask = torch.from_numpy(batch["attention_mask"])
    embedded = nn.functional.embedding(torch.from_numpy(batch["input_ids"]), table)
    embedded.retain_grad()
    losses = []

    def loss_at(values: Tensor) -> Tensor:
        logits = encoder(inputs_embeds=values, attention_mask=mask).logits
        losses.append(cross_entropy(logits, labels, reduction="sum"))
        return losses[-1]

    # RoBERTa reads positions off the ids, which are not there: the paddings here lie behind, so the places are known.
    if encoder.config.model_type == "roberta":
        inner, ids = encoder, torch.from_numpy(batch["input_ids"])
        places = inner.roberta.embeddings.create_position_ids_from_input_ids(ids, 0)
        encoder = partial(inner, position_ids=places)
    (gradient,) = torch.autograd.grad(loss_at(embedded), embedded)
    steps = np.stack([0.5 * g / np.sqrt((g**2).sum()) for g in gradient.numpy()])
    again = nn.functional.embedding(torch.from_numpy(batch["input_ids"]), table)
    (loss_at(embedded) + loss_at(again + torch.from_numpy(steps))).backward()
    assert values == pytest.approx([losses[0].item(), losses[2].item()], rel=1e-5)
    assert losses[2] > losses[0]
    assert values[1] > values[0]
    model = encoder.func if isinstance(encoder, partial) else encoder
    expected = gradients(model)
    assert found.keys() >= expected.keys() - {name for name in expected if "position" in name}
    for name in expected:
        assert found[name] == pytest.approx(expected[name], abs=2e-5), name


def test_fgm_touches_no_weight_and_leaves_nothing_behind(encoder: nn.Module, batch: Batch) -> None:
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    for loss in Adversarial(Fit(CRITERION), length=3.0)(encoder, batch):
        loss.backward()
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())
    assert not encoder.get_input_embeddings()._forward_hooks


def test_fgm_works_through_the_corpus_table_and_a_frozen_one(encoder: nn.Module, batch: Batch) -> None:
    encoder.eval()
    whole = learned(encoder, Adversarial(Fit(CRITERION), length=0.5)(encoder, batch))[0]
    assert shrink(encoder, np.unique(batch["input_ids"]))
    small, grads = learned(encoder, Adversarial(Fit(CRITERION), length=0.5)(encoder, batch))
    assert small == pytest.approx(whole, rel=1e-6)
    encoder.get_input_embeddings().weight.requires_grad_(False)
    frozen, less = learned(encoder, Adversarial(Fit(CRITERION), length=0.5)(encoder, batch))
    assert frozen == pytest.approx(whole, rel=1e-6)
    assert len(less) == len(grads) - 1


def test_a_text_without_a_gradient_is_not_moved(encoder: nn.Module, batch: Batch) -> None:
    zero = lambda logits, labels: logits.sum() * 0.0  # noqa: E731
    values, found = learned(encoder, Adversarial(Fit(zero), length=0.5)(encoder, batch))
    assert values == [0.0, 0.0]
    assert all(bool(value.isfinite().all()) for value in found.values())


def test_a_model_that_embeds_nothing_is_refused(encoder: nn.Module, batch: Batch) -> None:
    encoder.forward = lambda **inputs: SimpleNamespace(logits=torch.zeros(4, 3, requires_grad=True))
    with pytest.raises(ModelError, match="embeds its texts in every pass"):
        next(Adversarial(Fit(CRITERION), length=0.5)(encoder, batch))


def test_an_embedding_moved_by_nothing_gives_the_same(encoder: nn.Module, batch: Batch) -> None:
    encoder.eval()
    plain = forward(encoder, batch)
    with moved(encoder, [torch.zeros(1)]):
        assert torch.equal(forward(encoder, batch), plain)


# ---------------------------------------------------------------- together


def test_the_default_is_one_plain_pass(encoder: nn.Module, batch: Batch) -> None:
    encoder.eval()
    values = learned(encoder, objective_for(RegulariseSettings(), summed_cross_entropy)(encoder, batch))[0]
    labels = torch.from_numpy(batch["labels"])
    assert values == [pytest.approx(cross_entropy(forward(encoder, batch), labels, reduction="sum").item())]


def test_both_passes_of_r_drop_mix_the_same_texts(encoder: nn.Module, batch: Batch) -> None:
    encoder.eval()
    torch.manual_seed(SEED)
    once = Mixup(CRITERION, alpha=0.4)(encoder, batch).loss.item()
    assert RDrop(Mixup(CRITERION, alpha=0.4), weight=9.0)(encoder, batch).loss.item() == pytest.approx(once, rel=1e-6)


def test_all_of_them_work_together(encoder: nn.Module, batch: Batch) -> None:
    settings = RegulariseSettings(
        r_drop=1.0, mixup=0.4, adversarial=0.5, label_smoothing=0.1, focal=2.0, class_weights="balanced"
    )
    objective = objective_for(settings, summed_cross_entropy, np.asarray([8, 2, 4]))
    torch.manual_seed(SEED)
    values, found = learned(encoder, objective(encoder, batch))
    assert len(values) == 2
    assert np.isfinite(values).all()
    assert {name for name, value in found.items() if value.any()} >= {
        name for name, p in encoder.named_parameters() if p.ndim == 2 and "token_type" not in name
    }


def test_without_padding_they_are_the_same(encoder: nn.Module, batch: Batch) -> None:
    objective = objective_for(RegulariseSettings(r_drop=1.0, mixup=0.4, adversarial=0.5), summed_cross_entropy)
    encoder.eval()
    torch.manual_seed(SEED)
    padded, expected = learned(encoder, objective(encoder, batch))
    packing = Packing(encoder, auto_class="AutoModelForSequenceClassification")
    torch.manual_seed(SEED)
    packed, found = learned(encoder, objective(encoder, batch))
    packing.remove()
    assert packed == pytest.approx(padded, rel=1e-5)
    assert found.keys() == expected.keys()
    for name, value in found.items():
        assert torch.allclose(value, expected[name], atol=1e-5), name


class Wrapper(nn.Module):
    """As DDP stands around a model: it hands on the call, and none of the model's attributes."""

    def __init__(self, module: nn.Module) -> None:
        super().__init__()
        self.module = module

    def forward(self, **inputs: Tensor) -> object:
        return self.module(**inputs)


def test_they_find_their_places_inside_a_wrapper(encoder: nn.Module, batch: Batch) -> None:
    objective = objective_for(RegulariseSettings(mixup=0.4, adversarial=0.5), summed_cross_entropy)
    encoder.eval()
    losses = []
    for model in (encoder, Wrapper(encoder)):
        torch.manual_seed(SEED)
        losses.append(learned(model, objective(model, batch))[0])
    assert losses[0] == losses[1]


def test_a_pass_that_was_not_moved_is_noticed(encoder: nn.Module, batch: Batch) -> None:
    with pytest.raises(ModelError, match=r"train\.compile=false"), moved(encoder, [torch.zeros(1)]):
        pass


EVERYTHING = {
    "dropout": 0.2,
    "label_smoothing": 0.1,
    "r_drop": 1.0,
    "adversarial": 0.3,
    "mixup": 0.4,
    "ema": 0.9,
    "soup": 2,
    "layer_decay": 0.8,
    "gradual_unfreezing": True,
    "focal": 1.0,
}


def test_a_run_with_everything_learns_and_repeats_exactly(training: Maker) -> None:
    options = {"regularise": EVERYTHING, "epochs": 3, "optimiser": "lion", "learning_rate": 1e-3, "dropout": 0.1}
    first, second = ([step.loss for step in training(**options)] for _ in range(2))
    assert first == second
    assert np.isfinite(first).all()


def test_fgm_is_the_same_in_small_parts(training: Maker) -> None:
    options = {"regularise": {"adversarial": 0.3}, "batch_size": 8, "epochs": 1}
    whole, parts = (training(micro_batch_size=size, **options) for size in (8, 3))
    losses = [[step.loss for step in run] for run in (whole, parts)]
    assert losses[0] == pytest.approx(losses[1], abs=1e-5)
