"""Over which of several relays a copy was offered.

Revision ID: 0027
Revises: 0026
"""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("deliveries", "outcomes"):
        op.add_column(table, sa.Column("relay", sa.String(length=20), nullable=False, server_default=""))


def downgrade() -> None:
    for table in ("outcomes", "deliveries"):
        op.drop_column(table, "relay")
