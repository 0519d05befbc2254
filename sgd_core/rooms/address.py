"""The address at which phones reach a room, and its QR code, which is made here."""

from __future__ import annotations

import ipaddress
import re
import socket
from html import escape
from urllib.parse import urlsplit, urlunsplit

import segno

from sgd_core.errors import UserError

GIVEN = re.compile(r"(?:(?P<scheme>https?)://)?(?P<host>[A-Za-z0-9.-]{1,253})(?::(?P<port>[0-9]{1,5}))?/?")


def join_address(page: str, room: str, given: str = "") -> str:
    """The students' link: the page as the teacher's browser has it, at the given host where there is one.

    Raises UserError where `given` is no host.
    """
    parts = urlsplit(page)
    scheme, place = parts.scheme, parts.netloc
    if given:
        match = GIVEN.fullmatch(given.strip())
        if match is None:
            raise UserError(f"The address is {given[:60]!r}, but must be a host, like 192.168.1.7:8501.")
        scheme = match["scheme"] or scheme
        port = match["port"] or (parts.port if match["scheme"] is None else None)
        place = f"{match['host']}:{port}" if port else match["host"]
    return urlunsplit((scheme, place, parts.path, f"room={room}", ""))


def only_here(page: str) -> bool:
    """Whether an address leads to the machine itself, so that no phone gets there."""
    host = urlsplit(page).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def of_this_machine() -> str:
    """This machine's address in its network; '' where it has none. Nothing is sent: a UDP socket only picks a route."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as picked:
        try:
            picked.connect(("192.0.2.1", 9))
        except OSError:
            return ""
        address = str(picked.getsockname()[0])
    return "" if ipaddress.ip_address(address).is_loopback else address


def qr(address: str) -> str:
    """An address as a QR code, black on white in either theme: HTML that fills its place."""
    # As an image, because Streamlit takes an <svg> out of what it is given as HTML.
    drawn = segno.make_qr(address, error="m").svg_data_uri(border=3, dark="#000", light="#fff", omitsize=True)
    return f'<img src="{escape(drawn)}" alt="QR code of {escape(address)}">'
