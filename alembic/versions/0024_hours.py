"""The hour of delivery that a reader chose.

Revision ID: 0024
Revises: 0023
"""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("subscriptions", sa.Column("hour", sa.String(length=5), server_default=sa.text("''"), nullable=False))


def downgrade() -> None:
    op.drop_column("subscriptions", "hour")
