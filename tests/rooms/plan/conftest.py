"""Facts that plans are made from, and a probe with round numbers."""

from collections.abc import Callable
from typing import Any

import pytest

from tunesmith.artifacts import (
    Health,
    Hypothesis,
    Load,
    ModelFacts,
    Prepared,
    Probe,
    Reading,
    RowCount,
    SplitFile,
    Template,
    TextFacts,
    Timed,
)
from tunesmith.device import Machine
from tunesmith.rooms.plan import Facts
from tunesmith.settings import Settings
from tunesmith.settings.parse import changed

Maker = Callable[..., Facts]
Probed = Callable[..., Probe]

PARAMETERS = 22_713_216


@pytest.fixture
def probe() -> Probed:
    """``probe(step=…, …)``: an epoch of 100 equal steps, a dev scoring of 10 passes, a test scoring of 20."""

    def make(step: float = 0.1, score: float = 0.05, **changes: Any) -> Probe:
        made = Probe(
            train=(Timed(tokens=1000, longest=40, seconds=step),),
            score=(Timed(tokens=8000, longest=40, seconds=score),),
            dev=(Timed(tokens=8000, longest=40, seconds=score),),
            loads={
                "train": (Load(batches=100, tokens=1000, longest=40),),
                "dev": (Load(batches=10, tokens=8000, longest=40),),
                "test": (Load(batches=20, tokens=8000, longest=40),),
            },
            learning=11_000_000,
            rest_bytes=600 << 20,
            peak_bytes=1100 << 20,
            peak_items=32,
            peak_tokens=1280,
            peak_longest=40,
        )
        return made.model_copy(update=changes)

    return make


@pytest.fixture
def facts() -> Maker:
    """``facts(rows=…, longest=…, …, **settings)``."""

    def make(
        rows: int = 6000,
        longest: int = 40,
        hidden: int = 384,
        memory: int = 16 << 30,
        pretrained: bool = True,
        **given: Any,
    ) -> Facts:
        splits = {
            name: SplitFile(path=name, rows=count)
            for name, count in (("train", rows), ("dev", rows // 10), ("test", 500))
        }
        return Facts(
            wanted=changed(Settings(), {key.replace("__", "."): value for key, value in given.items()}),
            reading=_reading(rows, splits),
            health=Health(findings=(), verdict="fine", is_trainable=True, facts=_texts(rows)),
            prepared=Prepared(
                task="text-classification",
                labels=("a", "b"),
                splits=splits,
                raw=splits,
                tokenizer="t",
                template=Template(prefix=(1,), middle=(2,), suffix=(2,), pad=0, unknown=3, has_types=True),
                token_lengths=tuple(round(longest * at / 100) for at in range(101)),
                train_tokens=rows * longest // 2,
                unknown_share=0.0,
                split_because="given",
                key="k",
            ),
            model=ModelFacts(
                name="minilm",
                path="p",
                kind="bert",
                parameters=PARAMETERS,
                hidden=hidden,
                layers=6,
                max_length=512,
                vocabulary=30522,
                sha256="",
                is_pretrained=pretrained,
                because="named",
            ),
            machine=Machine(
                cores=2,
                memory_total=memory,
                memory_free=memory,
                accelerator="cpu",
                accelerator_memory=0,
                has_fast_half=False,
                name="x",
            ),
            files=("/data/a.tsv",),
            monitor="f1_macro",
            metrics=("f1_macro", "accuracy"),
            versions={"torch": "2"},
        )

    return make


def _reading(rows: int, splits: dict[str, SplitFile]) -> Reading:
    return Reading(
        task="text-classification",
        format="tsv",
        encoding="utf-8",
        columns={},
        has_header=False,
        sources=(),
        hypotheses=(Hypothesis(task="t", format="f", columns={}, score=1.0, evidence=()),),
        rows=RowCount(total=rows, used=rows, rejected=0),
        splits=splits,
        labels={},
        preview=(),
        rejects="",
        key="k",
    )


def _texts(rows: int) -> TextFacts:
    return TextFacts(
        rows=rows, characters=1, cjk_share=0.0, latin_share=1.0, length_median=1, length_p95=1, length_max=1
    )
