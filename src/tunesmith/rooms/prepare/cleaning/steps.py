"""The steps by name, in the order in which they are taken, whatever order they are asked for in.

What hides other things goes first, and what makes white space comes before ``spaces``; those
steps are taken again until a text stays as it is. A new step is a ``Step`` in the file of its kind
and a line here.
"""

from tunesmith.registry import Registry
from tunesmith.rooms.prepare.cleaning import characters, chinese, markup
from tunesmith.rooms.prepare.cleaning.step import Step

STEPS: Registry[Step] = Registry(
    "cleaning step",
    {
        "control": characters.CONTROL,
        "invisible": characters.INVISIBLE,
        "html": markup.HTML,
        "urls": markup.URLS,
        "mails": markup.MAILS,
        "width": characters.WIDTH,
        "unicode": characters.UNICODE,
        "case": characters.CASE,
        "spaces": markup.SPACES,
        "traditional-to-simplified": chinese.TO_SIMPLIFIED,
        "simplified-to-traditional": chinese.TO_TRADITIONAL,
    },
)
