"""Representatives, their desks and connections, phone codes, and what a desktop hears of."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "portal", sa.Column("codes_per_rep", sa.Integer(), server_default="8", nullable=False)
    )
    op.add_column(
        "portal", sa.Column("code_seconds", sa.Integer(), server_default="900", nullable=False)
    )
    op.create_index(
        "ix_session_rep",
        "session",
        ["rep", "ended", "stage", "portal_id", "started"],
        unique=False,
        sqlite_where=sa.text("started IS NOT NULL"),
        postgresql_where=sa.text("started IS NOT NULL"),
    )
    _staff()
    _desktop()
    op.create_table(
        "phone_code",
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.Column("portal_id", sa.Integer(), nullable=False),
        sa.Column("sub_portal", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("customer_name", sa.Text(), nullable=False),
        sa.Column("reference_id", sa.Text(), nullable=True),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("code"),
    )
    op.create_index(op.f("ix_phone_code_expires"), "phone_code", ["expires"], unique=False)
    op.create_index("ix_phone_code_rep", "phone_code", ["email", "expires"], unique=False)
    op.create_index("ix_phone_code_portal", "phone_code", ["portal_id", "expires"], unique=False)


def _staff() -> None:
    op.create_table(
        "representative",
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("screen_name", sa.Text(), nullable=False),
        sa.Column("team", sa.Text(), nullable=False),
        sa.Column("ip", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("available", sa.Boolean(), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("last_event_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("email"),
    )
    op.create_table(
        "desk",
        sa.Column("portal_id", sa.Integer(), nullable=False),
        sa.Column("sub_portal", sa.String(length=255), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.PrimaryKeyConstraint("portal_id", "sub_portal", "email"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_desk_email"), "desk", ["email"], unique=False)
    op.create_table(
        "rep_connection",
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("digest", sa.LargeBinary(length=32), nullable=True),
        sa.Column("last_used", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("email"),
        sa.UniqueConstraint("digest"),
    )


def _desktop() -> None:
    op.create_table(
        "agent_event",
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("event_id", sa.BigInteger(), nullable=False),
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("email", "event_id"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_agent_event_session_id"), "agent_event", ["session_id"], unique=False)
    op.create_table(
        "alert",
        sa.Column("session_id", sa.BigInteger(), nullable=False),
        sa.Column("email", sa.String(length=255), nullable=False),
        sa.Column("declined", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("session_id", "email"),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_alert_email"), "alert", ["email"], unique=False)
