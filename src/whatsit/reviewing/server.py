"""The review page's server: on this machine only, with a token in its address, until Ctrl-C."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from whatsit import events
from whatsit.data.catalog import open_catalog
from whatsit.data.dataset import Dataset
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.reviewing.app import create_app
from whatsit.reviewing.desk import Desk
from whatsit.reviewing.person import name_person
from whatsit.reviewing.suspects import read_suspects
from whatsit.web.listening import SILENT, listen_on_port
from whatsit.web.own import open_to_one
from whatsit.web.token import ENTER, new_token

HOST = "127.0.0.1"


def review(
    data: str | Path | Dataset,
    checks: Mapping[str, bool] = MappingProxyType({}),
    port: int = 0,
    started: Callable[[str], None] = lambda _address: None,
    run: Path | None = None,
    labels: str | None = None,
    person: str | None = None,
) -> None:
    """Serve the review page of a data set until it is stopped; `started` is told its address.

    checks: names of checks, in the order their findings are shown → whether beside the photo they repeat
    run:    a finished run on these photos, whose suspect labels come first
    labels: what a photo has, one class or several labels; see `data.readers.read`
    person: the name of who decides; by default the system's user

    Raises UserError where the data set lies in no folder, or the port is taken.
    """
    import uvicorn

    dataset = data if isinstance(data, Dataset) else read(data, labels=labels)
    if dataset.root is None:
        raise UserError(f"{dataset.name!r} lies in no folder of yours: there is nothing to decide about.")
    name = name_person(person)
    suspects = read_suspects(run, dataset) if run is not None else ()
    listener = listen_on_port(HOST, port)
    token = new_token()
    with listener, open_catalog(dataset.root) as catalog:
        desk = Desk(dataset, catalog, checks, suspects, name)
        app = open_to_one(create_app(desk), token, "review page")
        events.note(f"{dataset.name}: {desk.sentence()}")
        started(f"http://{HOST}:{listener.getsockname()[1]}{ENTER}?token={token}")
        uvicorn.Server(uvicorn.Config(app, **SILENT, lifespan="off")).run(sockets=[listener])
