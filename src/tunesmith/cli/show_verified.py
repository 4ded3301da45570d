"""Claims and what became of them, as a person reads them on a terminal."""

from rich.markup import escape
from rich.table import Table

from tunesmith.artifacts import Claim, Verification
from tunesmith.cli.console import console
from tunesmith.words import counted, say

COLUMNS = 3

SIGNS = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[dim]?[/]"}


def verification(found: Verification) -> None:
    """Each claim on a line, then how many hold."""
    table = Table(box=None, pad_edge=False, show_header=False)
    for column in range(COLUMNS):
        table.add_column(no_wrap=column < COLUMNS - 1, overflow="fold", style="dim" if column == COLUMNS - 1 else "")
    for claim in found.claims:
        table.add_row(SIGNS[claim.holds], escape(claim.name), escape(_told(claim)))
    console().print(table)
    fails = [claim for claim in found.claims if claim.holds is False]
    unknown = sum(claim.holds is None for claim in found.claims)
    holding = counted(len(found.claims) - len(fails) - unknown, "claim", "claims", "项声明")
    rest = say(f", {unknown} could not be looked at", f"，{unknown} 项无法核对") if unknown else ""
    if fails:
        names = say(", ", "、").join(claim.name for claim in fails)
        verdict = say(f"[red]does not hold[/]: {escape(names)}", f"[red]不成立[/]：{escape(names)}")
    else:
        verdict = say("[green]holds[/]", "[green]成立[/]")
    console().print(
        say(f"\n[bold]{verdict}[/]  {holding} hold{rest}", f"\n[bold]{verdict}[/]  {holding}成立{rest}"), soft_wrap=True
    )


def _told(claim: Claim) -> str:
    """What is claimed where it holds; else what was found instead, and why."""
    if claim.holds:
        return claim.told
    was = say(f" (was {claim.told})", f"（原为 {claim.told}）") if claim.holds is False and claim.told else ""
    return " – ".join(filter(None, [f"{claim.found}{was}", claim.because]))
