"""Sends a datagram by UDP, and one that it has made of bytes."""

import socket
import struct
from hostile import attempt, targets


def send(host, port):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        return sender.sendto(b"hostile", (host, port))


def send_raw(host, port):
    """The kernel fills in the addresses and the checksum of the IP header."""
    there = socket.inet_aton(host)
    udp = struct.pack("!HHHH", 9, port, 8 + 7, 0) + b"hostile"
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, there, there)
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as sender:
        return sender.sendto(ip + udp, (host, 0))


host, port = targets()
attempt(send, host, int(port))
attempt(send_raw, host, int(port))
