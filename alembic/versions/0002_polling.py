"""What is remembered of a source between two polls; articles by source."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def columns() -> list[sa.Column]:
    return [
        sa.Column("polled_url", sa.Text(), server_default="", nullable=False),
        sa.Column("etag", sa.Text(), server_default="", nullable=False),
        sa.Column("last_modified", sa.Text(), server_default="", nullable=False),
        sa.Column("moved_to", sa.Text(), server_default="", nullable=False),
        sa.Column("next_fetch_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_success_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("last_failure_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failing_since", sa.DateTime(timezone=True), nullable=True),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False),
        sa.Column("last_error", sa.Text(), server_default="", nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("items", sa.Integer(), server_default="0", nullable=False),
    ]


def upgrade() -> None:
    for column in columns():
        op.add_column("sources", column)
    op.create_index("ix_articles_source_published", "articles", ["source", "published"])


def downgrade() -> None:
    op.drop_index("ix_articles_source_published", "articles")
    with op.batch_alter_table("sources") as batch:
        for column in columns():
            batch.drop_column(column.name)
