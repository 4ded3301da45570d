"""What is said of how pictures and sounds were decoded, and of the ways in which they are varied."""

from tunesmith.artifacts import Choice
from tunesmith.models.media.variety import because, is_kept
from tunesmith.rooms.plan.facts import Facts
from tunesmith.settings import Settings
from tunesmith.words import counted, say


def of_files(facts: Facts, settings: Settings) -> tuple[Choice, ...]:
    """Processes that decode, ways of varying, and why; nothing of texts."""
    return (*_decoded(facts), *_varied(facts, settings))


def _varied(facts: Facts, settings: Settings) -> tuple[Choice, ...]:
    sense = facts.prepared.template.sense
    if sense is None:
        return ()
    why = because(sense, facts.prepared.labels)
    if is_kept(settings) and facts.wanted.prepare.vary is None:
        why = say(
            "the head alone learns: of files that are shown alike, what the encoder says is computed once and kept; of"
            " varied ones, anew in every epoch",
            "只训练任务头：所见相同时编码器只需计算一次，有变化则每轮都要计算",
        )
        return (Choice(name="vary", value=say("none", "无"), because=why),)
    if facts.wanted.prepare.vary is not None:
        why = say("you set it", "由您指定")
    return (Choice(name="vary", value=", ".join(sense.varied) or say("none", "无"), because=why),)


def _decoded(facts: Facts) -> tuple[Choice, ...]:
    found = facts.prepared.decoding
    if found is None:
        return ()
    files = counted(found.files, "file", "files", "个文件")
    each, alone = f"{1000 * found.seconds:.1f}", f"{found.files * found.seconds:,.0f}"
    whole = say(
        f"{files} of {each} ms each take one process {alone} s",
        f"{files}，每个 {each} 毫秒，单个进程共需 {alone} 秒",
    )
    if facts.wanted.prepare.workers is not None:
        why = say("you set it", "由您指定")
    elif found.cores == 1:
        why = say(f"{whole}, once; there is one core", f"{whole}，只需一次；仅有一个核心")
    elif found.workers == 1:
        why = say(
            f"{whole}, once: others would take longer to begin than they save",
            f"{whole}，只需一次：启动其他进程所花的时间多于所省的时间",
        )
    else:
        why = say(
            f"{whole}; {found.workers} share them, one for each core that may be used",
            f"{whole}；由 {found.workers} 个进程分担，每个可用核心一个",
        )
    return (Choice(name="workers", value=found.workers, because=why),)
