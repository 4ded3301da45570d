"""How the model is computed: choices that change the time and not the result."""

from typing import Any

from tunesmith.models.fast.kinds import PACKABLE
from tunesmith.rooms.plan.costs import epoch_seconds
from tunesmith.rooms.plan.facts import Facts
from tunesmith.settings import Settings
from tunesmith.words import listed, say


def packed(facts: Facts, settings: Settings) -> tuple[Any, str]:
    """Real tokens alone, where the kind of model is known well enough."""
    if facts.modality != "text":
        return None, ""
    if settings.train.method == "head":
        return False, say("no layer is left to compute while the head learns", "只训练任务头，没有层需要计算")
    if settings.train.method == "prefix":
        return False, say(
            "each text is padded: before every one of them stands the prefix, which packed attention knows nothing of",
            "按普通方式（含填充）计算：每条文本之前都有前缀，打包注意力不支持它",
        )
    if facts.machine.accelerator != "cpu":
        return False, say("the accelerator's own kernels see to padding", "填充由加速器自身的内核处理")
    if facts.model.kind not in PACKABLE:
        return False, say(
            f"models of kind {facts.model.kind} are computed the plain way, padded; known are {listed(list(PACKABLE))}",
            f"{facts.model.kind} 类模型按普通方式（含填充）计算；已知的有 {listed(list(PACKABLE))}",
        )
    return True, say("real tokens alone, without padding; the same result", "只计算真实词元，不含填充；结果相同")


def group_by_length(facts: Facts, settings: Settings) -> tuple[Any, str]:
    """Only where padding would cost more than batches that are not quite random."""
    if facts.modality != "text":
        return None, ""
    if settings.train.packed:
        return False, say(
            "which texts meet is left to chance: without padding there is nothing to save",
            "批次完全随机：没有填充，无需按长度分组",
        )
    return True, say("texts of like length share a batch, which saves padding", "长度相近的文本同批，减少填充")


COMPILE_SECONDS = 60.0
"""What torch.compile takes for forward and backward: the order that is usual on one GPU, not measured here."""

COMPILE_GAIN = 0.15
"""Share of the loop's time that compiling saves on a GPU where kernels are not fused by hand; likewise."""

EMULATED = "10-15"
"""Times by which bfloat16 is slower than float32 where it is emulated: measured on a CPU with AVX2."""


HALF_WIDTH = 256
"""Below this width casting costs a CPU more than the products save.

Steps without padding, CPU seconds of float32 by those of bfloat16, on a CPU with AVX512_BF16. Decoders of width 64,
96, 256 and 384: 0.60, 0.72, 1.47, 1.58; encoders of 64, 128, 192, 256 and 384: 0.84, 0.97, 1.06, 1.24, 1.58.
"""

HALF_WIDTH_OF_FILES = 192
"""The same for sounds and for pictures of many places: at 192, the models from nothing, 1.27 for both."""

MANY_PLACES = 256
"""Patches of a picture from which that holds: 32 x 32 pixels have so many. At 16 x 16, of 64, it was 0.87 and 0.98."""


def precision(facts: Facts, settings: Settings) -> tuple[Any, str]:
    """bfloat16 where the hardware computes it and the model is wide enough; never where it is emulated."""
    pays_from = _half_width(facts)
    if facts.machine.has_fast_half and facts.machine.accelerator == "cpu" and facts.model.hidden < pays_from:
        return "float32", say(
            f"this machine computes bfloat16 in hardware, but at a width of {facts.model.hidden} the casting costs"
            f" more than it saves; it pays from {pays_from} on",
            f"本机硬件支持 bfloat16，但宽度 {facts.model.hidden} 时类型转换得不偿失，从 {pays_from} 起才划算",
        )
    if facts.machine.has_fast_half:
        return "bfloat16", say(
            "this machine computes it in hardware; weights and optimiser stay in float32",
            "本机硬件支持；权重和优化器仍为 float32",
        )
    return "float32", say(
        f"this machine has no bfloat16 in hardware: emulated, it is {EMULATED} times slower",
        f"本机硬件不支持 bfloat16：模拟计算会慢 {EMULATED} 倍",
    )


def _half_width(facts: Facts) -> int:
    """From which width on half precision pays on a CPU."""
    sense = facts.prepared.template.sense
    if sense is None or (sense.time is None and sense.tokens < MANY_PLACES):
        return HALF_WIDTH
    return HALF_WIDTH_OF_FILES


def compiled(facts: Facts, settings: Settings) -> tuple[Any, str]:
    """torch.compile where it pays back within the run."""
    if settings.train.method in {"head", "top"}:
        return False, say(
            "outputs of frozen layers are looked up, which cannot be compiled", "冻结层的输出需查表，无法编译"
        )
    if facts.machine.accelerator != "cuda":
        return False, say(
            "it needs a C++ compiler on a CPU, and its gain there was not measured",
            "在 CPU 上需要 C++ 编译器，且收益未经测量",
        )
    if settings.train.sharded:
        return False, say("weights that are dealt out come and go between layers", "分片权重在各层之间收发，不宜编译")
    if settings.regularise.adversarial or settings.regularise.mixup:
        return False, say(
            "FGM and mixup reach into the model's passes, and into compiled ones they cannot",
            "FGM 和 mixup 需要介入模型的前向计算，而编译后无法介入",
        )
    if facts.probe is None:
        return False, say("no batch was timed yet", "尚未实测任何批次")
    seconds = (settings.train.epochs or 1) * epoch_seconds(facts)
    gain = COMPILE_GAIN * seconds
    return gain > COMPILE_SECONDS, say(
        f"the loop takes {seconds:.0f} s: compiling may save {gain:.0f} s and costs about {COMPILE_SECONDS:.0f} s",
        f"训练约 {seconds:.0f} 秒：编译可省 {gain:.0f} 秒，自身约需 {COMPILE_SECONDS:.0f} 秒",
    )


def sharded(facts: Facts, settings: Settings) -> tuple[Any, str]:
    """Each process holds a part of the weights where the launcher asks for it."""
    count = facts.machine.processes
    if count == 1:
        return False, say("one process holds them all", "单进程持有全部权重")
    if facts.machine.asks_for_shards:
        return True, say(
            f"accelerate is configured for FSDP: each of {count} processes holds a part of the weights",
            f"accelerate 配置了 FSDP：{count} 个进程各持有一部分权重",
        )
    return False, say(
        f"each of {count} processes holds all weights (DDP), the faster way while they fit into memory",
        f"{count} 个进程各持有全部权重（DDP），内存允许时更快",
    )


def doubts(path: str, value: Any, facts: Facts) -> str:
    """What to know about a wish that is obeyed all the same; empty where there is nothing."""
    if path == "train.precision" and value == "bfloat16" and not facts.machine.has_fast_half:
        return say(
            f"; this machine emulates bfloat16, which makes it {EMULATED} times slower",
            f"；本机只能模拟 bfloat16，会慢 {EMULATED} 倍",
        )
    return ""
