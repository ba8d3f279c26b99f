"""Who may sit at the desk."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class Editor:
    """An account of the desk that `digest serve` has."""

    name: str
    password: str  #: hashed, by Argon2
    changed_at: datetime  #: when it got this password
