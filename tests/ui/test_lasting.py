"""No toast is the only place where something is said.

A good toast goes by itself after some seconds, so whatever it says stands somewhere for good: in an operation and so
in the bell, on the row, or on the page that comes next. A bad one stays until it is closed, and changed nothing; the
button that led to it is grey with the same reason as soon as the page is asked again. Who adds a call says here which.
"""

import ast
from pathlib import Path

from django.conf import settings

OPERATION = "an operation: its page, the bell of who asked, the row's word"
ROW = "the row, which is there or not, with its state"
PAGE = "the same sentence is in the page, not in a toast: the answer is a page of its own"
TWINS = {
    "access/views.py:revoke": OPERATION,
    "access/views.py:show": ROW,
    "accounts/adapter.py:respond_user_inactive": PAGE,
    "accounts/email.py:confirm": ROW,
    "accounts/page.py:end_other_sessions": ROW,
    "accounts/page.py:end_session": ROW,
    "accounts/page.py:profile": ROW,
    "announcements/views.py:create": ROW,
    "announcements/views.py:delete": ROW,
    "announcements/views.py:edit": ROW,
    "announcements/views.py:end": ROW,
    "clouds/connections.py:fetch": ROW,
    "clouds/connections.py:test": ROW,
    "clouds/connections.py:use": ROW,
    "clouds/maintenance_views.py:begin": ROW,
    "clouds/maintenance_views.py:end": ROW,
    "consoles/views.py:close": ROW,
    "flavors/views.py:create": ROW,
    "flavors/views.py:delete": ROW,
    "flavors/views.py:edit": ROW,
    "flavors/views.py:restore": ROW,
    "flavors/views.py:retire": ROW,
    "instances/bulk_views.py:change_many": OPERATION,
    "instances/change_views.py:change": OPERATION,
    "instances/console_log_views.py:console_log": ROW,
    "instances/launch_views.py:launch": OPERATION,
    "instances/launch_views.py:retry": OPERATION,
    "instances/template_views.py:delete": ROW,
    "instances/template_views.py:rename": ROW,
    "instances/template_views.py:save_instance": ROW,
    "keypairs/views.py:delete": ROW,
    "keypairs/views.py:import_key": ROW,
    "keys/views.py:revoke": ROW,
    "networks/views/making.py:answer_to": OPERATION,
    "networks/views/parts.py:act": OPERATION,
    "operations/bell_views.py:read": ROW,
    "operations/recover_views.py:recover": OPERATION,
    "people/accept_views.py:redirect_in": ROW,
    "people/invitation_views.py:invite": ROW,
    "people/invitation_views.py:send_again": ROW,
    "people/invitation_views.py:withdraw": ROW,
    "people/sign_up_views.py:on": ROW,
    "people/user_views.py:add": ROW,
    "people/user_views.py:change": ROW,
    "people/user_views.py:invite": ROW,
    "people/views.py:attempt": ROW,
    "people/views.py:remove": ROW,
    "places/views.py:change": OPERATION,
    "places/views.py:give": OPERATION,
    "places/views.py:remove": ROW,
    "quota_requests/inbox_views.py:rules": ROW,
    "quota_requests/views.py:go_back": ROW,
    "quota_requests/views.py:new": ROW,
    "quotas/plan_views.py:create": ROW,
    "quotas/plan_views.py:delete": ROW,
    "quotas/plan_views.py:edit": ROW,
    "quotas/transfer_views.py:apply": ROW,
    "quotas/views.py:edit": ROW,
    "quotas/views.py:on_cloud": ROW,
    "tenants/deleting_views.py:change": ROW,
    "tenants/deleting_views.py:delete": ROW,
    "tenants/views.py:create": ROW,
    "tenants/views.py:detail": ROW,
    "tenants/views.py:disable": ROW,
    "tenants/views.py:enable": ROW,
    "usage/price_views.py:create": ROW,
    "usage/price_views.py:delete": ROW,
}


def sayings() -> set[str]:
    """Every function of ours that has something said: `<file>:<function>`."""
    root, found = Path(settings.ROOT) / "dashboard", set()
    for path in sorted(root.rglob("*.py")):
        if path.name == "notices.py" or (
            "from dashboard.ui.notices import" not in (text := path.read_text()) and ("import messages" not in text)
        ):
            continue
        for function in [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.FunctionDef)]:
            if any(says(node) for node in ast.walk(function)):
                found.add(f"{path.relative_to(root)}:{function.name}")
    return found


def says(node: ast.AST) -> bool:
    if not isinstance(node, ast.Call):
        return False
    name = ast.unparse(node.func)
    return name == "answer" or name.startswith("messages.")


def test_whatever_is_said_in_a_toast_stands_somewhere_for_good():
    assert sayings() == set(TWINS)


def test_no_script_says_anything_of_its_own():
    """But that an answer did not come: then there is nothing that could be kept."""
    scripts = [path for path in (Path(settings.ROOT) / "static").rglob("*.js") if "vendor" not in path.parts]
    speaking = [path.name for path in scripts if "say(" in path.read_text() and "notices.js" in path.read_text()]
    assert speaking == []


def test_a_bad_toast_stays_until_it_is_closed_or_its_words_stand_on_the_page():
    script = (Path(settings.ROOT) / "static" / "ui" / "notices.js").read_text()
    assert "stays = bad }" in script
    assert script.index("if (stays) return;") < script.index("setTimeout(go, FADES_MS);")
    assert script.index("stays: false") < script.index("if (detail.bad) put(onPage, detail.text, detail);")
    assert script.count("stays: false") == 1
