from __future__ import annotations

import sys

import pytest

from agent.ipc.address import Address
from agent.ipc.client import IpcClient
from agent.ipc.messages import Role
from agent.ipc.server import IpcServer

if sys.platform == "win32":
    import win32security

    from agent.ipc.pipes import connect

    DESCRIBED = win32security.OWNER_SECURITY_INFORMATION | win32security.DACL_SECURITY_INFORMATION
    FULL = 0x001F01FF

pytestmark = pytest.mark.skipif(sys.platform != "win32", reason="Windows named pipes")


def test_the_pipe_says_who_may_talk(server: IpcServer, address: Address) -> None:
    """
    The system, administrators and the engine's account may do all, whoever is logged on may talk but not answer in the engine's
    place, and nobody else is named. The owner, by whom clients know the engine, is nobody but administrators or that account.
    """
    if sys.platform == "win32":
        connection = connect(address, 5.0)
        descriptor = win32security.GetSecurityInfo(connection._handle, win32security.SE_KERNEL_OBJECT, DESCRIBED)
        rules = descriptor.GetSecurityDescriptorDacl()
        entries = [rules.GetAce(number) for number in range(rules.GetAceCount())]
        by_sid = {win32security.ConvertSidToStringSid(sid): mask for _, mask, sid in entries}
        owner = win32security.ConvertSidToStringSid(descriptor.GetSecurityDescriptorOwner())
        connection.release()
        (own,) = by_sid.keys() - {"S-1-5-18", "S-1-5-32-544", "S-1-5-4"}

        assert {win32security.ACCESS_ALLOWED_ACE_TYPE} == {kind for (kind, _), _, _ in entries}
        assert {"S-1-5-18": FULL, "S-1-5-32-544": FULL, own: FULL, "S-1-5-4": 0x0012019B} == by_sid
        assert owner in {"S-1-5-32-544", own}


def test_the_role_comes_from_the_clients_token(client: IpcClient) -> None:
    """
    The engine's own account is an administrator, known by domain and name.
    """
    assert client.welcome.role is Role.ADMINISTRATOR
    assert "\\" in client.welcome.user
