"""What is left of the deliveries of editions that are old enough: sums.

Revision ID: 0025
Revises: 0024
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "thinned",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("variant", sa.String(length=80), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("in_doubt", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name=op.f("fk_thinned_edition_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("edition_id", "variant", "state", name=op.f("pk_thinned")),
    )
    op.add_column("editions", sa.Column("thinned_at", sa.DateTime(timezone=True)))
    op.add_column("editions", sa.Column("left_after", sa.Integer()))


def downgrade() -> None:
    op.drop_column("editions", "left_after")
    op.drop_column("editions", "thinned_at")
    op.drop_table("thinned")
