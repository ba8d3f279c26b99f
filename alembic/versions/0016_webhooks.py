"""What happened to subscriptions and is still to be told to the publisher's own programs.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

NUMBER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "notices",
        sa.Column("id", NUMBER, nullable=False),
        sa.Column("uid", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("data", sa.JSON(), nullable=False),
        sa.Column("spread", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
    )
    op.create_index("ix_notices_subscriber_id", "notices", ["subscriber_id"])
    op.create_table(
        "calls",
        sa.Column("notice_id", NUMBER, nullable=False),
        sa.Column("hook", sa.String(length=16), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_calls_notice_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("notice_id", "hook", name=op.f("pk_calls")),
    )
    op.create_index("ix_calls_due_at", "calls", ["due_at"])


def downgrade() -> None:
    op.drop_table("calls")
    op.drop_table("notices")
