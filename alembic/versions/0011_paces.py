"""How fast mail may go, in all and to each domain; deliveries that wait for the pace of their domain stand aside.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

QUEUED = sa.text("state = 'queued'")
IN_LINE = sa.text("state = 'queued' AND aside = ''")
ASIDE = sa.text("state = 'queued' AND aside <> ''")
DUE = "ix_deliveries_due_at"


def upgrade() -> None:
    op.create_table(
        "paces",
        sa.Column("domain", sa.Text(), nullable=False),
        sa.Column("turns", sa.Float(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("rate", sa.Float(), nullable=True),
        sa.Column("ceiling", sa.Float(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("shut_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("domain", name=op.f("pk_paces")),
    )
    op.add_column("deliveries", sa.Column("aside", sa.Text(), server_default=sa.text("''"), nullable=False))
    op.drop_index(DUE, table_name="deliveries")
    op.create_index(
        DUE, "deliveries", ["due_at", "subscriber_id"], sqlite_where=IN_LINE, postgresql_where=IN_LINE
    )
    op.create_index(
        op.f("ix_deliveries_aside"),
        "deliveries",
        ["aside", "due_at", "subscriber_id"],
        sqlite_where=ASIDE,
        postgresql_where=ASIDE,
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_deliveries_aside"), table_name="deliveries")
    op.drop_index(DUE, table_name="deliveries")
    op.drop_column("deliveries", "aside")
    op.create_index(DUE, "deliveries", ["due_at", "subscriber_id"], sqlite_where=QUEUED, postgresql_where=QUEUED)
    op.drop_table("paces")
