"""audio-classification: one label for a sound; of a long one, windows are judged and their answers averaged."""

from dataclasses import replace

from tunesmith.tasks import image_classification

TASK = replace(
    image_classification.TASK,
    name="audio-classification",
    modality="audio",
    reads="audio-classification",
    auto_class="AutoModelForAudioClassification",
)
