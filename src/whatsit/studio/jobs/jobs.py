"""Verbs as jobs: each a folder on disk and a process of its own, which outlives the page and the studio.

PHOTOS/.whatsit/studio/jobs/NUMBER/job.json      what is wanted
                                   events.jsonl  what happens, as the library tells it
                                   output.txt    what the process printed
                                   begun         there once it is its turn: the number of its process
                                   stop          there when somebody wants it to stop
                                   end.json      how it ended; a job that was killed has none
FOLDER/.whatsit/queue/TICKET.lock                held while the job's process lives: the oldest held one has its
                                                 turn; in beside/ those that wait for no other
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from whatsit.data.listing.walk import OWN
from whatsit.errors import UserError
from whatsit.files import Busy, explain_disk_errors, hold_lock, make_folder, read_json, remove, write_json
from whatsit.languages.speaking import gettext
from whatsit.model.run import is_finished
from whatsit.records import decode_json
from whatsit.studio.jobs.kinds import KINDS, Kind, Wanted
from whatsit.studio.places import Project

State = Literal["waiting", "running", "done", "failed", "stopped", "killed"]
STARTING_S = 20.0  # in which a new process takes its ticket, on a slow disk too
TIME = re.compile(r"\d+(s|m|h)")


@dataclass(frozen=True)
class Job:
    """A verb that is wanted: its folder, the name of its run, if any, and its choices by the library's names.

    ticket: the file that its process holds
    source: the photos, as a command names them in `home`
    fetches: whether somebody agreed that it fetches what it needs from other machines
    """

    folder: Path
    verb: str
    run: str
    choices: dict[str, Any]
    ticket: Path
    home: Path
    source: str
    fetches: bool = False

    @property
    def number(self) -> int:
        """The number of its folder."""
        return int(self.folder.name)

    @property
    def kind(self) -> Kind:
        """What its verb is as a job."""
        return KINDS[self.verb]

    @property
    def wanted(self) -> Wanted:
        """What it is asked for."""
        return Wanted(self.source, self.run, self.choices, self.folder)

    def words(self) -> list[str]:
        """The command that does the same, in the project's folder."""
        return self.kind.words(self.wanted)

    def state(self) -> State:
        """How far it is, as the disk says it."""
        if (self.folder / "end.json").exists():
            ended = str(read_json(self.folder / "end.json").get("ended"))
            return "done" if ended == "done" else "failed" if ended == "failed" else "stopped"
        is_begun = (self.folder / "begun").exists()
        if is_held(self.ticket):
            return "running" if is_begun else "waiting"
        if (self.folder / "end.json").exists():  # it ended while we looked
            return self.state()
        is_starting = time.time() - (self.folder / "job.json").stat().st_mtime < STARTING_S
        return "waiting" if is_starting and not is_begun else "killed"

    def ending(self) -> dict[str, Any]:
        """What was said at its end."""
        file = self.folder / "end.json"
        return dict(read_json(file)) if file.exists() else {}


class Jobs:
    """The jobs of a project."""

    def __init__(self, project: Project, queue: Path) -> None:
        self._project = project
        self._folder = project.own / "jobs"
        self._queue = queue

    def __iter__(self) -> Iterator[Job]:
        """All jobs, the newest first."""
        found = self._folder.glob("*/job.json") if self._folder.is_dir() else ()
        return iter(sorted(map(read_job, found), key=lambda job: -job.number))

    def get(self, number: int) -> Job:
        """A job by its number. Raises UserError."""
        file = self._folder / str(number) / "job.json"
        if not file.exists():
            raise UserError(
                gettext("There is no job {number} any more.", number=f"{number}"), hint=gettext("Reload the page.")
            )
        return read_job(file)

    def begin(self, verb: str, choices: dict[str, Any], run: str = "", fetches: bool = False) -> Job:
        """Line up a verb on the project's photos or one of its runs, and start its process."""
        if (length := choices.get("time")) and not TIME.fullmatch(length):
            raise UserError(
                gettext("{text} is no length of time.", text=f"{length!r:.20}"),
                hint=gettext("Choose one of those shown."),
            )
        numbers = [job.number for job in self]
        folder = self._folder / str(max(numbers, default=0) + 1)
        with explain_disk_errors(folder):
            folder.mkdir(parents=True)
        run = self._free_run() if KINDS[verb].makes_run else run
        ticket = self._new_ticket(verb)
        job = Job(folder, verb, run, choices, ticket, self._project.home, self._project.source, fetches)
        self._write(job)
        start(job)
        return job

    def stop(self, job: Job) -> None:
        """Ask a job to stop after what it is just doing; it keeps what it has."""
        (job.folder / "stop").touch()

    def go_on(self, job: Job) -> Job:
        """Line up a job again that was stopped or killed: it goes on where it stopped."""
        if job.state() not in ("stopped", "killed", "failed"):
            raise UserError(gettext("This job has not stopped."), hint=gettext("Reload the page."))
        for name in ("stop", "end.json", "begun"):
            (job.folder / name).unlink(missing_ok=True)
        again = Job(**{**vars(job), "ticket": self._new_ticket(job.verb)})
        self._write(again)
        start(again)
        return again

    def forget(self, job: Job) -> None:
        """Take a job that has ended off the list; a run that is not finished goes with it."""
        if job.state() in ("waiting", "running"):
            raise UserError(gettext("This job is not over."), hint=gettext("Stop it first."))
        run = self._project.runs / job.run
        if job.kind.makes_run and run.is_dir() and not is_finished(run):
            remove(run)
        remove(job.folder)

    def _free_run(self) -> str:
        """A name that no run and no job has: `run-1`, `run-2`, …"""
        taken = {job.run for job in self}
        number = 1
        while f"run-{number}" in taken or (self._project.runs / f"run-{number}").exists():
            number += 1
        return f"run-{number}"

    def _new_ticket(self, verb: str) -> Path:
        """A place in the queue; beside it for a verb that waits for no other, and is not waited for."""
        return (self._queue if KINDS[verb].waits else self._queue / "beside") / f"{time.time_ns()}.lock"

    def _write(self, job: Job) -> None:
        facts = {name: value for name, value in vars(job).items() if name != "folder"}
        write_json(job.folder / "job.json", {name: _plain(value) for name, value in facts.items()})


def read_job(file: Path) -> Job:
    """The job whose job.json this is."""
    facts = read_json(file)
    choices = facts.get("choices")
    if choices is None:  # of a version that knew trainings only
        choices = {name: facts[name] for name in ("time", "group") if facts[name]}
    return Job(
        file.parent,
        facts.get("verb", "train"),
        facts["run"],
        choices,
        ticket=Path(facts["ticket"]),
        home=Path(facts["home"]),
        source=facts["source"],
        fetches=facts.get("fetches", False),
    )


def start(job: Job) -> None:
    """Start the process of a job, in a session of its own: it goes on when ours has ended."""
    with explain_disk_errors(job.folder), (job.folder / "output.txt").open("ab") as output:
        make_folder(job.ticket.parent)
        job.ticket.touch()  # so that those who come later know of it before its process does
        subprocess.Popen(
            [sys.executable, "-m", "whatsit.studio.jobs.work", str(job.folder / "job.json")],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            cwd=job.home,
            env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
            start_new_session=True,
        )


def is_held(lock: Path) -> bool:
    """Whether a process holds a lock file."""
    if not lock.exists():
        return False
    try:
        with hold_lock(lock, ""):
            return False
    except Busy:
        return True


def is_wanted(ticket: Path) -> bool:
    """Whether a job holds this ticket, or is about to: its process takes a moment to begin."""
    is_new = ticket.exists() and time.time() - int(ticket.stem) / 1e9 < STARTING_S
    return is_new or is_held(ticket)


def queue_in(folder: Path) -> Path:
    """Where the tickets of a studio's jobs lie."""
    return folder / OWN / "queue"


def read_events(file: Path, offset: int) -> tuple[list[dict[str, Any]], int]:
    """The events behind a place in the file, and the place behind them; a line that is being written comes
    later."""
    try:
        with file.open("rb") as opened:
            opened.seek(offset)
            content = opened.read()
    except FileNotFoundError:
        return [], offset
    whole = content[: content.rfind(b"\n") + 1]
    return [decode_json(line) for line in whole.splitlines() if line.startswith(b"{")], offset + len(whole)


def _plain(value: Any) -> Any:
    return str(value) if isinstance(value, Path) else value
