"""By what an article is known when it comes again: the key of its page, its text, its further addresses.

`key` stays NULL here.  `digest database upgrade` fills it after the migration, and `digest import` where that was
stopped, by the rules of the program that runs it (`digest.intake.identity`): so nothing here depends on them.  Where
the rules change, a migration of that day empties the column again.  Text marks are not filled for what is stored
already: they only matter for what comes in within days.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("articles", sa.Column("key", sa.Text(), nullable=True))
    op.add_column("articles", sa.Column("text_hash", sa.BigInteger(), nullable=True))
    op.add_column("articles", sa.Column("sketch", sa.LargeBinary(), nullable=True))
    op.create_index("ix_articles_key", "articles", ["key"])
    op.create_index("ix_articles_text_hash", "articles", ["text_hash"])
    op.create_table(
        "aliases",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("article", sa.Text(), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["article"], ["articles.url"], name=op.f("fk_aliases_article"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_aliases")),
    )
    op.create_index("ix_aliases_key", "aliases", ["key"])
    op.create_index("ix_aliases_article", "aliases", ["article"])


def downgrade() -> None:
    op.drop_table("aliases")
    op.drop_index("ix_articles_text_hash", "articles")
    op.drop_index("ix_articles_key", "articles")
    with op.batch_alter_table("articles") as batch:
        for name in ("sketch", "text_hash", "key"):
            batch.drop_column(name)
