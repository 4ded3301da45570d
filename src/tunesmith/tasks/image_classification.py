"""image-classification: one label for a picture."""

from dataclasses import replace

from tunesmith.tasks import media, text_classification

TASK = replace(
    text_classification.TASK,
    name="image-classification",
    modality="image",
    reads="image-classification",
    auto_class="AutoModelForImageClassification",
    takes="files",
    texts=media.paths,
    encode=media.encode,
    items=media.items,
    collate=media.collate,
    varied=media.varied,
    answers=media.answers,
    wrong=media.wrong,
    baselines=("majority",),
)
