"""What things cost to import, and that the public names are the documented ones."""

from __future__ import annotations

import graphlib
import re
import subprocess
import sys
from pathlib import Path

import pytest

import whatsit

ROOT = Path(__file__).parents[1]
HEAVY = {"torch", "transformers", "sklearn", "scipy", "matplotlib", "cv2", "onnx", "onnxruntime", "PIL"}
HEAVY |= {"pandas", "polars"}


def loaded(code: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after running `code`."""
    return {name.partition(".")[0] for name in loaded_whole(code)}


def loaded_whole(code: str) -> set[str]:
    """All modules that a fresh interpreter has loaded after running `code`."""
    ask = f"import sys; sys.argv = ['whatsit', '--help']\n{code}\nprint('\\n'.join(sys.modules), file=sys.stderr)"
    path = f"import sys; sys.path.insert(0, {str(ROOT / 'src')!r})\n"
    done = subprocess.run([sys.executable, "-c", path + ask], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


def test_importing_whatsit_loads_nothing_heavy() -> None:
    assert not loaded("import whatsit") & (HEAVY | {"numpy", "rich", "cyclopts"})


def test_help_loads_nothing_heavy() -> None:
    code = "from whatsit.cli import main\ntry:\n    main()\nexcept SystemExit:\n    pass"
    assert not loaded(code) & HEAVY


def test_asking_a_model_loads_no_training_framework() -> None:
    assert not loaded("from whatsit.model.classifier import load") & {"torch", "sklearn", "onnx", "matplotlib"}


def test_asking_about_a_file_loads_no_http_client() -> None:
    code = "import whatsit.cli.predict, whatsit.model.asking.batch, whatsit.model.asking.photos, whatsit.verbs"
    assert not loaded(code) & {"aiohttp", "asyncio"}


def test_the_server_loads_no_training_framework() -> None:
    unwanted = {"torch", "sklearn", "onnx", "matplotlib", "transformers", "opentelemetry"}
    assert not loaded("import whatsit.serving.server") & unwanted


def test_what_a_verb_was_given_is_checked_without_the_readers_of_photos() -> None:
    code = "from whatsit.verbs.common import check_data, place_of\nplace_of('runs/pets')\ncheck_data('pets', '')"
    assert not {
        name for name in loaded_whole(code) if name.startswith(("whatsit.data.readers", "whatsit.model.run."))
    }
    assert "whatsit.model.run" not in loaded_whole(code)


def test_every_folder_of_modules_is_a_package() -> None:
    """The linter of imports passes over a folder without `__init__.py`, and every fence with it."""
    folders = {file.parent for file in (ROOT / "src" / "whatsit").rglob("*.py")}
    assert [folder.name for folder in folders if not (folder / "__init__.py").exists()] == []


def test_every_public_name_is_there() -> None:
    for name in whatsit.__all__:
        assert getattr(whatsit, name) is not None, name


def test_the_readme_uses_public_names_only() -> None:
    used = set(re.findall(r"whatsit\.([A-Za-z_]+)\(", (ROOT / "README.md").read_text(encoding="utf-8")))
    assert used
    assert used <= set(whatsit.__all__)


def test_every_command_of_the_readme_exists() -> None:
    from whatsit.cli import COMMANDS

    text = (ROOT / "README.md").read_text(encoding="utf-8")
    used = set(re.findall(r"^whatsit ([a-z]+)", text, re.MULTILINE))
    assert used
    assert used <= set(COMMANDS)


def test_no_files_import_each_other_in_a_circle() -> None:
    grimp = pytest.importorskip("grimp", reason="comes with import-linter")
    graph = grimp.build_graph("whatsit", exclude_type_checking_imports=True, cache_dir=None)
    imports = {module: graph.find_modules_directly_imported_by(module) for module in graph.modules}
    assert len(list(graphlib.TopologicalSorter(imports).static_order())) == len(imports)
