"""Which words each article of a day had; and the latest change of an article without looking at all of them.

The days are counted anew from the stored articles by the next `digest import`, `digest fetch` or round of the daemon.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("DELETE FROM word_days")
    op.add_column("word_days", sa.Column("texts", sa.LargeBinary(), nullable=False))
    op.create_index(op.f("ix_articles_updated_at"), "articles", ["updated_at"])


def downgrade() -> None:
    op.drop_index(op.f("ix_articles_updated_at"), "articles")
    op.drop_column("word_days", "texts")
