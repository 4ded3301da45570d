"""Which model to start from, when the user names none."""

from tunesmith.artifacts import TextFacts
from tunesmith.models.shelf import MINILM, SCRATCH
from tunesmith.tasks.task import Writes
from tunesmith.words import say

CJK_SHARE = 0.15
"""Above this share of Chinese, Japanese or Korean characters, a text's meaning does not lie in its English words."""

LATIN_SHARE = 0.3
"""Below this share of Latin letters (Cyrillic, Arabic, Thai; bare numbers) minilm reads letter by letter.

English prose has about 0.8, log lines and product codes about 0.4.
"""


def choose(
    wanted: str | None, text_facts: TextFacts, *, task: str, writes: Writes = "", modality: str = "text"
) -> tuple[str, str]:
    """The model's name and why. What the user wants is what the user gets.

    ``minilm`` holds few Chinese characters: most become the unknown token, so that
    different texts look alike. A small model trained on the data itself sees them all.
    """
    if wanted:
        return wanted, say("you named it", "由您指定")
    if modality != "text":
        what = {"image": ("pictures", "图像"), "audio": ("sounds", "声音")}[modality]
        return SCRATCH, say(
            f"no model of {what[0]} is embedded: a small one learns from yours alone; a pretrained one does better,"
            " if you have one: --model FOLDER",
            f"未内置{what[1]}模型：将仅用您的数据训练一个小模型；若有预训练模型，效果会更好：--model 文件夹",
        )
    if writes in {"causal", "seq2seq"}:
        return SCRATCH, say(
            f"{task} needs a model that writes, and the embedded minilm only reads: a small one learns from your texts"
            " alone; a pretrained one writes far better, if you have one: --model FOLDER",
            f"{task} 需要会写作的模型，而内置的 minilm 只会阅读：将仅用您的文本训练一个小模型；"
            "若有预训练模型，效果会好得多：--model 文件夹",
        )
    if text_facts.cjk_share > CJK_SHARE:
        share = f"{text_facts.cjk_share:.0%}"
        return SCRATCH, say(
            f"{share} of the characters are Chinese, Japanese or Korean, and the embedded minilm knows English only: "
            f"most of them would become 'unknown'. For {task}, a pretrained model of that language does better, "
            "if you have one: --model FOLDER",
            f"{share} 的字符是中日韩文字，而内置的 minilm 只懂英文，其中大部分会变成“未知”。"
            f"若有该语言的预训练模型，{task} 的效果会更好：--model 文件夹",
        )
    if text_facts.latin_share < LATIN_SHARE:
        share = f"{text_facts.latin_share:.0%}"
        return SCRATCH, say(
            f"only {share} of the characters are Latin letters, and the embedded minilm was trained on English",
            f"只有 {share} 的字符是拉丁字母，而内置的 minilm 是用英文训练的",
        )
    return MINILM, say(
        "pretrained on a billion English sentence pairs, 22.7 M parameters, embedded: needs no network",
        "用十亿英文句对预训练，2270 万参数，随软件内置，无需网络",
    )
