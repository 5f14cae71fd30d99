"""budget: what runs propose, scenarios that people save, and what came of them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('allocation',
    sa.Column('allocation_key', sa.Integer(), sa.Identity(always=True), nullable=False),
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('fit_key', sa.Integer(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('level', sa.Numeric(precision=4, scale=3), nullable=False),
    sa.Column('budget', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('spent', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('gap', sa.Float(), nullable=False),
    sa.Column('outcome', sa.Float(), nullable=False),
    sa.Column('outcome_low', sa.Float(), nullable=False),
    sa.Column('outcome_high', sa.Float(), nullable=False),
    sa.Column('gain', sa.Float(), nullable=False),
    sa.Column('gain_low', sa.Float(), nullable=False),
    sa.Column('gain_high', sa.Float(), nullable=False),
    sa.Column('beats_today', sa.Float(), nullable=False),
    sa.Column('regret', sa.Float(), nullable=False),
    sa.Column('price', sa.Float(), nullable=False),
    sa.Column('price_low', sa.Float(), nullable=False),
    sa.Column('price_high', sa.Float(), nullable=False),
    sa.Column('efficiency_today', sa.Float(), nullable=True),
    sa.Column('efficiency', sa.Float(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.CheckConstraint("state IN ('proposed', 'withheld')", name=op.f('ck_allocation_state')),
    sa.ForeignKeyConstraint(['advertiser_key'], ['core.advertiser.advertiser_key'], name=op.f('fk_allocation_advertiser_key_advertiser')),
    sa.ForeignKeyConstraint(['fit_key'], ['results.mix_fit.fit_key'], name=op.f('fk_allocation_fit_key_mix_fit')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_allocation_run_key_run')),
    sa.PrimaryKeyConstraint('allocation_key', name=op.f('pk_allocation')),
    schema='results'
    )
    op.create_index(op.f('ix_allocation_run_key'), 'allocation', ['run_key'], unique=False, schema='results')
    op.create_table('allocation_budget',
    sa.Column('allocation_key', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('budget', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('outcome', sa.Float(), nullable=False),
    sa.Column('outcome_low', sa.Float(), nullable=False),
    sa.Column('outcome_high', sa.Float(), nullable=False),
    sa.Column('price', sa.Float(), nullable=False),
    sa.ForeignKeyConstraint(['allocation_key'], ['results.allocation.allocation_key'], name=op.f('fk_allocation_budget_allocation_key_allocation')),
    sa.PrimaryKeyConstraint('allocation_key', 'place', name=op.f('pk_allocation_budget')),
    schema='results'
    )
    op.create_table('allocation_line',
    sa.Column('allocation_key', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('current', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('proposed', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('least', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('most', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('outcome', sa.Float(), nullable=False),
    sa.Column('outcome_low', sa.Float(), nullable=False),
    sa.Column('outcome_high', sa.Float(), nullable=False),
    sa.Column('gain', sa.Float(), nullable=False),
    sa.Column('gain_low', sa.Float(), nullable=False),
    sa.Column('gain_high', sa.Float(), nullable=False),
    sa.Column('marginal', sa.Float(), nullable=False),
    sa.Column('marginal_low', sa.Float(), nullable=False),
    sa.Column('marginal_high', sa.Float(), nullable=False),
    sa.Column('knowing', sa.Float(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['allocation_key'], ['results.allocation.allocation_key'], name=op.f('fk_allocation_line_allocation_key_allocation')),
    sa.PrimaryKeyConstraint('allocation_key', 'place', name=op.f('pk_allocation_line')),
    schema='results'
    )
    op.create_table('scenario',
    sa.Column('scenario_key', sa.Integer(), sa.Identity(always=True), nullable=False),
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('fit_key', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('state', sa.Text(), nullable=False),
    sa.Column('goal', sa.Text(), nullable=False),
    sa.Column('amount', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('rules', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('caution', sa.Float(), nullable=False),
    sa.Column('first_week', sa.Date(), nullable=False),
    sa.Column('weeks', sa.Integer(), nullable=False),
    sa.Column('level', sa.Numeric(precision=4, scale=3), nullable=False),
    sa.Column('budget', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('spent', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('gap', sa.Float(), nullable=False),
    sa.Column('outcome', sa.Float(), nullable=False),
    sa.Column('outcome_low', sa.Float(), nullable=False),
    sa.Column('outcome_high', sa.Float(), nullable=False),
    sa.Column('gain', sa.Float(), nullable=False),
    sa.Column('gain_low', sa.Float(), nullable=False),
    sa.Column('gain_high', sa.Float(), nullable=False),
    sa.Column('beats_today', sa.Float(), nullable=False),
    sa.Column('regret', sa.Float(), nullable=False),
    sa.Column('price', sa.Float(), nullable=False),
    sa.Column('price_low', sa.Float(), nullable=False),
    sa.Column('price_high', sa.Float(), nullable=False),
    sa.Column('efficiency_today', sa.Float(), nullable=True),
    sa.Column('efficiency', sa.Float(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('created_by', sa.Text(), nullable=False),
    sa.Column('approved_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('approved_by', sa.Text(), nullable=True),
    sa.Column('archived_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint("goal IN ('budget', 'extra', 'target', 'value')", name=op.f('ck_scenario_goal')),
    sa.CheckConstraint("state IN ('draft', 'approved', 'archived')", name=op.f('ck_scenario_state')),
    sa.CheckConstraint('weeks >= 1', name=op.f('ck_scenario_weeks')),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_scenario_account_key_account')),
    sa.ForeignKeyConstraint(['advertiser_key'], ['core.advertiser.advertiser_key'], name=op.f('fk_scenario_advertiser_key_advertiser')),
    sa.ForeignKeyConstraint(['fit_key'], ['results.mix_fit.fit_key'], name=op.f('fk_scenario_fit_key_mix_fit')),
    sa.PrimaryKeyConstraint('scenario_key', name=op.f('pk_scenario')),
    sa.UniqueConstraint('account_key', 'name', name=op.f('uq_scenario_account_key_name')),
    schema='ops'
    )
    op.create_table('scenario_binding',
    sa.Column('scenario_key', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('rule', sa.Text(), nullable=False),
    sa.Column('price', sa.Float(), nullable=False),
    sa.ForeignKeyConstraint(['scenario_key'], ['ops.scenario.scenario_key'], name=op.f('fk_scenario_binding_scenario_key_scenario')),
    sa.PrimaryKeyConstraint('scenario_key', 'place', name=op.f('pk_scenario_binding')),
    schema='ops'
    )
    op.create_table('scenario_line',
    sa.Column('scenario_key', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('current', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('proposed', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('least', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('most', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('outcome', sa.Float(), nullable=False),
    sa.Column('outcome_low', sa.Float(), nullable=False),
    sa.Column('outcome_high', sa.Float(), nullable=False),
    sa.Column('gain', sa.Float(), nullable=False),
    sa.Column('gain_low', sa.Float(), nullable=False),
    sa.Column('gain_high', sa.Float(), nullable=False),
    sa.Column('marginal', sa.Float(), nullable=False),
    sa.Column('marginal_low', sa.Float(), nullable=False),
    sa.Column('marginal_high', sa.Float(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['scenario_key'], ['ops.scenario.scenario_key'], name=op.f('fk_scenario_line_scenario_key_scenario')),
    sa.PrimaryKeyConstraint('scenario_key', 'place', name=op.f('pk_scenario_line')),
    schema='ops'
    )
    op.create_table('scenario_score',
    sa.Column('score_key', sa.Integer(), sa.Identity(always=True), nullable=False),
    sa.Column('scenario_key', sa.Integer(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('fit_key', sa.Integer(), nullable=False),
    sa.Column('scored_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('scored_by', sa.Text(), nullable=False),
    sa.Column('planned', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('spent', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('total', sa.Float(), nullable=False),
    sa.Column('predicted', sa.Float(), nullable=False),
    sa.Column('predicted_low', sa.Float(), nullable=False),
    sa.Column('predicted_high', sa.Float(), nullable=False),
    sa.Column('found', sa.Float(), nullable=False),
    sa.Column('found_low', sa.Float(), nullable=False),
    sa.Column('found_high', sa.Float(), nullable=False),
    sa.Column('predicted_gain', sa.Float(), nullable=False),
    sa.Column('predicted_gain_low', sa.Float(), nullable=False),
    sa.Column('predicted_gain_high', sa.Float(), nullable=False),
    sa.Column('found_gain', sa.Float(), nullable=False),
    sa.Column('found_gain_low', sa.Float(), nullable=False),
    sa.Column('found_gain_high', sa.Float(), nullable=False),
    sa.Column('efficiency', sa.Float(), nullable=True),
    sa.Column('is_kept', sa.Boolean(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['fit_key'], ['results.mix_fit.fit_key'], name=op.f('fk_scenario_score_fit_key_mix_fit')),
    sa.ForeignKeyConstraint(['scenario_key'], ['ops.scenario.scenario_key'], name=op.f('fk_scenario_score_scenario_key_scenario')),
    sa.PrimaryKeyConstraint('score_key', name=op.f('pk_scenario_score')),
    schema='ops'
    )
    op.create_index(op.f('ix_scenario_score_scenario_key'), 'scenario_score', ['scenario_key'], unique=False, schema='ops')
    op.create_table('scenario_score_line',
    sa.Column('score_key', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('planned', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('spent', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('predicted', sa.Float(), nullable=False),
    sa.Column('predicted_low', sa.Float(), nullable=False),
    sa.Column('predicted_high', sa.Float(), nullable=False),
    sa.Column('found', sa.Float(), nullable=False),
    sa.Column('found_low', sa.Float(), nullable=False),
    sa.Column('found_high', sa.Float(), nullable=False),
    sa.Column('is_kept', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['score_key'], ['ops.scenario_score.score_key'], name=op.f('fk_scenario_score_line_score_key_scenario_score')),
    sa.PrimaryKeyConstraint('score_key', 'place', name=op.f('pk_scenario_score_line')),
    schema='ops'
    )
    op.create_table('scenario_week',
    sa.Column('scenario_key', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('week', sa.Date(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('spend', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('outcome', sa.Float(), nullable=False),
    sa.Column('outcome_low', sa.Float(), nullable=False),
    sa.Column('outcome_high', sa.Float(), nullable=False),
    sa.ForeignKeyConstraint(['scenario_key'], ['ops.scenario.scenario_key'], name=op.f('fk_scenario_week_scenario_key_scenario')),
    sa.PrimaryKeyConstraint('scenario_key', 'channel', 'week', name=op.f('pk_scenario_week')),
    schema='ops'
    )


def downgrade() -> None:
    op.drop_table('scenario_week', schema='ops')
    op.drop_table('scenario_score_line', schema='ops')
    op.drop_index(op.f('ix_scenario_score_scenario_key'), table_name='scenario_score', schema='ops')
    op.drop_table('scenario_score', schema='ops')
    op.drop_table('scenario_line', schema='ops')
    op.drop_table('scenario_binding', schema='ops')
    op.drop_table('scenario', schema='ops')
    op.drop_table('allocation_line', schema='results')
    op.drop_table('allocation_budget', schema='results')
    op.drop_index(op.f('ix_allocation_run_key'), table_name='allocation', schema='results')
    op.drop_table('allocation', schema='results')
