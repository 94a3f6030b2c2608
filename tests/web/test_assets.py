"""What the pages share."""

from __future__ import annotations

from whatsit.web.assets import assets, colours


def test_the_colours_are_those_of_the_style_light_and_dark_and_nothing_else() -> None:
    found = colours()
    assert found in assets()["whatsit.css"].content.decode()
    assert found.count("--ground:") == 2
    assert "prefers-color-scheme: dark" in found
    assert found.count("{") == found.count("}") == 3
