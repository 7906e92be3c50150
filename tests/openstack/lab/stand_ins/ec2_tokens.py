"""Asks Keystone whose an EC2 signature is, in ec2-api's place.

ec2-api asks as nobody, and a Keystone of today answers that with 401: it tells only services. Here the question is
passed on with the token of one.
"""

from __future__ import annotations

from ec2api.clients import get_os_admin_session
from webob import Response
from webob.dec import wsgify

PASSED_ON = ("Content-Type", "X-Subject-Token")


def app(global_conf, **local_conf):
    return ask


@wsgify
def ask(request):
    session = get_os_admin_session()
    how = {"headers": {"Content-Type": "application/json"}, "raise_exc": False}
    answer = session.post(f"{session.auth.auth_url}/ec2tokens", data=request.body, **how)
    headers = {name: answer.headers[name] for name in PASSED_ON if name in answer.headers}
    return Response(status=answer.status_code, body=answer.content, headers=headers)
