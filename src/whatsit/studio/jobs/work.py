"""The process of one job: waits for its turn, works, and says how it ended. `python -m whatsit.studio.jobs.work
JOB.JSON`"""

from __future__ import annotations

import os
import sys
import threading
import time
from pathlib import Path
from typing import Any

from whatsit import events
from whatsit.errors import UserError
from whatsit.files import Busy, hold_lock, write_json, write_text
from whatsit.listeners import JsonLines
from whatsit.model.run import is_finished
from whatsit.studio.jobs.jobs import Job, is_wanted, read_job
from whatsit.studio.places import RUNS

LOOK_S = 0.5  # between two looks whether it is our turn, or somebody wants a stop
BUSY_LOOKS = 10  # such looks between two tries where another whatsit is at the same photos


def main() -> None:
    """Do the job that the command line names."""
    job = read_job(Path(sys.argv[1]))
    with hold_lock(job.ticket, "", wait=True):
        if _has_turn(job):
            write_text(job.folder / "begun", f"{os.getpid()}\n")  # for who wonders what takes the machine's time
            write_json(job.folder / "end.json", _do(job))
        else:
            write_json(job.folder / "end.json", {"ended": "stopped"})
    job.ticket.unlink(missing_ok=True)


def _has_turn(job: Job) -> bool:
    """Wait until no older job lives; whether nobody wanted a stop meanwhile."""
    while job.kind.waits and not _is_stop_wanted(job):
        older = [one for one in job.ticket.parent.glob("*.lock") if int(one.stem) < int(job.ticket.stem)]
        if not any(map(is_wanted, older)):
            return True
        time.sleep(LOOK_S)
    return not _is_stop_wanted(job)


def _do(job: Job) -> dict[str, Any]:
    """Work; how it ended."""
    if not job.fetches:
        os.environ["WHATSIT_OFFLINE"] = "1"  # a page that works on this machine alone fetches nothing by itself
    os.chdir(job.home)
    if job.kind.makes_run and is_finished(Path(RUNS) / job.run):  # it was killed between the last line and the end
        return {"ended": "done"}
    with (
        (job.folder / "events.jsonl").open("a", encoding="utf-8") as file,
        events.listening(JsonLines(file)) as ear,
    ):
        threading.Thread(target=_watch, args=(job, ear), daemon=True).start()
        try:
            _work(job)
        except events.Stopped:
            return {"ended": "stopped"}
        except UserError as error:
            return {"ended": "failed", "sentence": error.sentence, "hint": error.hint}
        except Exception as error:
            import traceback

            traceback.print_exc()  # into output.txt
            return {
                "ended": "failed",
                "sentence": f"It broke off with an error of ours ({type(error).__name__}).",
                "hint": f"What happened stands in {job.folder / 'output.txt'}.",
            }
    return {"ended": "done"}


def _work(job: Job) -> None:
    """Do what the job is for, once no command in a terminal is at the same photos."""
    while True:
        try:
            job.kind.do(job.wanted)
            return
        except Busy as busy:
            events.note(f"{busy.sentence} Waiting for it.")
            for _ in range(BUSY_LOOKS):
                time.sleep(LOOK_S)
                events.honour_stop()


def _watch(job: Job, ear: events.Listening) -> None:
    while not _is_stop_wanted(job):
        time.sleep(LOOK_S)
    ear.stop()


def _is_stop_wanted(job: Job) -> bool:
    return (job.folder / "stop").exists()


if __name__ == "__main__":
    main()
