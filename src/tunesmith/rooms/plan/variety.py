"""What is said of the ways in which pictures and sounds are varied."""

from tunesmith.artifacts import Choice
from tunesmith.models.media.variety import because
from tunesmith.rooms.plan.facts import Facts
from tunesmith.words import say


def varied(facts: Facts) -> tuple[Choice, ...]:
    """The ways, and why; nothing of texts."""
    sense = facts.prepared.template.sense
    if sense is None:
        return ()
    why = because(sense, facts.prepared.labels)
    if facts.wanted.prepare.vary is not None:
        why = say("you set it", "由您指定")
    return (Choice(name="vary", value=", ".join(sense.varied) or say("none", "无"), because=why),)
