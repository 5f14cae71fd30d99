"""attribution"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


CONVERSION_KIND = postgresql.ENUM(
    "order", "lead", "deal", "offline", "signup", name="conversion_kind", schema="core", create_type=False
)


def upgrade() -> None:
    op.create_table('attribution',
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('goal', CONVERSION_KIND, nullable=False),
    sa.Column('model', sa.Text(), nullable=False),
    sa.Column('grain', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('item_key', sa.Integer(), nullable=True),
    sa.Column('item', sa.Text(), nullable=True),
    sa.Column('conversions', sa.Float(), nullable=False),
    sa.Column('low', sa.Float(), nullable=False),
    sa.Column('high', sa.Float(), nullable=False),
    sa.Column('value', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('value_low', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('value_high', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('removal_effect', sa.Float(), nullable=True),
    sa.CheckConstraint("grain IN ('channel', 'campaign', 'ad_group', 'ad', 'creative', 'device', 'region', 'customer')", name=op.f('ck_attribution_grain')),
    sa.ForeignKeyConstraint(['advertiser_key'], ['core.advertiser.advertiser_key'], name=op.f('fk_attribution_advertiser_key_advertiser')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_attribution_run_key_run')),
    sa.PrimaryKeyConstraint('run_key', 'place', name=op.f('pk_attribution')),
    schema='results'
    )
    op.create_table('attribution_agreement',
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('goal', CONVERSION_KIND, nullable=False),
    sa.Column('model', sa.Text(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('other', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=True),
    sa.Column('distance', sa.Float(), nullable=True),
    sa.Column('rank_correlation', sa.Float(), nullable=True),
    sa.Column('credited', sa.Float(), nullable=True),
    sa.Column('lift', sa.Float(), nullable=True),
    sa.Column('se', sa.Float(), nullable=True),
    sa.Column('errors', sa.Float(), nullable=True),
    sa.CheckConstraint("kind IN ('model', 'experiment', 'sampling', 'lookback', 'consent')", name=op.f('ck_attribution_agreement_kind')),
    sa.ForeignKeyConstraint(['advertiser_key'], ['core.advertiser.advertiser_key'], name=op.f('fk_attribution_agreement_advertiser_key_advertiser')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_attribution_agreement_run_key_run')),
    sa.PrimaryKeyConstraint('run_key', 'place', name=op.f('pk_attribution_agreement')),
    schema='results'
    )
    op.create_table('attribution_day',
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('goal', CONVERSION_KIND, nullable=False),
    sa.Column('model', sa.Text(), nullable=False),
    sa.Column('dated', sa.Text(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('conversions', sa.Float(), nullable=False),
    sa.Column('value', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.CheckConstraint("dated IN ('conversion', 'touch')", name=op.f('ck_attribution_day_dated')),
    sa.ForeignKeyConstraint(['advertiser_key'], ['core.advertiser.advertiser_key'], name=op.f('fk_attribution_day_advertiser_key_advertiser')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_attribution_day_run_key_run')),
    sa.PrimaryKeyConstraint('run_key', 'goal', 'model', 'dated', 'date', 'channel', name=op.f('pk_attribution_day')),
    schema='results'
    )
    op.create_table('attribution_input',
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('goal', CONVERSION_KIND, nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('paths', sa.LargeBinary(), nullable=False),
    sa.Column('touches', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['advertiser_key'], ['core.advertiser.advertiser_key'], name=op.f('fk_attribution_input_advertiser_key_advertiser')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_attribution_input_run_key_run')),
    sa.PrimaryKeyConstraint('run_key', 'goal', name=op.f('pk_attribution_input')),
    schema='results'
    )
    op.create_table('attribution_path',
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('goal', CONVERSION_KIND, nullable=False),
    sa.Column('rank', sa.Integer(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('channels', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('conversions', sa.BigInteger(), nullable=False),
    sa.Column('new_customers', sa.BigInteger(), nullable=False),
    sa.Column('value', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('null_paths', sa.BigInteger(), nullable=False),
    sa.Column('credit', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.ForeignKeyConstraint(['advertiser_key'], ['core.advertiser.advertiser_key'], name=op.f('fk_attribution_path_advertiser_key_advertiser')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_attribution_path_run_key_run')),
    sa.PrimaryKeyConstraint('run_key', 'goal', 'rank', name=op.f('pk_attribution_path')),
    schema='results'
    )
    op.create_table('attribution_result',
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('goal', CONVERSION_KIND, nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('lookback_days', sa.Integer(), nullable=False),
    sa.Column('built_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('level', sa.Numeric(precision=4, scale=3), nullable=False),
    sa.Column('markov_order', sa.Integer(), nullable=False),
    sa.Column('conversions', sa.BigInteger(), nullable=False),
    sa.Column('untouched', sa.BigInteger(), nullable=False),
    sa.Column('null_paths', sa.BigInteger(), nullable=False),
    sa.Column('capped', sa.BigInteger(), nullable=False),
    sa.Column('value', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('total', sa.Float(), nullable=True),
    sa.Column('total_low', sa.Float(), nullable=True),
    sa.Column('total_high', sa.Float(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['advertiser_key'], ['core.advertiser.advertiser_key'], name=op.f('fk_attribution_result_advertiser_key_advertiser')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_attribution_result_run_key_run')),
    sa.PrimaryKeyConstraint('run_key', 'goal', name=op.f('pk_attribution_result')),
    schema='results'
    )
    op.create_index(op.f('ix_attribution_result_advertiser_key'), 'attribution_result', ['advertiser_key'], unique=False, schema='results')


def downgrade() -> None:
    op.drop_index(op.f('ix_attribution_result_advertiser_key'), table_name='attribution_result', schema='results')
    op.drop_table('attribution_result', schema='results')
    op.drop_table('attribution_path', schema='results')
    op.drop_table('attribution_input', schema='results')
    op.drop_table('attribution_day', schema='results')
    op.drop_table('attribution_agreement', schema='results')
    op.drop_table('attribution', schema='results')
