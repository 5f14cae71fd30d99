"""experiments: what metrics are told of, capped at and adjusted for; clusters, strata, exposed units; novelty"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


STATISTIC = postgresql.ENUM("mean", "share", "quantile", name="statistic", schema="core", create_type=False)
COUNTED = postgresql.ENUM("assigned", "exposed", name="counted", schema="core", create_type=False)

LOG_ASSIGNMENTS = """
CREATE OR REPLACE FUNCTION core.log_assignments() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO core.assignment_change (experiment_key, unit_key, arm_key, existed)
        SELECT n.experiment_key, n.unit_key, n.arm_key, false FROM fresh n
        JOIN core.moment_build b ON b.experiment_key = n.experiment_key;
    ELSE
        INSERT INTO core.assignment_change (experiment_key, unit_key, arm_key, at{further}, existed)
        SELECT o.experiment_key, o.unit_key, o.arm_key, o.at{further_of_o}, true FROM gone o
        JOIN core.moment_build b ON b.experiment_key = o.experiment_key;
    END IF;
    RETURN NULL;
END $$
"""
# Nothing of an exposure ever changes but that it comes and goes.
LOG_EXPOSURES = """
CREATE FUNCTION core.log_exposures() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO core.exposure_change (experiment_key, unit_key, arm_key, at, existed)
        SELECT n.experiment_key, n.unit_key, n.arm_key, n.at, false FROM fresh n
        JOIN core.moment_build b ON b.experiment_key = n.experiment_key AND b.counts = 'exposed';
    ELSE
        INSERT INTO core.exposure_change (experiment_key, unit_key, arm_key, at, existed)
        SELECT o.experiment_key, o.unit_key, o.arm_key, o.at, true FROM gone o
        JOIN core.moment_build b ON b.experiment_key = o.experiment_key AND b.counts = 'exposed';
    END IF;
    RETURN NULL;
END $$
"""
LOGGED = (("INSERT", "NEW TABLE AS fresh"), ("DELETE", "OLD TABLE AS gone"))

# What moments are of that were kept before: every metric, then every metric before.
TOTALS = """
UPDATE core.moment_build b SET totals = (
    SELECT coalesce(jsonb_agg(jsonb_build_array(t.metric, t.part, NULL, NULL) ORDER BY t.part DESC, t.place), '[]')
    FROM (SELECT m.metric, p.part, m.place
          FROM unnest(b.metrics) WITH ORDINALITY m (metric, place)
          CROSS JOIN unnest(ARRAY['value', 'before']) p (part)) t)
"""


def upgrade() -> None:
    STATISTIC.create(op.get_bind())
    COUNTED.create(op.get_bind())
    op.add_column('experiment', sa.Column('counts', COUNTED, server_default='assigned', nullable=False), schema='core')
    op.add_column('experiment', sa.Column('strata', sa.Text(), nullable=True), schema='core')
    op.add_column('experiment', sa.Column('cluster', sa.Text(), nullable=True), schema='core')
    op.add_column('experiment_metric', sa.Column('outcome', sa.Text(), nullable=True), schema='core')
    op.add_column('experiment_metric', sa.Column('statistic', STATISTIC, server_default='mean', nullable=False), schema='core')
    op.add_column('experiment_metric', sa.Column('quantile', sa.Numeric(precision=9, scale=6), nullable=True), schema='core')
    op.add_column('experiment_metric', sa.Column('cap', sa.Numeric(precision=18, scale=6), nullable=True), schema='core')
    op.add_column('experiment_metric', sa.Column('winsorise', sa.Numeric(precision=9, scale=6), nullable=True), schema='core')
    op.add_column('experiment_metric', sa.Column('covariates', postgresql.ARRAY(sa.Text()), nullable=True), schema='core')
    op.create_check_constraint(op.f('ck_experiment_metric_quantile'), 'experiment_metric', "(statistic = 'quantile') = (quantile IS NOT NULL)", schema='core')
    op.create_check_constraint(op.f('ck_experiment_metric_one_cap'), 'experiment_metric', "cap IS NULL OR winsorise IS NULL", schema='core')
    op.add_column('assignment', sa.Column('stratum', sa.Text(), nullable=True), schema='core')
    op.add_column('assignment', sa.Column('cluster_digest', sa.Uuid(), nullable=True), schema='core')
    op.add_column('assignment_change', sa.Column('stratum', sa.Text(), nullable=True), schema='core')
    op.add_column('assignment_change', sa.Column('cluster_digest', sa.Uuid(), nullable=True), schema='core')
    op.add_column('moment', sa.Column('stratum', sa.Text(), server_default='', nullable=False), schema='core')
    op.drop_constraint(op.f('pk_moment'), 'moment', schema='core')
    op.create_primary_key(op.f('pk_moment'), 'moment', ['experiment_key', 'arm_key', 'cut', 'stratum', 'date'], schema='core')
    op.add_column('moment_build', sa.Column('totals', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False), schema='core')
    op.execute(TOTALS)
    op.alter_column('moment_build', 'totals', server_default=None, schema='core')
    op.add_column('moment_build', sa.Column('counts', COUNTED, server_default='assigned', nullable=False), schema='core')
    op.add_column('moment_build', sa.Column('clusters', sa.Boolean(), server_default='false', nullable=False), schema='core')
    op.add_column('moment_build', sa.Column('strata', sa.Boolean(), server_default='false', nullable=False), schema='core')
    op.add_column('moment_build', sa.Column('units', sa.BigInteger(), server_default='0', nullable=False), schema='core')
    op.create_table('exposure_change',
    sa.Column('change_key', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('unit_key', sa.BigInteger(), nullable=False),
    sa.Column('arm_key', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('existed', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('change_key', name=op.f('pk_exposure_change')),
    schema='core'
    )
    op.create_index(op.f('ix_exposure_change_experiment_key'), 'exposure_change', ['experiment_key'], unique=False, schema='core')
    op.create_table('half_moment',
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('metric', sa.Text(), nullable=False),
    sa.Column('arm_key', sa.Integer(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('units', sa.BigInteger(), nullable=False),
    sa.Column('early', sa.Float(), nullable=False),
    sa.Column('late', sa.Float(), nullable=False),
    sa.Column('early_squares', sa.Float(), nullable=False),
    sa.Column('products', sa.Float(), nullable=False),
    sa.Column('late_squares', sa.Float(), nullable=False),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_half_moment_experiment_key_experiment')),
    sa.PrimaryKeyConstraint('experiment_key', 'metric', 'arm_key', name=op.f('pk_half_moment')),
    schema='core'
    )
    op.create_table('experiment_novelty',
    sa.Column('run_key', sa.Integer(), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('metric', sa.Text(), nullable=False),
    sa.Column('arm_id', sa.Text(), nullable=False),
    sa.Column('as_of', sa.Date(), nullable=False),
    sa.Column('units', sa.BigInteger(), nullable=False),
    sa.Column('early', sa.Float(), nullable=False),
    sa.Column('early_low', sa.Float(), nullable=False),
    sa.Column('early_high', sa.Float(), nullable=False),
    sa.Column('late', sa.Float(), nullable=False),
    sa.Column('late_low', sa.Float(), nullable=False),
    sa.Column('late_high', sa.Float(), nullable=False),
    sa.Column('change', sa.Float(), nullable=False),
    sa.Column('change_low', sa.Float(), nullable=False),
    sa.Column('change_high', sa.Float(), nullable=False),
    sa.Column('p_value', sa.Float(), nullable=False),
    sa.Column('words', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_experiment_novelty_experiment_key_experiment')),
    sa.ForeignKeyConstraint(['run_key'], ['results.run.run_key'], name=op.f('fk_experiment_novelty_run_key_run')),
    sa.PrimaryKeyConstraint('run_key', 'experiment_key', 'metric', 'arm_id', name=op.f('pk_experiment_novelty')),
    schema='results'
    )
    op.execute(LOG_ASSIGNMENTS.format(further=', stratum, cluster_digest', further_of_o=', o.stratum, o.cluster_digest'))
    op.execute(LOG_EXPOSURES)
    for event, rows in LOGGED:
        op.execute(f"CREATE TRIGGER log_exposures_{event.lower()} AFTER {event} ON core.exposure "
                   f"REFERENCING {rows} FOR EACH STATEMENT EXECUTE FUNCTION core.log_exposures()")


def downgrade() -> None:
    for event, _ in LOGGED:
        op.execute(f"DROP TRIGGER log_exposures_{event.lower()} ON core.exposure")
    op.execute("DROP FUNCTION core.log_exposures()")
    op.execute(LOG_ASSIGNMENTS.format(further='', further_of_o=''))
    op.drop_table('experiment_novelty', schema='results')
    op.drop_table('half_moment', schema='core')
    op.drop_index(op.f('ix_exposure_change_experiment_key'), table_name='exposure_change', schema='core')
    op.drop_table('exposure_change', schema='core')
    # Moments by stratum, of clusters or of capped totals mean nothing without these columns: they are added up anew.
    op.execute("DELETE FROM core.moment")
    op.execute("DELETE FROM core.moment_build")
    op.drop_column('moment_build', 'units', schema='core')
    op.drop_column('moment_build', 'strata', schema='core')
    op.drop_column('moment_build', 'clusters', schema='core')
    op.drop_column('moment_build', 'counts', schema='core')
    op.drop_column('moment_build', 'totals', schema='core')
    op.drop_constraint(op.f('pk_moment'), 'moment', schema='core')
    op.create_primary_key(op.f('pk_moment'), 'moment', ['experiment_key', 'arm_key', 'cut', 'date'], schema='core')
    op.drop_column('moment', 'stratum', schema='core')
    op.drop_column('assignment_change', 'cluster_digest', schema='core')
    op.drop_column('assignment_change', 'stratum', schema='core')
    op.drop_column('assignment', 'cluster_digest', schema='core')
    op.drop_column('assignment', 'stratum', schema='core')
    op.drop_constraint(op.f('ck_experiment_metric_one_cap'), 'experiment_metric', schema='core')
    op.drop_constraint(op.f('ck_experiment_metric_quantile'), 'experiment_metric', schema='core')
    op.drop_column('experiment_metric', 'covariates', schema='core')
    op.drop_column('experiment_metric', 'winsorise', schema='core')
    op.drop_column('experiment_metric', 'cap', schema='core')
    op.drop_column('experiment_metric', 'quantile', schema='core')
    op.drop_column('experiment_metric', 'statistic', schema='core')
    op.drop_column('experiment_metric', 'outcome', schema='core')
    op.drop_column('experiment', 'cluster', schema='core')
    op.drop_column('experiment', 'strata', schema='core')
    op.drop_column('experiment', 'counts', schema='core')
    COUNTED.drop(op.get_bind())
    STATISTIC.drop(op.get_bind())
