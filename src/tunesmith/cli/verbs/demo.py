"""``tunesmith demo``: the main job on the embedded model and example data, offline."""

from tunesmith import examples, flow
from tunesmith.cli.console import console
from tunesmith.cli.options import JsonFlag, settings_from
from tunesmith.cli.session import follow, introduce
from tunesmith.device import process_began
from tunesmith.words import say

EXAMPLE = "reviews.en.tsv"
EPOCHS = "epochs=8"
"""Enough for a good score, and under three minutes of training on two cores; the plan itself would allow 30."""


def demo(as_json: JsonFlag = False) -> None:
    """Start a session on an example and follow it to its end."""
    path = examples.path(EXAMPLE)
    if not as_json:
        told = say(f"Example data, written for tunesmith: {path}\n", f"示例数据（为 tunesmith 编写）：{path}\n")
        console().print(told, markup=False, soft_wrap=True)
    session = flow.start([path], settings_from([EPOCHS], model="minilm"), name="demo", began=process_began())
    if not as_json:
        introduce(session)
    follow(session, as_json=as_json)
