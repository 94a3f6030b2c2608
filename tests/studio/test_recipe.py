"""The commands that do the same again."""

from __future__ import annotations

import os
from pathlib import Path

from whatsit.studio import recipe


def test_each_command_stands_there_once_and_the_file_can_be_run(tmp_path: Path) -> None:
    file = tmp_path / "my mugs" / "recipe.sh"
    file.parent.mkdir()
    for words in (["whatsit", "train", "photos", "--name", "run 1"], ["ln", "-sfn", "run-1", "runs/live"]) * 2:
        recipe.add(file, words)
    lines = file.read_text().splitlines()
    assert lines[0] == "#!/bin/sh"
    assert lines[-2:] == ["whatsit train photos --name 'run 1'", "ln -sfn run-1 runs/live"]
    assert os.access(file, os.X_OK)


def test_a_recipe_within_a_data_set_goes_to_where_its_commands_are_given(tmp_path: Path) -> None:
    recipe.add(tmp_path / "recipe.sh", ["true"], above="../../..")
    assert "cd ../../.." in (tmp_path / "recipe.sh").read_text().splitlines()
