"""Room: is the data good enough. ``check(reading)`` answers with a Health.

``rows`` streams a Reading, ``survey`` (with ``texts`` and ``index``) gathers in one pass what the checks look
at, the files of checks judge it, ``catalogue`` lists them all, ``health`` runs them. A check that needs a model's
features would get a catalogue of its own beside the quick ones; a mender finds its rows by calling ``spot`` again.
"""

from tunesmith.rooms.check.health import check

__all__ = ["check"]
