"""A database's error in, what is the matter out: without the driver's text, which may hold somebody's address."""

from sqlalchemy.exc import DBAPIError

#: How the codes of SQLite and of PostgreSQL begin (sqlite.org/rescode.html, PostgreSQL's appendix A).
_MATTERS = {
    "SQLITE_FULL": "its disk is full",
    "53100": "its disk is full",
    "SQLITE_IOERR": "its disk does not work",
    "58030": "its disk does not work",
    "SQLITE_READONLY": "it can only be read",
    "25006": "it can only be read",
    "SQLITE_BUSY": "somebody else has locked it",
    "SQLITE_CORRUPT": "its file is damaged",
    "SQLITE_NOTADB": "its file is none of SQLite",
    "SQLITE_CANTOPEN": "its file cannot be opened",
    "57P": "it is being shut down",
}


def matter(error: DBAPIError) -> str:
    """In a few words, with the code by which the words of the database's own manual are found."""
    code = str(getattr(error.orig, "sqlite_errorname", None) or getattr(error.orig, "sqlstate", None) or "")
    words = next((words for begin, words in _MATTERS.items() if code.startswith(begin)), _without_code(error.orig))
    return f"{words} ({code or type(error.orig).__name__})"


def is_of_server(error: DBAPIError) -> bool:
    """Whether it is PostgreSQL's, whose errors have a place for its code, and not that of a file."""
    return hasattr(error.orig, "sqlstate")


def _without_code(error: object) -> str:
    """PostgreSQL has a code for all that it says itself: without one nobody answered, or said no at the door."""
    turned_away = type(error).__name__ == "OperationalError" and getattr(error, "sqlstate", "") is None
    return "it cannot be reached, or does not let us in" if turned_away else "it cannot be used"
