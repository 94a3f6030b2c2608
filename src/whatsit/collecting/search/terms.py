"""What people are told once, plainly, before they search where licences are unknown or people are shown."""

from __future__ import annotations

PEOPLE = (
    "Some of these photos show people who have a say in their use. A free licence gives you the photographer's "
    "rights, not those of the person shown. Do not build what recognises private people, use no pictures of "
    "children, do not publish photos or model before you know the law on privacy where you live, and delete on "
    "request (`whatsit forget`)."
)


def of_web_search(name: str) -> str:
    """The terms of a search engine's pages."""
    return (
        f"{name} searches the whole web. Its terms of use and its robots.txt do not welcome programs on its "
        "result pages; whatsit asks slowly and under its own name, and may be refused. The licences of what it "
        "finds are unknown: whether you may learn from these photos, publish them or a model of them depends on "
        f"each photo and on your law. The hosts of the photos are asked by their own rules. {PEOPLE}"
    )
