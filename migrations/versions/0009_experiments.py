"""experiments: moments that are kept up to date, and what runs find"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


INFERENCE = postgresql.ENUM(
    "sequential", "fixed", "group_sequential", name="inference", schema="core", create_type=False
)

# What stood there before, of experiments that have moments; whoever writes.
LOG_OUTCOMES = """
CREATE FUNCTION core.log_outcomes() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO core.outcome_change (experiment_key, unit_key, metric, date, existed)
        SELECT n.experiment_key, n.unit_key, n.metric, n.date, false FROM fresh n
        JOIN core.moment_build b ON b.experiment_key = n.experiment_key;
    ELSE
        INSERT INTO core.outcome_change (experiment_key, unit_key, metric, date, value, pre_value, existed)
        SELECT o.experiment_key, o.unit_key, o.metric, o.date, o.value, o.pre_value, true FROM gone o
        JOIN core.moment_build b ON b.experiment_key = o.experiment_key;
    END IF;
    RETURN NULL;
END $$
"""
LOG_ASSIGNMENTS = """
CREATE FUNCTION core.log_assignments() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO core.assignment_change (experiment_key, unit_key, arm_key, existed)
        SELECT n.experiment_key, n.unit_key, n.arm_key, false FROM fresh n
        JOIN core.moment_build b ON b.experiment_key = n.experiment_key;
    ELSE
        INSERT INTO core.assignment_change (experiment_key, unit_key, arm_key, at, existed)
        SELECT o.experiment_key, o.unit_key, o.arm_key, o.at, true FROM gone o
        JOIN core.moment_build b ON b.experiment_key = o.experiment_key;
    END IF;
    RETURN NULL;
END $$
"""
LOGGED = (("unit_outcome", "log_outcomes"), ("assignment", "log_assignments"))


def upgrade() -> None:
    INFERENCE.create(op.get_bind())
    op.add_column('experiment', sa.Column('inference', INFERENCE, server_default='sequential', nullable=False), schema='core')
    op.add_column('experiment', sa.Column('layer', sa.Text(), nullable=True), schema='core')
    op.add_column('experiment_metric', sa.Column('denominator', sa.Text(), nullable=True), schema='core')
    op.create_table('assignment_change',
    sa.Column('change_key', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('unit_key', sa.BigInteger(), nullable=False),
    sa.Column('arm_key', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('existed', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('change_key', name=op.f('pk_assignment_change')),
    schema='core'
    )
    op.create_index(op.f('ix_assignment_change_experiment_key'), 'assignment_change', ['experiment_key'], unique=False, schema='core')
    op.create_table('outcome_change',
    sa.Column('change_key', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('unit_key', sa.BigInteger(), nullable=False),
    sa.Column('metric', sa.Text(), nullable=False),
    sa.Column('date', sa.Date(), nullable=True),
    sa.Column('value', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('pre_value', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('existed', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('change_key', name=op.f('pk_outcome_change')),
    schema='core'
    )
    op.create_index(op.f('ix_outcome_change_experiment_key'), 'outcome_change', ['experiment_key'], unique=False, schema='core')
    op.create_table('moment',
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('arm_key', sa.Integer(), nullable=False),
    sa.Column('cut', sa.Text(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('units', sa.BigInteger(), nullable=False),
    sa.Column('known', postgresql.ARRAY(sa.BigInteger()), nullable=False),
    sa.Column('sums', postgresql.ARRAY(sa.Float()), nullable=False),
    sa.Column('products', postgresql.ARRAY(sa.Float()), nullable=False),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_moment_experiment_key_experiment')),
    sa.PrimaryKeyConstraint('experiment_key', 'arm_key', 'cut', 'date', name=op.f('pk_moment')),
    schema='core'
    )
    op.create_table('moment_build',
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.Column('metrics', postgresql.ARRAY(sa.Text()), nullable=False),
    sa.Column('centers', postgresql.ARRAY(sa.Float()), nullable=False),
    sa.Column('built_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_moment_build_experiment_key_experiment')),
    sa.PrimaryKeyConstraint('experiment_key', name=op.f('pk_moment_build')),
    schema='core'
    )
    op.create_table('experiment_day',
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('metric', sa.Text(), nullable=False),
    sa.Column('arm_id', sa.Text(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('units', sa.BigInteger(), nullable=False),
    sa.Column('difference', sa.Float(), nullable=False),
    sa.Column('low', sa.Float(), nullable=False),
    sa.Column('high', sa.Float(), nullable=False),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_experiment_day_experiment_key_experiment')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_experiment_day_run_key_run')),
    sa.PrimaryKeyConstraint('run_key', 'experiment_key', 'metric', 'arm_id', 'date', name=op.f('pk_experiment_day')),
    schema='results'
    )
    op.create_table('experiment_effect',
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('metric', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('arm_id', sa.Text(), nullable=False),
    sa.Column('control_id', sa.Text(), nullable=False),
    sa.Column('cut', sa.Text(), nullable=False),
    sa.Column('units', sa.BigInteger(), nullable=False),
    sa.Column('control_units', sa.BigInteger(), nullable=False),
    sa.Column('mean', sa.Float(), nullable=False),
    sa.Column('control_mean', sa.Float(), nullable=False),
    sa.Column('difference', sa.Float(), nullable=False),
    sa.Column('low', sa.Float(), nullable=False),
    sa.Column('high', sa.Float(), nullable=False),
    sa.Column('relative', sa.Float(), nullable=True),
    sa.Column('relative_low', sa.Float(), nullable=True),
    sa.Column('relative_high', sa.Float(), nullable=True),
    sa.Column('p_value', sa.Float(), nullable=True),
    sa.Column('adjusted_p', sa.Float(), nullable=True),
    sa.Column('chance_to_beat', sa.Float(), nullable=True),
    sa.Column('expected_loss', sa.Float(), nullable=True),
    sa.Column('method', sa.Text(), nullable=False),
    sa.Column('verdict', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_experiment_effect_experiment_key_experiment')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_experiment_effect_run_key_run')),
    sa.PrimaryKeyConstraint('run_key', 'experiment_key', 'place', name=op.f('pk_experiment_effect')),
    schema='results'
    )
    op.create_table('experiment_guard',
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=False),
    sa.Column('p_value', sa.Float(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.CheckConstraint("status IN ('passed', 'warned', 'failed')", name=op.f('ck_experiment_guard_status')),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_experiment_guard_experiment_key_experiment')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_experiment_guard_run_key_run')),
    sa.PrimaryKeyConstraint('run_key', 'experiment_key', 'place', name=op.f('pk_experiment_guard')),
    schema='results'
    )
    op.create_table('experiment_readout',
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=True),
    sa.Column('last_day', sa.Date(), nullable=True),
    sa.Column('units', sa.BigInteger(), nullable=False),
    sa.Column('looks', sa.BigInteger(), nullable=False),
    sa.Column('level', sa.Numeric(precision=4, scale=3), nullable=False),
    sa.Column('inference', sa.Text(), nullable=False),
    sa.Column('withheld', sa.Boolean(), nullable=False),
    sa.Column('health', sa.Text(), nullable=False),
    sa.Column('verdict', sa.Text(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_experiment_readout_experiment_key_experiment')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_experiment_readout_run_key_run')),
    sa.PrimaryKeyConstraint('run_key', 'experiment_key', name=op.f('pk_experiment_readout')),
    schema='results'
    )
    op.create_table('lift',
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('metric', sa.Text(), nullable=False),
    sa.Column('role', sa.Text(), nullable=False),
    sa.Column('method', sa.Text(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('att', sa.Float(), nullable=False),
    sa.Column('att_low', sa.Float(), nullable=True),
    sa.Column('att_high', sa.Float(), nullable=True),
    sa.Column('incremental', sa.Float(), nullable=False),
    sa.Column('low', sa.Float(), nullable=True),
    sa.Column('high', sa.Float(), nullable=True),
    sa.Column('level', sa.Numeric(precision=4, scale=3), nullable=False),
    sa.Column('relative', sa.Float(), nullable=True),
    sa.Column('se', sa.Float(), nullable=True),
    sa.Column('p_value', sa.Float(), nullable=True),
    sa.Column('spend', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('currency', sa.Text(), nullable=True),
    sa.Column('weights', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.Column('identifies', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_lift_experiment_key_experiment')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_lift_run_key_run')),
    sa.PrimaryKeyConstraint('run_key', 'experiment_key', 'metric', name=op.f('pk_lift')),
    schema='results'
    )
    op.create_table('lift_day',
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('metric', sa.Text(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('actual', sa.Float(), nullable=False),
    sa.Column('counterfactual', sa.Float(), nullable=False),
    sa.Column('low', sa.Float(), nullable=True),
    sa.Column('high', sa.Float(), nullable=True),
    sa.Column('is_test', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_lift_day_experiment_key_experiment')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_lift_day_run_key_run')),
    sa.PrimaryKeyConstraint('run_key', 'experiment_key', 'metric', 'date', name=op.f('pk_lift_day')),
    schema='results'
    )
    op.create_table('lift_evidence',
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('campaign_id', sa.Text(), nullable=True),
    sa.Column('metric', sa.Text(), nullable=False),
    sa.Column('first_day', sa.Date(), nullable=False),
    sa.Column('last_day', sa.Date(), nullable=False),
    sa.Column('share', sa.Float(), nullable=False),
    sa.Column('is_dark', sa.Boolean(), nullable=False),
    sa.Column('against', sa.Text(), nullable=False),
    sa.Column('lift', sa.Float(), nullable=False),
    sa.Column('se', sa.Float(), nullable=False),
    sa.Column('low', sa.Float(), nullable=False),
    sa.Column('high', sa.Float(), nullable=False),
    sa.Column('level', sa.Numeric(precision=4, scale=3), nullable=False),
    sa.Column('method', sa.Text(), nullable=False),
    sa.Column('identifies', sa.Text(), nullable=False),
    sa.CheckConstraint("against IN ('no_ads', 'usual_ads')", name=op.f('ck_lift_evidence_against')),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_lift_evidence_experiment_key_experiment')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_lift_evidence_run_key_run')),
    sa.PrimaryKeyConstraint('run_key', 'place', name=op.f('pk_lift_evidence')),
    schema='results'
    )

    op.execute(LOG_OUTCOMES)
    op.execute(LOG_ASSIGNMENTS)
    for table, function in LOGGED:
        for event, rows in (("INSERT", "NEW TABLE AS fresh"), ("UPDATE", "OLD TABLE AS gone"), ("DELETE", "OLD TABLE AS gone")):
            op.execute(f"CREATE TRIGGER {function}_{event.lower()} AFTER {event} ON core.{table} "
                       f"REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION core.{function}()")


def downgrade() -> None:
    for table, function in LOGGED:
        for event in ("insert", "update", "delete"):
            op.execute(f"DROP TRIGGER {function}_{event} ON core.{table}")
        op.execute(f"DROP FUNCTION core.{function}()")
    op.drop_table('lift_evidence', schema='results')
    op.drop_table('lift_day', schema='results')
    op.drop_table('lift', schema='results')
    op.drop_table('experiment_readout', schema='results')
    op.drop_table('experiment_guard', schema='results')
    op.drop_table('experiment_effect', schema='results')
    op.drop_table('experiment_day', schema='results')
    op.drop_table('moment_build', schema='core')
    op.drop_table('moment', schema='core')
    op.drop_index(op.f('ix_outcome_change_experiment_key'), table_name='outcome_change', schema='core')
    op.drop_table('outcome_change', schema='core')
    op.drop_index(op.f('ix_assignment_change_experiment_key'), table_name='assignment_change', schema='core')
    op.drop_table('assignment_change', schema='core')
    op.drop_column('experiment_metric', 'denominator', schema='core')
    op.drop_column('experiment', 'layer', schema='core')
    op.drop_column('experiment', 'inference', schema='core')
    INFERENCE.drop(op.get_bind())
