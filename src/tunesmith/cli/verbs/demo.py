"""``tunesmith demo``: the main job on the embedded model and example data, offline."""

from tunesmith import examples, flow
from tunesmith.cli.console import console
from tunesmith.cli.options import JsonFlag, settings_from
from tunesmith.cli.session import follow, introduce
from tunesmith.words import say

EXAMPLE = "reviews.en.tsv"
BUDGET = "150s"
"""Enough for a good score on two old cores; a first try must not take longer than a cup of coffee."""


def demo(as_json: JsonFlag = False) -> None:
    """Start a session on an example and follow it to its end."""
    path = examples.path(EXAMPLE)
    if not as_json:
        told = say(f"Example data, written for tunesmith: {path}\n", f"示例数据（为 tunesmith 编写）：{path}\n")
        console().print(told, markup=False, soft_wrap=True)
    session = flow.start([path], settings_from(model="minilm", time=BUDGET), name="demo")
    if not as_json:
        introduce(session)
    follow(session, as_json=as_json)
