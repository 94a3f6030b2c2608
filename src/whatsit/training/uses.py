"""Which recipes an option belongs to, and what is said of one that was given and does nothing.

The rule: options in a group belong to the recipes that name them (`Recipe.uses`), all others to every recipe. One
that was given to a recipe which does not look at it is refused; where no recipe is named, it leaves those that do.
"""

from __future__ import annotations

import importlib.util
import typing
from collections.abc import Iterable, Mapping
from typing import Any

from whatsit.errors import UserError, missing_extra, suggest_nearest
from whatsit.model.backbones.known import BACKBONES
from whatsit.options import flag_of, flatten, list_given, options_of, words_of
from whatsit.training.bounds import check_bounds
from whatsit.training.countdown import parse_duration
from whatsit.training.features import FEATURES
from whatsit.training.loop.optimise import OPTIMISERS
from whatsit.training.loop.schedule import SCHEDULES
from whatsit.training.nets import NETS, find_net
from whatsit.training.options import RecipeName, TrainOptions, TransferOptions
from whatsit.training.ranks import who
from whatsit.training.recipes import RECIPES
from whatsit.training.recipes.classical.kinds import KINDS
from whatsit.training.task import Recipe

EVERYBODYS = frozenset(option.name for option in options_of(TrainOptions) if not option.groups)
# The options whose values are names, and the names: a value tells which of them was meant.
NAMES: dict[str, Iterable[str]] = {
    "net": NETS,
    "optimiser": OPTIMISERS,
    "schedule": SCHEDULES,
    "backbone": BACKBONES,
    "features": FEATURES,
    "models": KINDS,
    "head": typing.get_args(typing.get_type_hints(TransferOptions)["head"]),
}
# What answers the same question in different recipes: what learns, for how long, by how large a last step.
KIN = (
    ("net", "backbone", "models"),
    ("epochs", "time"),
    ("dense", "head"),
    ("batch", "views"),
    ("features", "size"),
)


def check_options(options: TrainOptions) -> None:
    """Raise UserError for a recipe or a net that is not there, a number out of bounds, an option that does
    nothing, what needs torch where there is none: before photos are looked at."""
    if options.recipe != "auto" and options.recipe not in RECIPES:
        raise UserError(f"There is no recipe {options.recipe!r}.", hint=suggest_nearest(options.recipe, RECIPES))
    needs = [RECIPES[name].torch_for(options) for name in list_fitting(options)]
    check_bounds(options)
    for name in ("net", "backbone"):
        _check_name(name, flatten(options)[name])
    find_net(options.net.net)
    _check_known("optimiser", options.net.optimiser, OPTIMISERS)
    _check_known("schedule", options.net.schedule, SCHEDULES)
    if options.time is not None:
        parse_duration(options.time)
    if all(needs) and importlib.util.find_spec("torch") is None:
        raise missing_extra("torch", "train", needs[0])


def check_ranks(options: TrainOptions) -> None:
    """Raise UserError where torchrun started several processes for what is not trained by several."""
    if who.world() == 1:
        return
    able = _listed([f"--recipe {name}" for name, recipe in RECIPES.items() if recipe.in_ranks]).replace(
        " and ", " or "
    )
    if options.recipe == "auto" or not RECIPES[options.recipe].in_ranks:
        raise UserError(
            f"Recipe {options.recipe} is not trained by several processes, and torchrun started {who.world()}.",
            hint=f"Give {able}; or leave torchrun out: whatsit train",
        )
    if options.folds:
        raise UserError(
            f"--folds trains many networks, one after another, and torchrun started {who.world()} processes.",
            hint="Leave --folds out, or leave torchrun out: whatsit train",
        )


def list_fitting(options: TrainOptions) -> tuple[RecipeName, ...]:
    """The recipes that make use of every option that was given: the one that is named, or those to choose from.

    Raises UserError where an option would do nothing, with the nearest that does something.
    """
    given = {name: value for name, value in list_given(options).items() if name not in EVERYBODYS}
    asked = [options.recipe] if options.recipe != "auto" else typing.cast("list[RecipeName]", list(RECIPES.own))
    left = {recipe: _list_useless(RECIPES[recipe], given, options) for recipe in asked}
    fitting = tuple(recipe for recipe, useless in left.items() if not useless)
    if fitting:
        return fitting
    if options.recipe != "auto":
        raise _refuse_for(options.recipe, given, left[options.recipe])
    raise _refuse_for_all(given, left)


def list_barring(recipe: str, options: TrainOptions) -> list[str]:
    """The flags of the given options that do nothing in a recipe: those for which it is not taken."""
    given = {name: value for name, value in list_given(options).items() if name not in EVERYBODYS}
    return [flag_of(name) for name in _list_useless(RECIPES[recipe], given, options)]


def list_used(options: TrainOptions) -> tuple[str, ...]:
    """The options that do something in the recipe that is named, by their flat names, in their own order."""
    recipe = RECIPES[options.recipe]
    used = (EVERYBODYS | recipe.uses) - recipe.idle(options).keys()
    return tuple(name for name in flatten(options) if name in used)


def recipes_of(name: str) -> list[str]:
    """The recipes that look at an option."""
    return [recipe for recipe, known in RECIPES.items() if name in EVERYBODYS | known.uses]


def _check_name(name: str, value: str) -> None:
    """Raise UserError where a name is another option's."""
    for other, names in NAMES.items():
        if value in names and value not in NAMES[name]:
            raise UserError(
                f"There is no {name} {value!r}.",
                hint=f"Did you mean {flag_of(other)} {value}? It belongs to {_recipes(recipes_of(other))}.",
            )


def _check_known(name: str, value: str | None, known: Iterable[str]) -> None:
    """Raise UserError where an option names what is not there, with the nearest that is."""
    if value is not None and value not in known:
        raise UserError(f"There is no {name} {value!r}.", hint=suggest_nearest(value, known))


def _list_useless(recipe: Recipe, given: Mapping[str, Any], options: TrainOptions) -> dict[str, str]:
    """The given options that do nothing in a recipe; with what would change that where it looks at them at all."""
    idle = recipe.idle(options)
    return {name: idle.get(name, "") for name in given if name not in recipe.uses or name in idle}


def _refuse_for(recipe: str, given: Mapping[str, Any], useless: Mapping[str, str]) -> UserError:
    said = [_said(name, given[name]) for name in useless]
    do = "does" if len(said) == 1 else "do"
    hints = dict.fromkeys(idle or _point_to_nearest(recipe, name, given[name]) for name, idle in useless.items())
    return UserError(f"{_listed(said)} {do} nothing in recipe {recipe}.", hint=" ".join(hints))


def _point_to_nearest(recipe: str, name: str, value: Any) -> str:
    """What to give instead: the option of this recipe that was meant, else the recipe that has the option."""
    uses, flag = RECIPES[recipe].uses, flag_of(name)
    users = recipes_of(name)
    belongs = f"{flag} belongs to {_recipes(users)}: give --recipe {users[0]}, or leave it out."
    for other, names in NAMES.items():
        if other in uses and value in names:
            return f"Did you mean {flag_of(other)} {value}? {belongs}"
    kin = next((one for group in KIN if name in group for one in group if one in EVERYBODYS | uses), None)
    if kin is None:
        return belongs
    known = f" ({', '.join(NAMES[kin])})" if kin in NAMES else ""
    return f"{belongs} What comes nearest in recipe {recipe} is {flag_of(kin)}{known}."


def _refuse_for_all(given: Mapping[str, Any], left: Mapping[RecipeName, Mapping[str, str]]) -> UserError:
    """No recipe takes them all: two that never go together, or one that needs something beside it."""
    for name in given:
        if all(name in useless for useless in left.values()):
            hints = (f"In recipe {recipe}: {useless[name]}" for recipe, useless in left.items() if useless[name])
            return UserError(f"{_said(name, given[name])} does nothing as it stands.", hint=" ".join(hints))
    told = "; ".join(f"{flag_of(name)} belongs to {_recipes(recipes_of(name))}" for name in given)
    return UserError(
        f"No recipe makes use of {_listed([_said(name, value) for name, value in given.items()])} together.",
        hint=f"{told}. Leave one out, or name the recipe with --recipe.",
    )


def _said(name: str, value: Any) -> str:
    return " ".join(words_of(name, value))


def _recipes(names: list[str]) -> str:
    return f"recipe{'s' if len(names) > 1 else ''} {_listed(names)}"


def _listed(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"
