"""stream"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('streamed_event',
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('arrived_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('event_id', name=op.f('pk_streamed_event')),
    schema='landing'
    )
    op.create_index(op.f('ix_streamed_event_arrived_at'), 'streamed_event', ['arrived_at'], unique=False, schema='landing')
    op.create_table('waiting_event',
    sa.Column('waiting_key', sa.BigInteger(), sa.Identity(always=True), nullable=False),
    sa.Column('event_id', sa.Uuid(), nullable=False),
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('record', postgresql.JSONB(astext_type=sa.Text()), nullable=False),
    sa.PrimaryKeyConstraint('waiting_key', name=op.f('pk_waiting_event')),
    schema='landing'
    )
    op.create_table('refused_event',
    sa.Column('refused_event_key', sa.Integer(), sa.Identity(always=True), nullable=False),
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('arrived_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.Column('name', sa.Text(), nullable=True),
    sa.Column('code', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('shape', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_refused_event_account_key_account')),
    sa.PrimaryKeyConstraint('refused_event_key', name=op.f('pk_refused_event')),
    schema='landing'
    )
    op.create_index(op.f('ix_refused_event_arrived_at'), 'refused_event', ['arrived_at'], unique=False, schema='landing')
    op.create_table('stream_minute',
    sa.Column('minute', sa.DateTime(timezone=True), nullable=False),
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('writer', sa.Uuid(), nullable=False),
    sa.Column('events', sa.Integer(), nullable=False),
    sa.Column('repeated', sa.Integer(), nullable=False),
    sa.Column('refused', sa.Integer(), nullable=False),
    sa.Column('lag_ms', sa.BigInteger(), nullable=False),
    sa.Column('longest_lag_ms', sa.BigInteger(), nullable=False),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_stream_minute_account_key_account')),
    sa.PrimaryKeyConstraint('minute', 'account_key', 'source', 'writer', name=op.f('pk_stream_minute')),
    schema='landing'
    )
    op.create_table('stream_source',
    sa.Column('account_key', sa.Integer(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('load_key', sa.Integer(), nullable=False),
    sa.Column('settled_at', sa.DateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['account_key'], ['core.account.account_key'], name=op.f('fk_stream_source_account_key_account')),
    sa.ForeignKeyConstraint(['load_key'], ['landing.load.load_key'], name=op.f('fk_stream_source_load_key_load')),
    sa.PrimaryKeyConstraint('account_key', 'source', name=op.f('pk_stream_source')),
    schema='landing'
    )
    op.create_table('stream_offset',
    sa.Column('consumer_group', sa.Text(), nullable=False),
    sa.Column('topic', sa.Text(), nullable=False),
    sa.Column('partition', sa.Integer(), nullable=False),
    sa.Column('next_offset', sa.BigInteger(), nullable=False),
    sa.Column('moved_at', sa.DateTime(timezone=True), server_default=sa.text('now()'), nullable=False),
    sa.PrimaryKeyConstraint('consumer_group', 'topic', 'partition', name=op.f('pk_stream_offset')),
    schema='ops'
    )
    op.add_column('token', sa.Column('account_key', sa.Integer(), nullable=True), schema='ops')
    op.create_index(op.f('ix_token_account_key'), 'token', ['account_key'], unique=False, schema='ops')
    op.create_foreign_key(op.f('fk_token_account_key_account'), 'token', 'account', ['account_key'], ['account_key'], source_schema='ops', referent_schema='core')


def downgrade() -> None:
    op.drop_constraint(op.f('fk_token_account_key_account'), 'token', schema='ops', type_='foreignkey')
    op.drop_index(op.f('ix_token_account_key'), table_name='token', schema='ops')
    op.drop_column('token', 'account_key', schema='ops')
    op.drop_table('stream_offset', schema='ops')
    op.drop_table('stream_source', schema='landing')
    op.drop_table('stream_minute', schema='landing')
    op.drop_index(op.f('ix_refused_event_arrived_at'), table_name='refused_event', schema='landing')
    op.drop_table('refused_event', schema='landing')
    op.drop_table('waiting_event', schema='landing')
    op.drop_index(op.f('ix_streamed_event_arrived_at'), table_name='streamed_event', schema='landing')
    op.drop_table('streamed_event', schema='landing')
