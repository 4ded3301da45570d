"""Claims and what became of them, as a person reads them on a terminal."""

from rich.markup import escape

from tunesmith.artifacts import Claim, Verification
from tunesmith.cli.console import console
from tunesmith.words import counted, say

SIGNS = {True: "[green]✓[/]", False: "[red]✗[/]", None: "[dim]?[/]"}


def verification(found: Verification) -> None:
    """Each claim on a line, then how many hold."""
    width = max(len(claim.name) for claim in found.claims)
    for claim in found.claims:
        _claim(claim, width)
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


def _claim(claim: Claim, width: int) -> None:
    told = say(f" (was {claim.told})", f"（原为 {claim.told}）") if claim.holds is False and claim.told else ""
    shown = f"{claim.told}" if claim.holds else f"{claim.found}{told}"
    because = "" if claim.holds or not claim.because else say(f" – {claim.because}", f" – {claim.because}")
    console().print(
        f"{SIGNS[claim.holds]} {escape(claim.name.ljust(width))}  [dim]{escape((shown + because).strip(' –'))}[/]",
        soft_wrap=True,
    )
