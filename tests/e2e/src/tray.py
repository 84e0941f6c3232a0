"""A tray: `watch` is the service that signs announce themselves to; the other words ask the one sign that did.

`face` prints title, status, tooltip and menu as JSON; `click` is a click on it; `menu LABEL` chooses a line of its menu.
"""

import json
import sys

import gi

gi.require_version("Gio", "2.0")
from gi.repository import Gio, GLib  # noqa: E402

WATCHER = "org.kde.StatusNotifierWatcher"
INTERFACE = f"""<node><interface name="{WATCHER}">
<method name="RegisterStatusNotifierItem"><arg type="s" direction="in"/></method>
<method name="RegisterStatusNotifierHost"><arg type="s" direction="in"/></method>
<property name="RegisteredStatusNotifierItems" type="as" access="read"/>
<property name="IsStatusNotifierHostRegistered" type="b" access="read"/>
<property name="ProtocolVersion" type="i" access="read"/>
</interface></node>"""
BUS = Gio.bus_get_sync(Gio.BusType.SESSION)
SIGNS = []


def called(_bus, _sender, _path, _interface, method, given, invocation):
    if method == "RegisterStatusNotifierItem":
        SIGNS.append(given.unpack()[0])
    invocation.return_value(None)


def read(_bus, _sender, _path, _interface, name):
    return {
        "RegisteredStatusNotifierItems": GLib.Variant("as", SIGNS),
        "IsStatusNotifierHostRegistered": GLib.Variant("b", True),
        "ProtocolVersion": GLib.Variant("i", 0),
    }[name]


def watch():
    node = Gio.DBusNodeInfo.new_for_xml(INTERFACE)
    BUS.register_object("/StatusNotifierWatcher", node.interfaces[0], called, read, None)
    Gio.bus_own_name_on_connection(BUS, WATCHER, Gio.BusNameOwnerFlags.NONE, lambda *_: print('"ready"', flush=True), None)
    GLib.MainLoop().run()


def ask(name, path, interface, method, given=None):
    return BUS.call_sync(name, path, interface, method, given, None, 0, 20000, None).unpack()


def get(name, path, interface, what):
    given = GLib.Variant("(ss)", (interface, what))
    return ask(name, path, "org.freedesktop.DBus.Properties", "Get", given)[0]


def lines(sign):
    given = GLib.Variant("(iias)", (0, -1, []))
    _revision, (_root, _properties, children) = ask(sign, "/MenuBar", "com.canonical.dbusmenu", "GetLayout", given)
    return {properties["label"]: number for number, properties, _ in children if "label" in properties}


word = sys.argv[1]
if word == "watch":
    watch()
    sys.exit()
sign = get(WATCHER, "/StatusNotifierWatcher", WATCHER, "RegisteredStatusNotifierItems")[-1]
item = "org.kde.StatusNotifierItem"
if word == "face":
    face = {what: get(sign, "/StatusNotifierItem", item, what) for what in ("Title", "Status", "ToolTip")}
    print(json.dumps({"title": face["Title"], "status": face["Status"], "text": face["ToolTip"][3], "menu": list(lines(sign))}))
elif word == "click":
    ask(sign, "/StatusNotifierItem", item, "Activate", GLib.Variant("(ii)", (0, 0)))
elif word == "menu":
    event = (lines(sign)[sys.argv[2]], "clicked", GLib.Variant("i", 0), 0)
    ask(sign, "/MenuBar", "com.canonical.dbusmenu", "Event", GLib.Variant("(isvu)", event))
