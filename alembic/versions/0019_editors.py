"""Who may sit at the desk that `digest serve` has.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

from digest.store.schema import Moment

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "editors",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("password", sa.Text(), nullable=False),
        sa.Column("changed_at", Moment(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_editors")),
    )


def downgrade() -> None:
    op.drop_table("editors")
