"""How a training is wanted: the command line's flags, the library's arguments and run.json are these fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from whatsit.data.splitting.split import TEST_MOST, USUAL, VAL_MOST
from whatsit.image import Ground, Resize
from whatsit.model.backbones.known import BACKBONES, DEFAULT
from whatsit.records import UNWRITTEN

RecipeName = Literal["auto", "cnn", "transfer", "finetune", "classical"] | str  # of other packages: any name
Fill = Literal["nearest", "reflect", "grey"]
Precision = Literal["auto", "fp32", "bf16"]


@dataclass(frozen=True)
class AugmentOptions:
    """Changes made to training photos, each time anew (0 or no: none)."""

    augment: Literal["auto", "none", "light", "flip", "photo"] = "auto"
    "Changes by name; auto: what suits the net and data; flags below replace parts of it."

    shift: float = 0.0
    "Move by up to this share of the width and height (0.1 is a tenth)."

    rotation: float = 0.0
    "Turn by up to this many degrees either way."

    zoom: float = 0.0
    "Enlarge or shrink by up to this share."

    shear: float = 0.0
    "Slant by up to this many degrees."

    flip: bool = False
    "Mirror left and right, half of the time."

    brightness: float = 0.0
    "Make brighter or darker by up to this share."

    noise: float = 0.0
    "Add grain with this standard deviation (as a share of white)."

    blur: float = 0.0
    "Blur with up to this radius in pixels."

    fill: Fill = "reflect"
    "What fills the edges of a moved photo."


@dataclass(frozen=True)
class NetOptions:
    """The network and its training (recipes cnn and finetune)."""

    net: str = "fast"
    "The network: fast (few epochs), simple (the textbook layers: convolutions, pooling, dense)."

    depth: int | None = None
    "Blocks of convolutions (default: by the photo size in net simple, all three in net fast)."

    width: int | None = None
    "Filters of the first block (default: by the net)."

    dropout: float | None = None
    "Share of features dropped while net simple trains (default: by the net)."

    dense: int | None = None
    "Units of the dense layer of net simple, or of the head dense of recipe transfer."

    epochs: int | None = None
    "Passes over the training photos (default: by the net, or by --time)."

    batch: int | None = None
    "Photos a step, of all processes together."

    optimiser: str | None = None
    "The optimiser of net simple: adam (default), sgd (with momentum 0.9), rmsprop."

    schedule: str | None = None
    """How the learning rate of net simple runs: one-cycle (default: up, then down a cosine), constant, steps (a
    tenth, then a hundredth)."""

    learning_rate: float | None = None
    """Step size of the optimiser at its highest (default: of net simple 0.001 with adam and rmsprop, 0.1 with
    sgd; of net fast 1, a factor of its own; of recipe finetune 0.0002)."""

    patience: int = 0
    "Stop when validation has not got better for this many epochs (0: never)."

    mirrored: bool | None = None
    "Answer from a photo and its mirror image, at twice the work (default: net fast where it learns from both)."

    precision: Precision = "auto"
    "Arithmetic of training: auto measures which is faster on this machine."


@dataclass(frozen=True)
class ClassicalOptions:
    """The grid search (recipe classical)."""

    features: str = "auto"
    "Features stacked by +, stacks to try by commas (raw+wavelet,hog): raw, wavelet, hog, colour, patches."

    models: str = "all"
    "Models to try, by commas: logistic, svm-linear, svm-rbf, forest."

    search_folds: int = 5
    "Folds of the cross-validation that compares candidates."


@dataclass(frozen=True)
class TransferOptions:
    """The pretrained network and its head (recipes transfer and finetune)."""

    backbone: str = DEFAULT
    f"""The pretrained network: {", ".join(BACKBONES.own)}, or a model of the Hub (owner/name, or
    its folder)."""

    weights: str | None = None
    "The file of its weights, .safetensors, .pth or .h5 (default: looked for on this machine, then on the Hub)."

    face_network: str | None = None
    "For photos cut to faces: the file of the network that tells people apart, which you bring (docs/faces.md)."

    head: Literal["auto", "linear", "means", "neighbours", "dense"] = "auto"
    "What answers from its features; auto: linear, and for very few photos the best of the first three."

    strength: float | None = None
    "How closely the linear head fits, as C of logistic regression (default: by cross-validation)."

    accept_licence: bool = False
    "Use a network of the Hub though its licence may forbid some uses."

    views: int = 0
    "Changed copies of each training photo to learn from as well (see --augment); each costs a pass."

    learning_curve: bool = False
    "Say what more photos would bring: the accuracy with 10, 20, 50 and 100 % of them."


@dataclass(frozen=True)
class TrainOptions:
    """How a training is wanted."""

    recipe: RecipeName = "auto"
    "The way: cnn (from nothing), transfer (a head on a pretrained network), finetune, classical; auto chooses."

    size: int | None = None
    "Side of the square that photos are resized to, in pixels (default: by recipe and data)."

    resize: Resize = "squish"
    "How photos become square: squish (stretch), crop (centre), pad (grey border)."

    ground: Ground = "drawing"
    "What lies under transparency: drawing (white, but black where a drawing would vanish on it), white, black."

    seed: int = 0
    "The seed of everything random: the same seed gives the same model."

    val: float | None = None
    f"""Share of photos for validation where the data set has no such part (default: {USUAL.val}, at most
    {VAL_MOST:,} photos)."""

    test: float | None = None
    f"""Share of photos for the final test where the data set has no such part (default: {USUAL.test}, at most
    {TEST_MOST:,}); 0: none, and what is reported is said by models that helped to choose this one."""

    classes: str | None = None
    "Other names for classes of the data, where an earlier run calls them otherwise: cats=cat,dogs=dog."

    labels: str | None = None
    """What a photo has: one (class), several (labels), or the columns that say 1 or 0 of each label: sky,water
    (default: several where the table has a column called labels)."""

    prefer: str | None = None
    """What answers are to be: precision=0.99 (so many of them right, the others "not sure"), recall=0.95 (so many
    given), or a .csv table of what mistakes cost. Of several labels also f1, precision or recall alone (default:
    f1)."""

    group: str | None = None
    """What keeps photos on one side of the split: a column of the table, folder (CLASS/GROUP/photo), day, camera,
    or a pattern of file names with the group in brackets, 'IMG_(\\d+)_' (default: what `clean` was told)."""

    folds: int | None = None
    """Ask every photo once, of models that learn from the others, in so many folds, instead of a test part; the
    final model learns from all. Takes as many trainings more."""

    time: str | None = None
    """How long it may take, as in 90s, 10m or 2h: epochs and net are fitted to it; beside a frozen network, larger
    photos and training all of it are tried where there is time."""

    all_corrections: bool = False
    "With --from: learn also from corrections that nobody has looked at (whatsit review RUN --corrections)."

    net: NetOptions = field(default_factory=NetOptions)
    augment: AugmentOptions = field(default_factory=AugmentOptions)
    classical: ClassicalOptions = field(default_factory=ClassicalOptions)
    transfer: TransferOptions = field(default_factory=TransferOptions)
    given: frozenset[str] = field(default=frozenset(), compare=False, repr=False, metadata=UNWRITTEN)
