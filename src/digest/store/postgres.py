"""The address of a PostgreSQL database in, a dump of it, or it restored, out: through PostgreSQL's own tools.

Addresses go to them by the command line, passwords only by the environment: others on the machine can read the one and
not the other.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import IO

from sqlalchemy.engine import URL

from digest.errors import Refused

LOCK_SECONDS = 10  #: for whoever still uses the database to let go of it


def dump(url: URL, path: Path) -> None:
    """Write a consistent copy to `path`, while others go on, and read it once from end to end.

    Raises:
        Refused: a tool is missing, or says no.
    """
    _run([_tool("pg_dump"), "--format=custom", "--no-owner", "--no-privileges", f"--file={path}", *_where(url)], url)
    _run([_tool("pg_restore"), "--file=/dev/null", str(path)], url)


def restore(url: URL, path: Path, tables: Sequence[str], marks: str, *, patience: int = LOCK_SECONDS) -> None:
    """Put a dump in the place of `tables`, and do what `marks` says, in one transaction: all of it or nothing.

    Args:
        url: of the database.
        path: of the dump.
        tables: that are dropped before.
        marks: SQL.
        patience: seconds for whoever still uses the tables.

    Raises:
        Refused: a tool is missing or says no, or the file is no dump.
    """
    reader, shell = _tool("pg_restore"), _tool("psql")
    # All of it once, so that what is damaged is told before anything is done.
    _run([reader, "--file=/dev/null", str(path)], url)
    gone = ", ".join([*tables, "alembic_version"])
    begin = f"BEGIN;\nSET lock_timeout = '{patience}s';\nDROP TABLE IF EXISTS {gone} CASCADE;\n"
    environment = _environment(url)
    into = [shell, "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null", *_where(url)]
    with subprocess.Popen(into, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=environment) as psql:  # noqa: S603
        assert psql.stdin is not None
        whole = _pour([reader, "--no-owner", "--no-privileges", "--file=-", str(path)], psql.stdin, begin, marks)
        _, said = psql.communicate()
    if psql.returncode:
        raise Refused(f"psql: {_first(said)}")
    if not whole:
        raise Refused(f"pg_restore could not read {path} a second time; nothing was changed")


def _pour(command: Sequence[str], into: IO[bytes], begin: str, marks: str) -> bool:
    """The dump, with what has to come before and after it; False where that did not come to an end.

    Without the last line nothing of all this has happened.
    """
    with contextlib.suppress(BrokenPipeError):  # it has ended at an error, which it tells
        into.write(begin.encode())
        into.flush()
        if subprocess.run(command, stdout=into, stderr=subprocess.DEVNULL, check=False).returncode:  # noqa: S603
            return False
        into.write(f"RESET search_path;\n{marks}COMMIT;\n".encode())  # a dump empties the search path
        return True
    return False


def _tool(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        raise Refused(f"{name} is not on PATH: install the client programs of PostgreSQL, of the server's version")
    return found


def _run(command: Sequence[str], url: URL) -> None:
    done = subprocess.run(command, capture_output=True, env=_environment(url), check=False)  # noqa: S603
    if done.returncode:
        raise Refused(f"{Path(command[0]).name}: {_first(done.stderr)}")


def _first(said: bytes) -> str:
    """The first line of what a tool says, without its own name in front."""
    lines = said.decode("utf-8", "replace").strip().splitlines() or ["failed"]
    return lines[0].partition(": error: ")[2] or lines[0]


def _where(url: URL) -> list[str]:
    options = {**url.query, **url.translate_connect_args(database="dbname", username="user")}
    options.pop("password", None)
    conninfo: str = import_module("psycopg.conninfo").make_conninfo("", **options)
    return [f"--dbname={conninfo}"]


def _environment(url: URL) -> dict[str, str]:
    """As it is, with the password; messages in English, as the first of them is shown."""
    password = {"PGPASSWORD": str(url.password)} if url.password else {}
    return {**os.environ, "LC_ALL": "C.UTF-8", **password}
