"""Data sets known by name: where they are looked for, where they come from, and what is known of them."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

from whatsit import events
from whatsit.data.dataset import Dataset, Origin, dataset_of
from whatsit.data.downloading.download import Archive, download
from whatsit.data.listing.walk import why_no_photo
from whatsit.data.readers import folders
from whatsit.data.readers.arrays import cifar, digits, idx
from whatsit.files import cache_dir

_IDX = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)
_MNIST_MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
)
_FASHION = "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/"
_CLOTHES = (
    "T-shirt/top",
    "Trouser",
    "Pullover",
    "Dress",
    "Coat",
    "Sandal",
    "Shirt",
    "Sneaker",
    "Bag",
    "Ankle boot",
)
_WORDNET = {
    "n01440764": "tench",
    "n02102040": "English springer",
    "n02979186": "cassette player",
    "n03000684": "chain saw",
    "n03028079": "church",
    "n03394916": "French horn",
    "n03417042": "garbage truck",
    "n03425413": "gas pump",
    "n03445777": "golf ball",
    "n03888257": "parachute",
}


@dataclass(frozen=True)
class NamedSet:
    """A published data set.

    read:    reads its folder
    origin:  what reports and model cards say of it
    photos:  how many there are where it was published
    folders: what its folder is called where people keep it, best first
    files:   what is downloaded where it is nowhere; none for what comes with an installation
    classes: readable names for those in the files
    parts:   the part that an official one is used as
    """

    read: Callable[[Path], Dataset]
    origin: Origin
    photos: int
    folders: tuple[str, ...] = ()
    files: tuple[Archive, ...] = ()
    classes: Mapping[str, str] = field(default_factory=dict)
    parts: Mapping[str, str] = field(default_factory=dict)


def _idx_files(mirrors: tuple[str, ...], megabytes: int, digests: tuple[str, ...]) -> tuple[Archive, ...]:
    return tuple(
        Archive(tuple(mirror + name for mirror in mirrors), f"md5:{digest}", megabytes if place == 0 else 1)
        for place, (name, digest) in enumerate(zip(_IDX, digests, strict=True))
    )


NAMED: dict[str, NamedSet] = {
    "digits": NamedSet(
        read=digits.read,
        origin=Origin(
            title="Optical recognition of handwritten digits (E. Alpaydin, C. Kaynak)",
            licence="CC BY 4.0",
            address="https://archive.ics.uci.edu/dataset/80",
            note="Scanned figures of 8 × 8 pixels, as scikit-learn installs them.",
        ),
        photos=1_797,
    ),
    "mnist": NamedSet(
        read=idx.read,
        origin=Origin(
            title="MNIST handwritten digits (Y. LeCun, C. Cortes, C. Burges)",
            licence="commonly cited as CC BY-SA 3.0",
            address="http://yann.lecun.com/exdb/mnist/",
        ),
        photos=70_000,
        folders=("mnist", "MNIST/raw", "MNIST"),
        files=_idx_files(
            _MNIST_MIRRORS,
            10,
            (
                "f68b3c2dcbeaaa9fbdd348bbdeb94873",
                "d53e105ee54ea40749a09fcbcd1e9432",
                "9fb629c4189551a2d022fa330f9573f3",
                "ec29112dd5afa0611ce80d1b7f02629c",
            ),
        ),
    ),
    "fashion-mnist": NamedSet(
        read=lambda path: idx.read(path, _CLOTHES),
        origin=Origin(
            title="Fashion-MNIST (Zalando Research)",
            licence="MIT",
            address="https://github.com/zalandoresearch/fashion-mnist",
        ),
        photos=70_000,
        folders=("fashion-mnist", "FashionMNIST/raw", "fashion"),
        files=_idx_files(
            (_FASHION,),
            26,
            (
                "8d4fb7e6c68d591d4c3dfef9ec88bf0d",
                "25c81989df183df01b3e8a0aad5dffbe",
                "bef4ecab320f06d8554ea6380940ec79",
                "bb300cfdad3c16e7a12a480ee83cd310",
            ),
        ),
    ),
    "cifar10": NamedSet(
        read=cifar.read,
        origin=Origin(
            title="CIFAR-10 (A. Krizhevsky, 2009)",
            licence="none given; its author asks for a citation of the technical report",
            address="https://www.cs.toronto.edu/~kriz/cifar.html",
        ),
        photos=60_000,
        folders=("cifar-10-batches-py", "cifar10/cifar-10-batches-py", "cifar10"),
        files=(
            Archive(
                ("https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",),
                "sha256:6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
                170,
            ),
        ),
    ),
    "imagenette": NamedSet(
        read=folders.read,
        origin=Origin(
            title="Imagenette, ten easy classes of ImageNet (fast.ai)",
            licence="the photos are under ImageNet's terms: research only",
            address="https://github.com/fastai/imagenette",
            note="Its official validation part is used as the test part. Backbones pretrained on ImageNet have "
            "seen these photos, so figures with such a backbone are higher than on photos of your own.",
        ),
        photos=13_394,
        folders=("imagenette2-320", "imagenette2", "imagenette2-160", "imagenette"),
        files=(
            Archive(
                ("https://s3.amazonaws.com/fast-ai-imageclas/imagenette2-320.tgz",),
                "md5:3df6f0d01a2c9592104656642f5e78a3",
                342,
            ),
        ),
        classes=_WORDNET,
        parts={"val": "test"},
    ),
    "cats-vs-dogs": NamedSet(
        read=folders.read,
        origin=Origin(
            title="Cats versus dogs (Asirra; Microsoft Research and Petfinder.com)",
            licence="none given; offered by Microsoft for research",
            address="https://www.microsoft.com/en-us/download/details.aspx?id=54765",
        ),
        photos=25_000,
        folders=("PetImages", "cats-vs-dogs"),
        files=(
            Archive(
                (
                    "https://download.microsoft.com/download/3/E/1/"
                    "3E1C3F21-ECDB-4869-8368-6DEBA77B919F/kagglecatsanddogs_5340.zip",
                ),
                "sha256:b7974bd00a84a99921f36ee4403f089853777b5ae8d151c76a86e64900334af9",
                825,
            ),
        ),
        classes={"Cat": "cat", "cats": "cat", "Dog": "dog", "dogs": "dog"},
    ),
}


def read(name: str, data_dir: Path | None = None) -> Dataset:
    """A named data set, from the first of these places that has it: `data_dir`, `$WHATSIT_DATA`, our own cache,
    and at last the internet, where it is checked against its published checksum.

    `origin.note` says which copy was read, and how much of the published set it holds.
    """
    known = NAMED[name]
    if not known.files:
        return _name_dataset(name, known, known.read(Path()), "")
    shared = os.environ.get("WHATSIT_DATA")
    for place in (data_dir, Path(shared) if shared else None):
        if place is not None and (folder := _within(place, known)):
            return _name_dataset(name, known, known.read(folder), f"Read from a local folder {folder.name!r}")
    own = cache_dir() / "data" / name
    if not own.exists():
        size = sum(archive.megabytes for archive in known.files)
        events.note(f"Downloading {name} ({size} MB): {known.origin.title}. Licence: {known.origin.licence}.")
        download(known.files, own)
    dataset = known.read(_within(own, known) or own)
    return _name_dataset(name, known, dataset, "Downloaded, with the published checksum")


def _within(place: Path, known: NamedSet) -> Path | None:
    return next((place / folder for folder in known.folders if (place / folder).is_dir()), None)


def _name_dataset(name: str, known: NamedSet, found: Dataset, copy: str) -> Dataset:
    """The data set under its own name, with readable classes, its origin, and which copy this is."""
    broken = sum(not why_no_photo(skipped.name) for skipped in found.skipped)
    whole = len(found) + broken == known.photos
    share = f"all {known.photos:,} photos" if whole else f"{len(found):,} of the published {known.photos:,} photos"
    note = " ".join(filter(None, [f"{copy}: {share}." if copy else "", known.origin.note]))
    labels = [known.classes.get(found.classes[label], found.classes[label]) for label in found.labels]
    parts = [known.parts.get(part, part) for part in found.parts.tolist()]
    return dataset_of(
        name,
        found.photos,
        labels,
        parts,
        root=found.root,
        skipped=found.skipped,
        origin=replace(known.origin, note=note),
    )
