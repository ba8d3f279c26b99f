"""Who joined a newsletter and who left it of late is found by an index.

Revision ID: 0026
Revises: 0025
"""

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(
        "ix_subscriptions_newsletter_confirmed_at", "subscriptions", ["newsletter", "confirmed_at", "state"]
    )
    left = sa.text("left_at IS NOT NULL")
    op.create_index(
        "ix_subscriptions_newsletter_left_at",
        "subscriptions",
        ["newsletter", "left_at"],
        sqlite_where=left,
        postgresql_where=left,
    )


def downgrade() -> None:
    for name in ("ix_subscriptions_newsletter_left_at", "ix_subscriptions_newsletter_confirmed_at"):
        op.drop_index(name, "subscriptions")
