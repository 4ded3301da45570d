"""Runs that cover what a report must bear: languages, tasks, many classes, no errors, only errors, hostile texts."""

from made_facts import HOSTILE, evaluation, health, interval, plan, prepared, reading, steps, trained

from tunesmith.artifacts import Choice, ClassScore, Evaluation, Finding, Health, Hypothesis, Mistake, Row, SetAside
from tunesmith.rooms.report.facts import Facts

ENGLISH = {"ENTY": 1344, "HUM": 1288, "DESC": 1300, "NUM": 1009, "LOC": 916, "ABBR": 95}


def english() -> Facts:
    """Six classes of questions, a given test split."""
    mistakes = [
        Mistake(
            path="data/TREC.test.all",
            line=12 + 7 * i,
            text=text,
            truth=truth,
            answer=answer,
            confidence=0.99 - 0.02 * i,
        )
        for i, (text, truth, answer) in enumerate(
            [
                ("What is the speed hummingbirds fly ?", "NUM", "DESC"),
                ("What are the twin cities ?", "LOC", "ENTY"),
                ("What does the abbreviation SOS mean ?", "ABBR", "DESC"),
                (
                    "Who developed the vaccination against polio, and when was it first given to children ?",
                    "HUM",
                    "NUM",
                ),
                ("What is the longest suspension bridge in the U.S. ?", "ENTY", "LOC"),
            ]
        )
    ]
    preview = [
        {"label": "DESC", "text": "How did serfdom develop in and then leave Russia ?", "source": 0, "line": 1},
        {"label": "ENTY", "text": "What films featured the character Popeye Doyle ?", "source": 0, "line": 2},
        {"label": "HUM", "text": "What contemptible scoundrel stole the cork from my lunch ?", "source": 0, "line": 5},
    ]
    test = evaluation(list(ENGLISH), [94, 65, 138, 113, 81, 9], 0.88, mistakes)
    dev = evaluation(list(ENGLISH), [120, 110, 130, 100, 90, 8], 0.9, (), split="dev")
    return Facts(
        reading=reading(ENGLISH, preview, ("TREC.train.all", "TREC.test.all")),
        health=health(),
        prepared=prepared(list(ENGLISH), 4852, 600, 500),
        plan=plan(),
        steps=steps(),
        trained=trained(),
        evaluations=(test, dev),
    )


CHINESE = ("财经", "房产", "股票", "教育", "科技", "社会", "时政", "体育", "游戏", "娱乐")


def chinese() -> Facts:
    """Ten classes of headlines, a model from scratch."""
    texts = (
        "词汇阅读是关键 08年考研暑期英语复习全指南",
        "中国人民公安大学2012年硕士研究生目录及书目",
        "日本地震：金吉列关注在日学子系列报道",
    )
    mistakes = [
        Mistake(
            path="数据/test.txt",
            line=31 + i,
            text=texts[i % 3],
            truth=CHINESE[i % 10],
            answer=CHINESE[(i + 2) % 10],
            confidence=0.98 - 0.01 * i,
        )
        for i in range(24)
    ]
    preview = [{"text": text, "label": "教育", "source": 0, "line": i + 1} for i, text in enumerate(texts)]
    base = plan()
    model = base.model.model_copy(
        update={
            "name": "scratch",
            "is_pretrained": False,
            "parameters": 3_900_000,
            "because": "数据为中文，本机没有中文预训练模型",
        }
    )
    choices = (
        Choice(name="epochs", value=10, because="9,000 行属于小数据：10 到 50 轮，早停会提前结束"),
        Choice(name="batch_size", value=64, because="标题很短"),
    )
    return Facts(
        reading=reading(
            dict.fromkeys(CHINESE, 1000),
            preview,
            ("dev.txt", "test.txt"),
            encoding="utf-8",
            hypotheses=(
                Hypothesis(
                    task="text-classification",
                    format="tsv",
                    columns={"text": 1, "label": 2},
                    score=0.98,
                    evidence=("第二列只有 10 个取值", "第一列几乎各不相同"),
                ),
            ),
            would_change="",
        ),
        health=Health(
            findings=(
                Finding(
                    code="duplicates",
                    severity="warning",
                    count=8,
                    message="8 个标题同时出现在训练与测试中。",
                    do="从训练集中删去。",
                    rows=(Row(path="数据/dev.txt", line=77, text=texts[2]),),
                ),
            ),
            facts=health(0.91, 0.02).facts,
            verdict="可以训练：1 项检查结果，不妨碍训练。",
            is_trainable=True,
        ),
        prepared=prepared(
            CHINESE, 9000, 1000, 10000, split_because="测试文件保持原样；从训练文件中分层抽取 10% 作为验证集，种子 17"
        ),
        plan=plan(model=model, choices=choices, files=("dev.txt", "test.txt")),
        steps=steps(best=5),
        trained=trained(
            run="runs/thucnews", best_epoch=5.0, best_step=750, stopped_because="连续 2 轮验证集宏平均 F1 没有提高"
        ),
        evaluations=(evaluation(CHINESE, [1000] * 10, 0.84, mistakes),),
    )


ENTITIES = {"person": 660, "location": 548, "group": 264, "creative-work": 140, "product": 142, "corporation": 221}


def tagging() -> Facts:
    """Six types of entity in tweets; entity F1 decides."""
    tokens = (
        "@paulwalk",
        "It",
        "'s",
        "the",
        "view",
        "from",
        "where",
        "I",
        "'m",
        "living",
        "for",
        "two",
        "weeks",
        ".",
        "Empire",
        "State",
        "Building",
        "=",
        "ESB",
        ".",
    )
    tags = ("O",) * 14 + ("B-location", "I-location", "I-location", "O", "B-location", "O")
    preview = [
        {"tokens": list(tokens), "tags": list(tags), "source": 0, "line": 1},
        {
            "tokens": ["From", "Green", "Newsfeed", ":"],
            "tags": ["O", "B-group", "I-group", "O"],
            "source": 0,
            "line": 22,
        },
    ]
    supports = (429, 150, 165, 142, 127, 66)
    per_class = {
        name: ClassScore(
            precision=interval(0.62 - 0.07 * i, n),
            recall=interval(0.5 - 0.08 * i, n),
            f1=interval(0.55 - 0.08 * i, n),
            support=n,
        )
        for i, (name, n) in enumerate(zip(ENTITIES, supports, strict=True))
    }
    mistakes = (
        Mistake(
            path="emerging.test.annotated",
            line=412,
            text="RT @nflcommish : Aaron Rodgers out of Sunday 's game in Green Bay",
            truth="person: Aaron Rodgers; location: Green Bay",
            answer="person: Aaron Rodgers; group: Green Bay",
            confidence=0.97,
        ),
    )
    metrics = {
        "f1_micro": interval(0.442, 1079),
        "precision_micro": interval(0.538, 900),
        "recall_micro": interval(0.375, 1079),
        "f1_macro": interval(0.351, 800),
        "token_accuracy": interval(0.941, 9000),
    }
    judged = Evaluation(
        run="runs/wnut",
        split="test",
        rows=1287,
        main="f1_micro",
        metrics=metrics,
        per_class=per_class,
        mistakes=mistakes,
        notes=(
            "An entity counts as found when type, start and end all agree.",
            "Illegal sequences are read as conlleval reads them: 14 answers began with I-.",
        ),
    )
    data = reading(
        ENTITIES,
        preview,
        ("wnut17train.conll", "emerging.test.annotated"),
        task="token-classification",
        format="conll",
        columns={"tokens": 1, "tags": 2},
        tag_scheme="BIO",
    )
    tags_out = ("O", *(f"{p}-{name}" for name in ENTITIES for p in "BI"))
    return Facts(
        reading=data,
        health=health(),
        prepared=prepared(tags_out, 3394, 1009, 1287, task="token-classification"),
        plan=plan(task="token-classification"),
        steps=steps(monitor="f1_micro"),
        trained=trained("f1_micro", run="runs/wnut"),
        evaluations=(judged,),
    )


def many() -> Facts:
    """Eighty intents; no heat table could be read."""
    labels = [
        f"{a}_{b}"
        for a in ("card", "transfer", "top_up", "cash", "identity", "exchange", "refund", "account")
        for b in (
            "arrival",
            "declined",
            "limit",
            "fee",
            "pending",
            "not_recognised",
            "cancelled",
            "how_to",
            "lost",
            "country_support",
        )
    ]
    base = english()
    return base.model_copy(
        update={
            "reading": reading(
                {name: 40 + 3 * i for i, name in enumerate(labels)}, base.reading.preview, ("train.csv", "test.csv")
            ),
            "prepared": prepared(labels, 10003, 1000, 3080),
            "evaluations": (evaluation(labels, [12 + i for i in range(80)], 0.86, base.evaluation.mistakes),),
        }
    )


def perfect() -> Facts:
    """One evaluation without a mistake, one finding-free data set, one epoch."""
    base = english()
    labels = ["ham", "spam"]
    return base.model_copy(
        update={
            "reading": reading(
                {"ham": 900, "spam": 140}, base.reading.preview, ("train.csv", "test.csv"), set_aside=()
            ),
            "health": base.health.model_copy(update={"findings": ()}),
            "prepared": prepared(labels, 800, 100, 140),
            "steps": steps(1, 25, best=1),
            "trained": trained(epochs=1.0, best_epoch=1.0, best_step=25, stopped_because="all epochs done"),
            "evaluations": (evaluation(labels, [120, 20], 1.0, ()),),
        }
    )


LONG = ("关于退换货流程的投诉" * 9, "pneumonoultramicroscopicsilicovolcanoconiosis" * 4)
"""Labels that no column was made for: one without a space in it, one Chinese."""


def wrong() -> Facts:
    """Two classes with very long names, and not one answer right."""
    base = english()
    none = interval(0.0, 60).model_copy(update={"high": 0.06})
    judged = evaluation(LONG, [40, 20], 1.0, ())
    score = ClassScore(precision=none, recall=none, f1=none, support=30)
    judged = judged.model_copy(
        update={
            "confusion": ((0, 40), (20, 0)),
            "metrics": dict.fromkeys(judged.metrics, none),
            "per_class": dict.fromkeys(LONG, score),
        }
    )
    return base.model_copy(
        update={
            "reading": reading(dict.fromkeys(LONG, 90), base.reading.preview, ("train.csv", "test.csv")),
            "prepared": prepared(LONG, 100, 20, 60),
            "evaluations": (judged,),
        }
    )


def hostile() -> Facts:
    """Every text that data or people supply is an attack on whoever prints it."""
    base = english()
    labels = [HOSTILE, 'a"b', "]]>", "{{ 7 * 7 }}", "\u202eright to left", "---\ntitle: x"]
    mistakes = [
        Mistake(path=f"d/{HOSTILE}", line=3, text=HOSTILE * 40, truth=HOSTILE, answer=labels[1], confidence=0.999)
    ]
    return base.model_copy(
        update={
            "reading": reading(
                dict.fromkeys(labels, 100),
                [{"label": HOSTILE, "text": HOSTILE, "</th>": "x"}],
                (HOSTILE, "b"),
                encoding=HOSTILE,
                columns={"text": HOSTILE},
                set_aside=(SetAside(path=HOSTILE, because=HOSTILE),),
            ),
            "health": health(texts=(HOSTILE, HOSTILE)),
            "prepared": prepared(labels, 500, 50, 50, split_because=HOSTILE),
            "plan": plan(
                choices=(Choice(name=HOSTILE, value=[HOSTILE], because=HOSTILE),), versions={HOSTILE: HOSTILE}
            ),
            "trained": trained(run=f"runs/{HOSTILE}", model=HOSTILE, stopped_because=HOSTILE),
            "evaluations": (evaluation(labels, [9, 8, 7, 6, 5, 4], 0.7, mistakes),),
        }
    )
