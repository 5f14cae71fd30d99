"""journeys"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


TOUCH_KIND = postgresql.ENUM(
    "impression", "click", "visit", "email_open", "email_click", name="touch_kind", schema="core", create_type=False
)
CONVERSION_KIND = postgresql.ENUM(
    "order", "lead", "deal", "offline", "signup", name="conversion_kind", schema="core", create_type=False
)


def upgrade() -> None:
    op.create_table('journey',
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('customer_key', sa.BigInteger(), nullable=False),
    sa.Column('kind', CONVERSION_KIND, nullable=False),
    sa.Column('ending', sa.BigInteger(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('touches', sa.Integer(), nullable=False),
    sa.Column('path', sa.Text(collation='C'), nullable=False),
    sa.Column('value', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('margin', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('currency', sa.Text(), nullable=True),
    sa.Column('is_new_customer', sa.Boolean(), nullable=True),
    sa.PrimaryKeyConstraint('customer_key', 'ending', 'kind', 'advertiser_key', name=op.f('pk_journey')),
    schema='core',
    postgresql_partition_by='LIST (advertiser_key)'
    )
    op.create_index(op.f('ix_journey_date'), 'journey', ['date'], unique=False, schema='core')
    op.create_table('journey_build',
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('lookback_days', sa.Integer(), nullable=False),
    sa.Column('touches', postgresql.ARRAY(TOUCH_KIND), nullable=False),
    sa.Column('goals', postgresql.ARRAY(CONVERSION_KIND), nullable=False),
    sa.Column('built_at', sa.DateTime(timezone=True), nullable=False),
    sa.CheckConstraint('lookback_days BETWEEN 1 AND 365', name=op.f('ck_journey_build_lookback_days')),
    sa.ForeignKeyConstraint(['advertiser_key'], ['core.advertiser.advertiser_key'], name=op.f('fk_journey_build_advertiser_key_advertiser')),
    sa.PrimaryKeyConstraint('advertiser_key', name=op.f('pk_journey_build')),
    schema='core'
    )
    op.create_table('journey_step',
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('step', sa.Text(collation='C'), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['advertiser_key'], ['core.advertiser.advertiser_key'], name=op.f('fk_journey_step_advertiser_key_advertiser')),
    sa.PrimaryKeyConstraint('advertiser_key', 'step', name=op.f('pk_journey_step')),
    sa.UniqueConstraint('advertiser_key', 'channel', name=op.f('uq_journey_step_advertiser_key_channel')),
    schema='core'
    )


def downgrade() -> None:
    op.drop_table('journey_step', schema='core')
    op.drop_table('journey_build', schema='core')
    op.drop_index(op.f('ix_journey_date'), table_name='journey', schema='core')
    op.drop_table('journey', schema='core')
