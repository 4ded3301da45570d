"""Part of the room: a mended copy of the data, and a list of what was done to which row.

``catalogue`` lists the kinds of mending, ``stage`` applies those of texts, labels and tags to the rows, ``whole``
names the rows that go; ``works`` says what that means for each file, ``rewrite`` writes it, and ``mend`` proves the
copy by reading it again. A new kind is a function in the file of its sort and a line in the catalogue.
"""

from tunesmith.rooms.check.mend.catalogue import cures, for_humans, safe, wanted
from tunesmith.rooms.check.mend.mend import mend

__all__ = ["cures", "for_humans", "mend", "safe", "wanted"]
