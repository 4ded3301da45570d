"""``tunesmith resume``: go on where an interrupted run stands."""

from tunesmith import flow
from tunesmith.cli.console import console
from tunesmith.cli.options import JsonFlag, RunFolder
from tunesmith.cli.session import follow
from tunesmith.device import process_began
from tunesmith.words import say


def resume(run: RunFolder, as_json: JsonFlag = False) -> None:
    """Continue the run and follow it to its end."""
    session = flow.resume(run, began=process_began())
    if not as_json:
        step = session.first_step
        console().print(
            say(f"going on after step {step:,}", f"从第 {step:,} 步之后继续")
            if step
            else say("no checkpoint yet: starting again from step 0", "还没有检查点：从第 0 步重新开始")
        )
    follow(session, as_json=as_json)
