"""Which folder is which project."""

from __future__ import annotations

from pathlib import Path

import pytest

from drawing import class_folders, put
from whatsit.errors import UserError
from whatsit.studio.places import check_name, check_place, find_projects, is_single, make_project


def test_a_project_is_a_folder_of_photos_and_one_of_runs(tmp_path: Path) -> None:
    made = make_project(tmp_path / "all", " my mugs ")
    assert (made.name, made.source) == ("my mugs", "photos")
    assert made.photos.is_dir()
    assert made.runs.is_dir()
    assert find_projects(tmp_path / "all") == [made]
    assert made.recipe == tmp_path / "all" / "my mugs" / "recipe.sh"


def test_a_data_set_and_a_project_are_opened_where_they_are(tmp_path: Path) -> None:
    data = class_folders(tmp_path / "pets", "cat", "dog")
    (found,) = find_projects(data)
    assert (found.photos, found.home, found.source) == (data, tmp_path, "pets")
    assert found.recipe.is_relative_to(data / ".whatsit")
    make_project(tmp_path / "all", "mugs")
    assert [one.name for one in find_projects(tmp_path / "all" / "mugs")] == ["mugs"]
    assert is_single(data)
    assert not is_single(tmp_path / "all")


def test_a_folder_of_something_else_is_no_place_for_a_studio(tmp_path: Path) -> None:
    check_place(tmp_path / "not there yet")
    check_place(tmp_path)
    put(tmp_path / "home" / "letters" / "2026" / "scan.jpg")
    with pytest.raises(UserError, match="something else in it: 'letters'"):
        check_place(tmp_path / "home")
    (tmp_path / "file").touch()
    with pytest.raises(UserError, match="no folder"):
        check_place(tmp_path / "file")


@pytest.mark.parametrize(
    "name", ["", "  ", "a/b", "a\\b", "..", ".hidden", "end.", "a\0b", "a\nb", "what?", "x" * 101]
)
def test_a_name_that_no_folder_can_have_is_refused(name: str) -> None:
    with pytest.raises(UserError):
        check_name(name, "class")


@pytest.mark.parametrize("name", ["قطة", "猫", "Zoë's cat", "x" * 100, "cat & dog", "100 %"])
def test_names_of_any_script_are_kept(name: str) -> None:
    assert check_name(f" {name} ", "class") == name


def test_two_projects_have_two_names(tmp_path: Path) -> None:
    make_project(tmp_path, "Mugs")
    with pytest.raises(UserError, match="a project 'Mugs' already"):
        make_project(tmp_path, "mugs")
