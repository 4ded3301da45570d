"""The whole room: verdict, order, registries, languages."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.compute as pc
import pytest

from made import write_reviews
from made_media import png
from tunesmith.artifacts import Health, Hypothesis, Reading, RowCount
from tunesmith.rooms.check import check
from tunesmith.rooms.check.catalogue import CHECKS, ROW_CHECKS
from tunesmith.rooms.check.rows import Batch, numbers
from tunesmith.rooms.check.survey import Draft, Hits, RowCheck, Survey
from tunesmith.rooms.read import read

MakeReading = Callable[..., Reading]


def clean(n: int) -> list[dict[str, str]]:
    return [{"text": f"a clean text, number {i}", "label": str(i % 2)} for i in range(n)]


# Every kind of finding that labelled texts can have, in one Reading.
FLAWED = {
    "train": [
        *clean(30),
        {"text": "cafÃ© &amp; \u200b" + "long " * 600, "label": "0 "},
        {"text": "?", "label": "1"},
        {"text": "a clean text, number 1", "label": "1"},
        {"text": "a clean text, number 1", "label": "0"},
        {"text": "never seen", "label": None},
    ],
    "test": [{"text": "a clean text, number 2", "label": "0"}, {"text": "odd one", "label": "2"}],
}


def flawed(make_reading: MakeReading) -> Reading:
    return make_reading(
        "text-classification",
        FLAWED,
        is_close=True,
        would_change="a header would",
        rows=RowCount(total=40, used=37, rejected=3),
    )


@pytest.fixture
def toy_checks() -> Iterator[None]:
    """A check of each kind, as an extension would add them."""

    def spot(batch: Batch) -> np.ndarray[Any, np.dtype[np.int64]]:
        return numbers(pc.match_substring(batch.fields["text"], "number 7"))

    def tell(survey: Survey, hits: Hits) -> Draft:
        title = f"{hits.count} sevens of {survey.rows}"
        return Draft(severity="note", count=hits.count, title=title, message=title, do="", places=tuple(hits.places))

    def all_is_lost(survey: Survey) -> Draft:
        return Draft(severity="error", count=survey.rows, title="all is lost", message="", do="")

    ROW_CHECKS.add("sevens", RowCheck(needs="text", spot=spot, tell=tell))
    CHECKS.add("all-is-lost", all_is_lost)
    yield
    ROW_CHECKS.remove("sevens")
    CHECKS.remove("all-is-lost")


def test_clean_data_is_good_enough_and_counted(make_reading: MakeReading) -> None:
    health = check(make_reading("text-classification", {"train": clean(400), "test": clean(2000)[800:]}))
    assert health.findings == ()
    assert health.is_trainable
    assert health.verdict == "good enough to train: 400 rows, enough; 0 notes"
    assert (health.band, health.facts.rows) == ("workable", 1600)
    assert health.splits["train"].labels == {"0": 200, "1": 200}
    assert health.splits["test"].rows == 1200


def test_every_code_can_be_found_and_leads_with_the_worst(make_reading: MakeReading) -> None:
    health = check(flawed(make_reading))
    severities = [finding.severity for finding in health.findings]
    assert severities == sorted(severities, key=("error", "warning", "note").index)
    assert {finding.code for finding in health.findings} == {
        "too-few-rows",
        "close-call",
        "leakage",
        "class-only-in-one-split",
        "label-variants",
        "conflicting-labels",
        "duplicates",
        "small-class",
        "wide-interval",
        "unbalanced",
        "rejected-rows",
        "unlabelled-rows",
        "mojibake",
        "html-remnants",
        "invisible-characters",
        "very-long",
        "very-short",
    }
    assert health.is_trainable
    assert health.verdict.startswith("usable, but 34 rows are few for this task, the files can be")
    assert health.verdict.endswith("more")


def test_each_finding_says_what_and_what_to_do_in_both_languages(
    make_reading: MakeReading, monkeypatch: pytest.MonkeyPatch
) -> None:
    english = check(flawed(make_reading))
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    chinese = check(flawed(make_reading))
    assert chinese.verdict.startswith("可以使用，但是")
    for one, other in zip(english.findings, chinese.findings, strict=True):
        assert (one.code, one.count, one.rows) == (other.code, other.count, other.rows)
        assert one.title and one.message.endswith((".", "would")) and one.do
        assert all(any("\u4e00" <= c <= "\u9fff" for c in text) for text in (other.title, other.message, other.do))


def test_rejected_rows_point_to_their_list(make_reading: MakeReading) -> None:
    rejected = {finding.code: finding for finding in check(flawed(make_reading)).findings}["rejected-rows"]
    assert (rejected.count, rejected.severity) == (3, "warning")
    assert "rejects.tsv" in rejected.message


def test_a_close_call_says_what_was_taken_and_what_would_change_it(make_reading: MakeReading) -> None:
    taken = Hypothesis(task="chat", format="tsv", columns={"question": 1, "answer": 2}, score=0.5, evidence=())
    reading = make_reading(
        "text-classification", {"train": clean(600)}, is_close=True, would_change="a label.", hypotheses=(taken,)
    )
    (finding,) = (finding for finding in check(reading).findings if finding.code == "close-call")
    assert finding.message == "Taken as chat (question=1, answer=2), but it was close: a label."


def test_an_error_makes_it_not_trainable(make_reading: MakeReading) -> None:
    health = check(
        make_reading("text-classification", {"train": [{"text": f"t {i}", "label": "a"} for i in range(40)]})
    )
    assert not health.is_trainable
    assert health.verdict == "not trainable: all rows have the label 'a'"


def test_no_rows_at_all_is_an_error_not_a_crash(make_reading: MakeReading) -> None:
    health = check(make_reading("text-classification", {}))
    assert (health.is_trainable, health.band) == (False, "none")
    assert health.verdict == "not trainable: only 0 rows to train on"


@pytest.mark.usefixtures("toy_checks")
def test_a_registered_check_of_either_kind_is_run(make_reading: MakeReading) -> None:
    health = check(make_reading("text-classification", {"train": clean(400)}))
    found = {finding.code: finding for finding in health.findings}
    assert (found["sevens"].count, found["sevens"].rows[0].line) == (11, 8)
    assert health.verdict == "not trainable: all is lost"


def test_codes_are_kebab_case_and_of_one_kind() -> None:
    codes = [*CHECKS, *ROW_CHECKS]
    assert len(set(codes)) == len(codes)
    assert all(code == code.lower() and code.replace("-", "").isalpha() for code in codes)


def test_health_survives_the_run_folder(make_reading: MakeReading, tmp_path: Path) -> None:
    health = check(flawed(make_reading))
    health.write(tmp_path / "health.json")
    assert Health.load(tmp_path / "health.json") == health


def test_nothing_depends_on_how_the_rows_are_batched(make_reading: MakeReading) -> None:
    fields = {"rows": RowCount(total=37, used=37, rejected=0)}
    healths = [check(make_reading("text-classification", FLAWED, rows_per_batch=n, **fields)) for n in (1, 4, 100)]
    assert healths[0] == healths[1] == healths[2]


def read_reviews(folder: Path) -> Reading:
    return read([write_reviews(folder / "reviews.tsv", rows=60)])


def test_rows_of_the_cache_are_judged_once(
    tmp_path: Path, own_cache: Path, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> None:
    reading = read_reviews(tmp_path)
    first = check(reading)
    (folder,) = (own_cache / "readings").iterdir()
    assert [path.suffix for path in folder.glob("health-*")] == [".json"]
    for file in reading.splits.values():
        Path(file.path).unlink()
    assert check(reading) == first
    # Neither another language nor another set of checks takes what was kept.
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    with pytest.raises(FileNotFoundError, match="train"):
        check(reading)
    monkeypatch.setenv("TUNESMITH_LANG", "en")
    request.getfixturevalue("toy_checks")
    with pytest.raises(FileNotFoundError, match="train"):
        check(reading)


def test_nothing_is_kept_beside_rows_that_lie_elsewhere(make_reading: MakeReading, own_cache: Path) -> None:
    # The key is the same each time, the rows are not.
    few, many = (check(make_reading("text-classification", {"train": clean(rows)})).facts.rows for rows in (400, 500))
    assert (few, many) == (400, 500)
    assert list(own_cache.rglob("health-*")) == []


def test_whether_files_are_there_is_looked_up_each_time(tmp_path: Path) -> None:
    for at in range(40):
        folder = tmp_path / "images" / ("cat" if at % 2 else "dog")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{at}.png").write_bytes(png(at))
    reading = read([tmp_path / "images"])
    assert "missing-files" not in {finding.code for finding in check(reading).findings}
    (tmp_path / "images" / "cat" / "1.png").unlink()
    assert "missing-files" in {finding.code for finding in check(reading).findings}
