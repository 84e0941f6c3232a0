"""What a screen reader sees of the windows on this session's bus.

`enable` says that somebody listens, as a screen reader does when it starts; without an argument every node is printed as a
line of JSON: role, name, place on the screen (x, y, width, height; null where it has none).
"""

import json
import sys

import gi

gi.require_version("Atspi", "2.0")
from gi.repository import Atspi, Gio, GLib  # noqa: E402


def enable():
    bus = Gio.bus_get_sync(Gio.BusType.SESSION)
    value = GLib.Variant("(ssv)", ("org.a11y.Status", "IsEnabled", GLib.Variant("b", True)))
    bus.call_sync(
        "org.a11y.Bus", "/org/a11y/bus", "org.freedesktop.DBus.Properties", "Set", value, None, 0, 20000, None
    )


def walk(node):
    part = node.get_component_iface()
    place = part.get_extents(Atspi.CoordType.SCREEN) if part else None
    place = place and [place.x, place.y, place.width, place.height]
    print(json.dumps({"role": node.get_role_name(), "name": node.get_name(), "place": place}))
    children = (node.get_child_at_index(number) for number in range(node.get_child_count()))
    for child in filter(None, children):
        walk(child)


if sys.argv[1:] == ["enable"]:
    enable()
else:
    walk(Atspi.get_desktop(0))
