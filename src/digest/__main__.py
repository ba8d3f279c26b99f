"""The program: `digest`, or `python -m digest`."""

import atexit
import gc

#: New objects before the collector looks for garbage, and how many such looks before it looks at older ones.
THRESHOLD = (50_000, 20, 20)


def run() -> None:
    """Run the command line as a process of its own.

    What is imported stays, some hundred thousand objects.  Looked through for garbage again and again while they come,
    and once more at the end, they took a quarter of the time of a command.
    """
    gc.set_threshold(*THRESHOLD)
    atexit.register(gc.freeze)
    from digest.cli import main  # noqa: PLC0415 - only now that its objects are not looked through

    main()


if __name__ == "__main__":
    run()
