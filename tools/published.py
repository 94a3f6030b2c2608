"""The part of the package's metadata that depends on where the project is published; hatchling runs it.

`WHATSIT_HOME_PAGE=https://HOST/OWNER/NAME python -m build` gives the package its addresses, and the README
absolute links to the files of its version, as they are read on the page of a package index. Without it a package
is built as well: it has no addresses, and the README's links stay as they are.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Any

from hatchling.metadata.plugin.interface import MetadataHookInterface

HOME_PAGE = "WHATSIT_HOME_PAGE"
_LINK = re.compile(r"(!?)\[([^\]]*)\]\((?![a-z]+:|#)([^)\s]+)\)")
_VERSION = re.compile(r'__version__ = "([^"]+)"')


class Published(MetadataHookInterface):
    """Fills in `readme` and `urls`."""

    PLUGIN_NAME = "custom"

    def update(self, metadata: dict[str, Any]) -> None:
        """Put both into the metadata of a package that is being built."""
        root = Path(self.root)
        text = (root / "README.md").read_text(encoding="utf-8")
        home = os.environ.get(HOME_PAGE, "").rstrip("/")
        metadata["urls"] = {}
        if home:
            version = _VERSION.search((root / "src/whatsit/version.py").read_text(encoding="utf-8"))
            assert version is not None, "version.py states no version"
            text = make_absolute(text, home, f"v{version[1]}")
            metadata["urls"] = {
                "Homepage": home,
                "Documentation": f"{home}/tree/v{version[1]}/docs",
                "Changelog": f"{home}/blob/v{version[1]}/CHANGELOG.md",
                "Issues": f"{home}/issues",
            }
        metadata["readme"] = {"content-type": "text/markdown", "text": text}


def make_absolute(text: str, home: str, version: str) -> str:
    """Markdown whose links to files of the project lead to those of a version; pictures to their bytes."""

    def lead(link: re.Match[str]) -> str:
        kind = "raw" if link[1] else "blob"
        return f"{link[1]}[{link[2]}]({home}/{kind}/{version}/{link[3]})"

    return _LINK.sub(lead, text)
