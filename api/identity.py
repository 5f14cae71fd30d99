"""Who acts: a person with a role per account, narrowed by what their token may do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum

from warehouse.access import Reader
from warehouse.errors import NotAllowed


class Role(IntEnum):
    """What somebody may do with an account. Each role may do what the ones before it may."""

    viewer = 1
    analyst = 2
    manager = 3
    admin = 4


class Scope(IntEnum):
    """What a token may be used for. Each scope includes the ones before it; a signed-in browser has all.

    ``collect`` stands apart: such a token sends events of one account to ``/collect`` and opens nothing else.
    """

    collect = 0
    read = 1
    write = 2
    admin = 3


@dataclass(frozen=True, slots=True)
class Identity:
    """The person behind a request.

    ``roles`` maps an account's key to a role; the key None stands for every account. ``local`` marks the owner who
    is signed in without ceremony because the program is served to this machine only.
    """

    reader: Reader
    user_key: int
    name: str
    email: str
    roles: Mapping[int | None, Role]
    scope: Scope
    local: bool

    @property
    def actor(self) -> str:
        """Who the audit says it was."""
        return self.reader.id

    def role_on(self, account_key: int | None) -> Role | None:
        """The role on an account, or on every account for None. No role at all is None."""
        roles = [self.roles.get(None), self.roles.get(account_key)]
        return max((role for role in roles if role is not None), default=None)

    def may(self, role: Role, *, account_key: int | None = None, scope: Scope = Scope.write) -> bool:
        """Whether the person has at least this role on the account (None: on all) and the token this scope."""
        held = self.role_on(account_key)
        return held is not None and held >= role and self.scope >= scope

    def require(self, role: Role, *, account_key: int | None = None, scope: Scope = Scope.write) -> None:
        """Raise :class:`NotAllowed`, naming what is missing, unless :meth:`may`."""
        if self.may(role, account_key=account_key, scope=scope):
            return
        self.require_scope(scope)
        where = "every account" if account_key is None else "this account"
        raise NotAllowed(
            f"This needs the role {role.name} on {where}.", remedy="Ask an administrator of Causeway to grant it."
        )

    def require_scope(self, scope: Scope) -> None:
        """Raise :class:`NotAllowed` unless the token reaches as far as ``scope``."""
        if self.scope < scope:
            raise NotAllowed(
                f"This needs a token with the scope {scope.name}, and this one has {self.scope.name}.",
                remedy=f"Create a token with the scope {scope.name}.",
            )

    @property
    def is_administrator(self) -> bool:
        """Whether the person administers every account, users and tokens of others included."""
        return self.may(Role.admin, scope=Scope.admin)

    def require_administrator(self) -> None:
        """Raise :class:`NotAllowed` unless the person administers every account."""
        self.require(Role.admin, scope=Scope.admin)
