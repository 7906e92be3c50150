"""Whether Keystone lets us in. It says the same words for every wrong password, user and project: on purpose.

So that an administrator learns more, a refused password is tried once more without the project: where that works, it
was the project.
"""

from __future__ import annotations

import requests
from keystoneauth1 import exceptions as keystone
from keystoneauth1.identity import v3

from ...interface import Finding
from .. import reach
from ..finding import bad, ok, warning
from .finding_codes import Code
from .session import Session, v3_url

STEP = "sign-in"
MOST_NAMES = 20


def sign_in(session: Session) -> Finding:
    if not session.has_credential:
        return warning(STEP, Code.NO_CREDENTIAL)
    try:
        session.connection.session.get_token()
    except keystone.MissingAuthMethods as error:
        return bad(STEP, Code.SECOND_FACTOR, detail=str(error), **_who(session))
    except keystone.HttpError as error:
        return _refused(session, error)
    except (keystone.ClientException, requests.RequestException, OSError) as error:
        return bad(STEP, reach.Code.NO_ANSWER, detail=str(error), **_who(session))
    if not session.project_id:
        return bad(STEP, Code.NO_PROJECT, **_who(session), projects=_projects(session))
    return ok(STEP, **_who(session), roles=", ".join(sorted(session.roles)))


def _refused(session: Session, error: keystone.HttpError) -> Finding:
    detail, who = str(error), _who(session)
    status = error.http_status
    if session.settings.get("application_credential_id") and status in (401, 404):
        code = Code.CREDENTIAL_GONE if status == 404 else Code.CREDENTIAL_WRONG
        return bad(STEP, code, detail=detail, **who)
    if status == 401:
        return _wrong(session, detail, who)
    if status >= 500:
        return bad(STEP, Code.SERVER_ERROR, detail=detail, status=str(status), url=session.settings["auth_url"])
    return bad(STEP, Code.SIGN_IN_REFUSED, detail=detail, **who)


def _wrong(session: Session, detail: str, who: dict[str, str]) -> Finding:
    if "password is expired" in detail.lower():
        return bad(STEP, Code.PASSWORD_EXPIRED, detail=detail, **who)
    if session.settings.get("project"):
        try:
            projects = _projects(session)
        except (keystone.ClientException, requests.RequestException, OSError):
            return bad(STEP, Code.WRONG_USER, detail=detail, **who)
        return bad(STEP, Code.WRONG_PROJECT, detail=detail, **who, projects=projects)
    return bad(STEP, Code.WRONG_USER, detail=detail, **who)


def _projects(session: Session) -> str:
    """The names of those that the user has a role in, asked without going into any."""
    settings = session.settings
    plugin = v3.Password(
        v3_url(settings["auth_url"]),
        username=settings.get("username", ""),
        password=settings.get("password", ""),
        user_domain_name=settings.get("user_domain") or "Default",
        unscoped=True,
    )
    answer = session.connection.session.get(
        f"{v3_url(settings['auth_url'])}/auth/projects", auth=plugin, authenticated=True, log=False
    )
    names = [str(project.get("name", "")) for project in answer.json().get("projects", ())]
    return ", ".join(sorted(names)[:MOST_NAMES])


def _who(session: Session) -> dict[str, str]:
    """As whom, where to; no secret."""
    settings = session.settings
    return {
        "user": settings.get("username", ""),
        "user_domain": settings.get("user_domain") or "Default",
        "project": settings.get("project", ""),
        "project_domain": settings.get("project_domain") or "Default",
        "credential": settings.get("application_credential_id", ""),
    }
