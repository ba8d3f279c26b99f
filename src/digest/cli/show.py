"""`demo`: the main job on sample articles."""

import webbrowser
from pathlib import Path

import click

from digest.cli.app import Digest, can_open_browser, main, pass_app
from digest.demo import Demo


@main.command()
@click.option("--no-browser", is_flag=True, help="Do not open the inbox.")
@click.option("--once", is_flag=True, help="Do it all, then end instead of waiting for you to look.")
@click.option("--dir", "folder", type=click.Path(file_okay=False, path_type=Path), help="Keep its files here.")
@click.option("--readers", type=click.IntRange(1, 100_000), default=200, show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8601, show_default=True, help="Of the inbox page.")
@pass_app
def demo(app: Digest, no_browser: bool, once: bool, folder: Path | None, readers: int, port: int) -> None:
    """Send a sample edition to 200 sample readers, and show what they got.

    Everything stays on this machine: an embedded database, a mail server inside the process that catches the mail, and
    a page with the inbox, where the links of each mail work.
    """
    show = webbrowser.open if not no_browser and not once and can_open_browser() else None
    Demo(folder=folder, readers=readers, port=0 if once else port, quiet=app.verbosity < 0).run(once=once, show=show)
