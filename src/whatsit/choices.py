"""The options of verbs as keywords, for editors and type checkers; made by tools/choices.py."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypedDict


class CollectChoices(TypedDict, total=False):
    """Keywords for the fields of whatsit.collecting.options.CollectOptions."""

    source: tuple[str, ...]
    per_class: int | None
    license: Literal["any", "known", "commercial", "public"]
    size: int
    contact: str
    agree: bool
    pace: float
    robots: bool
    link: bool
    workers: int


class DeployChoices(TypedDict, total=False):
    """Keywords for the fields of whatsit.deploying.kit.DeployOptions."""

    title: str
    domain: str
    bucket: str
    region: str
    ort_web: Path | None


class PackChoices(TypedDict, total=False):
    """Keywords for the fields of whatsit.packing.packing.PackOptions."""

    to: Literal["folders", "npz", "shards", "coco"]
    size: int
    resize: Literal["crop", "pad", "squish"]
    per_class: int | None
    val: float
    test: float
    seed: int
    group: str | None
    labels: str | None
    licence: str
    address: str
    mirror: bool
    turn: float
    shift: float
    zoom: float
    light: float
    shear: float
    noise: float
    blur: float


class ServeChoices(TypedDict, total=False):
    """Keywords for the fields of whatsit.serving.options.ServeOptions."""

    host: str
    port: int
    socket: Path | None
    fd: int | None
    behind_proxy: bool
    root_path: str
    name: tuple[str, ...]
    public: bool
    token: str | None
    token_file: Path | None
    allow_origin: tuple[str, ...]
    addresses: bool
    corrections: bool
    samples: Path | None
    title: str
    lanes: int | None
    queue: int | None
    deadline: float
    max_mb: float
    max_photos: int
    rate: float
    burst: int
    watch: float
    int8: bool
    metrics: Literal["local", "all", "off"]
    log: Literal["auto", "json", "text", "off"]


class TrainChoices(TypedDict, total=False):
    """Keywords for the fields of whatsit.training.options.TrainOptions."""

    recipe: Literal["auto", "cnn", "transfer", "finetune", "classical"] | str
    size: int | None
    resize: Literal["crop", "pad", "squish"]
    ground: Literal["white", "black", "drawing"]
    seed: int
    val: float | None
    test: float | None
    classes: str | None
    labels: str | None
    prefer: str | None
    group: str | None
    folds: int | None
    time: str | None
    all_corrections: bool
    net: str
    depth: int | None
    width: int | None
    dropout: float | None
    dense: int | None
    epochs: int | None
    batch: int | None
    optimiser: str | None
    schedule: str | None
    learning_rate: float | None
    patience: int
    mirrored: bool | None
    precision: Literal["auto", "fp32", "bf16"]
    augment: Literal["auto", "none", "light", "flip", "photo"]
    shift: float
    rotation: float
    zoom: float
    shear: float
    flip: bool
    brightness: float
    noise: float
    blur: float
    fill: Literal["nearest", "reflect", "grey"]
    features: str
    models: str
    search_folds: int
    backbone: str
    weights: str | None
    face_network: str | None
    head: Literal["auto", "linear", "means", "neighbours", "dense"]
    strength: float | None
    accept_licence: bool
    views: int
    learning_curve: bool
