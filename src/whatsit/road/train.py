"""`train`: from data to a measured run. What `whatsit.train` does."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from whatsit import clock, events, words
from whatsit.data.corrections import add_corrections, count_unseen
from whatsit.data.dataset import Dataset
from whatsit.data.decisions import apply_decisions
from whatsit.data.inspecting.changes import find_changes
from whatsit.data.readers import read
from whatsit.data.ready import ReadyData
from whatsit.data.renaming import parse_mapping, refuse_near, rename_classes
from whatsit.data.splitting.grouping import keep_together
from whatsit.data.splitting.split import check_seed, check_shares
from whatsit.data.target import NO_WISH, read_wish
from whatsit.errors import UserError
from whatsit.files import refuse_unwritable, remove
from whatsit.model.begin import begin, hold_run, refuse_finished, remove_if_refused
from whatsit.model.classifier import MODEL_FILE
from whatsit.model.facts.run import RunInfo, Spent
from whatsit.model.run import CHECKPOINT, Run, is_finished, open_run, run_name, trace_lineage, write_info
from whatsit.model.run_names import RUNS
from whatsit.records import as_json, read_record
from whatsit.road.folding import ask_in_folds, check_folds
from whatsit.road.outcome import write_outcome
from whatsit.road.preparing import prepare, shares_in, shares_of
from whatsit.road.telling import tell_data, tell_parts, warn_of_few
from whatsit.road.tries import list_ways, try_ways
from whatsit.training.auto import RecipeChoice, choose_recipe, find_better, list_rivals, try_recipes
from whatsit.training.face_network import cut_for_network
from whatsit.training.options import TrainOptions
from whatsit.training.ranks import meeting, who
from whatsit.training.ranks.alike import list_facts
from whatsit.training.recipes import RECIPES
from whatsit.training.task import Task
from whatsit.training.uses import EVERYBODYS, check_options, check_ranks


@meeting.taking_part
def train(
    data: str | Path | Dataset,
    options: TrainOptions | None = None,
    name: str | None = None,
    runs: Path = RUNS,
    earlier: Path | None = None,
    data_dir: Path | None = None,
) -> Run:
    """Train a classifier, measure it, and give the finished run.

    data:    a folder, file or name of a data set (see `data.readers`), or a Dataset
    name:    of the run's folder below `runs`; by default made from the data's name and the recipe
    earlier: the folder of a run to go on from
    data_dir: where data sets with a name lie

    A run of that name that was stopped goes on where it stopped. Raises UserError where a finished run has the
    name, or where it was begun with other options.

    Where torchrun started several processes, all read, split and train alike, and rank 0 alone does the rest: it
    holds the run's lock, writes, measures and tells.
    """
    began = time.monotonic()
    options = options or TrainOptions()
    _check_asked(options, name, runs, earlier)
    with ExitStack() as held:
        if who.leads() and name:
            held.enter_context(hold_run(runs / run_name(name)))
        elif who.leads():
            refuse_unwritable(runs)
        mapping = parse_mapping(options.classes or "")
        named = None if earlier is None else open_run(earlier)
        with events.working("Reading the data set"), meeting.in_order():
            whole, dataset = _read(data, data_dir, options)
        cleaned = find_changes(whole, dataset)
        source = "" if isinstance(data, Dataset) else str(data)
        dataset = rename_classes(cut_for_network(dataset, options, source), mapping)
        if named is not None:
            earlier = named.folder.resolve()  # a link such as runs/live will soon lead elsewhere
            dataset = _add_corrections_of(named, dataset, mapping, options.all_corrections)
        tell_data(dataset)
        wish = NO_WISH if options.prefer is None else read_wish(options.prefer, dataset.target, dataset.classes)
        told: set[str] = set()
        typed = source or dataset.name
        choice = _choice(options, dataset, earlier, None if name else runs, typed, told)
        ways = list_ways(dataset, options, choice.recipe) if earlier is None else ()
        asked_for = replace(options, group=dataset.grouped_by or None)
        options = replace(asked_for, recipe=choice.recipe)
        begun = asked_for if ways else options  # what is chosen while the run goes on is not how it was begun
        folder = runs / run_name(name or f"{dataset.name}-{begun.recipe}")
        if not who.leads():
            return _help(
                folder, Task(_prepare(dataset, options), options, folder / CHECKPOINT, earlier, began, wish)
            )
        if not name:
            held.enter_context(hold_run(folder))
        uses = EVERYBODYS.union(*(RECIPES[recipe].uses for recipe in {choice.recipe, *ways} & RECIPES.keys()))
        beginning = replace(begin(folder, typed, begun, TrainOptions(), earlier, uses), better=choice.better)
        with remove_if_refused(folder):
            write_info(folder, beginning)
            ready = _prepare(dataset, options)
            if choice.trained is None:  # else it was told before recipes were tried
                tell_parts(ready, typed)
            warn_of_few(ready, wish)
            checkpoint = folder / CHECKPOINT
            checkpoint.mkdir(exist_ok=True)
            task = Task(ready, options, checkpoint, earlier, began, wish, told=told)
            asked = ask_in_folds(task, options.folds, shares_in(ready.dataset, options)) if options.folds else None
            if ways:
                best = try_ways(task, ways)
                task, trained = best.task, best.trained
                beginning = replace(beginning, options=as_json(task.options))
            else:
                trained = choice.trained or RECIPES[options.recipe].fit(task)
            trained_s = time.monotonic() - began
            run = write_outcome(folder, beginning, task, trained, cleaned, asked)
            spent = Spent(round(trained_s, 1), round(time.monotonic() - began, 1))
            finished = clock.stamp()
            run = replace(run, info=replace(run.info, seconds=spent, finished=finished))
            run.save()
            remove(checkpoint)
    meeting.hand_out(as_json(run.info))
    events.saved("model", folder / MODEL_FILE)
    events.saved("report", run.report)
    return run


def _check_asked(options: TrainOptions, name: str | None, runs: Path, earlier: Path | None) -> None:
    """Raise UserError for what cannot be, before anything takes time."""
    if name:
        refuse_finished(runs / run_name(name))
        if run_name(name) != name:
            events.note(f"The run goes into {runs / run_name(name)}: names are letters, digits, '.', '_', '-'.")
    check_seed(options.seed)
    check_folds(options)
    check_shares(shares_of(options, photos=1), may_be_none=("test",))
    check_options(options)
    check_ranks(options)
    if options.all_corrections and earlier is None:
        raise UserError(
            "--all-corrections does nothing without --from.", hint="Give --from RUN as well, or leave it out."
        )


def _read(data: str | Path | Dataset, data_dir: Path | None, options: TrainOptions) -> tuple[Dataset, Dataset]:
    """A data set whole, and as it is learnt from: what was decided about its photos is applied where it was named,
    and not where somebody hands it over."""
    if isinstance(data, Dataset):
        return data, keep_together(data, options.group) if options.group else data
    whole = read(data, data_dir, options.labels)
    return whole, apply_decisions(whole, options.group or "")


def _add_corrections_of(
    earlier: Run, dataset: Dataset, mapping: Mapping[str, str], with_proposals: bool
) -> Dataset:
    """The data set with the corrections of the run that a training goes on from, and of those before it.

    Raises UserError where classes are nearly called as the run's are.
    """
    before = replace(earlier, folder=earlier.folder.resolve())
    known = set(before.info.classes)
    strange = [label for label in dataset.classes if label not in known]
    refuse_near(dataset.name, strange, before.info.classes, mapping, f"those of the run {before.name!r}")
    lineage = trace_lineage(before)
    corrected = add_corrections(dataset, lineage, with_proposals)
    unseen = 0 if with_proposals else count_unseen(lineage)
    if unseen:
        look = words.typed("whatsit", "review", earlier.folder, "--corrections")
        events.note(
            f"Proposed corrections that nobody has looked at, and that are not learnt from: {unseen}. {look}"
        )
    return corrected


def _prepare(dataset: Dataset, options: TrainOptions) -> ReadyData:
    """The photos decoded and split; the same on all ranks, or a UserError."""
    with meeting.in_order():
        ready = prepare(dataset, options)
    if meeting.is_meeting():
        meeting.check_alike(list_facts(ready, options))
    return ready


def _help(folder: Path, task: Task) -> Run:
    """Train along with rank 0, and give the run that it finished."""
    RECIPES[task.options.recipe].fit(task)
    return Run(folder, read_record(RunInfo, meeting.hand_out(), str(folder)))


def train_once(data: str | Path | Dataset, options: TrainOptions | None, name: str, runs: Path) -> Run:
    """Train, or give the finished run that has this name already; a step of a longer road that may be repeated."""
    folder = runs / run_name(name)
    if is_finished(folder):
        events.note(
            f"{folder} is finished already and is used as it is. After new photos, train under another name."
        )
        return open_run(folder)
    return train(data, options, name, runs)


def _choice(
    options: TrainOptions, dataset: Dataset, earlier: Path | None, runs: Path | None, source: str, told: set[str]
) -> RecipeChoice:
    """The recipe asked for; where none is named, one that suits, found by trying where trying is cheap.

    runs: where the run will get its name by the recipe; None where it has one. Raises UserError where it is taken.
    source: the data set as it is typed; told: what the trainings of the run have told; added to
    """
    if options.recipe != "auto":
        return RecipeChoice(options.recipe, "")
    choice = RecipeChoice(*choose_recipe(dataset, options))
    better = find_better(choice.recipe, dataset, options)
    names = list_rivals(choice.recipe, dataset, options)
    if len(names) > 1 and earlier is None:
        if runs is not None:
            for name in names:  # before they are tried, for any of them may be chosen
                refuse_finished(runs / run_name(f"{dataset.name}-{name}"))
        with TemporaryDirectory() as checkpoints:
            tasks = []
            for name in names:
                wanted = replace(options, recipe=name)
                tasks.append(Task(prepare(dataset, wanted), wanted, Path(checkpoints), is_trial=True, told=told))
            tell_parts(tasks[0].ready, source)
            events.note(
                f"With so few photos two recipes are tried, {' and '.join(names)}; the better one is kept."
            )
            choice = try_recipes(tasks)
    events.note(f"Recipe {choice.recipe}: {choice.reason}.")
    if better:
        events.warn(f"What would do better: {better}")
    return replace(choice, better=better)
