"""Small data, models and runs that tests share: made on the spot, seconds to train."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa

from tunesmith.artifacts import Template
from tunesmith.tasks.encoded import Encoded

GOOD = ("fine", "lovely", "great", "superb", "kind")
BAD = ("awful", "broken", "rude", "dirty", "slow")
THINGS = ("room", "meal", "staff", "screen", "cable", "garden", "driver", "story")

TEMPLATE = Template(prefix=(1,), middle=(2,), suffix=(2,), pad=0, unknown=3, has_types=True)


def reviews(rows: int = 80) -> list[tuple[str, str]]:
    """(label, text) of two classes that a small model tells apart; no text comes twice."""
    found = []
    for at in range(rows):
        words, label = (GOOD, "good") if at % 2 else (BAD, "bad")
        thing, other = THINGS[at % 8], THINGS[(at // 8) % 8]
        found.append((label, f"the {thing} number {at} was {words[at % 5]} and the {other} {words[(at // 5) % 5]}"))
    return found


def write_reviews(path: Path, rows: int = 80) -> Path:
    """``reviews`` as label<TAB>text."""
    path.write_text("".join(f"{label}\t{text}\n" for label, text in reviews(rows)), encoding="utf-8")
    return path


def sentences(rows: int = 60) -> list[list[tuple[str, str]]]:
    """Tagged sentences with a person or a place each."""
    people, places = ("Ada", "Grace", "Alan", "Edsger"), ("Paris", "Oslo", "Lima", "Cairo")
    found = []
    for at in range(rows):
        if at % 2:
            found.append([(people[at % 4], "B-PER"), ("wrote", "O"), (f"page{at}", "O"), (".", "O")])
        else:
            found.append([("we", "O"), ("saw", "O"), (places[at % 4], "B-LOC"), (f"bay{at}", "I-LOC"), (".", "O")])
    return found


def write_sentences(path: Path, rows: int = 60) -> Path:
    """``sentences`` as token<TAB>tag with blank lines between."""
    blocks = ["".join(f"{token}\t{tag}\n" for token, tag in sentence) for sentence in sentences(rows)]
    path.write_text("\n".join(blocks), encoding="utf-8")
    return path


def encoded(path: Path, batches: Sequence[dict[str, list[object]]]) -> Encoded:
    """Prepared rows as ``prepare`` writes them, in as many record batches as given."""
    whole = dict.fromkeys(("label", "characters", "begins", "ends"), pa.int32())
    scalar = {**whole, "score": pa.float64(), "row": pa.int64()}
    schema = pa.schema([(name, scalar.get(name, pa.list_(pa.int32()))) for name in batches[0]])
    with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_file(sink, schema) as writer:
        for batch in batches:
            writer.write_batch(pa.RecordBatch.from_pydict(batch, schema=schema))
    return Encoded(path)
