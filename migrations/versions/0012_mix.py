"""mix: what each channel brought"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None

CONVERSION_KIND = postgresql.ENUM(name="conversion_kind", schema="core", create_type=False)


def upgrade() -> None:
    op.create_table('mix_fit',
    sa.Column('fit_key', sa.Integer(), sa.Identity(always=True), nullable=False),
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('outcome', sa.Text(), nullable=False),
    sa.Column('goal', CONVERSION_KIND, nullable=False),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('first_period', sa.Date(), nullable=False),
    sa.Column('last_period', sa.Date(), nullable=False),
    sa.Column('periods', sa.Integer(), nullable=False),
    sa.Column('period_days', sa.Integer(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('watermark', sa.BigInteger(), nullable=False),
    sa.Column('level', sa.Numeric(precision=4, scale=3), nullable=False),
    sa.Column('draws', sa.Integer(), nullable=False),
    sa.Column('seed', sa.BigInteger(), nullable=False),
    sa.Column('outcome_total', sa.Float(), nullable=False),
    sa.Column('baseline', sa.Float(), nullable=False),
    sa.Column('baseline_low', sa.Float(), nullable=False),
    sa.Column('baseline_high', sa.Float(), nullable=False),
    sa.Column('baseline_share', sa.Float(), nullable=False),
    sa.Column('baseline_share_low', sa.Float(), nullable=False),
    sa.Column('baseline_share_high', sa.Float(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.CheckConstraint("outcome IN ('revenue', 'margin', 'conversions', 'new_customers')", name=op.f('ck_mix_fit_outcome')),
    sa.CheckConstraint("status IN ('green', 'amber', 'red')", name=op.f('ck_mix_fit_status')),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_mix_fit_account_key_account')),
    sa.ForeignKeyConstraint(['advertiser_key'], ['core.advertiser.advertiser_key'], name=op.f('fk_mix_fit_advertiser_key_advertiser')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_mix_fit_run_key_run')),
    sa.PrimaryKeyConstraint('fit_key', name=op.f('pk_mix_fit')),
    sa.UniqueConstraint('run_key', 'outcome', 'goal', name=op.f('uq_mix_fit_run_key_outcome_goal')),
    schema='results'
    )
    op.create_table('mix_channel',
    sa.Column('fit_key', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('organic', sa.Boolean(), nullable=False),
    sa.Column('spend', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('contribution', sa.Float(), nullable=False),
    sa.Column('contribution_low', sa.Float(), nullable=False),
    sa.Column('contribution_high', sa.Float(), nullable=False),
    sa.Column('share', sa.Float(), nullable=False),
    sa.Column('share_low', sa.Float(), nullable=False),
    sa.Column('share_high', sa.Float(), nullable=False),
    sa.Column('roi', sa.Float(), nullable=True),
    sa.Column('roi_low', sa.Float(), nullable=True),
    sa.Column('roi_high', sa.Float(), nullable=True),
    sa.Column('marginal_roi', sa.Float(), nullable=True),
    sa.Column('marginal_roi_low', sa.Float(), nullable=True),
    sa.Column('marginal_roi_high', sa.Float(), nullable=True),
    sa.Column('prior_roi', sa.Float(), nullable=True),
    sa.Column('prior_roi_low', sa.Float(), nullable=True),
    sa.Column('prior_roi_high', sa.Float(), nullable=True),
    sa.Column('half_life', sa.Float(), nullable=False),
    sa.Column('half_life_low', sa.Float(), nullable=False),
    sa.Column('half_life_high', sa.Float(), nullable=False),
    sa.Column('carried', sa.Float(), nullable=False),
    sa.Column('carried_low', sa.Float(), nullable=False),
    sa.Column('carried_high', sa.Float(), nullable=False),
    sa.Column('learnt', sa.Float(), nullable=False),
    sa.Column('current', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('trusted', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('tests', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['fit_key'], ['results.mix_fit.fit_key'], name=op.f('fk_mix_channel_fit_key_mix_fit')),
    sa.PrimaryKeyConstraint('fit_key', 'place', name=op.f('pk_mix_channel')),
    sa.UniqueConstraint('fit_key', 'channel', name=op.f('uq_mix_channel_fit_key_channel')),
    schema='results'
    )
    op.create_table('mix_curve',
    sa.Column('fit_key', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('spend', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('estimate', sa.Float(), nullable=False),
    sa.Column('low', sa.Float(), nullable=False),
    sa.Column('high', sa.Float(), nullable=False),
    sa.ForeignKeyConstraint(['fit_key'], ['results.mix_fit.fit_key'], name=op.f('fk_mix_curve_fit_key_mix_fit')),
    sa.PrimaryKeyConstraint('fit_key', 'channel', 'place', name=op.f('pk_mix_curve')),
    schema='results'
    )
    op.create_table('mix_draws',
    sa.Column('fit_key', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('part', sa.Integer(), nullable=False),
    sa.Column('adstock', sa.Text(), nullable=False),
    sa.Column('saturation', sa.Text(), nullable=False),
    sa.Column('first_draw', sa.Integer(), nullable=False),
    sa.Column('beta', postgresql.ARRAY(sa.Float()), nullable=False),
    sa.Column('shape_1', postgresql.ARRAY(sa.Float()), nullable=False),
    sa.Column('shape_2', postgresql.ARRAY(sa.Float()), nullable=True),
    sa.Column('weights', postgresql.ARRAY(sa.Float()), nullable=False),
    sa.ForeignKeyConstraint(['fit_key'], ['results.mix_fit.fit_key'], name=op.f('fk_mix_draws_fit_key_mix_fit')),
    sa.PrimaryKeyConstraint('fit_key', 'channel', 'part', name=op.f('pk_mix_draws')),
    schema='results'
    )
    op.create_table('mix_finding',
    sa.Column('fit_key', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('help', sa.Text(), nullable=False),
    sa.Column('value', sa.Float(), nullable=True),
    sa.CheckConstraint("status IN ('green', 'amber', 'red')", name=op.f('ck_mix_finding_status')),
    sa.ForeignKeyConstraint(['fit_key'], ['results.mix_fit.fit_key'], name=op.f('fk_mix_finding_fit_key_mix_fit')),
    sa.PrimaryKeyConstraint('fit_key', 'place', name=op.f('pk_mix_finding')),
    schema='results'
    )
    op.create_table('mix_lift',
    sa.Column('fit_key', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('experiment', sa.Text(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('metric', sa.Text(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('first_period', sa.Date(), nullable=True),
    sa.Column('last_period', sa.Date(), nullable=True),
    sa.Column('lift', sa.Float(), nullable=True),
    sa.Column('se', sa.Float(), nullable=True),
    sa.Column('before', sa.Float(), nullable=True),
    sa.Column('before_low', sa.Float(), nullable=True),
    sa.Column('before_high', sa.Float(), nullable=True),
    sa.Column('after', sa.Float(), nullable=True),
    sa.Column('after_low', sa.Float(), nullable=True),
    sa.Column('after_high', sa.Float(), nullable=True),
    sa.Column('surprise', sa.Float(), nullable=True),
    sa.Column('reason', sa.Text(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['fit_key'], ['results.mix_fit.fit_key'], name=op.f('fk_mix_lift_fit_key_mix_fit')),
    sa.PrimaryKeyConstraint('fit_key', 'place', name=op.f('pk_mix_lift')),
    schema='results'
    )
    op.create_table('mix_move',
    sa.Column('fit_key', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('before_fit_key', sa.Integer(), nullable=False),
    sa.Column('first_period', sa.Date(), nullable=False),
    sa.Column('last_period', sa.Date(), nullable=False),
    sa.Column('before', sa.Float(), nullable=False),
    sa.Column('before_low', sa.Float(), nullable=True),
    sa.Column('before_high', sa.Float(), nullable=True),
    sa.Column('after', sa.Float(), nullable=False),
    sa.Column('after_low', sa.Float(), nullable=False),
    sa.Column('after_high', sa.Float(), nullable=False),
    sa.Column('moved', sa.Float(), nullable=False),
    sa.Column('surprise', sa.Float(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['before_fit_key'], ['results.mix_fit.fit_key'], name=op.f('fk_mix_move_before_fit_key_mix_fit')),
    sa.ForeignKeyConstraint(['fit_key'], ['results.mix_fit.fit_key'], name=op.f('fk_mix_move_fit_key_mix_fit')),
    sa.PrimaryKeyConstraint('fit_key', 'channel', name=op.f('pk_mix_move')),
    schema='results'
    )
    op.create_table('mix_series',
    sa.Column('fit_key', sa.Integer(), nullable=False),
    sa.Column('part', sa.Text(), nullable=False),
    sa.Column('period', sa.Date(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('estimate', sa.Float(), nullable=False),
    sa.Column('low', sa.Float(), nullable=False),
    sa.Column('high', sa.Float(), nullable=False),
    sa.Column('spend', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('exposure', sa.Float(), nullable=True),
    sa.CheckConstraint("kind IN ('channel', 'baseline', 'unexplained')", name=op.f('ck_mix_series_kind')),
    sa.ForeignKeyConstraint(['fit_key'], ['results.mix_fit.fit_key'], name=op.f('fk_mix_series_fit_key_mix_fit')),
    sa.PrimaryKeyConstraint('fit_key', 'part', 'period', name=op.f('pk_mix_series')),
    schema='results'
    )


def downgrade() -> None:
    op.drop_table('mix_series', schema='results')
    op.drop_table('mix_move', schema='results')
    op.drop_table('mix_lift', schema='results')
    op.drop_table('mix_finding', schema='results')
    op.drop_table('mix_draws', schema='results')
    op.drop_table('mix_curve', schema='results')
    op.drop_table('mix_channel', schema='results')
    op.drop_table('mix_fit', schema='results')
