"""A rule for one tag a word: what the word mostly was."""

from collections import Counter, defaultdict

from tunesmith.rooms.compare.rules.lesson import Lesson, Told, known_places, one_hot


def word_tags(given: Lesson) -> Told:
    """The most frequent tag of each word that was seen; of any other word the most frequent tag of all."""
    seen: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for words, tags in zip(
        given.train.column("tokens").to_pylist(), given.train.column("tags").to_pylist(), strict=True
    ):
        for word, tag in zip(words, tags or (), strict=False):
            seen[word][tag] += 1
    whole = sum(seen.values(), Counter[str]())
    usual = whole.most_common(1)[0][0] if whole else given.labels[0]
    tag_of = {word: counts.most_common(1)[0][0] for word, counts in seen.items()}
    found = []
    for words in given.asked.column("tokens").to_pylist():
        places = known_places([tag_of.get(word, usual) for word in words], given.labels)
        found.append(one_hot(places, len(given.labels)))
    return Told(answers=found)
