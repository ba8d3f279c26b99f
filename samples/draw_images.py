"""Draws the pictures of the samples: flat posters of few colours, the same at each run.

python samples/draw_images.py [FOLDER]
"""

import sys
from pathlib import Path

from drawing import town, trade, works
from drawing.paper import SCENES

THEMES = (town, trade, works)  # each registers its scenes when it is imported


def main(folder: Path) -> None:
    for name, draw in SCENES.items():
        (folder / f"{name}.png").write_bytes(draw().png())


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "images")
