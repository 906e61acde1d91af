"""A browser window over WebKitGTK that WebKitWebDriver drives, with a profile on disk that outlives it.

MiniBrowser keeps an automated session's storage in memory only.
usage: webkit-launcher.py PROFILE DOWNLOADS PAGE_SCRIPT
"""

import os
import sys

import gi

gi.require_version("Gtk", "3.0")
gi.require_version("WebKit2", "4.1")
from gi.repository import Gtk, WebKit2  # noqa: E402

profile, downloads, page_script = sys.argv[1:4]
os.makedirs(profile, exist_ok=True)
with open(os.path.join(profile, "pid"), "w", encoding="ascii") as file:
    file.write(str(os.getpid()))
with open(page_script, encoding="utf-8") as file:
    source = file.read()

data_manager = WebKit2.WebsiteDataManager(
    base_data_directory=os.path.join(profile, "data"),
    base_cache_directory=os.path.join(profile, "cache"),
)
context = WebKit2.WebContext(website_data_manager=data_manager)
cookies = context.get_cookie_manager()
cookies.set_persistent_storage(
    os.path.join(profile, "cookies.sqlite"), WebKit2.CookiePersistentStorage.SQLITE
)
context.set_preferred_languages(["en-GB"])
context.set_automation_allowed(True)


def create_view(*_):
    content = WebKit2.UserContentManager()
    frames, time = WebKit2.UserContentInjectedFrames, WebKit2.UserScriptInjectionTime
    content.add_script(WebKit2.UserScript.new(source, frames.TOP_FRAME, time.START, None, None))
    view = WebKit2.WebView(
        web_context=context, user_content_manager=content, is_controlled_by_automation=True
    )
    settings = view.get_settings()
    settings.set_enable_write_console_messages_to_stdout(True)
    settings.set_javascript_can_access_clipboard(True)
    window = Gtk.Window()
    window.set_default_size(1000, 900)
    window.add(view)
    view.connect("close", lambda _: window.destroy())
    window.show_all()
    return view


def start(_, session):
    info = WebKit2.ApplicationInfo()
    info.set_name("webkit-launcher")
    info.set_version(
        WebKit2.get_major_version(), WebKit2.get_minor_version(), WebKit2.get_micro_version()
    )
    session.set_application_info(info)
    session.connect("create-web-view", create_view)


def save(_, download):
    def choose(_, name):
        download.set_destination("file://" + os.path.join(downloads, name))
        return True

    download.connect("decide-destination", choose)


context.connect("automation-started", start)
context.connect("download-started", save)
Gtk.main()
