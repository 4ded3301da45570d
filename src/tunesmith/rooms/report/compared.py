"""The page of a comparison: which is better, by how much, whether that may be chance, and what is made otherwise."""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from tunesmith.artifacts import Comparison, Contender, Difference, Interval
from tunesmith.metrics.direction import worth
from tunesmith.rooms.report.bars import WHOLE, around, interval_bar
from tunesmith.rooms.report.baselines import advantage, behind, span
from tunesmith.rooms.report.environment import environment
from tunesmith.rooms.report.facts import split_name
from tunesmith.rooms.report.figures import Figure
from tunesmith.rooms.report.measures import amount, ends, is_share, label, meaning, signed, signed_ends, value
from tunesmith.rooms.report.names import named
from tunesmith.rooms.report.numbers import plain
from tunesmith.words import counted, language, listed, say

SMALLEST_P = 0.001
"""Below this, digits of a p value say nothing more."""


def compared(comparison: Comparison) -> str:
    """The whole page as text, in the user's language; it needs no network, no script and no other file."""
    template = environment().get_template("compared.html.j2")
    return template.render(
        comparison=comparison,
        language=language(),
        sections=sections(comparison),
        headline=headline(comparison),
        figures=figures(comparison),
        pairs=pairs(comparison, of_main=True),
        other_pairs=pairs(comparison, of_main=False),
        ranked=ranked(comparison),
        scores=scores(comparison),
        metrics=metrics(comparison),
    )


def sections(comparison: Comparison) -> tuple[tuple[str, str], ...]:
    """Id and heading of every section that has something to say."""
    known = (
        ("pairs", say("Each pair", "两两比较"), True),
        ("scores", say("Scores", "分数"), True),
        ("settings", say("What differs in the making", "做法有何不同"), bool(comparison.settings)),
        ("notes", say("To bear in mind", "须知"), bool(comparison.notes)),
    )
    return tuple((name, heading) for name, heading, is_filled in known if is_filled)


def ranked(comparison: Comparison) -> tuple[Contender, ...]:
    """All that were compared, the best in the main metric first."""
    main = comparison.main
    return tuple(sorted(comparison.contenders, key=lambda one: -worth(main, one.metrics[main].value)))


def headline(comparison: Comparison) -> str:
    """Which is the best, and over whom that is more than chance, in one sentence."""
    best = ranked(comparison)[0].name
    main = [one for one in comparison.differences if one.metric == comparison.main]
    if len(main) == 1:
        return _pair(main[0])
    mine = [one for one in main if best in (one.first, one.second)]
    beaten = [_other(one, best) for one in mine if one.finding in {"better", "worse"}]
    open_ = [_other(one, best) for one in mine if one.finding not in {"better", "worse"}]
    metric = label(comparison.main)
    if not beaten:
        return say(
            f"None can be called the best in {metric} with these {comparison.rows:,} rows.",
            f"凭这 {comparison.rows:,} 行，无法断定谁的{metric}最好。",
        )
    head = say(f"{best} is better in {metric} than {listed(beaten, 4)}", f"{best} 的{metric}好于 {listed(beaten, 4)}")
    tail = (
        say(f"; not shown to be better than {listed(open_, 4)}", f"；没有证据好于 {listed(open_, 4)}") if open_ else ""
    )
    return head + tail + say(".", "。")


def figures(comparison: Comparison) -> tuple[Figure, ...]:
    """The best scores, and on how much they rest."""
    main = comparison.main
    first = [
        Figure(one.name, value(main, one.metrics[main]), ends(main, one.metrics[main]))
        for one in ranked(comparison)[:3]
    ]
    rows = Figure(say("the same rows", "相同的行"), f"{comparison.rows:,}", split_name(comparison.split))
    return (*first, rows)


@dataclass(frozen=True)
class Pair:
    """One line of the forest plot: what was found of two, and by how much the first is ahead, better to the right."""

    title: str
    metric: str
    ahead: str
    ends: str
    bar: Markup
    finding: str
    is_told: bool
    p: str
    test: str
    words: str


def pairs(comparison: Comparison, *, of_main: bool) -> tuple[Pair, ...]:
    """Every pair in the main metric, or in all others, on a scale for each metric."""
    chosen = [one for one in comparison.differences if (one.metric == comparison.main) is of_main]
    scales = {
        name: around([advantage(name, one.interval) for one in chosen if one.metric == name], 0.0)
        for name in {one.metric for one in chosen}
    }
    found = []
    for one in chosen:
        ahead = advantage(one.metric, one.interval)
        is_told = one.finding in {"better", "worse"}
        bar = interval_bar(
            ahead, _pair(one), reference=0.0, over=scales[one.metric], look="" if is_told else "base"
        )  # fmt: skip
        found.append(
            Pair(
                title=say(f"{one.first} against {one.second}", f"{one.first} 对 {one.second}"),
                metric=label(one.metric),
                ahead=signed(one.metric, ahead.value),
                ends=signed_ends(one.metric, ahead),
                bar=bar,
                finding=named("finding", one.finding),
                is_told=is_told,
                p=f"<{SMALLEST_P}" if one.p < SMALLEST_P else plain(one.p),
                test=one.test,
                words=_pair(one),
            )
        )
    return tuple(found)


def _pair(one: Difference) -> str:
    """What was found of two, the better one first."""
    ahead, metric = advantage(one.metric, one.interval), label(one.metric)
    both = span(one.metric, ahead)
    if one.finding in {"better", "worse"}:
        names = (one.first, one.second) if one.finding == "better" else (one.second, one.first)
        sure = ahead if one.finding == "better" else behind(ahead)
        by, both = amount(one.metric, sure.value), span(one.metric, sure)
        return say(
            f"{names[0]} is better than {names[1]} by {by} of {metric} ({both}).",
            f"{names[0]} 的{metric}比 {names[1]} 好 {by}（{both}）。",
        )
    if one.finding == "alike":
        return say(
            f"{one.first} and {one.second} are as good as equal in {metric} ({both}).",
            f"{one.first} 与 {one.second} 的{metric}相当（{both}）。",
        )
    rows = one.rows_needed
    more = say(f" About {rows:,} rows would tell.", f"约需 {rows:,} 行才能判断。") if rows else ""
    return say(
        f"Whether {one.first} or {one.second} is better in {metric} cannot be told ({both}).{more}",
        f"无法判断 {one.first} 与 {one.second} 的{metric}谁更好（{both}）。{more}",
    )


def _other(one: Difference, name: str) -> str:
    return one.second if one.first == name else one.first


@dataclass(frozen=True)
class Score:
    """One contender's main score."""

    name: str
    runs: str
    value: str
    ends: str
    bar: Markup


def scores(comparison: Comparison) -> tuple[Score, ...]:
    """The main metric of each, the best first, on a shared scale."""
    main, shown = comparison.main, ranked(comparison)
    values = [one.metrics[main] for one in shown]
    over = WHOLE if all(is_share(main, one) for one in values) else around(values)
    return tuple(
        Score(
            name=one.name,
            runs=counted(len(one.runs), "run", "runs", "个运行") if len(one.runs) > 1 else "",
            value=value(main, score),
            ends=ends(main, score),
            bar=interval_bar(score, f"{one.name}: {value(main, score)}", over=over),
        )
        for one, score in zip(shown, values, strict=True)
    )


@dataclass(frozen=True)
class Measure:
    """One metric of all contenders, in their ranked order; a dash where one has none."""

    name: str
    meaning: str
    values: tuple[str, ...]


def metrics(comparison: Comparison) -> tuple[Measure, ...]:
    """Every metric that a contender has, the main one first."""
    shown = ranked(comparison)
    names = dict.fromkeys([comparison.main, *(name for one in shown for name in one.metrics)])
    return tuple(Measure(label(name), meaning(name), _values(name, shown)) for name in names)


def _values(name: str, shown: Sequence[Contender]) -> tuple[str, ...]:
    return tuple(_cell(name, one.metrics.get(name)) for one in shown)


def _cell(name: str, score: Interval | None) -> str:
    return "–" if score is None else f"{value(name, score)} ({ends(name, score)})"
