"""“ß” and “ss” before the @ may be two people: the key of an address folds capital letters, and nothing else.

Only suppressions can have such addresses, as no mail could go to them; each keeps its own under the new key.  Those of
erased people have no address to make a key of, and stay.

Revision ID: 0012
Revises: 0011
"""

import hashlib
import unicodedata

import idna
import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

suppressions = sa.table("suppressions", sa.column("address_hash", sa.String), sa.column("address", sa.Text))


def upgrade() -> None:
    rekey(str.casefold, str.lower)


def downgrade() -> None:
    rekey(str.lower, str.casefold)


def rekey(before, after) -> None:
    db = op.get_bind()
    hashes = suppressions.c.address_hash
    for was, address in db.execute(sa.select(hashes, suppressions.c.address)).all():
        old, new = hash_of(address, before), hash_of(address, after)
        if was != old or old == new:
            continue
        if db.execute(sa.select(hashes).where(hashes == new)).first():
            db.execute(suppressions.delete().where(hashes == was))
        else:
            db.execute(suppressions.update().where(hashes == was).values(address_hash=new))


def hash_of(address: str, fold) -> str:
    local, at, domain = unicodedata.normalize("NFC", address.strip()).rpartition("@")
    try:
        domain = idna.encode(domain, uts46=True).decode("ascii").lower()
    except (idna.IDNAError, UnicodeError):
        domain = domain.casefold()
    key = unicodedata.normalize("NFC", fold(local)) + at + domain
    return hashlib.sha256(f"digest:{key}".encode()).hexdigest()
