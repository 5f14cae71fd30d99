"""which test next"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None

CONVERSION_KIND = postgresql.ENUM(name="conversion_kind", schema="core", create_type=False)


def upgrade() -> None:
    op.create_table('next_test',
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('attribution_run_key', sa.Integer(), nullable=False),
    sa.Column('goal', CONVERSION_KIND, nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('rests_on', sa.Text(), nullable=False),
    sa.Column('conversions', sa.Float(), nullable=False),
    sa.Column('low', sa.Float(), nullable=False),
    sa.Column('high', sa.Float(), nullable=False),
    sa.Column('level', sa.Numeric(precision=4, scale=3), nullable=False),
    sa.Column('break_even', sa.Float(), nullable=False),
    sa.Column('spend', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('chance_wrong', sa.Float(), nullable=False),
    sa.Column('weeks', sa.Integer(), nullable=False),
    sa.Column('share', sa.Float(), nullable=False),
    sa.Column('precision', sa.Float(), nullable=False),
    sa.Column('information', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('test_cost', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('horizon_weeks', sa.Integer(), nullable=False),
    sa.Column('last_tested', sa.Date(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['advertiser_key'], ['core.advertiser.advertiser_key'], name=op.f('fk_next_test_advertiser_key_advertiser')),
    sa.ForeignKeyConstraint(['attribution_run_key'], ['results.run.run_key'], name=op.f('fk_next_test_attribution_run_key_run')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_next_test_run_key_run')),
    sa.PrimaryKeyConstraint('run_key', 'place', name=op.f('pk_next_test')),
    schema='results'
    )


def downgrade() -> None:
    op.drop_table('next_test', schema='results')
