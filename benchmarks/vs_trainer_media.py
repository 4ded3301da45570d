"""Pictures and sounds: this project against transformers.Trainer, same model, files, epochs, batch and rate, in turns.

    .venv/bin/python benchmarks/vs_trainer_media.py ../shared/data [--sets pictures sounds] [--rows 1000] [--epochs 2]
        [--seeds 3] [--precision float32]

``pictures`` are those of the CIFAR-10 subset, ``sounds`` the spoken digits. Both sides begin with the same
configuration and read the same files. Trainer's side follows transformers' own example scripts: each
file is decoded and put through the processor when its batch is made. Each run is a process of its own, sides take
turns, and the median of the ratios is printed. Trainer computes in float32, as it does unless told otherwise; ours as
``--precision`` says: float32 is the same arithmetic, bfloat16 what the plan chooses on a CPU that has it. Speed is that
of training alone, without the scoring of the dev rows; what we do once before the first step (decoding, features) is
told apart as ``ahead``.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

BATCH, RATE = 32, 5e-4


def files_of(data: Path, name: str, rows: int) -> list[tuple[str, str]]:
    """(label, path), classes in turn."""
    if name == "pictures":
        found = sorted((data / "img_cifar10/train").glob("*/*.jpg"))
        named = [(path.parent.name, str(path)) for path in found]
    else:
        found = sorted((data / "aud_fsdd/recordings").glob("*.wav"))
        named = [(path.name.partition("_")[0], str(path)) for path in found]
    step = max(1, len(named) // rows)
    return named[::step][:rows]


def tunesmith_side(folder: Path, name: str, epochs: int, seed: int, precision: str) -> dict[str, Any]:
    from tunesmith import flow
    from tunesmith.settings import Settings
    from tunesmith.settings.parse import changed

    given = {
        "train.seed": seed, "train.epochs": epochs, "train.batch_size": BATCH, "train.learning_rate": RATE,
        "train.warmup_share": 0.0, "train.schedule": "linear", "train.weight_decay": 0.0, "train.patience": 10**6,
        "train.plateau_epochs": 10**6, "train.checkpoint_seconds": 10**6, "regularise.ema": 0.0,
        "prepare.vary": "none", "prepare.test_share": 0.0, "train.precision": precision,
    }  # fmt: skip
    began = time.perf_counter()
    session = flow.start([folder], changed(Settings(), given))
    ahead = time.perf_counter() - began
    seconds, examples, plain = 0.0, 0, [0.0, 0]
    score = 0.0
    for step in session:
        seconds += step.seconds
        examples += step.examples
        if step.scores:
            score = step.scores["accuracy"]
        else:
            plain = [plain[0] + step.seconds, plain[1] + step.examples]
    model = str(session.ready.plan.model.path)
    return {
        "seconds": plain[0] / plain[1] * examples, "examples": examples, "score": score, "ahead": ahead, "model": model,
    }  # fmt: skip


def trainer_side(folder: Path, name: str, epochs: int, seed: int, made: Path) -> dict[str, Any]:
    import numpy as np
    import torch
    import transformers
    from PIL import Image

    from tunesmith.models.media.decode import sound

    rows = [line.split("\t") for line in (folder / "train.tsv").read_text(encoding="utf-8").splitlines()]
    labels = sorted({label for label, _ in rows})
    is_picture = name == "pictures"
    auto = "AutoModelForImageClassification" if is_picture else "AutoModelForAudioClassification"
    more = {"backend": "pil"} if is_picture else {}
    kind = "AutoImageProcessor" if is_picture else "AutoFeatureExtractor"
    processor = getattr(transformers, kind).from_pretrained(made, **more)
    config = transformers.AutoConfig.from_pretrained(made, num_labels=len(labels))
    torch.manual_seed(seed)
    model = getattr(transformers, auto).from_config(config)

    def collate(batch: list[tuple[str, str]]) -> dict[str, Any]:
        known = torch.tensor([labels.index(label) for label, _ in batch])
        if is_picture:
            pictures = [Image.open(path).convert("RGB") for _, path in batch]
            return {"pixel_values": processor(pictures, return_tensors="pt")["pixel_values"], "labels": known}
        rate = processor.sampling_rate
        waves = [np.asarray(sound(Path(path), rate)[0]) for _, path in batch]
        found = processor(waves, sampling_rate=rate, return_tensors="pt")
        name = processor.model_input_names[0]
        return {name: found[name], "labels": known}

    with tempfile.TemporaryDirectory() as place:
        trainer = transformers.Trainer(
            model=model,
            args=transformers.TrainingArguments(
                place, num_train_epochs=epochs, per_device_train_batch_size=BATCH, learning_rate=RATE, weight_decay=0.0,
                save_strategy="no", logging_strategy="no", report_to=[], seed=seed, disable_tqdm=True,
                remove_unused_columns=False,
            ),
            train_dataset=rows,
            data_collator=collate,
        )  # fmt: skip
        began = time.perf_counter()
        trainer.train()
        return {"seconds": time.perf_counter() - began, "examples": epochs * len(rows), "ahead": 0.0}


def one(side: str, *given: Any) -> dict[str, Any]:
    with tempfile.TemporaryDirectory() as place:
        done = subprocess.run(
            [sys.executable, __file__, "--inside", side, *map(str, given)],
            cwd=place, env={**os.environ, "TUNESMITH_CACHE": f"{place}/cache"}, check=False,
            capture_output=True, text=True,
        )  # fmt: skip
        if done.returncode:
            raise SystemExit(f"{side} failed:\n{done.stderr[-3000:]}")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


def inside(side: str, folder: str, name: str, epochs: str, seed: str, made: str, precision: str) -> None:
    os.environ["HF_HUB_OFFLINE"] = "1"
    if side == "tunesmith":
        found = tunesmith_side(Path(folder), name, int(epochs), int(seed), precision)
        # The configuration that was made for these files is what the other side begins with.
        for file in ("config.json", "preprocessor_config.json"):
            (Path(made) / file).write_bytes((Path(found["model"]) / file).read_bytes())
    else:
        found = trainer_side(Path(folder), name, int(epochs), int(seed), Path(made))
    found["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(json.dumps(found))


def race(data: Path, name: str, options: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder, made = Path(place) / "data", Path(place) / "made"
        folder.mkdir()
        made.mkdir()
        rows = files_of(data, name, options.rows)
        (folder / "train.tsv").write_text("".join(f"{label}\t{path}\n" for label, path in rows), encoding="utf-8")
        # Ours reads folders of classes; links, so that no file is copied.
        classes = Path(place) / "classes/train"
        for at, (label, path) in enumerate(rows):
            (classes / label).mkdir(parents=True, exist_ok=True)
            (classes / label / f"{at:05}{Path(path).suffix}").symlink_to(path)
        results: dict[str, list[dict[str, Any]]] = {"tunesmith": [], "trainer": []}
        for seed in range(options.seeds):
            for side in results if seed % 2 == 0 or not list(made.iterdir()) else reversed(results):
                source = classes.parent if side == "tunesmith" else folder
                results[side].append(one(side, source, name, options.epochs, 17 + seed, made, options.precision))
        for side, found in results.items():
            speed = statistics.median(one["examples"] / one["seconds"] for one in found)
            peak, ahead = max(one["peak_mb"] for one in found), statistics.median(one["ahead"] for one in found)
            print(f"{name:9} {side:10} {speed:8.1f} ex/s  ahead {ahead:.1f} s  peak {peak} MB", flush=True)
        each = [
            (ours["examples"] / ours["seconds"]) / (theirs["examples"] / theirs["seconds"])
            for ours, theirs in zip(results["tunesmith"], results["trainer"], strict=True)
        ]
        print(
            f"{name:9} throughput {statistics.median(each):.2f}× of {sorted(round(one, 2) for one in each)}", flush=True
        )


def main() -> None:
    if sys.argv[1:2] == ["--inside"]:
        inside(*sys.argv[2:])
        return
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--sets", nargs="*", default=["pictures", "sounds"])
    parser.add_argument("--rows", type=int, default=1000)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--precision", choices=("float32", "bfloat16"), default="float32")
    options = parser.parse_args()
    for name in options.sets:
        race(options.data.resolve(), name, options)


if __name__ == "__main__":
    main()
