"""A Python in which torch is not there: the code that makes it so, to run before all else."""

from __future__ import annotations

NO_TORCH = """
import sys
class NoTorch:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] == "torch":
            raise ModuleNotFoundError(name)
sys.meta_path.insert(0, NoTorch())
""".strip()
