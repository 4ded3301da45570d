"""The page of a check: complete, closed to the outside, in both languages, and never obeying the data."""

import itertools
from pathlib import Path

import pytest
from made_runs import english, hostile, tagging
from test_report_page import Page

from tunesmith.artifacts import Curve, CurvePoint, FieldCut, Finding, Health, Match, Row, Suspect
from tunesmith.rooms.report.check import check_page, figures, render
from tunesmith.rooms.report.health import doubtful_pairs, pictures, shares


def point(rows: int, score: float) -> CurvePoint:
    return CurvePoint(rows=rows, score=score, low=score - 0.02, high=score + 0.02)


@pytest.fixture
def deep() -> Health:
    """Everything that a check can find."""
    health = english().health
    curve = Curve(
        metric="accuracy", model="minilm", scored_on=500, points=(point(500, 0.6), point(1000, 0.7)),
        fit=(0.1, 2.0, 0.5), full=point(4000, 0.8), twice=point(8000, 0.84), gain=(0.04, 0.01, 0.07), is_rising=True,
    )  # fmt: skip
    match = Match(
        model="minilm", grade="poor", because="hardly any Chinese in its vocabulary", rows=400, unknown_share=0.78,
        byte_share=0.0, tokens_per_character=1.0, tokens_per_word=1.4, own_tokens_per_word=1.2,
        scripts={"Han": 0.95, "Latin": 0.049, "Greek": 0.001}, known_scripts={"Latin": 0.9}, window=50,
        cuts=(FieldCut(field="text", rows=0.12, tokens=0.2, p95=300),),
    )  # fmt: skip
    row = Row(path="data/train.tsv", line=7, text="What is <b>this</b> ?")
    suspects = (
        Suspect(row=row, given="NUM", likely="DESC", doubt=0.9),
        *(Suspect(row=row, given="ENTY", likely="LOC", doubt=0.8 - at / 100) for at in range(25)),
    )
    facts = health.facts.model_copy(update={"length_quantiles": tuple(range(101)), "length_max": 100})
    return health.model_copy(update={"curve": curve, "match": match, "suspects": suspects, "facts": facts})


def test_the_page_is_closed_to_the_outside_and_well_formed(deep: Health) -> None:
    for facts, health in ((english(), deep), (tagging(), tagging().health), (hostile(), hostile().health)):
        text = render(facts.reading, health)
        page = Page(text)
        assert {tag for tag, _ in page.tags}.isdisjoint({"script", "link", "img", "iframe", "object", "form"})
        assert not any(name.startswith("on") or name in ("src", "style") for _, each in page.tags for name in each)
        assert "http://" not in text.replace("http://www.w3.org", "") or health is hostile().health
        ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
        assert len(ids) == len(set(ids))
        assert {link["href"] for link in page.named("a")} <= {f"#{name}" for name in ids}
        levels = [int(tag[1]) for tag, _ in page.tags if tag in ("h1", "h2", "h3")]
        assert levels[0] == 1 and levels.count(1) == 1
        assert all(after <= before + 1 for before, after in itertools.pairwise(levels))


def test_everything_that_was_found_is_there(deep: Health) -> None:
    reading = english().reading
    text = Page(render(reading, deep)).text()
    assert deep.verdict in text
    for finding in deep.findings:
        assert finding.message in text and finding.do in text and finding.code in text
        for row in finding.rows[:3]:
            assert f"{Path(row.path).name}:{row.line}" in text
    for words in (
        "78.0% of the tokens",
        "12.0% of the rows",
        "hardly any Chinese",
        "Han 95.0%, Latin 4.9%",
        "+4.0 points",
    ):
        assert words in text
    assert "Greek" not in text
    assert "What is <b>this</b> ?" in text
    assert "6 less doubtful rows" in text


def test_the_worst_findings_stand_first() -> None:
    findings = tuple(
        Finding(code=code, severity=severity, count=1, title=f"title of {code}", message="m", do="d")
        for code, severity in (("n", "note"), ("w", "warning"), ("e", "error"))
    )
    text = Page(render(english().reading, english().health.model_copy(update={"findings": findings}))).text()
    assert text.index("title of e") < text.index("title of w") < text.index("title of n")


def test_pictures_only_of_what_was_measured(deep: Health) -> None:
    assert [each.title for each in pictures(deep)] == ["Length of the texts", "What more rows would bring"]
    assert "the model&#39;s window" in pictures(deep)[0].picture
    assert pictures(english().health) == ()


def test_doubtful_pairs_are_counted(deep: Health) -> None:
    first, second = doubtful_pairs(deep.suspects)
    assert (first.given, first.likely, first.count) == ("ENTY", "LOC", 25)
    assert second.count == 1
    assert shares({}) == "–"


def test_the_figures_count_rows_and_findings() -> None:
    facts = english()
    found = {figure.name: figure for figure in figures(facts.reading, facts.health)}
    assert found["rows"].value == "5,952"
    assert found["rows"].more == "train 5,411 · test 541"
    assert found["findings"].value == str(len(facts.health.findings))


def test_the_chinese_page_speaks_chinese(deep: Health, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    text = Page(render(english().reading, deep)).text()
    for words in ("检查结果", "可疑的标签", "与模型是否相配", "文本长度", "更多数据能带来什么"):
        assert words in text
    for words in ("Findings", "What was measured", "Length of the texts", "unknown to it"):
        assert words not in text


def test_the_page_is_written_whole(deep: Health, tmp_path: Path) -> None:
    path = check_page(english().reading, deep, tmp_path / "check.html")
    assert path.read_text(encoding="utf-8").rstrip().endswith("</html>")
    assert [each.name for each in tmp_path.iterdir()] == ["check.html"]
