"""A tiny model that writes letter by letter, with a tokenizer and a chat template; and talks to tune it on."""

import json
import string
from pathlib import Path

LETTERS = ["<pad>", "<s>", "</s>", "<unk>", *string.ascii_lowercase, *string.digits, " ", "\n", ".", "?", ":"]
PAD, START, END, UNKNOWN = range(4)
WINDOW = 96

TEMPLATE = (
    "{{ '<s>' }}{% for message in messages %}{% if message['role'] == 'assistant' %}{{ message['content'] + '</s>' }}"
    "{% elif message['role'] == 'system' %}{{ message['content'] + '\n' }}"
    "{% else %}{{ 'q: ' + message['content'] + '\na: ' }}{% endif %}{% endfor %}"
)


def write_writer(folder: Path, *, template: str | None = TEMPLATE) -> Path:
    """A Llama of two layers with random weights; the same ones every time."""
    import torch
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
    from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

    backend = Tokenizer(models.BPE({letter: at for at, letter in enumerate(LETTERS)}, [], unk_token="<unk>"))
    backend.pre_tokenizer = pre_tokenizers.Split("", "isolated")
    backend.decoder = decoders.Fuse()
    backend.post_processor = processors.TemplateProcessing(single="<s> $A", pair=None, special_tokens=[("<s>", START)])
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=backend, pad_token="<pad>", bos_token="<s>", eos_token="</s>", unk_token="<unk>",
        model_max_length=WINDOW,
    )  # fmt: skip
    tokenizer.chat_template = template
    tokenizer.save_pretrained(folder)
    torch.manual_seed(11)
    config = LlamaConfig(
        vocab_size=len(LETTERS), hidden_size=32, intermediate_size=64, num_hidden_layers=2, num_attention_heads=2,
        max_position_embeddings=WINDOW, pad_token_id=PAD, bos_token_id=START, eos_token_id=END, initializer_range=0.2,
    )  # fmt: skip
    LlamaForCausalLM(config).save_pretrained(folder)
    return folder


def write_talks(path: Path, rows: int = 80) -> Path:
    """Questions and answers, a JSON object a line; no question comes twice."""
    things = ("cat", "dog", "sun", "sea", "tree", "bird", "road", "lamp")
    talks = [
        {"question": f"what is {things[at % 8]} number {at}?", "answer": f"a {things[at % 8]} is thing {at % 5}."}
        for at in range(rows)
    ]
    path.write_text("".join(json.dumps(talk) + "\n" for talk in talks), encoding="utf-8")
    return path
