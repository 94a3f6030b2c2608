"""The page on which a project's unsorted photos are named: whatsit.sorting's own."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from whatsit.sorting.page.app import create_app
from whatsit.sorting.page.desk import Desk
from whatsit.studio.places import Project
from whatsit.studio.within import Page
from whatsit.web.own import Back


def open_sorting(project: Project, classes: Sequence[str], labels: str) -> Page:
    """The page of the photos that lie there now.

    classes: of the project, offered as names; labels: what is asked of a photo, see `sorting.opening.open_pile`
    """
    desk = Desk(project.unsorted, labels)
    back = Back(project.name, f"/#/{quote(project.name)}/photos")
    return Page(create_app(desk, back, classes), desk.close, lambda: bool(desk.opening.trouble))
