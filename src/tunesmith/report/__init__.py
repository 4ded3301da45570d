"""report: what came of a run, on one page for people, as JSON for machines, and as the model's card."""

from tunesmith.report.card import card
from tunesmith.report.facts import Facts
from tunesmith.report.page import report

__all__ = ["Facts", "card", "report"]
