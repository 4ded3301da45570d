"""What users type, and the frozen set of what they may set."""

from collections import Counter

import pytest

from tunesmith.errors import SettingsError
from tunesmith.settings import Settings
from tunesmith.settings.parse import SHARED, changed, columns, pairs, paths, seconds, size

PUBLIC = """
read.task read.columns read.has_header read.separator read.encoding read.allow_rejects read.keep
prepare.dev_share prepare.test_share prepare.max_length prepare.chat_template
prepare.prompt prepare.truncation prepare.seed prepare.document prepare.clean prepare.segment prepare.stopwords
prepare.group_by prepare.near_together prepare.split_by prepare.time_column prepare.folds prepare.fold prepare.augment
prepare.vary prepare.workers prepare.augment_factor prepare.augment_all
model.name model.revision model.trust_remote_code model.add_tokens model.scratch_size model.scratch_vocabulary
adapter.rank adapter.alpha adapter.lora_dropout adapter.targets adapter.prompt_tokens
preference.loss preference.beta
regularise.dropout regularise.label_smoothing regularise.r_drop regularise.adversarial regularise.mixup
regularise.cutmix regularise.ema regularise.soup regularise.layer_decay regularise.gradual_unfreezing
regularise.class_weights regularise.focal regularise.sampling
train.method train.top_layers train.cache_frozen train.epochs train.optimiser train.learning_rate train.head_rate
train.batch_size train.micro_batch_size train.warmup_share train.schedule train.cooldown_epochs train.weight_decay
train.clip_norm
train.patience train.scorings train.plateau_epochs train.plateau_change train.monitor train.group_by_length train.packed
train.precision train.compile train.gradient_checkpointing train.sharded train.checkpoint_seconds
train.time_seconds train.memory_bytes train.threads train.seed
evaluate.batch_tokens evaluate.most_rows evaluate.written_rows evaluate.costs evaluate.bootstrap_samples evaluate.seed
generate.max_new_tokens generate.do_sample generate.temperature generate.top_p generate.top_k
generate.repetition_penalty generate.num_beams generate.seed
tune.trials tune.search_seconds tune.sampler tune.pruner tune.reduction tune.repeats tune.retrain tune.seed
"""


def test_no_setting_comes_or_goes_unnoticed() -> None:
    assert list(paths()) == PUBLIC.split()


def test_every_setting_has_a_sentence_of_help() -> None:
    assert all(paths().values())


def test_a_last_name_is_enough_where_it_is_the_only_one() -> None:
    found = changed(
        Settings(), pairs(["epochs=3", "train.learning_rate=1e-4", "group_by_length=false", "dev_share=0.2"])
    )
    assert (found.train.epochs, found.train.learning_rate) == (3, 1e-4)
    assert found.train.group_by_length is False
    assert found.prepare.dev_share == 0.2


@pytest.mark.parametrize(
    ("word", "steps"),
    [
        ("clean=html, spaces", ("html", "spaces")),
        ("prepare.clean=[html,]", ("html",)),
        ("clean=none", ()),
        ("clean=[]", ()),
    ],
)
def test_lists_have_commas_and_none_is_a_word(word: str, steps: tuple[str, ...]) -> None:
    assert changed(Settings(), pairs([word])).prepare.clean == steps
    assert changed(Settings(), pairs(["stopwords=none", "class_weights=none"])) == Settings()
    assert changed(Settings(), pairs(["tune.pruner=none"])).tune.pruner == "none"
    assert changed(Settings(), pairs(["clean="])).prepare.clean is None


def test_a_shared_name_is_set_wherever_it_stands() -> None:
    found = changed(Settings(), pairs(["train.seed=5", "seed=3"]))
    parts = (found.prepare, found.evaluate, found.generate, found.tune)
    assert [part.seed for part in parts] == [3, 3, 3, 3]
    assert found.train.seed == 5, "a path says more than a name, wherever it stands"


def test_names_that_several_parts_have_are_said_to_mean_the_same() -> None:
    names = Counter(path.partition(".")[2] for path in paths())
    assert {name for name, count in names.items() if count > 1} == SHARED


def test_all_problems_come_at_once() -> None:
    with pytest.raises(SettingsError, match=r"3 setting\(s\)") as caught:
        changed(Settings(), pairs(["epcohs=3", "learning_rate=7", "batch_size=none", "train.epochs=many"]))
    text = str(caught.value)
    assert "epcohs: expected a known setting; nearest: epochs" in text
    assert "train.learning_rate: expected a number at most 1" in text
    assert "train.epochs: expected a whole number; got 'many'" in text


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("prepare.dev_share", 0.0),
        ("prepare.max_length", 2),
        ("train.clip_norm", 0),
        ("train.patience", -1),
        ("train.threads", 0),
        ("evaluate.bootstrap_samples", 10),
        ("model.scratch_size", "huge"),
        ("train.group_by_length", "perhaps"),
    ],
)
def test_values_out_of_range_are_refused_with_their_path(path: str, value: object) -> None:
    with pytest.raises(SettingsError, match=path.replace(".", r"\.")):
        changed(Settings(), {path: value})


def test_settings_are_frozen() -> None:
    with pytest.raises(ValueError, match="frozen"):
        Settings().train.epochs = 3  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "expected"), [("90", 90), ("90s", 90), ("10m", 600), ("1.5h", 5400), ("2min", 120), ("1d", 86400)]
)
def test_durations(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"), [("8G", 8 << 30), ("800M", 800 << 20), ("1.5g", 3 << 29), ("4GiB", 4 << 30), ("512", 512)]
)
def test_sizes(text: str, expected: int) -> None:
    assert size(text) == expected


@pytest.mark.parametrize("text", ["", "ten", "10 weeks", "-5m", "0"])
def test_durations_that_are_none(text: str) -> None:
    with pytest.raises(SettingsError, match="--time: expected a duration such as 90s"):
        seconds(text)


def test_columns_by_name_and_by_place() -> None:
    assert columns("text=2, label=stars") == {"text": 2, "label": "stars"}
    with pytest.raises(SettingsError, match="--columns: expected role=column"):
        columns("text")


def test_values_are_understood() -> None:
    assert pairs(["a=true", "b=None", "c=1e-4", "d=x=y"]) == {"a": True, "b": None, "c": "1e-4", "d": "x=y"}
