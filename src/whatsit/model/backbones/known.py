"""The pretrained networks that are known by name: what they are good for, whose they are, where they come from.

Their layers, in torch, are in `training/backbones/NAME.py`; any other network is one of the Hub (see hub.py).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Published:
    """A network that others trained and published.

    size:  the side of the photos it was trained with, in pixels
    files: the names its weights are looked for under, besides NAME.safetensors, NAME.pth and NAME.h5
    hub:   the repository and file of the Hub that its weights come from where there are none
    """

    purpose: str
    licence: str
    size: int
    files: tuple[str, ...]
    hub: tuple[str, str]


BACKBONES: dict[str, Published] = {
    "mobilenetv2": Published(
        purpose="MobileNet V2, trained on ImageNet: the fastest, and small enough for any laptop and browser",
        licence="Apache-2.0",
        size=256,
        files=(
            "mobilenet_v2_1.0_224.pth",
            "mobilenet_v2-b0353104.pth",
            "mobilenet_v2-7ebf99e0.pth",
            "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
        ),
        hub=("timm/mobilenetv2_100.ra_in1k", "model.safetensors"),
    ),
    "vgg16": Published(
        purpose="VGG16, trained on ImageNet: the textbooks' network, fifty times the work of mobilenetv2",
        licence="BSD-3-Clause (torchvision), CC BY 4.0 (the authors' weights, which Keras has)",
        size=224,
        files=("vgg16-397923af.pth", "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5"),
        hub=("timm/vgg16.tv_in1k", "model.safetensors"),
    ),
}
DEFAULT = "mobilenetv2"
