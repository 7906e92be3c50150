"""The WebSocket of a console."""

from dashboard.live.lane import Receive, Scope, Send
from dashboard.live.seats import Seats


def seats() -> Seats:
    return Seats(per_user=1, in_all=1)


async def answer(scope: Scope, receive: Receive, send: Send) -> None:
    await receive()
    await send({"type": "websocket.close", "code": 4403})
