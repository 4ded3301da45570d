"""Rules that cost nothing: what a model must beat to be worth its price. Each learns from the same training rows.

==============  =====================================================================================
name            what it answers
==============  =====================================================================================
majority        the label that most training rows have
tfidf           what a linear model on weighted words, or runs of characters, says
tfidf-sets      the same, for each of several labels a row may have
tfidf-score     the same, for a number
mean            the mean of the training scores
word-tags       for each word the tag that it mostly had
letters         how likely each character is after the two before it
nearest         the training answer to the question most like this one
first-sentence  the first sentence of what is given
==============  =====================================================================================
"""

from collections.abc import Callable

from tunesmith.rooms.compare.rules.labels import majority, tfidf
from tunesmith.rooms.compare.rules.lesson import Lesson, Told
from tunesmith.rooms.compare.rules.letters import letters
from tunesmith.rooms.compare.rules.others import mean, tfidf_score, tfidf_sets
from tunesmith.rooms.compare.rules.tags import word_tags
from tunesmith.rooms.compare.rules.texts import first_sentence, nearest

Rule = Callable[[Lesson], Told]

RULES: dict[str, Rule] = {
    "majority": majority,
    "tfidf": tfidf,
    "tfidf-sets": tfidf_sets,
    "tfidf-score": tfidf_score,
    "mean": mean,
    "word-tags": word_tags,
    "letters": letters,
    "nearest": nearest,
    "first-sentence": first_sentence,
}

__all__ = ["RULES", "Lesson", "Rule", "Told"]
