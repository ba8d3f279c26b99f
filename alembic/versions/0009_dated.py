"""When a delivery was first due: its Date, where readers get it at an hour of their own.  And since when a database is
a copy of another, which sends nothing until it is released.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("dated_at", sa.DateTime(timezone=True)))
    op.create_table(
        "copies",
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("released_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("made_at", name=op.f("pk_copies")),
    )


def downgrade() -> None:
    op.drop_table("copies")
    op.drop_column("deliveries", "dated_at")
