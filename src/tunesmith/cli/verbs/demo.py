"""``tunesmith demo``: the main job on the embedded model and example data, offline."""

from tunesmith import examples, flow
from tunesmith.cli import show
from tunesmith.cli.console import console
from tunesmith.cli.options import JsonFlag, settings_from
from tunesmith.cli.session import follow
from tunesmith.words import say

EXAMPLE = "reviews.en.tsv"


def demo(as_json: JsonFlag = False) -> None:
    """Start a session on an example and follow it to its end."""
    path = examples.path(EXAMPLE)
    session = flow.start([path], settings_from(model="minilm"), name="demo")
    if not as_json:
        console().print(
            say(f"Example data, written for tunesmith: {path}\n", f"示例数据（为 tunesmith 编写）：{path}\n"),
            soft_wrap=True,
        )
        show.reading(session.ready.reading)
        show.health(session.ready.health)
        show.gap()
        show.plan(session.ready.plan)
    follow(session, as_json=as_json)
