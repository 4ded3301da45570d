"""The lines of Python that load a trained model anywhere."""

import json
from collections.abc import Mapping

PIPELINES: Mapping[str, str] = {
    "language-modeling": "text-generation",
    "generation": "text-generation",
    "title-generation": "text-generation",
    "chat": "text-generation",
    "preference": "text-generation",
    "masked-language-modeling": "fill-mask",
    "multi-label-classification": "text-classification",
    "regression": "text-classification",
    "seq2seq-generation": "text2text-generation",
    "seq2seq-title-generation": "text2text-generation",
}
"""Our tasks → what model hubs call them. The other tasks have the pipelines' own names."""

SETS = frozenset({"multi-label-classification"})
"""Tasks whose models answer with every label, each with its probability."""

TALKING = frozenset({"chat", "generation", "title-generation", "preference"})
"""Tasks whose models are asked by their chat template."""

SEQ2SEQ = "text2text-generation"


def pipeline_task(task: str) -> str:
    """The task by the name that model hubs give it."""
    return PIPELINES.get(task, task)


def loading(task: str, model: str, *, is_beside: bool = False) -> str:
    """Load the model and, where it writes, have it answer.

    Args:
        is_beside: what was learned stands beside its base, in peft's form.
    """
    name, folder = pipeline_task(task), json.dumps(model, ensure_ascii=False)
    if is_beside:
        kind = "Seq2SeqLM" if name == SEQ2SEQ else "CausalLM"
        return (
            f"from peft import AutoPeftModelFor{kind}\nfrom transformers import AutoTokenizer\n\n"
            f"tokenizer = AutoTokenizer.from_pretrained({folder})\n"
            "# its base is looked for where adapter_config.json says\n"
            f"model = AutoPeftModelFor{kind}.from_pretrained({folder})"
        )
    if name == SEQ2SEQ:
        # transformers 5 has no such pipeline.
        return (
            "from transformers import AutoModelForSeq2SeqLM, AutoTokenizer\n\n"
            f"tokenizer = AutoTokenizer.from_pretrained({folder})\n"
            f"model = AutoModelForSeq2SeqLM.from_pretrained({folder})\n"
            'written = model.generate(**tokenizer("…", return_tensors="pt"))\n'
            "print(tokenizer.decode(written[0], skip_special_tokens=True))"
        )
    lines = f"from transformers import pipeline\n\nask = pipeline({json.dumps(name)}, model={folder})"
    if task in TALKING:
        return f'{lines}\nask([{{"role": "user", "content": "…"}}], return_full_text=False)'
    if task in SETS:
        return f'{lines}\nask("…", top_k=None)  # a label is given from a score of 0.5 on'
    return lines
