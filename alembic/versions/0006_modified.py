"""When an article was last changed, where it says so."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("articles", sa.Column("modified", sa.DateTime(timezone=True)))


def downgrade() -> None:
    op.drop_column("articles", "modified")
