"""Articles whose pages are still to be read."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "teasers",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("tries", sa.Integer(), server_default="0", nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["url"], ["articles.url"], name=op.f("fk_teasers_url"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_teasers")),
    )
    op.create_index("ix_teasers_source", "teasers", ["source"])


def downgrade() -> None:
    op.drop_table("teasers")
