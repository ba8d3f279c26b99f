"""The program: `digest`, or `python -m digest`."""

import atexit
import gc

from digest.garbage import look_seldom


def run() -> None:
    """Run the command line as a process of its own.

    Looked through for garbage again and again while they come, and once more at the end, what is imported took a
    quarter of the time of a command.
    """
    look_seldom()
    atexit.register(gc.freeze)
    from digest.cli import main  # noqa: PLC0415 - only now that its objects are not looked through

    main()


if __name__ == "__main__":
    run()
