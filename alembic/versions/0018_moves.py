"""Readers on their way to another address.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "moves",
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("newsletter", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=6), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.Column("nonce", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("kind in ('ask','tell')", name=op.f("ck_moves_kind")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_moves_subscriber_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["newsletter"], ["newsletters.name"], name=op.f("fk_moves_newsletter")),
        sa.PrimaryKeyConstraint("subscriber_id", name=op.f("pk_moves")),
    )
    op.create_index("ix_moves_due_at", "moves", ["due_at"])


def downgrade() -> None:
    op.drop_table("moves")
