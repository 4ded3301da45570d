"""What is done with a finished run: it is tested, asked, talked with, explained."""

from tunesmith.using.answering import chat, predict
from tunesmith.using.comparing import compare, compared_page
from tunesmith.using.explaining import Wish, explain
from tunesmith.using.rating import rate
from tunesmith.using.rating_wishes import Wishes
from tunesmith.using.scoring import test
from tunesmith.using.verifying import verify

__all__ = ["Wish", "Wishes", "chat", "compare", "compared_page", "explain", "predict", "rate", "test", "verify"]
