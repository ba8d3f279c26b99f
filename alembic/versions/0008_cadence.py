"""For whom of a newsletter's readers an edition is: besides the daily one, a day may have one for weekly readers.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

DAILY = sa.text("'daily'")


def upgrade() -> None:
    with op.batch_alter_table("editions") as batch:
        batch.add_column(sa.Column("cadence", sa.String(length=10), server_default=DAILY, nullable=False))
        batch.drop_constraint(op.f("uq_editions_newsletter_day"), type_="unique")
        batch.create_unique_constraint(op.f("uq_editions_newsletter_day_cadence"), ["newsletter", "day", "cadence"])
    with op.batch_alter_table("slots") as batch:
        batch.add_column(sa.Column("cadence", sa.String(length=10), server_default=DAILY, nullable=False))
        batch.drop_constraint(op.f("pk_slots"), type_="primary")
        batch.create_primary_key(op.f("pk_slots"), ["newsletter", "day", "cadence"])


def downgrade() -> None:
    for table in ("outcomes", "deliveries", "rendered", "stories"):
        op.execute(f"DELETE FROM {table} WHERE edition_id IN (SELECT id FROM editions WHERE cadence <> 'daily')")
    for table in ("editions", "slots"):
        op.execute(f"DELETE FROM {table} WHERE cadence <> 'daily'")
    with op.batch_alter_table("slots") as batch:
        batch.drop_constraint(op.f("pk_slots"), type_="primary")
        batch.drop_column("cadence")
        batch.create_primary_key(op.f("pk_slots"), ["newsletter", "day"])
    with op.batch_alter_table("editions") as batch:
        batch.drop_constraint(op.f("uq_editions_newsletter_day_cadence"), type_="unique")
        batch.drop_column("cadence")
        batch.create_unique_constraint(op.f("uq_editions_newsletter_day"), ["newsletter", "day"])
