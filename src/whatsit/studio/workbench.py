"""A project that is open: its album, jobs, runs and models, and what the page is told of it."""

from __future__ import annotations

import os
import secrets
import shlex
from dataclasses import replace
from pathlib import Path
from typing import Any

from whatsit.data.readers.folders import NO_LABEL
from whatsit.deploying import KITS
from whatsit.errors import UserError
from whatsit.evaluating.report.advising.steps import read_steps
from whatsit.files import remove
from whatsit.languages.speaking import gettext, gettext_noop, ngettext
from whatsit.studio import recipe
from whatsit.studio.asking import Models
from whatsit.studio.cleaning import describe_findings, open_reviewing
from whatsit.studio.collecting import Search, make_choices
from whatsit.studio.jobs.jobs import Job, Jobs
from whatsit.studio.jobs.progress import Progress
from whatsit.studio.photos.album import Album
from whatsit.studio.photos.archives import unpack
from whatsit.studio.photos.intake import Given, Intake, check_readable
from whatsit.studio.photos.unsorted import Unsorted
from whatsit.studio.places import Project
from whatsit.studio.runs import Runs
from whatsit.studio.sharing import Sharing
from whatsit.studio.within import Within

MOST_NAMED = 20  # files left out that are named one by one


class Workbench:
    """An open project."""

    def __init__(self, project: Project, queue: Path) -> None:
        self.project = project
        self.album = Album(project)
        self.intake = Intake(self.album)
        self.jobs = Jobs(project, queue)
        self.runs = Runs(project)
        self.models = Models()
        self.unsorted = Unsorted(self.album)
        self.reviewing = Within(self._photos, lambda: open_reviewing(project), gettext_noop("Add some first."))
        self.sharing = Sharing()
        self._seen_moved = self.album.moved
        self._progress: dict[tuple[Path, str], Progress] = {}
        for left in (project.own / "incoming").glob("*"):  # by a process that was killed
            remove(left)

    def describe(self) -> dict[str, Any]:
        """All that the page shows but the photos themselves."""
        return {
            "name": self.project.name,
            "folder": str(self.project.photos),
            "home": str(self.project.home),
            "source": shlex.quote(self.project.source),
            "classes": [{"name": name, "count": count} for name, count in self.album.counts().items()],
            "several": self._describe_several(),
            "photos": len(self._photos()),
            "unsorted": self.unsorted.describe(),
            "undo": self.album.can_undo,
            "moved": self.album.moved,
            "few_recordings": self.album.warn_of_recordings(),
            "jobs": [self._describe_job(job) for job in self.jobs],
            "runs": self.runs.describe(),
            "live": self.runs.live,
            "shared": self.sharing.describe(),
            "recipe": self.project.recipe.read_text(encoding="utf-8") if self.project.recipe.exists() else "",
        }

    def train(self, length: str) -> Job:
        """Line up a training that may take so long, "" for as short as can be. Raises UserError where there is
        nothing to tell apart."""
        return self._begin_training({"time": length} if length else {})

    def follow(self, run: str, number: int) -> str:
        """Do what the report of a run says to do next, as its step of that number; the verb that it is done by.

        Raises UserError where there is no such step, or it is nothing that a job can do.
        """
        steps = read_steps(self.runs.folder(run))
        if not 0 <= number < len(steps):
            raise UserError(gettext("The report says something else by now."), hint=gettext("Reload the page."))
        step = steps[number]
        if step.verb == "train":
            self._begin_training(dict(step.choices))
            return step.verb
        if step.verb == "clean":
            self.clean(bool(step.choices.get("deep")))
            return step.verb
        raise UserError(
            gettext("{what} is nothing that can be lined up.", what=step.what), hint=gettext("Reload the page.")
        )

    def _begin_training(self, choices: dict[str, Any]) -> Job:
        if sum(map(bool, self.album.counts().values())) < 2:
            raise UserError(
                gettext("A training needs photos of at least two classes."),
                hint=gettext("Add a class, and some photos to it."),
            )
        group = self.album.rule_of_groups()
        job = self.jobs.begin("train", choices | ({"group": group} if group else {}) | self._labels())
        self._note(job.words())
        return job

    def undo(self) -> str:
        """Take back what was done last with photos; what that was."""
        return self.album.undo()

    def let_several(self, is_wanted: bool) -> None:
        """Let a photo show several of the classes, or one; pages that are open are of the other kind: closed."""
        self.album.let_several(is_wanted)
        self.unsorted.sorting.close()
        self.reviewing.close()

    def findings(self) -> dict[str, Any]:
        """What cleaning found in the photos that lie there now."""
        return describe_findings(self.project, self._photos())

    def clean(self, is_deep: bool) -> Job:
        """Line up a cleaning; `is_deep`: of what photos show too. Raises UserError where there are none."""
        if not self._photos():
            raise UserError(gettext("There are no photos to look at."), hint=gettext("Add some first."))
        job = self.jobs.begin("clean", ({"deep": True} if is_deep else {}) | self._labels())
        self._note(job.words())
        return job

    def make_kit(self, run: str, to: str, fetches: bool) -> Job:
        """Begin to write the kit that puts a run online; `fetches`: what it lacks may be fetched."""
        self.runs.folder(run)
        if to not in KITS:
            raise UserError(
                gettext("There is no kit {name}.", name=f"{to!r:.40}"), hint=gettext("Reload the page.")
            )
        return self.jobs.begin("deploy", {"to": to}, run, fetches)

    def collect(self, search: Search) -> Job:
        """Begin to look for photos on other machines, as a person agreed to."""
        return self.jobs.begin("collect", make_choices(self.album, search), fetches=True)

    def share(self, run: str) -> dict[str, Any] | None:
        """Open a run's page to the network that this machine is in; where it is."""
        self.sharing.open(self.runs.folder(run), self.project.name)
        return self.sharing.describe()

    def leave_pages(self) -> None:
        """Close the pages of photos that have been moved since."""
        if self._seen_moved != self.album.moved:
            self._seen_moved = self.album.moved
            self.unsorted.sorting.leave()
            self.reviewing.leave()

    def close(self) -> None:
        """Close what is open; all that was answered is kept."""
        self.unsorted.sorting.close()
        self.reviewing.close()
        self.sharing.close()

    def _photos(self) -> list[str]:
        return self.album.all_photos()

    def _labels(self) -> dict[str, str]:
        """What a verb has to be told of how many classes a photo shows."""
        labels = self.project.labels
        return {"labels": labels} if labels else {}

    def _describe_several(self) -> dict[str, Any] | None:
        """Of photos that may show several classes: how many show none; None where each has one."""
        if not self.album.has_several:
            return None
        return {"none": {"name": NO_LABEL, "count": len(self.album.photos(NO_LABEL))}}

    def make_live(self, name: str) -> None:
        """Choose the run that is used."""
        self.runs.make_live(name)
        self._note(["ln", "-sfn", name, "runs/live"])

    def take_none(self, given: Given) -> str:
        """Keep a photo that shows none of the classes, beside those that have one; where it lies."""
        name = self.intake.take(replace(given, label=self.project.unsorted_place))
        if name:
            self.unsorted.say_none(name)
        return name

    def take_archive(self, file: Path, label: str, batch: str) -> dict[str, Any]:
        """Take in the photos of a .zip; into one class where one is named, else by its own folders."""
        folder = self.incoming()
        added, labels = 0, set()
        try:
            unpacked = unpack(file, folder)
            if unpacked.dataset.target.says_any_number and not self.album.has_several:
                raise UserError(
                    gettext("The photos of the archive may show several classes each."),
                    hint=gettext(
                        "Say below the classes that a photo may show several of these, then add it again."
                    ),
                )
            skipped = unpacked.skipped
            skipped += [(one.name, one.reason) for one in unpacked.dataset.skipped]
            for name, own, content in unpacked.photos():
                wanted = label or own or _class_in(name)
                if not wanted:
                    raise UserError(
                        gettext("The photos of the archive have no class."), hint=gettext("Drop it onto a class.")
                    )
                try:
                    if wanted != self.project.unsorted_place:
                        wanted = self.album.make_place(wanted)
                    check_readable(content)
                    name = name.rsplit("/", 1)[-1]
                    added += bool(self.intake.take(Given(content, name, wanted, batch)))
                    labels.add(wanted)
                except UserError as error:
                    skipped.append((name, error.sentence))
        finally:
            remove(folder)
        return {
            "added": added,
            "classes": sorted(labels - {self.project.unsorted_place}),
            **describe_skipped(skipped),
        }

    def incoming(self) -> Path:
        """A new folder for what is on its way in."""
        folder = self.project.own / "incoming" / secrets.token_hex(8)
        folder.mkdir(parents=True)
        return folder

    def _describe_job(self, job: Job) -> dict[str, Any]:
        key = (job.folder, str(job.ticket))
        progress = self._progress.setdefault(key, Progress(job))
        progress.read_on()
        return {
            "number": job.number,
            "verb": job.verb,
            "run": job.run,
            "choices": job.choices,
            "state": job.state(),
            "command": recipe.show(job.words()),
            **job.ending(),
            **progress.as_dict(),
        }

    def _note(self, command: list[str]) -> None:
        above = os.path.relpath(self.project.home, self.project.recipe.parent)
        recipe.add(self.project.recipe, command, "" if above == "." else above)


def describe_skipped(skipped: list[tuple[str, str]]) -> dict[str, Any]:
    """What was left out, as the page shows it."""
    named = [f"{name}: {reason}" for name, reason in skipped[:MOST_NAMED]]
    more = len(skipped) - len(named)
    return {
        "skipped": named
        + ([ngettext("and {count} more file", "and {count} more files", more)] if more > 0 else [])
    }


def _class_in(name: str) -> str:
    """The class that the folder of a file says; empty where it lies in none."""
    parts = name.split("/")
    return parts[-2] if len(parts) > 1 else ""
