"""The review page's server: on this machine only, with a token in its address, until Ctrl-C."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from pathlib import Path
from types import MappingProxyType

from whatsit.data.catalog import open_catalog
from whatsit.data.readers import read
from whatsit.errors import UserError
from whatsit.reviewing.app import create_app
from whatsit.reviewing.desk import Desk
from whatsit.web.token import ENTER, new_token

HOST = "127.0.0.1"


def review(
    data: str | Path,
    checks: Mapping[str, bool] = MappingProxyType({}),
    port: int = 0,
    started: Callable[[str], None] = lambda _address: None,
) -> None:
    """Serve the review page of a data set until it is stopped; `started` is told its address.

    checks: names of checks, in the order their findings are shown → whether beside the photo they repeat

    Raises UserError where the data set lies in no folder, or the port is taken.
    """
    import uvicorn

    dataset = read(data)
    if dataset.root is None:
        raise UserError(f"{dataset.name!r} lies in no folder of yours: there is nothing to decide about.")
    listener = _listen(port)
    token = new_token()
    place = f"{HOST}:{listener.getsockname()[1]}"
    with listener, open_catalog(dataset.root) as catalog:
        app = create_app(
            Desk(dataset, catalog, checks), token, frozenset({place, place.replace(HOST, "localhost")})
        )
        started(f"http://{place}{ENTER}?token={token}")
        config = uvicorn.Config(app, lifespan="off", log_config=None, access_log=False, server_header=False)
        uvicorn.Server(config).run(sockets=[listener])


def _listen(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except (OSError, OverflowError):
        listener.close()
        raise UserError(f"Port {port} is not free.", hint="Leave out --port to take a free one.") from None
    listener.listen(128)
    return listener
