"""Every recipe × every option: one that was given is used, or refused with what to give instead."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pretrained import coloured

import whatsit
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.model.backbones.known import BACKBONES
from whatsit.options import choose, flag_of, flatten, list_given, options_of
from whatsit.road.preparing import prepare
from whatsit.training.nets import NETS
from whatsit.training.options import AugmentOptions, ClassicalOptions, NetOptions, TrainOptions, TransferOptions
from whatsit.training.recipes import RECIPES
from whatsit.training.task import Task
from whatsit.training.uses import EVERYBODYS, KIN, NAMES, check_options, list_fitting, list_used, recipes_of

OPTIONS = {option.name: option for option in options_of(TrainOptions) if option.groups}
OTHERS: dict[str, Any] = {  # a value that is not the usual one, where it is neither a number nor yes or no
    "net": "simple",
    "optimiser": "sgd",
    "schedule": "steps",
    "precision": "fp32",
    "augment": "flip",
    "fill": "grey",
    "features": "hog",
    "models": "forest",
    "backbone": "vgg16",
    "weights": "file.safetensors",
    "head": "dense",
    "face_network": "file.bin",
    "mirrored": True,
}
# Options that do nothing without another: the other one, for a recipe that uses both.
BESIDE: dict[tuple[str, str], dict[str, Any]] = {
    ("cnn", "dropout"): {"net": "simple"},
    ("cnn", "dense"): {"net": "simple"},
    ("cnn", "optimiser"): {"net": "simple"},
    ("cnn", "schedule"): {"net": "simple"},
    ("transfer", "dense"): {"head": "dense"},
    **{("transfer", name): {"views": 1} for name in ("augment", *(one.name for one in fields(AugmentOptions)))},
}


def other_value(name: str) -> Any:
    usual = OPTIONS[name].default
    if isinstance(usual, bool):
        return not usual
    return OTHERS.get(name, {"float": 0.25, "int": 3}.get(type(usual).__name__, 1))


@pytest.mark.parametrize("name", OPTIONS)
@pytest.mark.parametrize("recipe", RECIPES)
def test_an_option_is_used_or_refused(recipe: str, name: str) -> None:
    """Given with another value, and given with the value it has anyway."""
    usual = OPTIONS[name].default
    for value in (other_value(name), *([] if usual is None else [usual])):
        beside = BESIDE.get((recipe, name), {})
        options = choose(TrainOptions, None, {"recipe": recipe, **beside, name: value})
        if name in RECIPES[recipe].uses:
            assert list_fitting(options) == (recipe,)
            continue
        with pytest.raises(UserError) as refused:
            check_options(options)
        assert re.fullmatch(
            rf"--(no-)?{flag_of(name)[2:]}( \S+)? does nothing in recipe {recipe}\.", refused.value.sentence
        )
        assert f"{flag_of(name)} belongs to recipe" in refused.value.hint
        flags = set(re.findall(r"--[a-z-]+", refused.value.hint)) - {flag_of(name), "--recipe"}
        assert flags <= {flag_of(one) for one in EVERYBODYS | RECIPES[recipe].uses}
        named = re.search(r"give --recipe (\w+)", refused.value.hint)
        assert named
        assert list_fitting(
            choose(TrainOptions, None, {"recipe": named[1], name: value, **BESIDE.get((named[1], name), {})})
        )


@pytest.mark.parametrize(("recipe", "name"), BESIDE)
def test_what_needs_another_option_is_refused_without_it(recipe: str, name: str) -> None:
    options = choose(TrainOptions, None, {"recipe": recipe, name: other_value(name)})
    with pytest.raises(UserError, match=f"{flag_of(name)}.* does nothing in recipe {recipe}") as refused:
        check_options(options)
    needed = "|".join(map(flag_of, BESIDE[recipe, name]))
    assert re.search(needed, refused.value.hint)


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_takes_what_is_everybodys(recipe: str) -> None:
    given = {"size": 32, "resize": "crop", "seed": 4, "val": 0.2, "test": 0.2, "time": "2m"}
    assert given.keys() < EVERYBODYS
    assert list_fitting(choose(TrainOptions, None, {"recipe": recipe, **given})) == (recipe,)


@pytest.mark.parametrize(
    ("given", "used", "unused"),
    [
        (
            {"recipe": "transfer"},
            {"backbone", "head", "strength", "seed"},
            {"augment", "dense", "models", "epochs"},
        ),
        ({"recipe": "transfer", "views": 1, "head": "dense"}, {"augment", "dense"}, {"strength"}),
        ({"recipe": "classical"}, {"models", "features"}, {"backbone", "epochs", "rotation"}),
        ({"recipe": "cnn"}, {"net", "epochs", "rotation"}, {"backbone", "models"}),
    ],
)
def test_the_options_that_did_something_are_those_the_recipe_looks_at(
    given: dict[str, Any], used: set[str], unused: set[str]
) -> None:
    found = list_used(choose(TrainOptions, None, given))
    assert EVERYBODYS | used <= set(found)
    assert not unused & set(found)
    assert found == tuple(name for name in flatten(TrainOptions()) if name in found)


def test_every_option_is_somebodys() -> None:
    assert {name for name in OPTIONS if not recipes_of(name)} == set()
    assert {name for group in KIN for name in group} <= OPTIONS.keys() | EVERYBODYS


@pytest.mark.parametrize(
    ("given", "sentence", "hint"),
    [
        ({"recipe": "transfer", "net": "vgg16"}, "--net vgg16 does nothing", "Did you mean --backbone vgg16?"),
        ({"recipe": "finetune", "net": "vgg16"}, "--net vgg16 does nothing", "Did you mean --backbone vgg16?"),
        ({"recipe": "cnn", "net": "vgg16"}, "There is no net 'vgg16'", "Did you mean --backbone vgg16?"),
        ({"net": "vgg16"}, "There is no net 'vgg16'", "Did you mean --backbone vgg16?"),
        ({"backbone": "simple"}, "There is no backbone 'simple'", "Did you mean --net simple?"),
        ({"recipe": "cnn", "backbone": "fast"}, "--backbone fast does nothing", "Did you mean --net fast?"),
        ({"recipe": "classical", "net": "forest"}, "--net forest does nothing", "Did you mean --models forest?"),
        ({"recipe": "cnn", "head": "dense"}, "--head dense does nothing", "nearest in recipe cnn is --dense"),
        ({"recipe": "classical", "epochs": 3}, "--epochs 3 does nothing", "recipes cnn and finetune"),
        ({"recipe": "transfer", "flip": False}, "--no-flip does nothing", "give --views 1"),
        ({"recipe": "cnn", "fill": "grey", "net": "simple"}, "--fill grey does nothing", "--shift"),
        ({"recipe": "transfer", "head": "means", "strength": 1.0}, "--strength 1.0", "give --head linear"),
        ({"recipe": "transfer", "backbone": "a/b", "weights": "f"}, "--weights f does nothing", "brings its own"),
        ({"recipe": "classical", "augment": "photo"}, "--augment photo does nothing", "--augment flip"),
        ({"backbone": "vgg16", "features": "hog"}, "No recipe makes use of", "--features belongs to recipe class"),
        ({"dense": 5}, "--dense 5 does nothing as it stands", "In recipe transfer: Only the dense head has it"),
        ({"face_network": "f", "backbone": "vgg16"}, "--backbone vgg16 does nothing", "Name one network"),
        ({"optimiser": "sgd"}, "--optimiser sgd does nothing as it stands", "give --net simple as well"),
        ({"recipe": "cnn", "schedule": "steps"}, "--schedule steps does nothing", "Net fast has no place for it"),
        ({"recipe": "finetune", "optimiser": "sgd"}, "--optimiser sgd does nothing in", "belongs to recipe cnn"),
        ({"net": "simple", "optimiser": "RMSProp"}, "There is no optimiser 'RMSProp'", "There are: adam, rmsprop"),
        ({"net": "simple", "schedule": "step"}, "There is no schedule 'step'", "Did you mean 'steps'?"),
        ({"net": "adam"}, "There is no net 'adam'", "Did you mean --optimiser adam?"),
        ({"recipe": "cnns"}, "There is no recipe 'cnns'", "Did you mean 'cnn'?"),
    ],
)
def test_the_nearest_right_one_is_named(given: dict[str, Any], sentence: str, hint: str) -> None:
    with pytest.raises(UserError) as refused:
        check_options(choose(TrainOptions, None, given))
    assert sentence in refused.value.sentence
    assert hint in refused.value.hint


def test_corrections_of_no_run_are_refused() -> None:
    with pytest.raises(UserError, match=r"--all-corrections does nothing without --from\. Give --from RUN"):
        whatsit.train("nowhere", all_corrections=True)


def test_options_that_are_not_as_they_come_count_as_given_in_a_record_too() -> None:
    with pytest.raises(UserError, match="--epochs 3 does nothing in recipe classical"):
        check_options(TrainOptions(recipe="classical", net=NetOptions(epochs=3)))
    with pytest.raises(UserError, match="--net fast does nothing in recipe transfer"):
        whatsit.train("nowhere", recipe="transfer", net="fast")


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(sorted(OPTIONS)), st.none() | st.just("other"), max_size=3))
def test_what_is_given_leaves_the_recipes_that_use_it(chosen: dict[str, str | None]) -> None:
    """None is as good as not said; whatever is left uses everything that was given."""
    choices = {name: None if what is None else other_value(name) for name, what in chosen.items()}
    options = choose(TrainOptions, None, {name: value for name, value in choices.items() if value is not None})
    given = set(list_given(options))
    assert given == {name for name, what in chosen.items() if what is not None}
    takers = {
        recipe
        for recipe, known in RECIPES.items()
        if given <= known.uses and not given & known.idle(options).keys()
    }
    if takers:
        assert set(list_fitting(options)) == takers
        return
    with pytest.raises(UserError) as refused:
        list_fitting(options)
    assert any(flag_of(name) in str(refused.value).replace("--no-", "--") for name in given)


def test_every_name_of_a_registry_is_in_the_help_of_its_option() -> None:
    from whatsit.options import fields_of

    texts = {
        one.name: one.text for group in fields_of(TrainOptions) if group.is_group for one in fields_of(group.kind)
    }
    for option, names in NAMES.items():
        if option != "head":
            assert {name for name in names if not re.search(rf"\b{name}\b", texts[option])} == set(), option
    assert "in net fast" in texts["depth"]
    assert set(NETS) | set(BACKBONES) <= {*NAMES["net"], *NAMES["backbone"]}


def spied(kind: type, read: set[str], **values: Any) -> Any:
    """Options of that kind that write down which of their fields are looked at."""
    names = {one.name for one in fields(kind)}

    def look(self: Any, name: str) -> Any:
        if name in names:
            read.add(name)
        elif name == "__dict__":
            read.update(names)
        return object.__getattribute__(self, name)

    return type(kind.__name__, (kind,), {"__getattribute__": look})(**values)


@pytest.mark.parametrize(
    ("recipe", "transfer"),
    [
        ("cnn", {}),
        ("classical", {}),
        ("transfer", {"head": "dense"}),
        ("transfer", {"head": "auto", "views": 1, "learning_curve": True}),
        ("finetune", {}),
    ],
)
def test_a_recipe_looks_at_the_options_it_says_and_at_no_other(
    recipe: str, transfer: dict[str, Any], weights: Path, tmp_path: Path
) -> None:
    pytest.importorskip("torch")
    read_in: set[str] = set()
    options = TrainOptions(
        recipe=recipe,  # type: ignore[arg-type]
        size=32,
        net=spied(NetOptions, read_in, epochs=1, batch=8, precision="fp32", dense=4),
        classical=spied(ClassicalOptions, read_in, features="colour", models="logistic", search_folds=2),
        transfer=spied(TransferOptions, read_in, backbone="mobilenetv2", weights=str(weights), **transfer),
    )
    ready = prepare(read(coloured(tmp_path / "photos", "blue", "red", photos=16)), options)
    read_in.clear()
    RECIPES[recipe].fit(Task(ready, options, tmp_path))
    own = set(OPTIONS) - {one.name for one in fields(AugmentOptions)}
    refused = {"face_network"} if recipe == "finetune" else set()  # looked at where transfer looks for its network
    assert read_in <= RECIPES[recipe].uses | refused
    of_other_heads = {"dense", "strength"} if recipe == "transfer" else set()
    assert RECIPES[recipe].uses & own - read_in <= of_other_heads


def test_a_change_that_is_left_out_by_hand_is_left_out_of_a_named_set() -> None:
    from whatsit.training.loop.augment import resolve_changes

    wanted = choose(TrainOptions, None, {"augment": "photo", "flip": False, "rotation": 0.0})
    changes = resolve_changes(wanted.augment, wanted.given)
    assert (changes.flip, changes.rotation) == (False, 0.0)
    assert changes.zoom > 0
    assert resolve_changes(replace(wanted.augment)).flip
