"""`deploy`: a finished run as a folder that puts it online, with the page that `serve` shows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from whatsit import events
from whatsit.deploying import deploy as write_kit
from whatsit.deploying.kit import DeployOptions
from whatsit.image import WEB_SUFFIXES
from whatsit.model.run import Run
from whatsit.serving.options import ServeOptions
from whatsit.serving.routes.views import page_of, render_ask_page


def deploy(run: Run, out: Path, kind: str, options: DeployOptions) -> None:
    """Write the kit that puts a finished run online to the folder `out`; its page is that of `serve`."""
    model = run.model()
    shown = page_of(run.name, model, (run.name,), ServeOptions(title=options.title), {})

    def page(asset: Callable[[str], str], has_server: bool) -> str:
        if has_server:
            return render_ask_page(shown, asset)
        facts = replace(shown.facts, why=False)  # which a browser would take minutes for
        any_photo = ",".join(("image/*", *WEB_SUFFIXES))  # which are read is the visitor's browser's affair
        return render_ask_page(replace(shown, facts=facts, has_server=False, accept=any_photo), asset)

    write_kit(run, out, kind, options, page)
    events.saved("kit", out)
