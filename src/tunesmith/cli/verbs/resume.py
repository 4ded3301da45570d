"""``tunesmith resume``: go on where an interrupted run stands."""

from tunesmith import flow
from tunesmith.cli import search
from tunesmith.cli.console import console
from tunesmith.cli.options import JsonFlag, RunFolder, StorageFlag
from tunesmith.cli.session import follow
from tunesmith.device import process_began
from tunesmith.search import searching
from tunesmith.words import say


def resume(run: RunFolder, storage: StorageFlag = "", as_json: JsonFlag = False) -> None:
    """Continue the run, or the search, and follow it to its end."""
    if searching.is_search(run):
        search.follow(searching.resume(run, storage=storage, began=process_began()), as_json=as_json)
        return
    session = flow.resume(run, began=process_began())
    if not as_json:
        step = session.first_step
        console().print(
            say(f"going on after step {step:,}", f"从第 {step:,} 步之后继续")
            if step
            else say("no checkpoint yet: starting again from step 0", "还没有检查点：从第 0 步重新开始")
        )
    follow(session, as_json=as_json)
