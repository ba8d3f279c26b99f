"""The hash of what copies are stamped from, taken when it is approved: what changed since then is not sent.

Rows from before have none, as nobody knows whether they are still what was approved.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("rendered", sa.Column("skeleton_hash", sa.String(length=64)))


def downgrade() -> None:
    op.drop_column("rendered", "skeleton_hash")
