"""Which projects there are and where their photos and runs lie.

FOLDER/NAME/photos/CLASS/…   the photos of a project, which every verb understands
FOLDER/NAME/unsorted/…       photos without classes, a pile to `whatsit review`; only where there are some
FOLDER/NAME/runs/…           its runs
FOLDER/NAME/recipe.sh        the commands that do the same again
PHOTOS/.whatsit/studio/      what only the studio needs: jobs, what can be undone, photos that were taken away
PHOTOS/.whatsit/studio/several   there where a photo may show several of the classes: it then lies in a folder
                             called by all of them, `beach+boats`, or `none`
FOLDER/.whatsit/studio.lock  held while a studio has the folder open

A folder with a folder of photos a class is opened as it is: then its runs lie beside it, in `runs`, and
photos without classes in `NAME-unsorted`.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from whatsit.data.listing.walk import OWN, list_folder, why_no_photo
from whatsit.data.names import fold
from whatsit.data.readers.labels import SEVERAL_ALWAYS
from whatsit.errors import UserError
from whatsit.files import explain_disk_errors
from whatsit.languages.speaking import gettext

PHOTOS, RUNS, UNSORTED = "photos", "runs", "unsorted"
LOCK = "studio.lock"
LONGEST = 100  # characters of a name: with a suffix and a number far below the 255 bytes of file systems
_NEVER = set('/\\<>:"|?*')  # in the name of a folder, on one system or another


@dataclass(frozen=True)
class Project:
    """A project: its name, the folder that commands are given in, and its photos and runs."""

    name: str
    home: Path
    photos: Path
    runs: Path

    @property
    def own(self) -> Path:
        """The folder of what only the studio needs."""
        return self.photos / OWN / "studio"

    @property
    def source(self) -> str:
        """The photos as a command names them in the project's folder."""
        return str(self.photos.relative_to(self.home))

    @property
    def unsorted(self) -> Path:
        """Where its photos lie that have no class yet: beside the photos, so a file is moved by a rename."""
        return self.home / (f"{self.photos.name}-{UNSORTED}" if self.is_in_place else UNSORTED)

    @property
    def unsorted_place(self) -> str:
        """That folder as a path below the photos has it; no class can be called so."""
        return f"../{self.unsorted.name}"

    @property
    def several_file(self) -> Path:
        """The file that is there where a photo may show several of the classes."""
        return self.own / "several"

    @property
    def labels(self) -> str | None:
        """What photos have, as `--labels` takes it; None for one class each."""
        return SEVERAL_ALWAYS if self.several_file.exists() else None

    @property
    def is_in_place(self) -> bool:
        """Whether it is a data set that was opened where it lies, beside which runs of others may lie too."""
        return self.photos.name != PHOTOS

    @property
    def recipe(self) -> Path:
        """The file with the commands that do the same again."""
        return (self.own if self.is_in_place else self.home) / "recipe.sh"


def find_projects(folder: Path) -> list[Project]:
    """The projects in a folder, by name; the folder itself where it is one, or is a data set.

    Raises UserError where it cannot be opened.
    """
    if not folder.exists():
        return []
    if is_single(folder):
        return [_open(folder)]
    try:
        return [_open(folder / name) for name in list_folder(folder).folders if (folder / name / PHOTOS).is_dir()]
    except OSError as error:
        raise UserError(
            gettext("{folder} cannot be opened ({reason}).", folder=f"{str(folder)!r}", reason=error.strerror),
            hint=gettext("Change its rights."),
        ) from None


def check_place(folder: Path) -> None:
    """Raise a UserError where a folder is no place for a studio: it has something else in it."""
    if folder.exists() and not folder.is_dir():
        raise UserError(f"{str(folder)!r} is no folder.", hint="Name a folder; it is made where there is none.")
    if not folder.exists() or (folder / OWN / LOCK).exists() or find_projects(folder):
        return
    found = list_folder(folder)
    if found.files or found.folders:
        raise UserError(
            f"{str(folder)!r} has something else in it: {(found.folders + found.files)[0]!r}.",
            hint="Name a new folder, or one that has a folder of photos for each class.",
        )


def is_single(folder: Path) -> bool:
    """Whether a folder is one project, and not a place for several."""
    return (folder / PHOTOS).is_dir() or _has_class_folders(folder)


def make_project(folder: Path, name: str) -> Project:
    """A new project. Raises UserError where its name cannot be, or is taken."""
    name = check_name(name, "project")
    taken = next((one.name for one in find_projects(folder) if fold(one.name) == fold(name)), None)
    if taken is not None or (folder / name).exists():
        raise UserError(
            gettext("There is a project {name} already.", name=f"{taken or name!r}"),
            hint=gettext("Open it, or choose another name."),
        )
    with explain_disk_errors(folder / name):
        (folder / name / PHOTOS).mkdir(parents=True)
        (folder / name / RUNS).mkdir()
    return _open(folder / name)


def check_name(text: str, what: Literal["project", "class"]) -> str:
    """A name for a folder of ours, without blanks around it. Raises UserError where no folder can be called so."""
    name = unicodedata.normalize("NFC", text).strip()
    if not name:
        raise UserError(
            gettext("The class needs a name.") if what == "class" else gettext("The project needs a name."),
            hint=gettext("Type one."),
        )
    if len(name) > LONGEST:
        raise UserError(
            gettext("The name {name}… is too long.", name=f"{name[:20]!r}"),
            hint=gettext("Use at most {most} characters.", most=LONGEST),
        )
    bad = next((one for one in name if one in _NEVER or unicodedata.category(one)[0] == "C"), None)
    if bad is not None:
        raise UserError(
            gettext("The name {name} has the character {letter} in it.", name=f"{name!r}", letter=f"{bad!r}"),
            hint=gettext("Leave it out."),
        )
    if name.startswith(".") or name.endswith("."):
        raise UserError(
            gettext("The name {name} begins or ends with a dot.", name=f"{name!r}"),
            hint=gettext("Leave the dot out."),
        )
    return name


def _open(folder: Path) -> Project:
    whole = folder.absolute()
    if (whole / PHOTOS).is_dir():
        return Project(whole.name, whole, whole / PHOTOS, whole / RUNS)
    return Project(whole.name, whole.parent, whole, whole.parent / RUNS)


def _has_class_folders(folder: Path) -> bool:
    """Whether folders directly below hold photos."""
    try:
        names = list_folder(folder).folders
        return any(
            not why_no_photo(file) for name in names for file in list_folder(folder / name).files[:100]
        ) and not any((folder / name / PHOTOS).is_dir() for name in names)
    except OSError:
        return False
