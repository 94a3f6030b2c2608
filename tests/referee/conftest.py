"""What the referee's tests share: sets drawn once, runs trained once, and recordings to compare with.

`pytest tests/referee --record` records anew. A recording changes only by name, in a commit that says why.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from referee import drawn
from referee.calls import QUICK, ROOT, TINY, Called, Caller
from referee.recordings import Plain, check


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--record", action="store_true", help="record anew what calls give, in tests/referee")


@pytest.fixture
def recorded(request: pytest.FixtureRequest) -> Callable[..., None]:
    """Compare a text with the recording of a name; numbers with a point may differ by the tolerance."""
    anew = bool(request.config.getoption("--record", default=False))

    def compare(name: str, text: str, tolerance: float = 0.005) -> None:
        check(name, text, tolerance, anew)

    return compare


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder with all sets, in which runs are trained once."""
    folder = tmp_path_factory.mktemp("referee")
    (folder / "home").mkdir()
    return drawn.sets(folder)


@pytest.fixture(scope="session")
def trained_cnn(workshop: Path) -> Called:
    return Caller(workshop)("train", "colours", *TINY, "--name", "cnn")


@pytest.fixture(scope="session")
def trained_classical(workshop: Path) -> Called:
    return Caller(workshop)("train", "colours", *QUICK, "--name", "classical")


@pytest.fixture
def call(workshop: Path, tmp_path: Path) -> Caller:
    """Calls in a copy of the workshop's sets and runs, with an empty cache."""
    place = tmp_path / "here"
    shutil.copytree(workshop, place, ignore=shutil.ignore_patterns("cache"))
    return Caller(place)


@pytest.fixture
def plain(call: Caller, workshop: Path, tmp_path: Path) -> Plain:
    """Texts without what varies."""
    places = [(str(call.place), "<here>"), (str(workshop), "<workshop>"), (str(tmp_path), "<tmp>")]
    return Plain((*places, (str(ROOT), "<root>")))
