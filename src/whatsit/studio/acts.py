"""What a person does with a project, each by the name that it has in an address."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from whatsit import verbs
from whatsit.errors import UserError
from whatsit.studio.collecting import Search
from whatsit.studio.workbench import Workbench


def _move(bench: Workbench, asked: dict[str, Any]) -> Any:
    return bench.album.move(_names_of(asked), text_of(asked, "class"))


def _stop(bench: Workbench, asked: dict[str, Any]) -> Any:
    bench.jobs.stop(bench.jobs.get(_number_of(asked)))


def _go_on(bench: Workbench, asked: dict[str, Any]) -> Any:
    return bench.jobs.go_on(bench.jobs.get(_number_of(asked))).number


def _forget(bench: Workbench, asked: dict[str, Any]) -> Any:
    bench.jobs.forget(bench.jobs.get(_number_of(asked)))


def _make_kit(bench: Workbench, asked: dict[str, Any]) -> Any:
    return bench.make_kit(text_of(asked, "run"), text_of(asked, "to"), asked.get("fetch") is True).number


def _collect(bench: Workbench, asked: dict[str, Any]) -> Any:
    search = Search(
        lines=_texts_of(asked, "lines"),
        sources=_texts_of(asked, "sources"),
        per_class=_number_of(asked, "per_class"),
        licence=text_of(asked, "licence"),
        contact=text_of(asked, "contact"),
        agreed=_texts_of(asked, "agreed"),
    )
    return bench.collect(search).number


ACTS: dict[str, Callable[[Workbench, dict[str, Any]], Any]] = {
    "make-class": lambda bench, asked: bench.album.make_class(text_of(asked, "name")),
    "rename-class": lambda bench, asked: bench.album.rename_class(text_of(asked, "class"), text_of(asked, "name")),
    "remove-class": lambda bench, asked: bench.album.remove_class(text_of(asked, "class")),
    "merge": lambda bench, asked: bench.album.merge(text_of(asked, "class"), text_of(asked, "into")),
    "move": _move,
    "mark": lambda bench, asked: bench.album.mark(
        _names_of(asked), _texts_of(asked, "classes"), _texts_of(asked, "without")
    ),
    "several": lambda bench, asked: bench.let_several(asked.get("wanted") is True),
    "remove": lambda bench, asked: bench.album.remove(_names_of(asked)),
    "undo": lambda bench, _asked: bench.undo(),
    "take-named": lambda bench, _asked: bench.unsorted.take(),
    "train": lambda bench, asked: bench.train(text_of(asked, "time")).number,
    "clean": lambda bench, asked: bench.clean(asked.get("deep") is True).number,
    "undo-clean": lambda bench, _asked: _undo_cleaning(bench),
    "make-kit": _make_kit,
    "collect": _collect,
    "share": lambda bench, asked: bench.share(text_of(asked, "run")),
    "keep-sharing": lambda bench, _asked: bench.sharing.renew(),
    "stop-sharing": lambda bench, _asked: bench.sharing.close(),
    "follow": lambda bench, asked: bench.follow(text_of(asked, "run"), _number_of(asked)),
    "stop": _stop,
    "go-on": _go_on,
    "forget": _forget,
    "live": lambda bench, asked: bench.make_live(text_of(asked, "run")),
}


def _undo_cleaning(bench: Workbench) -> dict[str, int]:
    undone = verbs.clean(bench.project.photos, undo=True)
    return {"decisions": int(undone), "out": len(undone.out)}


def text_of(asked: dict[str, Any], name: str) -> str:
    """A text of a request. Raises UserError where there is none of that name."""
    found = asked.get(name)
    if not isinstance(found, str):
        raise UserError(f"The request lacks {name!r}.", hint="Reload the page.")
    return found


def _names_of(asked: dict[str, Any]) -> list[str]:
    return _texts_of(asked, "photos")


def _texts_of(asked: dict[str, Any], name: str) -> list[str]:
    found = asked.get(name)
    if not isinstance(found, list) or not all(isinstance(one, str) for one in found):
        raise UserError(f"The request names no {name}.", hint="Reload the page.")
    return found


def _number_of(asked: dict[str, Any], name: str = "number") -> int:
    found = asked.get(name)
    if isinstance(found, bool) or not isinstance(found, int):
        raise UserError(f"The request lacks {name!r}.", hint="Reload the page.")
    return found
