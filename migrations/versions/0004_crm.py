"""What a CRM knows, e-mail and organic traffic by day."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None

CONTACT_KIND = postgresql.ENUM('contact', 'lead', name='contact_kind', schema='core', create_type=False)


def upgrade() -> None:
    CONTACT_KIND.create(op.get_bind())
    op.create_table('campaign_member',
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('member_id', sa.Text(), nullable=False),
    sa.Column('campaign_id', sa.Text(), nullable=False),
    sa.Column('contact_id', sa.Text(), nullable=False),
    sa.Column('status', sa.Text(), nullable=True),
    sa.Column('responded_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('is_deleted', sa.Boolean(), nullable=False),
    sa.Column('load_key', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_campaign_member_account_key_account')),
    sa.PrimaryKeyConstraint('account_key', 'member_id', name=op.f('pk_campaign_member')),
    schema='core'
    )
    op.create_index(op.f('ix_campaign_member_account_key_contact_id'), 'campaign_member', ['account_key', 'contact_id'], unique=False, schema='core')
    op.create_table('contact',
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('contact_id', sa.Text(), nullable=False),
    sa.Column('kind', CONTACT_KIND, nullable=False),
    sa.Column('identifier_key', sa.BigInteger(), nullable=True),
    sa.Column('customer_key', sa.BigInteger(), nullable=True),
    sa.Column('click_key', sa.BigInteger(), nullable=True),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('lead_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('stage', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('source_detail', sa.Text(), nullable=True),
    sa.Column('merged_into', sa.Text(), nullable=True),
    sa.Column('is_deleted', sa.Boolean(), nullable=False),
    sa.Column('load_key', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_contact_account_key_account')),
    sa.PrimaryKeyConstraint('account_key', 'contact_id', name=op.f('pk_contact')),
    schema='core'
    )
    op.create_index(op.f('ix_contact_customer_key'), 'contact', ['customer_key'], unique=False, schema='core')
    op.create_table('deal',
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('deal_id', sa.Text(), nullable=False),
    sa.Column('contact_id', sa.Text(), nullable=True),
    sa.Column('identifier_key', sa.BigInteger(), nullable=True),
    sa.Column('customer_key', sa.BigInteger(), nullable=True),
    sa.Column('pipeline', sa.Text(), nullable=True),
    sa.Column('stage', sa.Text(), nullable=True),
    sa.Column('amount', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('currency', sa.Text(), nullable=False),
    sa.Column('created_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('updated_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('closes_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('is_won', sa.Boolean(), nullable=False),
    sa.Column('won_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('is_closed', sa.Boolean(), nullable=False),
    sa.Column('source', sa.Text(), nullable=True),
    sa.Column('campaign_id', sa.Text(), nullable=True),
    sa.Column('is_deleted', sa.Boolean(), nullable=False),
    sa.Column('load_key', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_deal_account_key_account')),
    sa.PrimaryKeyConstraint('account_key', 'deal_id', name=op.f('pk_deal')),
    schema='core'
    )
    op.create_index(op.f('ix_deal_account_key_created_at'), 'deal', ['account_key', 'created_at'], unique=False, schema='core')
    op.create_index(op.f('ix_deal_customer_key'), 'deal', ['customer_key'], unique=False, schema='core')
    op.create_table('deal_stage',
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('deal_id', sa.Text(), nullable=False),
    sa.Column('stage', sa.Text(), nullable=False),
    sa.Column('entered_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('load_key', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_deal_stage_account_key_account')),
    sa.PrimaryKeyConstraint('account_key', 'deal_id', 'stage', 'entered_at', name=op.f('pk_deal_stage')),
    schema='core'
    )
    op.create_table('email_day',
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('campaign_id', sa.Text(), nullable=False),
    sa.Column('campaign_name', sa.Text(), nullable=True),
    sa.Column('sent', sa.BigInteger(), nullable=True),
    sa.Column('delivered', sa.BigInteger(), nullable=True),
    sa.Column('opens', sa.BigInteger(), nullable=True),
    sa.Column('clicks', sa.BigInteger(), nullable=True),
    sa.Column('unsubscribes', sa.BigInteger(), nullable=True),
    sa.Column('revenue', sa.Numeric(precision=18, scale=6), nullable=True),
    sa.Column('load_key', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_email_day_account_key_account')),
    sa.ForeignKeyConstraint(['load_key'], ['landing.load.load_key'], name=op.f('fk_email_day_load_key_load')),
    sa.PrimaryKeyConstraint('account_key', 'date', 'campaign_id', name=op.f('pk_email_day')),
    schema='core'
    )
    op.create_table('organic_day',
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('date', sa.Date(), nullable=False),
    sa.Column('origin', sa.Text(), nullable=False),
    sa.Column('impressions', sa.BigInteger(), nullable=True),
    sa.Column('clicks', sa.BigInteger(), nullable=True),
    sa.Column('sessions', sa.BigInteger(), nullable=True),
    sa.Column('load_key', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_organic_day_account_key_account')),
    sa.ForeignKeyConstraint(['load_key'], ['landing.load.load_key'], name=op.f('fk_organic_day_load_key_load')),
    sa.PrimaryKeyConstraint('account_key', 'date', 'origin', name=op.f('pk_organic_day')),
    schema='core'
    )


def downgrade() -> None:
    op.drop_table('organic_day', schema='core')
    op.drop_table('email_day', schema='core')
    op.drop_table('deal_stage', schema='core')
    op.drop_index(op.f('ix_deal_customer_key'), table_name='deal', schema='core')
    op.drop_index(op.f('ix_deal_account_key_created_at'), table_name='deal', schema='core')
    op.drop_table('deal', schema='core')
    op.drop_index(op.f('ix_contact_customer_key'), table_name='contact', schema='core')
    op.drop_table('contact', schema='core')
    op.drop_index(op.f('ix_campaign_member_account_key_contact_id'), table_name='campaign_member', schema='core')
    op.drop_table('campaign_member', schema='core')
    CONTACT_KIND.drop(op.get_bind())
