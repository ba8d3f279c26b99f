"""Rounds of polling, against a real server of feeds."""

import asyncio

import pytest

from build import NOW
from digest.config import Fetch, SourceSettings
from digest.pipeline.fetching import fetch
from feeds import Feeds


@pytest.fixture
def feeds():
    with Feeds() as one:
        yield one


@pytest.fixture
def configured(settings):
    """`configured({"Ledger": url}, pause=…)`: settings with these sources; others are of `[fetch]`."""

    def write(urls, *, full_text=False, **table):
        table = {"pause": 0, "timeout": 5, "allow": ("127.0.0.0/8:*",)} | table
        of = tuple(SourceSettings(name=name, url=url, full_text=full_text) for name, url in urls.items())
        return settings.model_copy(update={"sources": of, "fetch": Fetch(**table)})

    return write


@pytest.fixture
def poll(configured, database):
    """`poll({"Ledger": url}, now=…)`: one round; the results by name."""

    def run(urls, *, now=NOW, only=(), force=False, **table):
        mine = configured(urls, **table)
        report = asyncio.run(fetch(mine, database, now=now, only=only, force=force))
        assert [one.name for one in report.results] == (list(only) or list(urls))
        return {one.name: one for one in report.results}

    return run
