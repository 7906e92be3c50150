"""The peer: a Horizon that runs already, signed in as the owner of the lab's project demo1."""

from __future__ import annotations

import re
from pathlib import Path

import httpx

ROWS = 50


class Peer:
    """`pid_file` holds the pid of its server's first process; the children do the work."""

    def __init__(self, url: str, pid_file: str, user: str, password: str) -> None:
        self.pid = int(Path(pid_file).read_text())
        self.client = httpx.Client(base_url=url, timeout=120, follow_redirects=True, headers={"Referer": url + "/"})
        page = self.client.get("/auth/login/").text
        fields = {"username": user, "password": password}
        for name in ("csrfmiddlewaretoken", "region"):
            if found := re.search(rf'name="{name}" value="([^"]*)"', page):
                fields[name] = found[1]
        fields.setdefault("region", "default")
        self.client.post("/auth/login/", data=fields).raise_for_status()
        self.show(ROWS)
        self.instances()

    def show(self, rows: int) -> None:
        """As many rows on a page as ours has."""
        page = self.client.get("/settings/").text
        token = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)
        assert token, page[:300]
        fields = {"language": "en", "timezone": "UTC", "pagesize": str(rows), "instance_log_length": "35"}
        self.client.post("/settings/", data=fields | {"csrfmiddlewaretoken": token[1]}).raise_for_status()

    def instances(self) -> None:
        """Its page of instances; raises AssertionError where it answers with another, such as its sign-in page."""
        answer = self.client.get("/project/instances/")
        shown = len(set(re.findall(r'id="instances__row__([0-9a-f-]{36})"', answer.text)))
        assert shown == ROWS, (shown, answer.text[:300])

    def cpu_ms(self) -> float:
        """Of its processes, children included."""
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        total = 0.0
        for pid in [self.pid, *map(int, children)]:
            fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            total += (int(fields[11]) + int(fields[12])) * 10.0
        return total
