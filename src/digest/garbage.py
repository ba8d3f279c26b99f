"""How often the interpreter looks for circular garbage: seldom, as what is imported stays, and articles make none."""

import gc

#: New objects before the collector looks, and how many such looks before it looks at older ones.
THRESHOLD = (50_000, 20, 20)


def look_seldom() -> None:
    """For the life of this process; a look at hundreds of thousands of objects takes long and finds nothing."""
    gc.set_threshold(*THRESHOLD)
