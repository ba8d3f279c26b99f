"""The files that are not Python: the only code that knows where they are, in a checkout and in an installed wheel."""

from importlib.resources import files
from pathlib import Path

_PACKAGE = Path(str(files("digest")))
_PACKAGED = _PACKAGE / "_assets"  # what the wheel carries
_CHECKOUT = Path(__file__).parents[2]  # what an editable install runs from
ROOT = _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT

TEMPLATES = ROOT / "templates"  #: email/ and web/
MIGRATIONS = ROOT / "alembic"
EXAMPLE_CONFIG = ROOT / "config.example.toml"
CATALOGUES = _PACKAGE / "locales"  #: the words of mail and pages, by language
SAMPLES = ROOT / "samples"  #: the articles, images and market data of `digest demo`
