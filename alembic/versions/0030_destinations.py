"""Where the mail for each domain of readers goes.

Revision ID: 0030
Revises: 0029
"""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "destinations",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("destination", sa.Text(), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_destinations")),
    )
    op.create_index("ix_destinations_destination", "destinations", ["destination"])
    op.create_index("ix_destinations_due_at", "destinations", ["due_at"])


def downgrade() -> None:
    op.drop_table("destinations")
