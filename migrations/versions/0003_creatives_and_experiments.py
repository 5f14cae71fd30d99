"""creatives and experiments"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


EXPERIMENT_KIND = postgresql.ENUM(
    "ab", "geo", "holdout", "go_dark", "switchback", name="experiment_kind", schema="core", create_type=False
)
UNIT_KIND = postgresql.ENUM("user", "session", "geo", "time_slot", name="unit_kind", schema="core", create_type=False)
EXPERIMENT_STATUS = postgresql.ENUM(
    "draft", "running", "stopped", "decided", name="experiment_status", schema="core", create_type=False
)
METRIC_ROLE = postgresql.ENUM(
    "primary", "secondary", "guardrail", name="metric_role", schema="core", create_type=False
)
KINDS = (EXPERIMENT_KIND, UNIT_KIND, EXPERIMENT_STATUS, METRIC_ROLE)

# What is stored of a unit goes with it, in one statement whoever deletes.
FORGET_UNITS = """
CREATE FUNCTION core.forget_units() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
BEGIN
    DELETE FROM core.assignment t USING gone g WHERE t.experiment_key = g.experiment_key AND t.unit_key = g.unit_key;
    DELETE FROM core.exposure t USING gone g WHERE t.experiment_key = g.experiment_key AND t.unit_key = g.unit_key;
    DELETE FROM core.unit_outcome t USING gone g WHERE t.experiment_key = g.experiment_key AND t.unit_key = g.unit_key;
    RETURN NULL;
END $$
"""
DELETED_UNITS = """
CREATE TRIGGER forget_units AFTER DELETE ON core.experiment_unit
REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION core.forget_units()
"""


def upgrade() -> None:
    for kind in KINDS:
        kind.create(op.get_bind())
    op.create_table('experiment',
    sa.Column('experiment_key', sa.Integer(), sa.Identity(always=True), nullable=False),
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('experiment_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('hypothesis', sa.Text(), nullable=True),
    sa.Column('owner', sa.Text(), nullable=True),
    sa.Column('kind', EXPERIMENT_KIND, nullable=False),
    sa.Column('unit', UNIT_KIND, nullable=False),
    sa.Column('status', EXPERIMENT_STATUS, nullable=False),
    sa.Column('starts_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stops_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('exposure_rule', sa.Text(), nullable=True),
    sa.Column('planned_units', sa.BigInteger(), nullable=True),
    sa.Column('decision', sa.Text(), nullable=True),
    sa.Column('channels', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('campaigns', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False),
    sa.Column('is_registered', sa.Boolean(), nullable=False),
    sa.Column('load_key', sa.Integer(), nullable=False),
    sa.CheckConstraint('stops_at > starts_at', name=op.f('ck_experiment_stops_after_start')),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_experiment_account_key_account')),
    sa.PrimaryKeyConstraint('experiment_key', name=op.f('pk_experiment')),
    sa.UniqueConstraint('account_key', 'experiment_id', name=op.f('uq_experiment_account_key_experiment_id')),
    schema='core'
    )
    op.create_table('image',
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('digest', sa.Text(), nullable=False),
    sa.Column('media_type', sa.Text(), nullable=False),
    sa.Column('bytes', sa.Integer(), nullable=False),
    sa.Column('width', sa.Integer(), nullable=False),
    sa.Column('height', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_image_account_key_account')),
    sa.PrimaryKeyConstraint('account_key', 'digest', name=op.f('pk_image')),
    schema='core'
    )
    op.create_table('experiment_arm',
    sa.Column('arm_key', sa.Integer(), sa.Identity(always=True), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('arm_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('share', sa.Numeric(precision=9, scale=6), nullable=True),
    sa.Column('is_control', sa.Boolean(), nullable=False),
    sa.CheckConstraint('share > 0 AND share <= 1', name=op.f('ck_experiment_arm_share_is_a_part')),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_experiment_arm_experiment_key_experiment')),
    sa.PrimaryKeyConstraint('arm_key', name=op.f('pk_experiment_arm')),
    sa.UniqueConstraint('experiment_key', 'arm_id', name=op.f('uq_experiment_arm_experiment_key_arm_id')),
    schema='core'
    )
    op.create_table('experiment_metric',
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('metric', sa.Text(), nullable=False),
    sa.Column('role', METRIC_ROLE, nullable=False),
    sa.Column('better', sa.Text(), server_default='higher', nullable=False),
    sa.Column('margin', sa.Numeric(precision=9, scale=6), nullable=True),
    sa.CheckConstraint("better IN ('higher', 'lower')", name=op.f('ck_experiment_metric_better')),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_experiment_metric_experiment_key_experiment')),
    sa.PrimaryKeyConstraint('experiment_key', 'metric', name=op.f('pk_experiment_metric')),
    schema='core'
    )
    op.create_table('experiment_unit',
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('unit_key', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('digest', sa.Uuid(), nullable=False),
    sa.Column('name', sa.Text(), nullable=True),
    sa.Column('identifier_key', sa.BigInteger(), nullable=True),
    sa.Column('customer_key', sa.BigInteger(), nullable=True),
    sa.ForeignKeyConstraint(['experiment_key'], ['core.experiment.experiment_key'], name=op.f('fk_experiment_unit_experiment_key_experiment')),
    sa.PrimaryKeyConstraint('experiment_key', 'unit_key', name=op.f('pk_experiment_unit')),
    sa.UniqueConstraint('experiment_key', 'digest', name=op.f('uq_experiment_unit_experiment_key_digest')),
    schema='core'
    )
    op.create_index(op.f('ix_experiment_unit_customer_key'), 'experiment_unit', ['customer_key'], unique=False, schema='core')
    op.create_table('ad_creative',
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('ad_id', sa.Text(), nullable=False),
    sa.Column('creative_key', sa.Integer(), nullable=False),
    sa.Column('load_key', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_ad_creative_account_key_account')),
    sa.ForeignKeyConstraint(['creative_key'], ['core.creative.creative_key'], name=op.f('fk_ad_creative_creative_key_creative')),
    sa.PrimaryKeyConstraint('account_key', 'ad_id', name=op.f('pk_ad_creative')),
    schema='core'
    )
    op.create_index(op.f('ix_ad_creative_creative_key'), 'ad_creative', ['creative_key'], unique=False, schema='core')
    op.create_table('assignment',
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('unit_key', sa.BigInteger(), nullable=False),
    sa.Column('arm_key', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('until', sa.DateTime(timezone=True), nullable=True),
    sa.Column('load_key', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('experiment_key', 'unit_key', 'arm_key', name=op.f('pk_assignment')),
    schema='core'
    )
    op.create_table('exposure',
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('unit_key', sa.BigInteger(), nullable=False),
    sa.Column('arm_key', sa.Integer(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('load_key', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('experiment_key', 'unit_key', 'arm_key', 'at', name=op.f('pk_exposure')),
    schema='core'
    )
    op.create_table('unit_outcome',
    sa.Column('outcome_key', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('experiment_key', sa.Integer(), nullable=False),
    sa.Column('unit_key', sa.BigInteger(), nullable=False),
    sa.Column('metric', sa.Text(), nullable=False),
    sa.Column('date', sa.Date(), nullable=True),
    sa.Column('value', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('pre_value', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('is_treated', sa.Boolean(), nullable=True),
    sa.Column('load_key', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('outcome_key', name=op.f('pk_unit_outcome')),
    sa.UniqueConstraint('experiment_key', 'unit_key', 'metric', 'date', name=op.f('uq_unit_outcome_experiment_key_unit_key_metric_date'), postgresql_nulls_not_distinct=True),
    schema='core'
    )
    op.drop_constraint(op.f('fk_ad_account_key_creative_id_creative'), 'ad', schema='core', type_='foreignkey')
    op.drop_column('ad', 'creative_id', schema='core')
    op.add_column('creative', sa.Column('name', sa.Text(), nullable=True), schema='core')
    op.add_column('creative', sa.Column('image_digest', sa.Text(), nullable=True), schema='core')
    op.add_column('creative', sa.Column('landing_page', sa.Text(), nullable=True), schema='core')
    op.add_column('creative', sa.Column('language', sa.Text(), nullable=True), schema='core')
    op.add_column('creative', sa.Column('duration_seconds', sa.Numeric(precision=12, scale=3), nullable=True), schema='core')
    op.add_column('creative', sa.Column('width', sa.Integer(), nullable=True), schema='core')
    op.add_column('creative', sa.Column('height', sa.Integer(), nullable=True), schema='core')
    op.add_column('creative', sa.Column('first_day', sa.Date(), nullable=True), schema='core')
    op.add_column('creative', sa.Column('last_day', sa.Date(), nullable=True), schema='core')
    op.add_column('creative', sa.Column('tags', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False), schema='core')
    op.add_column('creative', sa.Column('assets', postgresql.JSONB(astext_type=sa.Text()), server_default='[]', nullable=False), schema='core')
    op.add_column('creative', sa.Column('metadata', postgresql.JSONB(astext_type=sa.Text()), server_default='{}', nullable=False), schema='core')
    op.add_column('creative', sa.Column('load_key', sa.Integer(), nullable=True), schema='core')
    op.add_column('creative', sa.Column('updated_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False), schema='core')
    op.create_foreign_key(op.f('fk_creative_account_key_image_digest_image'), 'creative', 'image', ['account_key', 'image_digest'], ['account_key', 'digest'], source_schema='core', referent_schema='core')
    op.execute(FORGET_UNITS)
    op.execute(DELETED_UNITS)


def downgrade() -> None:
    op.drop_constraint(op.f('fk_creative_account_key_image_digest_image'), 'creative', schema='core', type_='foreignkey')
    op.drop_column('creative', 'updated_at', schema='core')
    op.drop_column('creative', 'load_key', schema='core')
    op.drop_column('creative', 'metadata', schema='core')
    op.drop_column('creative', 'assets', schema='core')
    op.drop_column('creative', 'tags', schema='core')
    op.drop_column('creative', 'last_day', schema='core')
    op.drop_column('creative', 'first_day', schema='core')
    op.drop_column('creative', 'height', schema='core')
    op.drop_column('creative', 'width', schema='core')
    op.drop_column('creative', 'duration_seconds', schema='core')
    op.drop_column('creative', 'language', schema='core')
    op.drop_column('creative', 'landing_page', schema='core')
    op.drop_column('creative', 'image_digest', schema='core')
    op.drop_column('creative', 'name', schema='core')
    op.add_column('ad', sa.Column('creative_id', sa.TEXT(), nullable=True), schema='core')
    op.create_foreign_key(op.f('fk_ad_account_key_creative_id_creative'), 'ad', 'creative', ['account_key', 'creative_id'], ['account_key', 'creative_id'], source_schema='core', referent_schema='core')
    op.drop_table('unit_outcome', schema='core')
    op.drop_table('exposure', schema='core')
    op.drop_table('assignment', schema='core')
    op.drop_index(op.f('ix_ad_creative_creative_key'), table_name='ad_creative', schema='core')
    op.drop_table('ad_creative', schema='core')
    op.drop_index(op.f('ix_experiment_unit_customer_key'), table_name='experiment_unit', schema='core')
    op.drop_table('experiment_unit', schema='core')
    op.execute("DROP FUNCTION core.forget_units()")
    op.drop_table('experiment_metric', schema='core')
    op.drop_table('experiment_arm', schema='core')
    op.drop_table('image', schema='core')
    op.drop_table('experiment', schema='core')
    for kind in KINDS:
        kind.drop(op.get_bind())
