"""The runs of a project: what the page shows of them, which is live, and two beside each other."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Any

from whatsit import verbs
from whatsit.errors import UserError
from whatsit.evaluating.report.advising.steps import read_steps
from whatsit.files import explain_disk_errors
from whatsit.languages.speaking import gettext
from whatsit.model.classifier import MODEL_FILE
from whatsit.model.run import Run, is_finished, open_run
from whatsit.model.run_names import RUN_FILE
from whatsit.records import as_json
from whatsit.studio.places import Project

REPORT = "report.html"
LIVE = "live"  # the link beside the runs that leads to the one which is used: `whatsit serve runs/live`


class Runs:
    """The finished runs of a project's photos."""

    def __init__(self, project: Project) -> None:
        self._project = project
        self._read: dict[Path, tuple[int, dict[str, Any]]] = {}  # folder → when it was written, what is shown

    def describe(self) -> list[dict[str, Any]]:
        """What the page shows of each run, the newest first; of one that cannot be opened why."""
        folder = self._project.runs
        found = [one for one in folder.iterdir() if self._is_one(one)] if folder.is_dir() else []
        shown = [self._describe(run) for run in found]
        return sorted((one for one in shown if one), key=lambda one: one.get("created", ""), reverse=True)

    def folder(self, name: str) -> Path:
        """The folder of a run. Raises UserError where there is none."""
        found = self._project.runs / name
        if "/" in name or "\\" in name or name.startswith(".") or not self._is_one(found):
            raise UserError(
                gettext("There is no run {name} any more.", name=f"{name!r:.80}"), hint=gettext("Reload the page.")
            )
        return found

    @property
    def live(self) -> str:
        """The name of the run that is used; empty where none was chosen."""
        link = self._project.runs / LIVE
        return link.resolve().name if link.is_symlink() and link.exists() else ""

    def make_live(self, name: str) -> None:
        """Let `runs/live` lead to a run from now on; a server that has it open takes it over by itself."""
        folder, link = self.folder(name), self._project.runs / LIVE
        if link.exists() and not link.is_symlink():
            raise UserError(
                gettext("{file} is no link of ours.", file=f"{str(link)!r}"),
                hint=gettext("Move it away, then choose again."),
            )
        part = link.with_name(f".{LIVE}-{secrets.token_hex(4)}")
        with explain_disk_errors(link):
            part.symlink_to(folder.name)
            part.replace(link)

    def compare(self, names: list[str]) -> dict[str, Any]:
        """Runs side by side, and what can be said of every two."""
        found = verbs.compare(*(self.folder(name) for name in names))
        return found.as_dict() | {"sentences": found.isolated().sentences()}

    def report(self, name: str) -> Path:
        """The file of a run's report. Raises UserError where it has gone."""
        file = self.folder(name) / REPORT
        if not file.is_file():
            raise UserError(
                gettext("The run {name} has no report.", name=f"{name!r}"),
                hint=gettext("Write it again: {command}", command=f"whatsit evaluate runs/{name}"),
            )
        return file

    def steps(self, name: str) -> dict[str, Any]:
        """What the report of a run says to do next (nothing of a run that an older version made), and whether
        there is one."""
        folder = self.folder(name)
        steps = [as_json(step) for step in read_steps(folder)]
        return {"steps": steps, "has_report": (folder / REPORT).is_file()}

    def _is_one(self, folder: Path) -> bool:
        return not folder.is_symlink() and (folder / RUN_FILE).is_file()

    def _describe(self, folder: Path) -> dict[str, Any]:
        try:
            changed = (folder / RUN_FILE).stat().st_mtime_ns
            kept = self._read.get(folder)
            if kept is None or kept[0] != changed:
                shown = _describe(open_run(folder), self._project) if is_finished(folder) else {}
                kept = self._read[folder] = (changed, shown)
            return kept[1]
        except UserError as error:
            return {"name": folder.name, "problem": str(error)}
        except OSError:
            return {}


def _describe(run: Run, project: Project) -> dict[str, Any]:
    info, figures = run.info, run.info.figures
    if project.is_in_place and (project.home / info.source).resolve() != project.photos.resolve():
        return {}  # of other photos, whose runs lie in the same folder
    return {
        "name": run.name,
        "created": info.created,
        "recipe": info.recipe,
        "classes": info.classes,
        "accuracy": figures.accuracy,
        "mean_average_precision": figures.several.mean_average_precision if figures.several else None,
        "interval": figures.interval,
        "part": figures.part,
        "n": figures.n,
        "right": figures.right,
        "warnings": info.warnings,
        "seconds": info.seconds.all if info.seconds else None,
        "bytes": (run.folder / MODEL_FILE).stat().st_size,
        "per_class": [
            {"label": one.class_, "photos": one.photos, "right": one.right} for one in figures.per_class[:100]
        ],
    }
