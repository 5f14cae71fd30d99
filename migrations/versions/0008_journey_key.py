"""key of journeys: what an advertiser's journeys have alike comes before what differs"""

from __future__ import annotations

from alembic import op

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_constraint('pk_journey', 'journey', schema='core', type_='primary')
    op.create_primary_key(
        'pk_journey', 'journey', ['customer_key', 'advertiser_key', 'kind', 'ending'], schema='core'
    )


def downgrade() -> None:
    op.drop_constraint('pk_journey', 'journey', schema='core', type_='primary')
    op.create_primary_key(
        'pk_journey', 'journey', ['customer_key', 'ending', 'kind', 'advertiser_key'], schema='core'
    )
