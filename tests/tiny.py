"""A tiny model that passes for pretrained, for tests that walk the whole way."""

from pathlib import Path

import torch
from tokenizers import Tokenizer, models, pre_tokenizers, processors
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from made import BAD, GOOD, THINGS, sentences
from tunesmith.models.quiet import quiet

SPECIALS = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")


def tiny_bert(folder: Path) -> Path:
    """A BERT of three narrow layers in ``folder``; its words are those of the reviews and sentences of ``made``."""
    words = {"the", "number", "was", "and", *GOOD, *BAD, *THINGS, *map(str, range(10))}
    words |= {word.lower() for sentence in sentences(9) for word, _ in sentence}
    vocabulary = {word: at for at, word in enumerate((*SPECIALS, *sorted(words)))}
    tokenizer = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    special = [(word, vocabulary[word]) for word in ("[CLS]", "[SEP]")]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS]:0 $A:0 [SEP]:0", pair="[CLS]:0 $A:0 [SEP]:0 $B:1 [SEP]:1", special_tokens=special
    )
    names = dict(zip(("pad_token", "unk_token", "cls_token", "sep_token", "mask_token"), SPECIALS, strict=True))
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, **names).save_pretrained(folder)
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=3,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=64,
    )
    with torch.random.fork_rng(), quiet():
        torch.manual_seed(3)
        BertModel(config).save_pretrained(folder)
    return folder
