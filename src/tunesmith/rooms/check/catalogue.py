"""Every kind of finding, by its code, in the order in which a report shows them within a severity.

A new one is a function in the file of its kind and a line here. ``RowCheck`` is for what one row shows by
itself, ``Check`` for what only all rows together show.
"""

from tunesmith.registry import Registry
from tunesmith.rooms.check import (
    answers,
    boilerplate,
    classes,
    content,
    drift,
    judging,
    labels,
    media,
    mojibake,
    near,
    personal,
    reading,
    repeats,
    shortcuts,
    size,
    spans,
    swapped,
)
from tunesmith.rooms.check.survey import Check, RowCheck

CHECKS: Registry[Check] = Registry(
    "check",
    {
        "single-class": classes.single_class,
        "too-few-rows": size.too_few_rows,
        "too-many-classes": classes.too_many_classes,
        "swapped-columns": swapped.swapped_columns,
        "close-call": reading.close_call,
        "shortcuts": shortcuts.shortcuts,
        "leakage": repeats.leakage,
        "near-leakage": near.near_leakage,
        "drift": drift.drift,
        "class-only-in-one-split": classes.class_only_in_one_split,
        "label-variants": labels.label_variants,
        "conflicting-labels": repeats.conflicting_labels,
        "duplicates": repeats.duplicates,
        "near-duplicates": near.near_duplicates,
        "boilerplate": boilerplate.boilerplate,
        "cut-spans": spans.cut_spans,
        "thin-classes": size.thin_classes,
        "small-class": classes.small_class,
        "wide-interval": judging.wide_interval,
        "unbalanced": classes.unbalanced,
        "rejected-rows": reading.rejected_rows,
        "sorted-by-label": labels.sorted_by_label,
        "unlabelled-rows": labels.unlabelled_rows,
    },
)

ROW_CHECKS: Registry[RowCheck] = Registry(
    "row check",
    {
        "missing-files": answers.MISSING_FILES,
        "blank-pictures": media.BLANK_PICTURES,
        "tiny-pictures": media.TINY_PICTURES,
        "silent-sounds": media.SILENT_SOUNDS,
        "short-sounds": media.SHORT_SOUNDS,
        "clipped-sounds": media.CLIPPED_SOUNDS,
        "illegal-tags": labels.ILLEGAL_TAGS,
        "loose-spans": spans.LOOSE_SPANS,
        "spaced-tokens": spans.SPACED_TOKENS,
        "bare-sentences": spans.BARE_SENTENCES,
        "identity-numbers": personal.IDENTITY_NUMBERS,
        "bank-numbers": personal.BANK_NUMBERS,
        "phone-numbers": personal.PHONE_NUMBERS,
        "mail-addresses": personal.MAIL_ADDRESSES,
        "network-addresses": personal.NETWORK_ADDRESSES,
        "empty-answers": answers.EMPTY_ANSWERS,
        "copied-answers": answers.COPIED_ANSWERS,
        "cut-answers": answers.CUT_ANSWERS,
        "placeholder-answers": answers.PLACEHOLDER_ANSWERS,
        "refused-answers": answers.REFUSED_ANSWERS,
        "broken-characters": content.BROKEN_CHARACTERS,
        "mojibake": mojibake.MOJIBAKE,
        "control-characters": content.CONTROL_CHARACTERS,
        "html-remnants": content.HTML_REMNANTS,
        "markdown-remnants": content.MARKDOWN_REMNANTS,
        "chat-tokens": content.CHAT_TOKEN_REMNANTS,
        "unfilled-places": content.UNFILLED_PLACES,
        "only-links": content.ONLY_LINKS_TEXTS,
        "mixed-widths": content.MIXED_WIDTHS,
        "invisible-characters": content.INVISIBLE_CHARACTERS,
        "very-long": content.VERY_LONG,
        "very-short": content.VERY_SHORT,
    },
)
