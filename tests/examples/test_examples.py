"""The example files are found by name, hold the flaws that their README lists, and are read without flags."""

from collections import Counter
from pathlib import Path

import pytest

from tunesmith import examples
from tunesmith.errors import UserError
from tunesmith.metrics.tags import Scheme, detect_scheme, illegal_positions
from tunesmith.rooms.read import read

BOM = b"\xef\xbb\xbf"

# task, rows in all, rows that can be used
READ = {
    "headlines.en.tsv": ("generation", 113, 112),
    "headlines.zh.tsv": ("generation", 111, 110),
    "questions.en.tsv": ("chat", 114, 113),
    "questions.zh.tsv": ("chat", 109, 108),
    "reviews.en.tsv": ("text-classification", 520, 519),
    "reviews.zh.tsv": ("text-classification", 278, 277),
    "sentences.en.txt": ("language-modeling", 165, 165),
    "sentences.zh.txt": ("language-modeling", 165, 165),
    "tagged.en.conll": ("token-classification", 135, 135),
    "tagged.zh.conll": ("token-classification", 131, 131),
}
TABLES = [name for name in READ if name.endswith(".tsv")]
REVIEWS = [("reviews.en.tsv", "positive", "Positive"), ("reviews.zh.tsv", "好评", "好評")]
TAGGED = ["tagged.en.conll", "tagged.zh.conll"]


def rows(name: str) -> list[list[str]]:
    """The cells of a table as they stand, without the line that calls it example data and without its header."""
    text = examples.path(name).read_text(encoding="utf-8-sig")
    header, *lines = text.split("\n")[:-1]
    assert header.startswith("# ")
    cells = [line.split("\t") for line in lines]
    return cells[1:] if cells[0] in (["label", "text"], ["title", "content"], ["question", "answer"]) else cells


def sentences(name: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Tokens and tags of each sentence."""
    text = examples.path(name).read_text(encoding="utf-8")
    groups = [[]]
    for line in text.split("\n")[1:]:
        if line.strip():
            groups[-1].append(line.split())
        else:
            groups.append([])
    return [tuple(zip(*group, strict=True)) for group in groups if group]


def test_names_are_all_data_files_and_paths_lead_to_them() -> None:
    assert examples.names() == sorted(READ)
    assert all(examples.path(name).is_file() for name in examples.names())


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(UserError, match=r"got 'review.en.tsv'(.|\n)*use 'reviews.en.tsv'"):
        examples.path("review.en.tsv")


def test_the_readme_says_that_it_is_example_data_and_lists_every_file_with_its_rows() -> None:
    readme = (Path(examples.__file__).parent / "README.md").read_text(encoding="utf-8")
    assert "example data, written for tunesmith" in readme
    for name, (_, total, _) in READ.items():
        row = next(line for line in readme.splitlines() if line.startswith(f"| `{name}`"))
        assert row.split("|")[3].split()[0] == str(total)


@pytest.mark.parametrize("name", sorted(READ))
def test_read_recognises_it_without_flags(name: str) -> None:
    task, total, used = READ[name]
    reading = read([examples.path(name)])
    assert reading.task == task
    assert (reading.rows.total, reading.rows.used, reading.rows.rejected) == (total, used, total - used)
    assert not reading.is_close


def test_marks_and_line_ends_differ_as_listed() -> None:
    data = {name: examples.path(name).read_bytes() for name in READ}
    assert {name for name in READ if data[name].startswith(BOM)} == {"headlines.zh.tsv", "reviews.zh.tsv"}
    with_crlf = {name for name in READ if b"\r" in data[name]}
    assert with_crlf == {"questions.zh.tsv", "reviews.zh.tsv", "sentences.zh.txt"}
    assert all(data[name].count(b"\r\n") == data[name].count(b"\n") for name in with_crlf)
    assert all(blob.endswith(b"\n") for blob in data.values())


@pytest.mark.parametrize("name", TABLES)
def test_a_table_has_two_columns_duplicates_one_empty_cell_one_long_one_and_quotes(name: str) -> None:
    table = rows(name)
    assert {len(row) for row in table} == {2}
    assert sum(times - 1 for times in Counter(map(tuple, table)).values()) == (3 if "reviews" in name else 2)
    assert [row[0] != "" for row in table if not row[1]] == [True]
    longest, second = sorted((len(row[1]) for row in table), reverse=True)[:2]
    assert longest > 3 * second
    assert any('"' in cell for row in table for cell in row)


@pytest.mark.parametrize(("name", "label", "variant"), REVIEWS)
def test_reviews_have_one_conflict_and_one_label_in_two_spellings(name: str, label: str, variant: str) -> None:
    counts = Counter(row[0] for row in rows(name))
    assert counts[variant] == 2 and counts[label] > 100
    assert len(counts) == 4
    labels_of: dict[str, set[str]] = {}
    for given, text in rows(name):
        labels_of.setdefault(text, set()).add(given)
    assert sum(len(given) > 1 for given in labels_of.values()) == 1


@pytest.mark.parametrize("name", TAGGED)
def test_tagged_data_has_two_illegal_sentences_one_duplicate_and_one_conflict(name: str) -> None:
    found = sentences(name)
    assert "tunesmith" in examples.path(name).read_text(encoding="utf-8").split("\n")[0]
    assert detect_scheme(tags for _, tags in found).scheme is Scheme.BIO
    assert sum(bool(illegal_positions(tags, Scheme.BIO)) for _, tags in found) == 2
    assert {tag for _, tags in found for tag in tags} == {"O"} | {
        f"{r}-{t}" for r in "BI" for t in ("PER", "LOC", "ORG")
    }
    tags_of: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for tokens, tags in found:
        tags_of.setdefault(tokens, []).append(tags)
    repeated = [given for given in tags_of.values() if len(given) > 1]
    assert sorted(len(set(given)) for given in repeated) == [1, 2]


@pytest.mark.parametrize("name", ["sentences.en.txt", "sentences.zh.txt"])
def test_sentences_have_blanks_duplicates_and_one_line_of_many(name: str) -> None:
    lines = examples.path(name).read_text(encoding="utf-8").split("\n")[:-1]
    written = [line for line in lines if line.strip()]
    assert "tunesmith" in lines[0]
    assert len(lines) - len(written) == 3
    assert len(written) - len(set(written)) == 2
    longest, second = sorted(map(len, written), reverse=True)[:2]
    assert longest > 10 * second
