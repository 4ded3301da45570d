"""``check`` as a person and a program meet it, in this process."""

import html
import json
import re
from pathlib import Path

import pytest

from made import write_reviews
from tunesmith import rooms
from tunesmith.artifacts import Curve, CurvePoint, FieldCut, Health, Match, Mended, Row, Suspect
from tunesmith.cli import amounts, show
from tunesmith.cli.app import run
from tunesmith.cli.verbs.check import contract
from tunesmith.flow import check, read
from tunesmith.rooms.check.catalogue import CHECKS, ROW_CHECKS
from tunesmith.rooms.check.mend.catalogue import FOR_FINDING, MENDERS
from tunesmith.sizes import sizes

CONTRACT = {
    "task", "format", "encoding", "columns", "rows", "splits", "labels", "findings", "verdict", "is_trainable", "band",
    "facts", "sizes", "match", "suspects", "curve", "mended", "page",
}  # fmt: skip


@pytest.fixture
def flawed(tmp_path: Path) -> Path:
    path = write_reviews(tmp_path / "r.tsv", 60)
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join([*lines, lines[3], "good\tso <br> lovely, write to jane.doe@uni.edu\n"]), encoding="utf-8")
    return path


def test_the_contract_of_json(flawed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page, copy = flawed.with_name("page.html"), flawed.with_name("new.tsv")
    assert (
        run(
            ["check", str(flawed), "--model", "scratch", "--json", "--html", str(page), "--fix", "all", "-o", str(copy)]
        )
        == 0
    )
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert set(found) == CONTRACT
    duplicates = next(finding for finding in found["findings"] if finding["code"] == "duplicates")
    assert set(duplicates) == {"code", "severity", "count", "title", "message", "do", "rows"}
    assert duplicates["rows"][0]["line"] == 61
    assert found["match"] is None and found["curve"] is None and found["suspects"] == []
    mended = found["mended"]
    assert mended["rows_in"] == 62 == mended["rows_out"] + mended["dropped"]
    assert mended["kinds"]["duplicates"] == mended["kinds"]["html"] == 1
    assert found["page"] == str(page) and page.is_file() and copy.is_file()


def test_a_page_shows_no_personal_data(flawed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = flawed.read_text(encoding="utf-8").splitlines(keepends=True)
    flawed.write_text(lines[-1] + "".join(lines[:-1]), encoding="utf-8")
    page = flawed.with_name("page.html")
    assert run(["check", str(flawed), "--model", "scratch", "--html", str(page)]) == 0
    assert "so &lt;br&gt; lovely" in page.read_text(encoding="utf-8")
    assert "jane.doe" not in page.read_text(encoding="utf-8")


NUMBER, MAIL, CARD = "13800138000", "li_si@163.com", "4539 1488 0343 6467"


def personal_rows(kind: str) -> str:
    """Forty rows with personal data where this kind of file shows it."""
    rows = range(40)
    if kind == "texts.tsv":
        return "".join(f"{'ab'[at % 2]}\tcall {NUMBER} or {MAIL}, {at}, {CARD}\n" for at in rows)
    if kind == "labels.tsv":
        return "".join(f"{MAIL if at % 2 else 'x_yz@qq.com'}\tthis is text number {at} of all\n" for at in rows)
    if kind == "words.txt":
        return "".join(f"call O\n138 B-NUM\n0013 I-NUM\n8000 I-NUM\nAda{at} B-PER\n\n" for at in rows)
    if kind == "signs.txt":
        signs = "".join(f"{sign} O\n" for sign in "\u6253" + NUMBER + "\u627e")
        return "".join(f"{signs}\u738b{at} B-PER\n\n" for at in rows)
    if kind == "chat.jsonl":
        asked = ({"instruction": f"who has {NUMBER}, {at}?", "output": f"it is {MAIL}, {at}."} for at in rows)
        return "".join(json.dumps(one) + "\n" for one in asked)
    return "text,label\n" + "".join(f"{'far ' * 16}{NUMBER} {'off ' * 60}{at},{at % 2}\n" for at in rows)


@pytest.mark.parametrize("kind", ["texts.tsv", "labels.tsv", "words.txt", "signs.txt", "chat.jsonl", "cut.csv"])
def test_no_door_shows_personal_data(kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, page = tmp_path / kind, tmp_path / "page.html"
    path.write_text(personal_rows(kind), encoding="utf-8")
    assert run(["check", str(path), "--model", "scratch", "--html", str(page)]) == 0
    assert run(["check", str(path), "--model", "scratch", "--json"]) == 0
    shown = capsys.readouterr().out + page.read_text(encoding="utf-8")
    assert "40" in shown and kind in shown
    # However it is spaced: six of its signs together are more than anybody should see.
    solid = "".join(re.sub("<[^>]*>", "", shown).split())
    for secret in (NUMBER, MAIL, CARD.replace(" ", ""), "x_yz@qq.com"):
        assert [secret[at : at + 6] for at in range(len(secret) - 5) if secret[at : at + 6] in solid] == []


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        (["--fix", "all"], "--fix and -o together"),
        (["-o", "new.tsv"], "--fix and -o together"),
        (["--fix", "duplicate", "-o", "new.tsv"], "use 'duplicates'"),
        (["--fix", "all", "-o", "r.tsv"], "never changed"),
        (["--html", "r.tsv"], "name another file"),
    ],
)
def test_mistakes_say_the_way_out(
    flags: list[str], words: str, flawed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(flawed.parent)
    before = flawed.read_bytes()
    assert run(["check", "r.tsv", "--model", "scratch", *flags]) == 2
    assert words in " ".join(capsys.readouterr().err.split())
    assert flawed.read_bytes() == before
    assert not Path("new.tsv").exists()


def test_a_person_reads_what_was_mended(printed: object) -> None:
    mended = Mended(
        files=("/d/new/a.tsv", "/d/new/b.tsv"), changes="/d/new.changes.tsv", rows_in=1200, rows_out=1190, dropped=10,
        changed=3, rejected=2, kinds={"duplicates": 10, "html": 1}, is_own_format=True, notes=("a note",),
    )  # fmt: skip
    show.mended(mended, {"conflicts": "a person must tell"})
    text = printed()  # type: ignore[operator]
    assert "1,200 rows in = 1,190 out + 10 dropped; 3 of those that stay were changed" in text
    assert "2 rejected rows stand in it as they were" in text
    assert "not in all: conflicts (a person must tell)" in text
    assert "copy: /d/new (2 files)" in text and "list: /d/new.changes.tsv" in text and "a note" in text
    rows = [line.split() for line in text.splitlines()]
    assert ["duplicates", "10", "rows"] in rows and ["html", "1", "row"] in rows


def test_a_person_reads_fit_doubts_and_curve(flawed: Path, printed: object) -> None:
    def point(rows: int) -> CurvePoint:
        return CurvePoint(rows=rows, score=0.8, low=0.7, high=0.9)

    match = Match(
        model="minilm", grade="poor", because="hardly any Chinese", rows=9, unknown_share=0.8, byte_share=0,
        tokens_per_character=1, tokens_per_word=1, own_tokens_per_word=1, scripts={}, known_scripts={}, window=128,
        cuts=(FieldCut(field="text", rows=0.25, tokens=0.1, p95=300),),
    )  # fmt: skip
    curve = Curve(
        metric="accuracy", model="minilm", scored_on=9, points=(point(5),), fit=(0, 1, 1), full=point(10),
        twice=point(20), gain=(0.021, -0.004, 0.05), is_rising=True,
    )  # fmt: skip
    suspects = tuple(
        Suspect(row=Row(path="/d/r.tsv", line=at, text="t"), given="a", likely="b", doubt=0.5) for at in range(9)
    )
    health: Health = check(read([flawed]), model="scratch")
    show.health(health.model_copy(update={"match": match, "curve": curve, "suspects": suspects}))
    text = printed()  # type: ignore[operator]
    assert "✗ minilm  hardly any Chinese" in text
    assert "r.tsv:0  a → b" in text and "and 4 more, with --json" in text
    assert "twice the rows would bring +2.1 points of accuracy (-0.4 to +5.0, 95%)" in text
    assert text.rstrip().endswith(health.verdict)


def test_what_a_finding_tells_of_a_model_is_told_once(
    tmp_path: Path, printed: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "2000")
    # A long text in a script that the model does not know: it fits badly, and its window cuts.
    text = "\u8fd9\u4e2a\u9152\u5e97\u5f88\u597d" * 100
    rows = "".join(f"{'ab'[at % 2]}\t{text}{at}\n" for at in range(20))
    path, page = tmp_path / "zh.tsv", tmp_path / "page.html"
    path.write_text(rows, encoding="utf-8")
    reading = read([path])
    health = check(reading, model="minilm")
    assert {"poor-match", "cut-by-window"} <= {finding.code for finding in health.findings}
    assert health.match is not None and health.match.cuts[0].rows == 1
    show.health(health)
    rooms.report.check_page(reading, health, page)
    for told in (printed(), html.unescape(page.read_text(encoding="utf-8"))):  # type: ignore[operator]
        assert told.count(health.match.because) == 1
    good = health.model_copy(update={"match": health.match.model_copy(update={"grade": "good"})})
    show.health(good)
    rooms.report.check_page(reading, good, page)
    for told in (printed(), html.unescape(page.read_text(encoding="utf-8"))):  # type: ignore[operator]
        assert told.count(health.match.because) == 2


def test_every_split_and_class_has_its_band(
    tmp_path: Path, printed: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def rows(**counts: int) -> str:
        return "".join(f"{label}\tthe text {label} {at}\n" for label, n in counts.items() for at in range(n))

    long = "x" * 40
    (tmp_path / "train.tsv").write_text(rows(a=600, b=80, c=9, **{long: 3}), encoding="utf-8")
    (tmp_path / "test.tsv").write_text(rows(a=100, b=30, c=5), encoding="utf-8")
    reading = read([tmp_path])
    found = sizes(reading.task, (health := check(reading, model="scratch")).splits, health.facts)
    amounts.show(found)
    text = printed()  # type: ignore[operator]
    bands = "4 classes: 1 too little, 1 little, 1 enough, 1 ample"
    cut = "x" * 29 + "\u2026"
    assert f"train  692 rows, enough to train on; {bands} ({cut}: 3, c: 9)" in text
    assert f"test   135 rows, enough to score on (\u00b18 points); {bands} ({cut}: 0, c: 5)" in text
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    amounts.show(found)
    chinese = "\u7528\u4e8e\u8bad\u7ec3\u591f\u7528\uff1b4 \u4e2a\u7c7b\u522b\uff1a1 \u592a\u5c11\u30011 \u504f\u5c11"
    assert f"train  692 \u884c\uff0c{chinese}\u3001" in printed()  # type: ignore[operator]
    told = contract(reading, health)["sizes"]
    assert told["test"]["classes"]["c"] == {"amount": 5, "band": "little", "half_width": 0.3296}  # type: ignore[index]
    rooms.report.check_page(reading, health, tmp_path / "page.html")
    page = re.sub(r"\s*<[^>]*>\s*", " ", (tmp_path / "page.html").read_text(encoding="utf-8"))
    assert " c 9 \u504f\u5c11 5 \u504f\u5c11 \u00b133 " in re.sub(" +", " ", page)


def test_the_contract_needs_no_copy(flawed: Path) -> None:
    reading = read([flawed])
    assert set(contract(reading, check(reading, model="scratch"))) == CONTRACT


def test_what_can_be_mended_is_offered(flawed: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["check", str(flawed), "--model", "scratch"]) == 0
    assert "a mended copy: --fix html,duplicates -o NEW" in capsys.readouterr().out


def test_every_cure_is_for_a_finding_that_there_is() -> None:
    assert FOR_FINDING.keys() <= {*CHECKS, *ROW_CHECKS}
    assert {*FOR_FINDING.values()} == {*MENDERS}
