"""What a person reads: complete, in order, in both languages, and with every character that the data has."""

from collections.abc import Callable

import pytest
from made_facts import evaluation, health, plan, reading
from made_runs import english, hostile, many, tagging

from tunesmith.artifacts import Choice, Finding, Hypothesis, Mistake, Row, Suspect
from tunesmith.cli import show

Printed = Callable[[], str]
BRACKETS = "[bold]not markup[/] [/red] [link=x] :heart:"


def test_a_reading_says_what_why_and_how_much(printed: Printed) -> None:
    show.reading(english().reading)
    text = printed()
    assert text.startswith("text-classification  txt, utf-8, 1 bad byte replaced, label=1, text=2\n")
    assert "the first word of each line is one of 6 values" in text
    assert "5,954 rows = 5,952 used + 2 rejected; train 5,411, test 541" in text
    assert "rejected rows with reasons: runs/trec/rejects.tsv" in text
    assert "not used: README.md: prose, no rows" in text
    assert "What films featured the character Popeye Doyle ?" in text
    # The runner-up's evidence is not the reason for what was taken.
    assert "can be read as text" not in text


def test_a_close_call_names_what_would_change_it(printed: Printed) -> None:
    found = english().reading
    show.reading(found)
    assert "--task language-modeling" not in printed()
    show.reading(found.model_copy(update={"is_close": True}))
    assert "--task language-modeling" in printed()


def test_rejects_are_spoken_of_only_where_there_are_some(printed: Printed) -> None:
    rows = english().reading.rows.model_copy(update={"total": 5952, "rejected": 0})
    show.reading(english().reading.model_copy(update={"rows": rows}))
    text = printed()
    assert "5,952 used + 0 rejected" in text
    assert "rejects.tsv" not in text


def test_labels_come_by_count_and_the_rest_is_counted(printed: Printed) -> None:
    labels = {f"class{at}": 100 + at for at in range(show.MOST_CLASSES + 12)}
    show.reading(reading(labels, [{"label": "x", "text": "y", "source": 0, "line": 1}], ("a", "b")))
    line = next(line for line in printed().splitlines() if line.startswith("labels: "))
    assert line.startswith("labels: class41 141, class40 140, ")
    assert line.count("class") == show.MOST_CLASSES
    assert line.endswith(" and 12 more")


def test_a_preview_shows_columns_and_not_where_they_lie(printed: Printed) -> None:
    rows = [
        {"messages": [{"role": "user", "content": "hi\n\tthere"}], "label": None, "source": 7, "line": 4711},
        {"messages": [{"role": "user", "content": "x" * 300}], "label": "b", "source": 7, "line": 4712},
    ]
    show.reading(reading({"b": 1}, rows, ("a", "b")))
    text = printed()
    assert "user: hi there" in text
    assert "x" * 60 in text and "x" * show.MOST_CELL not in text and "…" in text
    assert "4711" not in text and "source" not in text
    assert "None" not in text


def test_words_of_a_sentence_stand_side_by_side(printed: Printed) -> None:
    show.reading(tagging().reading)
    first = tagging().reading.preview[0]
    assert " ".join(first["tokens"])[:40] in printed()


def test_nothing_in_the_data_is_taken_for_markup(printed: Printed) -> None:
    found = reading(
        {BRACKETS: 5},
        [{"label": BRACKETS, "text": BRACKETS, "source": 0, "line": 1}],
        ("a", "b"),
        encoding=BRACKETS,
        columns={"text": BRACKETS},
        would_change=BRACKETS,
        is_close=True,
        hypotheses=(Hypothesis(task="t", format="f", columns={}, score=1.0, evidence=(BRACKETS,)),),
        rejects=f"{BRACKETS}/rejects.tsv",
    )
    show.reading(found)
    assert printed().count(BRACKETS) == 8
    finding = Finding(
        code="c", severity="note", count=1, message=BRACKETS, do=BRACKETS, rows=(Row(path=BRACKETS, line=1),)
    )
    show.health(health().model_copy(update={"findings": (finding,), "verdict": BRACKETS}))
    assert printed().count(BRACKETS) == 4
    show.plan(plan(choices=(Choice(name="epochs", value=BRACKETS, because=BRACKETS),)))
    assert printed().count(BRACKETS) == 2
    mistake = Mistake(path=BRACKETS, line=1, text=BRACKETS, truth=BRACKETS, answer=BRACKETS, confidence=0.5)
    show.evaluation(evaluation([BRACKETS, "b"], [5, 5], 0.5, [mistake]).model_copy(update={"notes": (BRACKETS,)}))
    assert printed().count(BRACKETS) == 6


def test_an_attack_is_shown_and_not_obeyed(printed: Printed) -> None:
    facts = hostile()
    show.reading(facts.reading)
    show.health(facts.health)
    show.plan(facts.plan)
    show.evaluation(facts.evaluations[0])
    assert "<script>" in printed()


def test_the_worst_findings_come_first_and_keep_their_order(printed: Printed) -> None:
    findings = [
        Finding(code=code, severity=severity, count=1, message=f"about {code}", do=f"mend {code}")
        for code, severity in (("n1", "note"), ("w1", "warning"), ("e1", "error"), ("w2", "warning"), ("e2", "error"))
    ]
    show.health(health().model_copy(update={"findings": tuple(findings), "verdict": "Not good enough."}))
    text = printed()
    order = [text.index(f"about {code}") for code in ("e1", "e2", "w1", "w2", "n1")]
    assert order == sorted(order)
    assert text.count("✗") == 2 and text.count("→ mend") == 5
    assert text.rstrip().endswith("Not good enough.")


def test_a_finding_shows_three_of_its_rows(printed: Printed) -> None:
    rows = tuple(Row(path="r.tsv", line=at, text=f"text {at}") for at in range(1, 6))
    finding = Finding(code="duplicates", severity="warning", count=5, rows=rows, message="m", do="d")
    show.health(health().model_copy(update={"findings": (finding,)}))
    text = printed()
    assert "r.tsv:3  text 3" in text
    assert "r.tsv:4" not in text


def test_doubtful_labels_are_listed_once(printed: Printed) -> None:
    row = Row(path="r.tsv", line=7, text="the text in doubt")
    finding = Finding(code="wrong-labels", severity="warning", count=1, rows=(row,), message="m", do="d")
    suspect = Suspect(row=row, given="a", likely="b", doubt=0.9)
    show.health(health().model_copy(update={"findings": (finding,), "suspects": (suspect,)}))
    assert printed().count("the text in doubt") == 1
    show.health(health().model_copy(update={"findings": (finding,)}))
    assert printed().count("the text in doubt") == 1


def test_every_choice_comes_with_its_value_and_reason(printed: Printed) -> None:
    found = plan()
    show.plan(found)
    text = printed()
    for choice in found.choices:
        line = next(line for line in text.splitlines() if line.startswith(choice.name))
        value = "5e-05" if choice.name == "learning_rate" else str(choice.value)
        assert line.split()[1] == value
        assert choice.because in line
    assert "forecast: at most 7 min 1 s in all (9 s so far) and 0.93 GB of memory" in text


def test_scores_come_with_their_intervals(printed: Printed) -> None:
    found = english().evaluations[0]
    show.evaluation(found)
    text = printed()
    assert "test: 500 rows, 95% intervals" in text
    lines = [line.split() for line in text.splitlines()]
    for name, one in found.metrics.items():
        assert [name, f"{one.value:.3f}", f"{one.low:.3f}", "–", f"{one.high:.3f}"] in lines
    for name, one in found.per_class.items():
        row = next(line for line in lines if line[:1] == [name])
        assert row[1:4] == [f"{part.value:.3f}" for part in (one.precision, one.recall, one.f1)]
        assert row[-1] == str(one.support)


def test_the_worst_mistakes_say_where_they_stand(printed: Printed) -> None:
    mistakes = [
        Mistake(path="t.tsv", line=at, text=f"text {at}", truth="a", answer="b", confidence=0.99 - at / 100)
        for at in range(1, show.MOST_MISTAKES + 3)
    ]
    show.evaluation(evaluation(["a", "b"], [50, 50], 0.9, mistakes))
    text = printed()
    assert "t.tsv:1  a → b (98%)  text 1" in text
    assert f"t.tsv:{show.MOST_MISTAKES} " in text
    assert f"t.tsv:{show.MOST_MISTAKES + 1} " not in text


def test_classes_past_the_screen_are_counted(printed: Printed) -> None:
    found = many().evaluations[0]
    rest = len(found.per_class) - show.MOST_CLASSES
    assert rest > 0
    show.evaluation(found)
    assert f"and {rest} more, in the report" in printed()


@pytest.mark.parametrize(
    ("seconds", "en", "zh"),
    [
        (0.2, "0 s", "0 秒"),
        (59.4, "59 s", "59 秒"),
        (59.6, "1 min 0 s", "1 分 0 秒"),
        (200, "3 min 20 s", "3 分 20 秒"),
        (3599.7, "1 h 0 min", "1 小时 0 分"),
        (7500, "2 h 5 min", "2 小时 5 分"),
        (90_000, "25 h 0 min", "25 小时 0 分"),
    ],
)
def test_durations(seconds: float, en: str, zh: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert show.duration(seconds) == en
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    assert show.duration(seconds) == zh


def test_in_chinese_the_same_numbers_come_in_chinese(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    facts = english()
    show.reading(facts.reading)
    show.plan(facts.plan)
    show.evaluation(facts.evaluations[0])
    text = printed()
    assert "共 5,954 行 = 使用 5,952 + 拒绝 2；train 5,411, test 541" in text
    assert "预计：总共最多 7 分 1 秒（已用 9 秒），内存 0.93 GB" in text
    assert "test：500 行，95% 区间" in text
    for english_word in ("rejected", "forecast", "labels:", "not used", "95% intervals"):
        assert english_word not in text
