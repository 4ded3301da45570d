"""What is said of how pictures and sounds were decoded, and of the ways in which they are varied."""

from tunesmith.artifacts import Choice
from tunesmith.models.media.variety import because
from tunesmith.rooms.plan.facts import Facts
from tunesmith.words import counted, say


def of_files(facts: Facts) -> tuple[Choice, ...]:
    """Processes that decode, ways of varying, and why; nothing of texts."""
    return (*_decoded(facts), *_varied(facts))


def _varied(facts: Facts) -> tuple[Choice, ...]:
    sense = facts.prepared.template.sense
    if sense is None:
        return ()
    why = because(sense, facts.prepared.labels)
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
