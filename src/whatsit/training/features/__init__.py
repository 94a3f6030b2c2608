"""What a classical model looks at, by name: one file a feature, each a piece of the ONNX graph that answers."""

from __future__ import annotations

from whatsit.training.features import colour, hog, patches, raw, wavelet
from whatsit.training.features.graph import Feature

FEATURES: dict[str, Feature] = {
    "raw": Feature(raw.build, "the pixels themselves, 32 × 32 in colour"),
    "wavelet": Feature(wavelet.build, "the Haar detail picture, 32 × 32 in grey", least_side=128, step=32),
    "hog": Feature(hog.build, "histograms of oriented gradients", least_side=8),
    "colour": Feature(colour.build, "colour histograms of the photo and its quarters"),
    "patches": Feature(patches.build, "likeness to small patches learnt from the photos", least_side=8),
}
