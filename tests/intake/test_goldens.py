"""Sample files in pairs: ``data/x.rss`` and what it must become, ``data/x.rss.golden.json``."""

import json
import os
import shutil
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from build import NOW
from digest.intake import files
from digest.model import Article, Rejection

DATA = Path(__file__).parent / "data"
SAMPLES = sorted(path.name for path in DATA.iterdir() if ".golden" not in path.suffixes and path.suffix != ".txt")


def plain(result: Article | Rejection) -> dict[str, Any]:
    """What differs from the defaults, as JSON has it."""
    values = {key: value for key, value in asdict(result).items() if value not in (None, "", ())}
    if isinstance(result, Rejection):
        values["path"] = Path(result.path).name
    return {key: value.isoformat() if isinstance(value, datetime) else value for key, value in values.items()}


@pytest.mark.parametrize("name", SAMPLES)
def test_a_sample_becomes_what_its_pair_says(name, tmp_path):
    path = Path(shutil.copy(DATA / name, tmp_path))
    os.utime(path, (NOW.timestamp(), NOW.timestamp()))  # what an entry without a date is dated by
    results = [plain(one) for one in files.read(path, now=NOW)]
    golden = json.loads((DATA / f"{name}.golden.json").read_text(encoding="utf-8"))

    assert json.loads(json.dumps(results)) == golden


def test_there_are_samples_of_every_kind():
    assert {Path(name).suffix for name in SAMPLES} == {".rss", ".atom", ".rdf", ".json", ".html"}
