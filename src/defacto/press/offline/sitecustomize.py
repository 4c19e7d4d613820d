"""Refuses the network to a Python process that starts with this folder on PYTHONPATH.

Only loopback addresses and Unix sockets pass, so that a Jupyter kernel can talk to its client.
"""

import ipaddress
import sys


def _local(host) -> bool:
    if host in (None, "", "localhost", b"localhost"):
        return True
    try:
        text = host.decode() if isinstance(host, bytes) else str(host)
        return ipaddress.ip_address(text).is_loopback
    except ValueError:
        return False


def _refuse(event: str, args: tuple) -> None:
    if event in ("socket.connect", "socket.sendto"):
        address = args[1]
        if isinstance(address, tuple) and not _local(address[0]):
            raise PermissionError(f"network refused: {event} to {address[0]}")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr") and not _local(args[0]):
        raise PermissionError(f"network refused: look-up of {args[0]}")


sys.addaudithook(_refuse)
