"""uplift: whom a treatment changes, and audiences with a hold-out"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('uplift_readout',
    sa.Column('readout_key', sa.Integer(), sa.Identity(always=True), nullable=False),
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('metric', sa.Text(), nullable=False),
    sa.Column('arm_id', sa.Text(), nullable=False),
    sa.Column('control_id', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('better', sa.Text(), nullable=False),
    sa.Column('learner', sa.Text(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=True),
    sa.Column('days', sa.Integer(), nullable=True),
    sa.Column('lookback_days', sa.Integer(), nullable=True),
    sa.Column('scored_on', sa.Date(), nullable=True),
    sa.Column('watermark', sa.BigInteger(), nullable=False),
    sa.Column('level', sa.Numeric(precision=4, scale=3), nullable=False),
    sa.Column('treated', sa.BigInteger(), nullable=False),
    sa.Column('untreated', sa.BigInteger(), nullable=False),
    sa.Column('judged', sa.BigInteger(), nullable=False),
    sa.Column('scored', sa.BigInteger(), nullable=False),
    sa.Column('value', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('cost', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('currency', sa.Text(), nullable=True),
    sa.Column('margin', sa.Float(), nullable=True),
    sa.Column('usual', sa.Float(), nullable=True),
    sa.Column('effect', sa.Float(), nullable=True),
    sa.Column('effect_low', sa.Float(), nullable=True),
    sa.Column('effect_high', sa.Float(), nullable=True),
    sa.Column('qini', sa.Float(), nullable=True),
    sa.Column('qini_low', sa.Float(), nullable=True),
    sa.Column('qini_high', sa.Float(), nullable=True),
    sa.Column('autoc', sa.Float(), nullable=True),
    sa.Column('autoc_low', sa.Float(), nullable=True),
    sa.Column('autoc_high', sa.Float(), nullable=True),
    sa.Column('auuc', sa.Float(), nullable=True),
    sa.Column('auuc_low', sa.Float(), nullable=True),
    sa.Column('auuc_high', sa.Float(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.CheckConstraint("state IN ('proven', 'open', 'withheld', 'too_little')", name=op.f('ck_uplift_readout_state')),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_uplift_readout_experiment_key_experiment')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_uplift_readout_run_key_run')),
    sa.PrimaryKeyConstraint('readout_key', name=op.f('pk_uplift_readout')),
    sa.UniqueConstraint('run_key', 'experiment_key', 'metric', 'arm_id', name=op.f('uq_uplift_readout_run_key_experiment_key_metric_arm_id')),
    schema='results'
    )
    op.create_table('audience',
    sa.Column('audience_key', sa.Integer(), sa.Identity(always=True), nullable=False),
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('readout_key', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('value', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('cost', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('least', sa.Float(), nullable=False),
    sa.Column('most', sa.BigInteger(), nullable=True),
    sa.Column('holdout', sa.Numeric(precision=4, scale=3), nullable=False),
    sa.Column('seed', sa.Integer(), nullable=False),
    sa.Column('customers', sa.BigInteger(), nullable=False),
    sa.Column('held_out', sa.BigInteger(), nullable=False),
    sa.Column('predicted', sa.Float(), nullable=False),
    sa.Column('days', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.CheckConstraint('holdout > 0 AND holdout < 1', name=op.f('ck_audience_holdout_is_a_part')),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_audience_account_key_account')),
    sa.ForeignKeyConstraint(['readout_key'], ['results.uplift_readout.readout_key'], name=op.f('fk_audience_readout_key_uplift_readout')),
    sa.PrimaryKeyConstraint('audience_key', name=op.f('pk_audience')),
    sa.UniqueConstraint('account_key', 'name', name=op.f('uq_audience_account_key_name')),
    schema='ops'
    )
    op.create_table('uplift_check',
    sa.Column('readout_key', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.CheckConstraint("status IN ('passed', 'warned', 'failed')", name=op.f('ck_uplift_check_status')),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_uplift_check_experiment_key_experiment')),
    sa.ForeignKeyConstraint(['readout_key'], ['results.uplift_readout.readout_key'], name=op.f('fk_uplift_check_readout_key_uplift_readout')),
    sa.PrimaryKeyConstraint('readout_key', 'place', name=op.f('pk_uplift_check')),
    schema='results'
    )
    op.create_table('uplift_curve',
    sa.Column('readout_key', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('share', sa.Float(), nullable=False),
    sa.Column('least', sa.Float(), nullable=False),
    sa.Column('gain', sa.Float(), nullable=False),
    sa.Column('gain_low', sa.Float(), nullable=False),
    sa.Column('gain_high', sa.Float(), nullable=False),
    sa.Column('rest', sa.Float(), nullable=False),
    sa.Column('rest_low', sa.Float(), nullable=False),
    sa.Column('rest_high', sa.Float(), nullable=False),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_uplift_curve_experiment_key_experiment')),
    sa.ForeignKeyConstraint(['readout_key'], ['results.uplift_readout.readout_key'], name=op.f('fk_uplift_curve_readout_key_uplift_readout')),
    sa.PrimaryKeyConstraint('readout_key', 'place', name=op.f('pk_uplift_curve')),
    schema='results'
    )
    op.create_table('uplift_driver',
    sa.Column('readout_key', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('feature', sa.Text(), nullable=False),
    sa.Column('contribution', sa.Float(), nullable=False),
    sa.Column('direction', sa.Float(), nullable=True),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_uplift_driver_experiment_key_experiment')),
    sa.ForeignKeyConstraint(['readout_key'], ['results.uplift_readout.readout_key'], name=op.f('fk_uplift_driver_readout_key_uplift_readout')),
    sa.PrimaryKeyConstraint('readout_key', 'place', name=op.f('pk_uplift_driver')),
    schema='results'
    )
    op.create_table('uplift_kind',
    sa.Column('readout_key', sa.Integer(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('customers', sa.BigInteger(), nullable=False),
    sa.Column('share', sa.Float(), nullable=False),
    sa.Column('predicted', sa.Float(), nullable=False),
    sa.Column('untreated', sa.Float(), nullable=False),
    sa.Column('found', sa.Float(), nullable=True),
    sa.Column('found_low', sa.Float(), nullable=True),
    sa.Column('found_high', sa.Float(), nullable=True),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_uplift_kind_experiment_key_experiment')),
    sa.ForeignKeyConstraint(['readout_key'], ['results.uplift_readout.readout_key'], name=op.f('fk_uplift_kind_readout_key_uplift_readout')),
    sa.PrimaryKeyConstraint('readout_key', 'kind', name=op.f('pk_uplift_kind')),
    schema='results'
    )
    op.create_table('uplift_score',
    sa.Column('readout_key', sa.Integer(), nullable=False),
    sa.Column('identifier_key', sa.BigInteger(), nullable=False),
    sa.Column('customer_key', sa.BigInteger(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('effect', sa.Float(), nullable=False),
    sa.Column('untreated', sa.Float(), nullable=False),
    sa.Column('kind', sa.Text(), nullable=False),
    sa.Column('reasons', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('reason_values', postgresql.ARRAY(sa.Float()), nullable=False),
    sa.Column('reason_effects', postgresql.ARRAY(sa.Float()), nullable=False),
    sa.ForeignKeyConstraint(['readout_key'], ['results.uplift_readout.readout_key'], name=op.f('fk_uplift_score_readout_key_uplift_readout')),
    sa.PrimaryKeyConstraint('readout_key', 'identifier_key', name=op.f('pk_uplift_score')),
    schema='results'
    )
    op.create_index(op.f('ix_uplift_score_customer_key'), 'uplift_score', ['customer_key'], unique=False, schema='results')
    op.create_table('audience_member',
    sa.Column('audience_key', sa.Integer(), nullable=False),
    sa.Column('identifier_key', sa.BigInteger(), nullable=False),
    sa.Column('customer_key', sa.BigInteger(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('effect', sa.Float(), nullable=False),
    sa.Column('is_held_out', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['audience_key'], ['ops.audience.audience_key'], name=op.f('fk_audience_member_audience_key_audience')),
    sa.PrimaryKeyConstraint('audience_key', 'identifier_key', name=op.f('pk_audience_member')),
    schema='ops'
    )
    op.create_index(op.f('ix_audience_member_customer_key'), 'audience_member', ['customer_key'], unique=False, schema='ops')
    op.create_table('audience_verification',
    sa.Column('verification_key', sa.Integer(), sa.Identity(always=True), nullable=False),
    sa.Column('audience_key', sa.Integer(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('verified_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('verified_by', sa.Text(), nullable=False),
    sa.Column('measure', sa.Text(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=True),
    sa.Column('last_day', sa.Date(), nullable=True),
    sa.Column('level', sa.Numeric(precision=4, scale=3), nullable=False),
    sa.Column('treated', sa.BigInteger(), nullable=False),
    sa.Column('held_out', sa.BigInteger(), nullable=False),
    sa.Column('predicted', sa.Float(), nullable=False),
    sa.Column('found', sa.Float(), nullable=False),
    sa.Column('found_low', sa.Float(), nullable=False),
    sa.Column('found_high', sa.Float(), nullable=False),
    sa.Column('slope', sa.Float(), nullable=True),
    sa.Column('slope_low', sa.Float(), nullable=True),
    sa.Column('slope_high', sa.Float(), nullable=True),
    sa.Column('provable', sa.Float(), nullable=False),
    sa.Column('is_kept', sa.Boolean(), nullable=False),
    sa.Column('groups', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['audience_key'], ['ops.audience.audience_key'], name=op.f('fk_audience_verification_audience_key_audience')),
    sa.PrimaryKeyConstraint('verification_key', name=op.f('pk_audience_verification')),
    schema='ops'
    )
    op.create_index(op.f('ix_audience_verification_audience_key'), 'audience_verification', ['audience_key'], unique=False, schema='ops')


def downgrade() -> None:
    op.drop_index(op.f('ix_audience_verification_audience_key'), table_name='audience_verification', schema='ops')
    op.drop_table('audience_verification', schema='ops')
    op.drop_index(op.f('ix_audience_member_customer_key'), table_name='audience_member', schema='ops')
    op.drop_table('audience_member', schema='ops')
    op.drop_index(op.f('ix_uplift_score_customer_key'), table_name='uplift_score', schema='results')
    op.drop_table('uplift_score', schema='results')
    op.drop_table('uplift_kind', schema='results')
    op.drop_table('uplift_driver', schema='results')
    op.drop_table('uplift_curve', schema='results')
    op.drop_table('uplift_check', schema='results')
    op.drop_table('audience', schema='ops')
    op.drop_table('uplift_readout', schema='results')
