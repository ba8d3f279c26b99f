"""For which wave of a newsletter's readers an edition is, where it is built anew for each.

Revision ID: 0029
Revises: 0028
"""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def wave() -> "sa.Column[int]":
    return sa.Column("wave", sa.Integer(), server_default=sa.text("'0'"), nullable=False)


def upgrade() -> None:
    with op.batch_alter_table("editions") as batch:
        batch.add_column(wave())
        batch.add_column(sa.Column("of_wave", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.drop_constraint(op.f("uq_editions_newsletter_day_cadence"), type_="unique")
        batch.create_unique_constraint(
            op.f("uq_editions_newsletter_day_cadence_wave"), ["newsletter", "day", "cadence", "wave"]
        )
    with op.batch_alter_table("slots") as batch:
        batch.add_column(wave())
        batch.drop_constraint(op.f("pk_slots"), type_="primary")
        batch.create_primary_key(op.f("pk_slots"), ["newsletter", "day", "cadence", "wave"])


def downgrade() -> None:
    for table in ("outcomes", "deliveries", "rendered", "stories"):
        op.execute(f"DELETE FROM {table} WHERE edition_id IN (SELECT id FROM editions WHERE wave <> 0)")
    for table in ("editions", "slots"):
        op.execute(f"DELETE FROM {table} WHERE wave <> 0")
    with op.batch_alter_table("slots") as batch:
        batch.drop_constraint(op.f("pk_slots"), type_="primary")
        batch.drop_column("wave")
        batch.create_primary_key(op.f("pk_slots"), ["newsletter", "day", "cadence"])
    with op.batch_alter_table("editions") as batch:
        batch.drop_constraint(op.f("uq_editions_newsletter_day_cadence_wave"), type_="unique")
        batch.drop_column("of_wave")
        batch.drop_column("wave")
        batch.create_unique_constraint(op.f("uq_editions_newsletter_day_cadence"), ["newsletter", "day", "cadence"])
