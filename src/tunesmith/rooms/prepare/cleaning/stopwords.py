"""The commonest function words of Chinese and English, by kind.

Words that turn a meaning round are left out on purpose: not, no, never, but, without and their Chinese
kin decide more reviews than any noun does.
"""

_EN = (
    # articles, demonstratives, question words
    "a an the this that these those which what who whom whose when where how why"
    # pronouns
    " i me my mine myself you your yours yourself he him his himself she her hers herself it its itself"
    " we us our ours ourselves they them their theirs themselves"
    # to be, to have, to do, and auxiliaries
    " am is are was were be been being have has had having do does did doing"
    " will would shall should can could may might must"
    # prepositions and conjunctions
    " of in on at by for from to into onto with about as over under between through during before after"
    " and or if then than so because while"
    # adverbs and the rest
    " there here also just such both each some any other own same s t d ll ve re m"
)

_ZH = (
    # particles
    "的 地 得 了 着 过 吗 呢 吧 啊 呀 啦 嘛 哦 所 之"
    # pronouns and demonstratives
    " 我 你 您 他 她 它 我们 你们 他们 她们 它们 自己 这 那 这个 那个 这些 那些 这里 那里"
    " 这样 那样 哪 哪个 谁 什么 怎么 多少"
    # prepositions
    " 在 从 向 往 由 于 对 对于 关于 把 将 被 给 跟 和 与 同 以 为 为了 按照 根据"
    # conjunctions
    " 及 以及 或 或者 而 而且 并 并且 因为 所以 因此 如果 然后 虽然"
    # verbs without much of their own, adverbs, measure words
    " 是 有 就 都 也 还 又 才 会 能 要 可以 去 来 一 一个 个 些"
)

BUILT_IN: dict[str, tuple[str, ...]] = {"zh": tuple(_ZH.split()), "en": tuple(_EN.split())}
