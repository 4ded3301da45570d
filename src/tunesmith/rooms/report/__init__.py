"""report: what came of a run, on one page for people, as JSON for machines, and as the model's card."""

from tunesmith.rooms.report.card import card
from tunesmith.rooms.report.check import check_page
from tunesmith.rooms.report.compared import compared
from tunesmith.rooms.report.facts import Facts
from tunesmith.rooms.report.page import report, report_page
from tunesmith.rooms.report.search import search_page

__all__ = ["Facts", "card", "check_page", "compared", "report", "report_page", "search_page"]
