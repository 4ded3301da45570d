"""The table of real data: what every folder and file of ../shared/data is read as, without any flag."""

import csv
import io
import json
import random
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from tunesmith.artifacts import Reading
from tunesmith.errors import DataError
from tunesmith.rooms.read import read
from tunesmith.settings import ReadSettings

CLS, NER, LM, GEN, CHAT = "text-classification", "token-classification", "language-modeling", "generation", "chat"
SENTENCE = {"text": "sentence", "label": "label"}
ALPACA = {"question": "instruction", "answer": "output", "input": "input"}
TAGGED = {"tokens": 1, "tags": 2}


class Folder(NamedTuple):
    task: str
    format: str
    encoding: str
    columns: dict[str, Any]
    used: int
    rejected: int
    labels: int
    splits: dict[str, int]


FOLDERS = {
    "zh_cls_chnsenticorp_htl": Folder(
        CLS, "csv", "utf-8", {"text": "review", "label": "label"}, 7765, 1, 2, {"train": 7765}
    ),
    "zh_cls_waimai_10k": Folder(
        CLS, "csv", "utf-8", {"text": "review", "label": "label"}, 11987, 0, 2, {"train": 11987}
    ),
    "zh_cls_thucnews_titles": Folder(
        CLS, "tsv", "utf-8", {"text": 1, "label": 2}, 20000, 0, 10, {"train": 10000, "test": 10000}
    ),
    "zh_cls_fewclue_tnews": Folder(
        CLS, "jsonl", "utf-8", SENTENCE, 25793, 0, 15, {"train": 1185, "dev": 1098, "test": 2010, "unlabelled": 21500}
    ),
    "zh_cls_fewclue_eprstmt": Folder(
        CLS, "jsonl", "utf-8", SENTENCE, 21248, 0, 2, {"train": 160, "dev": 160, "test": 610, "unlabelled": 20318}
    ),
    "en_cls_sst2": Folder(
        CLS, "tsv", "utf-8", {"text": 1, "label": 2}, 9613, 0, 2, {"train": 6920, "dev": 872, "test": 1821}
    ),
    "en_cls_sst5_stsa_fine": Folder(
        CLS, "label-space-text", "utf-8", {"text": 2, "label": 1}, 11855, 0, 5,
        {"train": 8544, "dev": 1101, "test": 2210},
    ),
    "en_cls_mr_rtpolarity": Folder(
        CLS, "label-space-text", "cp1252", {"text": 2, "label": 1}, 10662, 0, 2, {"train": 10662}
    ),
    "en_cls_trec": Folder(
        CLS, "label-space-text", "utf-8", {"text": 2, "label": 1}, 5952, 0, 6, {"train": 5452, "test": 500}
    ),
    "en_cls_title_ag_news": Folder(
        CLS, "csv", "utf-8", {"text": 2, "text2": 3, "label": 1}, 7600, 0, 4, {"train": 7600}
    ),
    "en_ner_wnut17": Folder(NER, "conll", "utf-8", TAGGED, 5690, 0, 6, {"train": 3394, "dev": 1009, "test": 1287}),
    "en_ner_wikiann": Folder(NER, "conll", "utf-8", TAGGED, 40000, 0, 3, {"train": 20000, "dev": 10000, "test": 10000}),
    "zh_ner_weibo": Folder(NER, "conll", "utf-8", TAGGED, 1890, 0, 8, {"train": 1350, "dev": 270, "test": 270}),
    "zh_ner_cluener": Folder(
        NER, "span-json", "utf-8", {"text": "text", "label": "label"}, 13436, 0, 10,
        {"train": 10748, "dev": 1343, "unlabelled": 1345},
    ),
    "en_qa_alpaca": Folder(CHAT, "json", "utf-8", ALPACA, 9576, 6, 0, {"train": 9576}),
    "zh_qa_hikariming_original": Folder(
        CHAT, "json", "utf-8", {**ALPACA, "history": "history"}, 10280, 2, 0, {"train": 10280}
    ),
    "zh_qa_llamafactory_demo": Folder(CHAT, "json", "utf-8", ALPACA, 1000, 0, 0, {"train": 1000}),
    "en_qa_llamafactory_demo": Folder(CHAT, "json", "utf-8", ALPACA, 999, 0, 0, {"train": 999}),
    "zh_title_chinese_poetry": Folder(
        GEN, "json", "utf-8", {"title": "title", "content": "paragraphs"}, 6003, 0, 0, {"train": 6003}
    ),
    "zh_title_songci": Folder(
        GEN, "json", "utf-8", {"title": "rhythmic", "content": "paragraphs"}, 3000, 0, 0, {"train": 3000}
    ),
    "en_corpus_tinyshakespeare": Folder(LM, "lines", "utf-8", {"text": 1}, 32777, 0, 0, {"train": 32777}),
    "en_corpus_wiki_demo": Folder(LM, "lines", "utf-8", {"text": 1}, 30, 0, 0, {"train": 30}),
    "zh_corpus_hongloumeng": Folder(LM, "lines", "utf-8", {"text": 1}, 2654, 0, 0, {"train": 2654}),
    "zh_corpus_shuihuzhuan": Folder(LM, "lines", "utf-8", {"text": 1}, 6824, 0, 0, {"train": 6824}),
    "img_cifar10": Folder(
        "image-classification", "image-folder", "binary", {"path": "path", "label": "folder"}, 3600, 0, 10,
        {"train": 3000, "test": 600},
    ),
    "aud_fsdd": Folder(
        "audio-classification", "audio-folder", "binary", {"path": "path", "label": 1}, 3000, 0, 10, {"train": 3000}
    ),
}  # fmt: skip

# Single files whose counts the index states: (used, rejected).
FILES = {
    "zh_cls_thucnews_titles/dev.txt": (CLS, 10000, 0),
    "zh_cls_fewclue_tnews/train_0.json": (CLS, 240, 0),
    "zh_cls_fewclue_tnews/train_few_all.json": (CLS, 1185, 0),
    "zh_cls_fewclue_eprstmt/train_0.json": (CLS, 32, 0),
    "zh_cls_fewclue_eprstmt/test_public.json": (CLS, 610, 0),
    "en_cls_sst5_stsa_fine/stsa.fine.dev": (CLS, 1101, 0),
    "en_cls_trec/TREC.train.all": (CLS, 5452, 0),
    "en_cls_trec/TREC.test.all": (CLS, 500, 0),
    "en_ner_wnut17/emerging.test.annotated": (NER, 1287, 0),
    "en_ner_wnut17/emerging.test.conll": (NER, 1287, 0),
    "en_ner_wnut17/emerging.test": (NER, 1287, 0),
    "zh_ner_weibo/weiboNER_2nd_conll.dev": (NER, 270, 0),
    "zh_ner_cluener/dev.json": (NER, 1343, 0),
    "en_qa_alpaca/alpaca_data-0-3252-英文.json": (CHAT, 3248, 4),
    "en_qa_alpaca/alpaca_data-3252-6382-英文.json": (CHAT, 3130, 0),
    "en_qa_alpaca/seed_tasks.jsonl": (CHAT, 175, 0),
    "zh_qa_alpaca_translated/alpaca_data-0-3252-中文-已完成.json": (CHAT, 3243, 4),
    "zh_qa_hikariming_original/代码问题.json": (CHAT, 9057, 0),
    "zh_qa_hikariming_original/计算机问题.json": (CHAT, 1, 0),
    "zh_title_chinese_poetry/poet.tang.2000.json": (GEN, 1002, 0),
}
BROKEN = "zh_qa_alpaca_translated"


def adds_up(reading: Reading) -> None:
    assert reading.rows.total == reading.rows.used + reading.rows.rejected
    assert reading.rows.used == sum(split.rows for split in reading.splits.values())
    assert reading.rows.total == sum(source.rows.total for source in reading.sources)


def test_the_table_names_every_folder(shared_data: Path) -> None:
    assert {p.name for p in shared_data.iterdir() if p.is_dir()} == {*FOLDERS, BROKEN}


@pytest.mark.parametrize("name", FOLDERS)
def test_folder_is_read_without_flags(shared_data: Path, name: str) -> None:
    reading = read([shared_data / name])
    adds_up(reading)
    splits = {split: file.rows for split, file in reading.splits.items()}
    found = Folder(
        reading.task, reading.format, reading.encoding, reading.columns,
        reading.rows.used, reading.rows.rejected, len(reading.labels), splits,
    )  # fmt: skip
    assert found == FOLDERS[name]
    assert len(reading.preview) == 3


@pytest.mark.parametrize("name", FILES)
def test_single_file_is_read_without_flags(shared_data: Path, name: str) -> None:
    reading = read([shared_data / name])
    adds_up(reading)
    assert (reading.task, reading.rows.used, reading.rows.rejected) == FILES[name]


def test_invalid_json_names_file_and_line(shared_data: Path) -> None:
    with pytest.raises(DataError, match=r"comma before the closing '\]'") as caught:
        read([shared_data / BROKEN])
    assert caught.value.where.endswith("未完成.json:14007")


def test_what_can_be_saved_of_invalid_json_is_saved_on_request(shared_data: Path) -> None:
    reading = read([shared_data / BROKEN], ReadSettings(allow_rejects=True))
    adds_up(reading)
    broken = next(s for s in reading.sources if "9407" in s.path)
    text = Path(broken.path).read_text(encoding="utf-8")
    objects = json.loads(text[: text.rindex("}") + 1] + "]")
    # Every object of the file is a row or a reject, and one more reject stands for the comma.
    assert broken.rows.total == len(objects) + 1
    assert "14007\tinvalid JSON" in Path(reading.rejects).read_text(encoding="utf-8")


def test_numbers_get_the_names_of_the_class_file(shared_data: Path) -> None:
    from_zero, from_one = read([shared_data / "zh_cls_thucnews_titles"]), read([shared_data / "en_cls_title_ag_news"])
    assert from_zero.labels["finance"] == from_zero.labels["entertainment"] == 2000
    assert from_one.labels == {"Business": 1900, "Sci/Tech": 1900, "Sports": 1900, "World": 1900}
    alone = read([shared_data / "zh_cls_thucnews_titles" / "test.txt"])
    assert alone.labels["sports"] == 1000


def test_what_clings_to_tokens_is_taken_off(shared_data: Path) -> None:
    weibo, wikiann = read([shared_data / "zh_ner_weibo"]), read([shared_data / "en_ner_wikiann" / "dev"])
    assert weibo.preview[0]["tokens"][:2] == ["科", "技"]
    assert wikiann.preview[0]["tokens"][:2] == ["Sioux", "Falls"]
    assert any("digit" in line for line in weibo.hypotheses[0].evidence)


def test_files_that_are_not_used_say_why(shared_data: Path) -> None:
    aside = {Path(s.path).name: s.because for s in read([shared_data / "en_ner_wnut17"]).set_aside}
    assert "with labels in" in aside["emerging.test"]
    assert "one label each" in aside["emerging.test.conll"]
    assert "document" in aside["README.md"]
    few = {Path(s.path).name: s.because for s in read([shared_data / "zh_cls_fewclue_eprstmt"]).set_aside}
    assert all("all its rows are in" in few[f"train_{i}.json"] for i in range(5))


def test_a_digit_in_file_names_is_close_to_the_speaker(shared_data: Path) -> None:
    reading = read([shared_data / "aud_fsdd"])
    assert reading.is_close
    assert "label=2" in reading.would_change
    assert read([shared_data / "aud_fsdd"], ReadSettings(columns={"label": 2})).labels["george"] == 500


# ---------------------------------------------------------------- the same rows in other clothes


def rows_of(path: Path, limit: int = 200) -> tuple[list[str], list[list[str]]]:
    """Header and a seeded sample of the rows of a shared table, cut by the plainest means."""
    if path.suffix == ".csv":
        with path.open(encoding="utf-8", newline="") as stream:
            header, *rows = csv.reader(stream)
    else:
        text = path.read_text(encoding="utf-8")
        header, rows = ["text", "label"], [line.split("\t") for line in text.split("\n") if line]
    rows = [row for row in rows if all(cell.strip() for cell in row)]
    return header, random.Random(5).sample(rows, limit)


SAMPLES = [
    "zh_cls_waimai_10k/waimai_10k.csv",
    "zh_cls_chnsenticorp_htl/ChnSentiCorp_htl_all.csv",
    "en_cls_sst2/train.tsv",
]


@pytest.mark.parametrize("has_header", [True, False])
@pytest.mark.parametrize("is_turned", [True, False])
@pytest.mark.parametrize("separator", ["\t", ",", ";"])
@pytest.mark.parametrize("name", SAMPLES)
def test_shuffled_columns_with_and_without_header(
    shared_data: Path, tmp_path: Path, name: str, separator: str, is_turned: bool, has_header: bool
) -> None:
    header, rows = rows_of(shared_data / name)
    table = [header, *rows] if has_header else rows
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator="\n")
    writer.writerows([row[::-1] for row in table] if is_turned else table)
    path = tmp_path / "data.txt"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    reading = read([path])
    adds_up(reading)
    label = header.index("label")
    at = {"label": 2 - label if is_turned else label + 1, "text": 1 + label if is_turned else 2 - label}
    names = {"label": "label", "text": header[1 - label]}
    assert (reading.task, reading.rows.used, reading.has_header) == (CLS, len(rows), has_header)
    assert reading.columns == (names if has_header else at)


ENCODINGS = ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "gb18030"]
COPIES = {
    "zh_cls_waimai_10k/waimai_10k.csv": CLS,
    "zh_cls_thucnews_titles/dev.txt": CLS,
    "zh_ner_weibo/weiboNER_2nd_conll.dev": NER,
    "zh_title_songci/ci.song.0.json": GEN,
    "zh_cls_fewclue_eprstmt/test_public.json": CLS,
    "zh_qa_hikariming_original/学术问题.json": CHAT,
    "zh_ner_cluener/dev.json": NER,
    "zh_corpus_hongloumeng/红楼梦.txt": LM,
}


@pytest.mark.parametrize("name", COPIES)
@pytest.mark.parametrize("encoding", ENCODINGS)
def test_copy_in_another_encoding_reads_the_same(shared_data: Path, tmp_path: Path, name: str, encoding: str) -> None:
    source = shared_data / name
    text = source.read_bytes().decode("utf-8")
    path = tmp_path / source.name
    path.write_bytes(text.encode(encoding))
    copy, original = read([path], ReadSettings()), read([source])
    assert copy.encoding == encoding
    assert (copy.task, copy.format, copy.columns, copy.rows) == (
        COPIES[name], original.format, original.columns, original.rows,
    )  # fmt: skip
    strip = [{k: v for k, v in row.items() if k != "source"} for row in copy.preview]
    if name != "zh_cls_thucnews_titles/dev.txt":
        assert strip == [{k: v for k, v in row.items() if k != "source"} for row in original.preview]


@pytest.mark.parametrize("encoding", ["big5", "gb18030"])
def test_traditional_poems_in_a_legacy_encoding(shared_data: Path, tmp_path: Path, encoding: str) -> None:
    poems = json.loads((shared_data / "zh_title_chinese_poetry" / "poet.tang.1000.json").read_text(encoding="utf-8"))
    lines = [line for poem in poems for line in poem["paragraphs"]]
    kept = [line for line in lines if line == line.encode(encoding, errors="ignore").decode(encoding)]
    path = tmp_path / "poems.txt"
    path.write_bytes("\n".join(kept).encode(encoding))
    reading = read([path])
    assert (reading.encoding, reading.task, reading.rows.used) == (encoding, LM, len(kept))
