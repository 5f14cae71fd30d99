"""people"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


IDENTIFIER_KIND = postgresql.ENUM(
    "email", "phone", "user", "contact", "device", "client", "click",
    name="identifier_kind", schema="core", create_type=False,
)
TOUCH_KIND = postgresql.ENUM(
    "impression", "click", "visit", "email_open", "email_click", name="touch_kind", schema="core", create_type=False
)
CONVERSION_KIND = postgresql.ENUM(
    "order", "lead", "deal", "offline", "signup", name="conversion_kind", schema="core", create_type=False
)

# Loads may add the months that they need without owning the table.
PARTITIONS = """
CREATE FUNCTION core.ensure_event_partitions(parent text, first_day date, last_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET timezone = 'UTC' AS $$
DECLARE
    month date := date_trunc('month', first_day);
    partition text;
BEGIN
    IF parent NOT IN ('touchpoint', 'web_event') THEN
        RAISE EXCEPTION '% is not partitioned by time', parent;
    END IF;
    WHILE month <= last_day LOOP
        partition := parent || '_' || to_char(month, 'YYYYMM');
        IF to_regclass('core.' || partition) IS NULL THEN
            PERFORM pg_advisory_xact_lock(7203002);
            EXECUTE format(
                'CREATE TABLE IF NOT EXISTS core.%I PARTITION OF core.%I FOR VALUES FROM (%L) TO (%L)',
                partition, parent, month::timestamptz, (month + interval '1 month')::timestamptz);
        END IF;
        month := month + interval '1 month';
    END LOOP;
END $$
"""

# A month that nobody has yet, as a table without indexes and for the writer only: what is copied into it needs neither
# log nor index, row by row. NULL when the month is there already.
OPEN_MONTH = """
CREATE FUNCTION core.open_event_month(parent text, month date) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET timezone = 'UTC' AS $$
DECLARE
    partition text := parent || '_' || to_char(month, 'YYYYMM');
BEGIN
    IF parent NOT IN ('touchpoint', 'web_event') OR month <> date_trunc('month', month) THEN
        RAISE EXCEPTION '% is not partitioned by time, or % is no month', parent, month;
    END IF;
    IF to_regclass('core.' || partition) IS NOT NULL THEN
        RETURN NULL;
    END IF;
    PERFORM pg_advisory_xact_lock(7203002);
    IF to_regclass('core.' || partition) IS NOT NULL THEN
        RETURN NULL;
    END IF;
    EXECUTE format('CREATE TABLE core.%I (LIKE core.%I, CHECK (at >= %L AND at < %L))', partition, parent,
        month::timestamptz, (month + interval '1 month')::timestamptz);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON core.%I TO causeway_writer', partition);
    RETURN 'core.' || partition;
END $$
"""

# Such a table with its indexes, built by sorting, becomes a partition.
ATTACH_MONTH = """
CREATE FUNCTION core.attach_event_month(parent text, month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog SET timezone = 'UTC'
SET maintenance_work_mem = '256MB' AS $$
DECLARE
    partition text := parent || '_' || to_char(month, 'YYYYMM');
BEGIN
    IF parent NOT IN ('touchpoint', 'web_event') THEN
        RAISE EXCEPTION '% is not partitioned by time', parent;
    END IF;
    EXECUTE format('REVOKE ALL ON core.%I FROM causeway_writer', partition);
    EXECUTE format('ALTER TABLE core.%I ATTACH PARTITION core.%I FOR VALUES FROM (%L) TO (%L)', parent, partition,
        month::timestamptz, (month + interval '1 month')::timestamptz);
END $$
"""

# How many accounts an advertiser has, whoever asks: a reader of all of them may read its customers.
ACCOUNTS_OF = """
CREATE FUNCTION core.accounts_of(advertiser int) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog AS $$
    SELECT count(*) FROM core.account WHERE advertiser_key = advertiser
$$
"""


def upgrade() -> None:
    for kind in (IDENTIFIER_KIND, TOUCH_KIND, CONVERSION_KIND):
        kind.create(op.get_bind())
    op.create_table('advertiser',
    sa.Column('advertiser_key', sa.Integer(), sa.Identity(always=True), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('settled', sa.BigInteger(), server_default='0', nullable=False),
    sa.PrimaryKeyConstraint('advertiser_key', name=op.f('pk_advertiser')),
    sa.UniqueConstraint('name', name=op.f('uq_advertiser_name')),
    schema='core'
    )
    op.execute("INSERT INTO core.advertiser (name) VALUES ('default')")  # key 1, to which accounts belong by default
    op.create_table('identity_link',
    sa.Column('low_key', sa.BigInteger(), nullable=False),
    sa.Column('high_key', sa.BigInteger(), nullable=False),
    sa.Column('load_key', sa.Integer(), nullable=True),
    sa.Column('withdrawn_at', sa.DateTime(timezone=True), nullable=True),
    sa.CheckConstraint('low_key < high_key', name=op.f('ck_identity_link_ordered')),
    sa.PrimaryKeyConstraint('low_key', 'high_key', name=op.f('pk_identity_link')),
    schema='core'
    )
    op.create_index(op.f('ix_identity_link_high_key'), 'identity_link', ['high_key'], unique=False, schema='core')
    op.create_table('touched_customer',
    sa.Column('touched_key', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('customer_key', sa.BigInteger(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('since', sa.DateTime(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('touched_key', name=op.f('pk_touched_customer')),
    schema='core'
    )
    op.create_table('touchpoint',
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('touch_id', sa.Uuid(), nullable=False),
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('identifier_key', sa.BigInteger(), nullable=True),
    sa.Column('customer_key', sa.BigInteger(), nullable=True),
    sa.Column('kind', TOUCH_KIND, nullable=False),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('campaign_key', sa.Integer(), nullable=True),
    sa.Column('ad_group_key', sa.Integer(), nullable=True),
    sa.Column('ad_key', sa.Integer(), nullable=True),
    sa.Column('creative_key', sa.Integer(), nullable=True),
    sa.Column('click_key', sa.BigInteger(), nullable=True),
    sa.Column('cost', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('device', sa.Text(), nullable=True),
    sa.Column('region', sa.Text(), nullable=True),
    sa.Column('load_key', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('at', 'touch_id', name=op.f('pk_touchpoint')),
    schema='core',
    postgresql_partition_by='RANGE (at)'
    )
    op.create_index(op.f('ix_touchpoint_customer_key_at'), 'touchpoint', ['customer_key', 'at'], unique=False, schema='core')
    op.create_index('ix_touchpoint_click_key', 'touchpoint', ['click_key', 'kind'], unique=False, schema='core', postgresql_where=sa.text('click_key IS NOT NULL'))
    op.create_table('web_event',
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('identifier_key', sa.BigInteger(), nullable=True),
    sa.Column('customer_key', sa.BigInteger(), nullable=True),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=True),
    sa.Column('day', sa.Date(), nullable=True),
    sa.Column('is_intraday', sa.Boolean(), server_default='false', nullable=False),
    sa.Column('page', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('medium', sa.Text(), nullable=True),
    sa.Column('campaign', sa.Text(), nullable=True),
    sa.Column('click_key', sa.BigInteger(), nullable=True),
    sa.Column('engaged', sa.Boolean(), nullable=True),
    sa.Column('engagement_ms', sa.BigInteger(), nullable=True),
    sa.Column('device', sa.Text(), nullable=True),
    sa.Column('region', sa.Text(), nullable=True),
    sa.Column('value', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('currency', sa.Text(), nullable=True),
    sa.Column('transaction_id', sa.Text(), nullable=True),
    sa.Column('load_key', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('at', 'event_id', name=op.f('pk_web_event')),
    schema='core',
    postgresql_partition_by='RANGE (at)'
    )
    op.create_index(op.f('ix_web_event_customer_key_at'), 'web_event', ['customer_key', 'at'], unique=False, schema='core')
    op.create_index('ix_web_event_transaction_id', 'web_event', ['transaction_id', 'account_key'], unique=False, schema='core', postgresql_where=sa.text('transaction_id IS NOT NULL'))
    op.create_table('customer',
    sa.Column('customer_key', sa.BigInteger(), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('customer_key', name=op.f('pk_customer')),
    schema='core'
    )
    op.create_table('forgotten',
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('kind', IDENTIFIER_KIND, nullable=False),
    sa.Column('digest', sa.Uuid(), nullable=False),
    sa.Column('forgotten_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.ForeignKeyConstraint(['advertiser_key'], ['core.advertiser.advertiser_key'], name=op.f('fk_forgotten_advertiser_key_advertiser')),
    sa.PrimaryKeyConstraint('advertiser_key', 'kind', 'digest', name=op.f('pk_forgotten')),
    schema='core'
    )
    op.create_table('identifier',
    sa.Column('identifier_key', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('advertiser_key', sa.Integer(), nullable=False),
    sa.Column('kind', IDENTIFIER_KIND, nullable=False),
    sa.Column('digest', sa.Uuid(), nullable=False),
    sa.Column('customer_key', sa.BigInteger(), nullable=False),
    sa.Column('is_shared', sa.Boolean(), server_default='false', nullable=False),
    sa.PrimaryKeyConstraint('identifier_key', name=op.f('pk_identifier')),
    sa.UniqueConstraint('advertiser_key', 'kind', 'digest', name=op.f('uq_identifier_advertiser_key_kind_digest')),
    schema='core'
    )
    op.create_table('conversion',
    sa.Column('conversion_key', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('kind', CONVERSION_KIND, nullable=False),
    sa.Column('source_id', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('identifier_key', sa.BigInteger(), nullable=True),
    sa.Column('customer_key', sa.BigInteger(), nullable=True),
    sa.Column('value', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('margin', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('is_new_customer', sa.Boolean(), nullable=True),
    sa.Column('counts', sa.Boolean(), nullable=False),
    sa.Column('load_key', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_conversion_account_key_account')),
    sa.PrimaryKeyConstraint('conversion_key', name=op.f('pk_conversion')),
    sa.UniqueConstraint('account_key', 'kind', 'source_id', name=op.f('uq_conversion_account_key_kind_source_id')),
    schema='core'
    )
    op.create_index(op.f('ix_conversion_at'), 'conversion', ['at'], unique=False, schema='core')
    op.create_index(op.f('ix_conversion_customer_key_at'), 'conversion', ['customer_key', 'at'], unique=False, schema='core')
    op.create_table('shop_order',
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('order_id', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=True),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('identifier_key', sa.BigInteger(), nullable=True),
    sa.Column('customer_key', sa.BigInteger(), nullable=True),
    sa.Column('click_key', sa.BigInteger(), nullable=True),
    sa.Column('revenue', sa.Numeric(precision=18, scale=6), nullable=False),
    sa.Column('discounts', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('tax', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('shipping', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('refunded', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('margin', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('items', sa.Integer(), nullable=True),
    sa.Column('is_test', sa.Boolean(), nullable=False),
    sa.Column('cancelled_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('is_new_customer', sa.Boolean(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('medium', sa.Text(), nullable=True),
    sa.Column('campaign', sa.Text(), nullable=True),
    sa.Column('load_key', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_shop_order_account_key_account')),
    sa.PrimaryKeyConstraint('account_key', 'order_id', name=op.f('pk_shop_order')),
    schema='core'
    )
    op.create_index(op.f('ix_shop_order_account_key_at'), 'shop_order', ['account_key', 'at'], unique=False, schema='core')
    op.create_index(op.f('ix_shop_order_account_key_name'), 'shop_order', ['account_key', 'name'], unique=False, schema='core')
    op.create_index(op.f('ix_shop_order_customer_key'), 'shop_order', ['customer_key'], unique=False, schema='core')
    op.create_table('web_session',
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('session_id', sa.Uuid(), nullable=False),
    sa.Column('identifier_key', sa.BigInteger(), nullable=True),
    sa.Column('customer_key', sa.BigInteger(), nullable=True),
    sa.Column('began_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('ended_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('medium', sa.Text(), nullable=True),
    sa.Column('campaign', sa.Text(), nullable=True),
    sa.Column('channel', sa.Text(), nullable=False),
    sa.Column('landing_page', sa.Text(), nullable=True),
    sa.Column('device', sa.Text(), nullable=True),
    sa.Column('region', sa.Text(), nullable=True),
    sa.Column('events', sa.Integer(), nullable=False),
    sa.Column('page_views', sa.Integer(), nullable=False),
    sa.Column('engaged', sa.Boolean(), nullable=False),
    sa.Column('funnel_step', sa.Integer(), nullable=False),
    sa.Column('revenue', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('load_key', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_web_session_account_key_account')),
    sa.PrimaryKeyConstraint('account_key', 'session_id', name=op.f('pk_web_session')),
    schema='core'
    )
    op.create_index(op.f('ix_web_session_began_at'), 'web_session', ['began_at'], unique=False, schema='core')
    op.create_index(op.f('ix_web_session_customer_key_began_at'), 'web_session', ['customer_key', 'began_at'], unique=False, schema='core')
    op.add_column('account', sa.Column('advertiser_key', sa.Integer(), server_default='1', nullable=False), schema='core')
    op.create_index(op.f('ix_account_advertiser_key'), 'account', ['advertiser_key'], unique=False, schema='core')
    op.create_foreign_key(op.f('fk_account_advertiser_key_advertiser'), 'account', 'advertiser', ['advertiser_key'], ['advertiser_key'], source_schema='core', referent_schema='core')
    op.execute(PARTITIONS)
    op.execute("REVOKE ALL ON FUNCTION core.ensure_event_partitions(text, date, date) FROM PUBLIC")
    op.execute("GRANT EXECUTE ON FUNCTION core.ensure_event_partitions(text, date, date) TO causeway_writer")
    for name, function in (("open", OPEN_MONTH), ("attach", ATTACH_MONTH)):
        op.execute(function)
        op.execute(f"REVOKE ALL ON FUNCTION core.{name}_event_month(text, date) FROM PUBLIC")
        op.execute(f"GRANT EXECUTE ON FUNCTION core.{name}_event_month(text, date) TO causeway_writer")
    op.execute(ACCOUNTS_OF)
    # An identifier's first customer has its own key, so the key is drawn before the row is written.
    op.execute("GRANT USAGE ON SEQUENCE core.identifier_identifier_key_seq TO causeway_writer")


def downgrade() -> None:
    op.execute("DROP FUNCTION core.accounts_of(int)")
    op.execute("DROP FUNCTION core.attach_event_month(text, date)")
    op.execute("DROP FUNCTION core.open_event_month(text, date)")
    op.execute("DROP FUNCTION core.ensure_event_partitions(text, date, date)")
    op.drop_constraint(op.f('fk_account_advertiser_key_advertiser'), 'account', schema='core', type_='foreignkey')
    op.drop_index(op.f('ix_account_advertiser_key'), table_name='account', schema='core')
    op.drop_column('account', 'advertiser_key', schema='core')
    op.drop_index(op.f('ix_web_session_customer_key_began_at'), table_name='web_session', schema='core')
    op.drop_index(op.f('ix_web_session_began_at'), table_name='web_session', schema='core')
    op.drop_table('web_session', schema='core')
    op.drop_index(op.f('ix_shop_order_customer_key'), table_name='shop_order', schema='core')
    op.drop_index(op.f('ix_shop_order_account_key_name'), table_name='shop_order', schema='core')
    op.drop_index(op.f('ix_shop_order_account_key_at'), table_name='shop_order', schema='core')
    op.drop_table('shop_order', schema='core')
    op.drop_index(op.f('ix_conversion_customer_key_at'), table_name='conversion', schema='core')
    op.drop_index(op.f('ix_conversion_at'), table_name='conversion', schema='core')
    op.drop_table('conversion', schema='core')
    op.drop_table('identifier', schema='core')
    op.drop_table('forgotten', schema='core')
    op.drop_table('customer', schema='core')
    op.drop_index('ix_web_event_transaction_id', table_name='web_event', schema='core', postgresql_where=sa.text('transaction_id IS NOT NULL'))
    op.drop_index(op.f('ix_web_event_customer_key_at'), table_name='web_event', schema='core')
    op.drop_table('web_event', schema='core')
    op.drop_index('ix_touchpoint_click_key', table_name='touchpoint', schema='core')
    op.drop_index(op.f('ix_touchpoint_customer_key_at'), table_name='touchpoint', schema='core')
    op.drop_table('touchpoint', schema='core')
    op.drop_table('touched_customer', schema='core')
    op.drop_index(op.f('ix_identity_link_high_key'), table_name='identity_link', schema='core')
    op.drop_table('identity_link', schema='core')
    op.drop_table('advertiser', schema='core')
    for kind in (IDENTIFIER_KIND, TOUCH_KIND, CONVERSION_KIND):
        kind.drop(op.get_bind())
