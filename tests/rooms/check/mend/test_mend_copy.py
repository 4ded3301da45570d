"""A mended copy, through the door that people use: the faults are gone, the rest is there byte for byte."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from made import reviews
from tunesmith import flow
from tunesmith.artifacts import Mended
from tunesmith.beforehand import mending
from tunesmith.errors import UserError
from tunesmith.settings import ReadSettings

ROWS = reviews(40)


def mend(source: Path | list[Path], kinds: str, target: Path, **wishes: object) -> Mended:
    files = source if isinstance(source, list) else [source]
    reading = flow.read(files, ReadSettings(allow_rejects=True))
    found = mending.mend(reading, kinds.split(","), target, settings=ReadSettings(allow_rejects=True), **wishes)  # type: ignore[arg-type]
    assert found.rows_in == found.rows_out + found.dropped == reading.rows.used
    again = flow.read([target if target.exists() else Path(found.files[0])], ReadSettings(allow_rejects=True))
    assert again.rows.used == found.rows_out
    return found


def codes(path: Path) -> set[str]:
    return {finding.code for finding in flow.check(flow.read([path]), model="scratch").findings}


def changes(found: Mended) -> list[list[str]]:
    head, *rows = Path(found.changes).read_text(encoding="utf-8").rstrip("\n").split("\n")
    assert head == "file\tline\tkind\tbefore\tafter\tbecause"
    return [row.split("\t") for row in rows]


def tsv() -> bytes:
    return "".join(f"{label}\t{text}\n" for label, text in ROWS).encode()


def test_only_the_mended_lines_change(tmp_path: Path) -> None:
    lines = tsv().split(b"\n")
    lines[3] = lines[3].replace(b"number", b"num<br>ber")
    lines[7] = lines[7] + "Ã©".encode()
    lines.insert(20, lines[2])
    source, target = tmp_path / "in.tsv", tmp_path / "out.tsv"
    source.write_bytes(b"\r\n".join(lines))
    before = source.read_bytes()
    found = mend(source, "all", target)
    assert source.read_bytes() == before
    assert (found.dropped, found.changed, found.is_own_format) == (1, 2, True)
    lines[3], lines[7] = lines[3].replace(b"<br>", b" "), lines[7].replace("Ã©".encode(), "é".encode())
    del lines[20]
    assert target.read_bytes() == b"\r\n".join(lines)
    assert [(row[1], row[2], row[4]) for row in changes(found)] == [
        ("4", "html", changes(found)[0][4]),
        ("8", "mojibake", changes(found)[1][4]),
        ("21", "duplicates", "dropped"),
    ]
    assert changes(found)[2][5] == f"{source}:3"
    assert codes(target).isdisjoint({"duplicates", "html-remnants"})


def csv(rows: list[tuple[str, str]]) -> str:
    return "label,review\n" + "".join(f'{label},"{text}"\n' for label, text in rows)


def test_csv_keeps_its_header_quotes_and_lines_within_cells(tmp_path: Path) -> None:
    rows = [(label, f'{text}, ""really""') for label, text in ROWS]
    rows[4] = (rows[4][0], "two lines,\n\nwith a &amp; and a quote &quot;here&quot;")
    rows.insert(10, rows[1])
    source, target = tmp_path / "in.csv", tmp_path / "out.csv"
    source.write_text(csv(rows), encoding="utf-8")
    found = mend(source, "html,duplicates", target)
    rows[4] = (rows[4][0], 'two lines,\n\nwith a & and a quote ""here""')
    del rows[10]
    assert found.is_own_format
    assert target.read_text(encoding="utf-8") == csv(rows)


def test_labels_are_written_in_one_way(tmp_path: Path) -> None:
    source, target = tmp_path / "in.tsv", tmp_path / "out.tsv"
    lines = tsv().decode().split("\n")
    lines[1] = lines[1].replace("good\t", "Good\t")
    source.write_text("\n".join(lines), encoding="utf-8")
    found = mend(source, "labels", target)
    assert found.kinds == {"labels": 1}
    assert target.read_bytes() == tsv()
    assert changes(found)[0][2:5] == ["labels", "Good", "good"]


def words(sentences: list[list[tuple[str, str]]]) -> str:
    return "\n".join("".join(f"{word}\t{tag}\n" for word, tag in sentence) for sentence in sentences)


def test_tags_and_sentences(tmp_path: Path) -> None:
    sentences = [[("we", "O"), (f"saw{at}", "O"), ("Lima", "B-LOC"), (f"bay{at}", "I-LOC")] for at in range(30)]
    sentences[3][2] = ("Lima", "I-LOC")
    sentences[5][1] = ("saw&amp;5", "O")
    sentences.insert(9, sentences[2])
    source, target = tmp_path / "in.conll", tmp_path / "out.conll"
    source.write_text(words(sentences), encoding="utf-8")
    found = mend(source, "all", target)
    sentences[3][2], sentences[5][1] = ("Lima", "B-LOC"), ("saw&5", "O")
    del sentences[9]
    assert (found.is_own_format, found.dropped, found.changed) == (True, 1, 2)
    assert target.read_text(encoding="utf-8") == words(sentences)


def objects(texts: list[str]) -> list[str]:
    return [
        json.dumps({"id": at, "text": text, "label": "ab"[at % 2]}, ensure_ascii=False) for at, text in enumerate(texts)
    ]


@pytest.mark.parametrize(
    ("name", "joined"),
    [
        ("in.jsonl", "\n".join),
        ("in.json", lambda each: "[\n  " + ",\n  ".join(each) + "\n]\n"),
        ("one.json", lambda each: "[" + ", ".join(each) + "]"),
    ],
)
def test_json_keeps_its_shape(name: str, joined: Callable[[list[str]], str], tmp_path: Path) -> None:
    texts = [text for _, text in ROWS]
    texts[6] = "a “broken”<br>text"
    texts[11] = texts[9]
    source, target = tmp_path / name, tmp_path / "new" / name
    source.write_text(joined(objects(texts)), encoding="utf-8")
    found = mend(source, "html,duplicates", target)
    expected = objects([*texts[:6], "a “broken” text", *texts[7:]])
    del expected[11]
    assert found.is_own_format
    assert target.read_text(encoding="utf-8") == joined(expected)


def test_rejects_among_the_objects_of_one_line_stay_where_they_are(tmp_path: Path) -> None:
    talks = [{"instruction": f"say <b>{at}</b>, please", "output": f"it is {at}, as you wished"} for at in range(30)]
    talks[7]["output"] = talks[12]["output"] = ""
    talks[20] = dict(talks[19])
    source, target = tmp_path / "in.json", tmp_path / "out.json"
    source.write_text(json.dumps(talks), encoding="utf-8")
    found = mend(source, "html,duplicates", target)
    for at, talk in enumerate(talks):
        # What could not be used is nobody's to mend.
        if at not in {7, 12}:
            talk["instruction"] = talk["instruction"].replace("<b>", "").replace("</b>", "")
    del talks[20]
    assert (found.is_own_format, found.rejected, found.dropped) == (True, 2, 1)
    assert target.read_text(encoding="utf-8") == json.dumps(talks)


def test_leakage_leaves_the_later_split(tmp_path: Path) -> None:
    folder, target = tmp_path / "data", tmp_path / "new"
    folder.mkdir()
    lines = tsv().decode().splitlines(keepends=True)
    (folder / "train.tsv").write_text("".join(lines), encoding="utf-8")
    (folder / "test.tsv").write_text(
        "good\ta new one, quite lovely\n" + lines[4] + "bad\tanother one, awful\n", encoding="utf-8"
    )
    (folder / "README.md").write_text("# not data\n\nprose\n", encoding="utf-8")
    found = mend(folder, "leakage", target)
    assert {path.name for path in target.iterdir()} == {"train.tsv", "test.tsv"}
    assert (target / "train.tsv").read_bytes() == (folder / "train.tsv").read_bytes()
    assert (target / "test.tsv").read_text(encoding="utf-8").count("\n") == 2
    assert changes(found)[0][5] == f"{folder / 'train.tsv'}:5"
    assert found.changes == str(target) + ".changes.tsv"


def test_an_encoding_stays_unless_it_lacks_the_characters(tmp_path: Path) -> None:
    lines = [f"{label} caf\xe9 {text}" for label, text in ROWS]
    lines[0] += " &amp; more"
    source, target = tmp_path / "in.txt", tmp_path / "out.txt"
    source.write_bytes("\n".join(lines).encode("cp1252"))
    mend(source, "html", target)
    lines[0] = lines[0].replace("&amp;", "&")
    assert target.read_bytes() == "\n".join(lines).encode("cp1252")
    lines[0] += " &#20320;"
    source.write_bytes("\n".join(lines).encode("cp1252"))
    found = mend(source, "html", tmp_path / "wide.txt")
    assert (tmp_path / "wide.txt").read_text(encoding="utf-8").split("\n")[1:] == lines[1:]
    assert "utf-8" in found.notes[0]


def test_rows_that_cannot_be_written_back_become_json(tmp_path: Path) -> None:
    from tunesmith.rooms.check.mend.rewrite.catalogue import WRITERS

    source, target = tmp_path / "in.tsv", tmp_path / "out.tsv"
    source.write_bytes(tsv() + tsv().split(b"\n")[0] + b"\n")
    writer = WRITERS.get("tsv")
    WRITERS.remove("tsv")
    try:
        found = mend(source, "duplicates", target)
    finally:
        WRITERS.add("tsv", writer)
    assert not found.is_own_format and "JSON" in found.notes[0]
    assert not target.exists()
    rows = [json.loads(line) for line in Path(found.files[0]).read_text(encoding="utf-8").splitlines()]
    assert rows == [{"text": text, "label": label} for label, text in ROWS]


def test_a_copy_that_reads_otherwise_is_not_given_out(tmp_path: Path) -> None:
    from tunesmith.rooms.check.mend.rewrite.catalogue import WRITERS

    def careless(work: object, target: Path) -> str:
        target.write_bytes(tsv().replace(b"garden", b"gorden"))
        return "utf-8"

    source = tmp_path / "in.tsv"
    source.write_bytes(tsv() + tsv().split(b"\n")[0] + b"\n")
    writer = WRITERS.get("tsv")
    WRITERS.remove("tsv")
    WRITERS.add("tsv", careless)
    try:
        found = mend(source, "duplicates", tmp_path / "out.tsv")
    finally:
        WRITERS.remove("tsv")
        WRITERS.add("tsv", writer)
    assert not found.is_own_format
    assert "gorden" not in Path(found.files[0]).read_text(encoding="utf-8")


def test_what_is_read_or_taken_is_never_written_over(tmp_path: Path) -> None:
    source, taken = tmp_path / "in.tsv", tmp_path / "taken.tsv"
    source.write_bytes(tsv())
    taken.write_text("mine", encoding="utf-8")
    reading = flow.read([source])
    for target, words_ in (
        (source, "never changed"),
        (taken, "--overwrite"),
        (tmp_path, "outside the data|another|--overwrite"),
    ):
        with pytest.raises(UserError, match=words_):
            mending.mend(reading, ["html"], target)
    assert taken.read_text(encoding="utf-8") == "mine"
    mending.mend(reading, ["html"], taken, overwrite=True)
    assert taken.read_bytes() == tsv()
    folder = flow.read([tmp_path])
    with pytest.raises(UserError, match="outside the data"):
        mending.mend(folder, ["html"], tmp_path / "inside")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.tsv", "taken.tsv", "taken.tsv.changes.tsv"]


def test_an_unknown_kind_lists_those_that_there_are(tmp_path: Path) -> None:
    source = tmp_path / "in.tsv"
    source.write_bytes(tsv())
    with pytest.raises(UserError, match="use 'duplicates'") as raised:
        mending.mend(flow.read([source]), ["duplicate"], tmp_path / "out.tsv")
    for kind in ("mojibake", "leakage", "conflicts"):
        assert kind in raised.value.expected
    assert not (tmp_path / "out.tsv").exists()


def test_conflicts_go_by_vote_and_only_when_asked_for(tmp_path: Path) -> None:
    source = tmp_path / "in.tsv"
    extra = "good\tthe soup was cold\nbad\tthe soup was cold\nbad\tThe soup was cold\ngood\tso so\nbad\tso so\n"
    source.write_bytes(tsv() + extra.encode())
    assert "conflicts" in mending.left_to_humans(flow.read([source]))
    found = mend(source, "conflicts", tmp_path / "out.tsv")
    assert found.dropped == 3
    assert (tmp_path / "out.tsv").read_bytes() == tsv() + b"bad\tthe soup was cold\nbad\tThe soup was cold\n"


def test_pictures_are_refused_with_a_sentence(tmp_path: Path) -> None:
    source = tmp_path / "in.tsv"
    source.write_bytes(tsv())
    reading = flow.read([source])
    with pytest.raises(UserError, match="nothing to mend"):
        mending.mend(reading.model_copy(update={"columns": {"path": 1, "label": 2}}), ["all"], tmp_path / "new.tsv")
