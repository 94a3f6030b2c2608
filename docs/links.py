"""Links of pages that are read in two places, beside the code and as a site: there, what is made stands elsewhere.

A page links to what lies in the repository; where the site has a page made of that, the link leads to it. MkDocs
calls this for each page (`hooks` in mkdocs.yml), generate.py for the pages that it copies.
"""

from __future__ import annotations

from typing import Any

SITE = {
    "../ARCHITECTURE.md": "architecture.md",
    "../CHANGELOG.md": "changelog.md",
    "../src/whatsit/__init__.py": "reference/index.md",
    "decisions/": "decisions/index.md",
    "troubles.py": "troubles.md",
}


def on_page_markdown(markdown: str, **_rest: Any) -> str:
    """The text of a page of docs/, with its links as the site has them."""
    for here, there in SITE.items():
        markdown = markdown.replace(f"]({here})", f"]({there})")
    return markdown
