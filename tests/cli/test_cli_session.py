"""Following a session: Ctrl-C once and twice through the real handler, and what the last line promises."""

import json
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
import typer
from made_facts import evaluation, steps, trained

from tunesmith.artifacts import Forecast, Step
from tunesmith.cli.session import contract, follow
from tunesmith.hall.closing import Result
from tunesmith.runs import Run

Printed = Callable[[], str]

FORECAST = Forecast(seconds=60.0, closing_seconds=5.0, peak_bytes=1 << 30)


def result() -> Result:
    return Result(
        trained=trained(
            best_epoch=4.00049,
            examples_per_second=178.004,
            stopped_because="耐心用尽",
            kept_because="epoch 2 had more",
        ),
        evaluation=evaluation(["a", "b"], [50, 50], 0.9, ()),
        report=Path("runs/trec/report.html"),
    )


class Scripted:
    """A session of six steps without a model; ``at[step]`` is called while that step is taken.

    It treats ``stop_is_wanted`` as the real one does: the step is kept, then it ends.
    """

    def __init__(self, at: dict[int, Callable[[], None]] | None = None) -> None:
        train = SimpleNamespace(monitor="f1_macro")
        settings = SimpleNamespace(train=train)
        self.ready = SimpleNamespace(plan=SimpleNamespace(settings=settings, forecast=FORECAST), began=time.monotonic())
        self.run = Run(Path("runs/[b]trec"))
        self.ranks = SimpleNamespace(is_main=True)
        self.notes: tuple[str, ...] = ()
        self.stop_is_wanted = False
        self.kept: list[int] = []
        self.is_finished = False
        self._at = at or {}

    def __iter__(self) -> Iterator[Step]:
        for step in steps(epochs=2, per_epoch=3, best=2):
            self._at.get(step.step, lambda: None)()
            self.kept.append(step.step)
            yield step
            if self.stop_is_wanted:
                raise KeyboardInterrupt

    def finish(self) -> Result:
        self.is_finished = True
        return result()


def press() -> None:
    signal.raise_signal(signal.SIGINT)


@pytest.mark.parametrize("as_json", [True, False])
def test_ctrl_c_once_keeps_the_step_and_says_how_to_go_on(
    as_json: bool, printed: Printed, capsys: pytest.CaptureFixture[str]
) -> None:
    session = Scripted({3: press})
    with pytest.raises(typer.Exit, match=r"^130$"):
        follow(session, as_json=as_json)
    said = capsys.readouterr().err
    assert session.kept == [1, 2, 3]
    assert not session.is_finished
    assert said.index("Ctrl-C again stops now") < said.index("tunesmith resume runs/[b]trec")


def test_ctrl_c_twice_does_not_wait_for_the_step(printed: Printed, capsys: pytest.CaptureFixture[str]) -> None:
    def twice() -> None:
        press()
        press()

    session = Scripted({3: twice})
    with pytest.raises(typer.Exit, match=r"^130$"):
        follow(session, as_json=True)
    assert session.kept == [1, 2]
    assert capsys.readouterr().err.count("Stopping after this step") == 1


def test_a_second_ctrl_c_ends_what_follows_the_last_step_too(printed: Printed) -> None:
    session = Scripted()
    session.finish = lambda: (press(), press())  # type: ignore[assignment,func-returns-value]
    with pytest.raises(typer.Exit, match=r"^130$"):
        follow(session, as_json=True)
    assert session.kept == [1, 2, 3, 4, 5, 6]


@pytest.mark.parametrize("at", [{}, {2: press}])
def test_the_handler_of_before_comes_back(at: dict[int, Callable[[], None]], printed: Printed) -> None:
    before = signal.getsignal(signal.SIGINT)
    session = Scripted(at)
    if at:
        with pytest.raises(typer.Exit, match=r"^130$"):
            follow(session, as_json=True)
    else:
        follow(session, as_json=True)
    assert signal.getsignal(signal.SIGINT) is before


def test_what_must_be_known_first_is_told_first(printed: Printed, capsys: pytest.CaptureFixture[str]) -> None:
    session = Scripted()
    session.notes = ("checkpoint 00000003 was passed over: [torn]", "checkpoint 00000002 is used")
    follow(session, as_json=True)
    out, err = capsys.readouterr()
    assert err.splitlines() == list(session.notes)
    assert len(out.splitlines()) == 1


def test_json_is_one_line_and_nothing_else(printed: Printed) -> None:
    follow(Scripted(), as_json=True)
    lines = printed().splitlines()
    assert len(lines) == 1
    assert "耐心用尽" in lines[0]
    found = json.loads(lines[0])
    assert found == contract(result(), found["seconds"])


def test_the_contract_holds_what_programs_count_on() -> None:
    found = contract(result(), 204.1234)
    metrics = found.pop("metrics")
    assert found == {
        "run": "runs/trec",
        "seconds": 204.12,
        "epochs": 6.0,
        "best_epoch": 4.0,
        "stopped_because": "耐心用尽",
        "train_seconds": 192.4,
        "examples_per_second": 178.0,
        "report": str(Path("runs/trec/report.html")),
    }
    assert metrics == {
        name: {"value": one.value, "low": one.low, "high": one.high}
        for name, one in result().evaluation.metrics.items()
    }


def test_a_person_is_told_what_came_of_it_and_what_to_do_next(printed: Printed) -> None:
    session = Scripted()
    follow(session, as_json=False)
    text = printed()
    assert text.count("dev f1_macro") == 3
    assert "stopped after 6 epochs: 耐心用尽; kept the state of epoch 4.00049 (dev f1_macro 0.8966)" in text
    assert "epoch 2 had more" in text
    assert "test: 100 rows, 95% intervals" in text
    assert "model:  runs/trec/model  (loaded afresh, same scores)" in text
    assert "report: runs/trec/report.html" in text
    assert text.rstrip().endswith("next:   tunesmith predict runs/trec FILE")


def test_a_person_is_told_in_chinese_too(printed: Printed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TUNESMITH_LANG", "zh")
    follow(Scripted(), as_json=False)
    text = printed()
    assert "训练 6 轮后结束：耐心用尽；保留第 4.00049 轮的状态（验证 f1_macro 0.8966）" in text
    assert text.rstrip().endswith("下一步：tunesmith predict runs/trec 文件")
