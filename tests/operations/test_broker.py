"""The embedded broker: a message is there as a whole or not at all."""

import threading

from celery import current_app
from kombu import Connection

from dashboard import broker


def test_a_reader_never_sees_half_a_message(tmp_path):
    folders = {"data_folder_in": str(tmp_path), "data_folder_out": str(tmp_path), "control_folder": str(tmp_path / "c")}
    options = folders | {"store_processed": False, "polling_interval": 0.001}
    broker.register()
    total, seen = 400, []

    def write() -> None:
        with Connection("folder://localhost/", transport_options=options) as connection:
            queue = connection.SimpleQueue("bells")
            for number in range(total):
                queue.put({"number": number, "filling": "x" * 5000})
            queue.close()

    writer = threading.Thread(target=write)
    with Connection("folder://localhost/", transport_options=options) as connection:
        queue = connection.SimpleQueue("bells")
        writer.start()
        for _ in range(total):
            message = queue.get(timeout=20)
            seen.append(message.payload["number"])
            message.ack()
        queue.close()
    writer.join()
    assert seen == list(range(total))


def test_only_json_is_accepted():
    assert current_app.conf.accept_content == ["json"]
    assert current_app.conf.task_serializer == "json"
