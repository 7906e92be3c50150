"""One line, several readers: whoever is slow slows nobody, and a flood fills no memory."""

import asyncio

import pytest

from dashboard.consoles.line import MOST_PENDING, SHOWN_AGAIN, Line, Lines

PIECE = bytes(64 * 1024)


class Guest:
    """Says what it is given, piece by piece; `written` is what was typed."""

    def __init__(self, *pieces: bytes) -> None:
        self.pieces = list(pieces)
        self.written: list[bytes] = []
        self.said = 0
        self.is_closed = False

    async def read(self) -> bytes:
        if self.said == len(self.pieces):
            await asyncio.Event().wait()
        self.said += 1
        return self.pieces[self.said - 1]

    async def write(self, data: bytes) -> None:
        for byte in data:
            await asyncio.sleep(0)
            self.written.append(bytes([byte]))

    async def close(self) -> None:
        self.is_closed = True


async def heard(seat, *, bytes_in_all: int) -> tuple[int, list]:
    count, notes = 0, []
    while count < bytes_in_all:
        piece = await asyncio.wait_for(seat.read(), 2)
        if isinstance(piece, bytes):
            count += len(piece)
        else:
            notes.append(piece)
    return count, notes


def test_one_slow_reader_holds_the_guest_back():
    async def run():
        guest = Guest(*[PIECE] * 100)
        line = Line(guest)
        seat = line.join()
        await asyncio.sleep(0.05)
        held, taken = guest.said, await heard(seat, bytes_in_all=100 * len(PIECE))
        await line.close()
        return held, taken

    held, (count, notes) = asyncio.run(run())
    assert held * len(PIECE) <= MOST_PENDING + 2 * len(PIECE)
    assert (count, notes) == (100 * len(PIECE), [{"replay": 0}])  # and nothing is left out


def test_a_slow_reader_beside_a_quick_one_reads_how_much_was_left_out():
    async def run():
        line = Line(Guest(*[PIECE] * 100))
        slow, quick = line.join(), line.join()
        quick_got = await heard(quick, bytes_in_all=100 * len(PIECE))
        got, notes = 0, []
        while slow.pending or slow.skipped:
            piece = await slow.read()
            got, notes = (got + len(piece), notes) if isinstance(piece, bytes) else (got, [*notes, piece])
        await line.close()
        return quick_got, got, notes

    (quick_count, quick_notes), got, notes = asyncio.run(run())
    assert (quick_count, quick_notes) == (100 * len(PIECE), [{"replay": 0}])
    assert got <= MOST_PENDING + len(PIECE)
    assert notes == [{"replay": 0}, {"skipped": 100 * len(PIECE) - got}]


def test_who_comes_later_gets_the_end_of_it_from_the_start_of_a_line():
    async def run():
        line = Line(Guest(b"".join(b"line %06d\n" % number for number in range(10_000))))
        first = line.join()
        await heard(first, bytes_in_all=120_000)
        seat = line.join()
        note, shown = await seat.read(), await seat.read()
        await line.close()
        return note, shown

    note, shown = asyncio.run(run())
    assert note == {"replay": len(shown)}
    assert SHOWN_AGAIN - 12 <= len(shown) <= SHOWN_AGAIN
    assert shown.startswith(b"line ")
    assert shown.endswith(b"line 009999\n")


def test_what_two_type_at_once_is_not_mixed_within_a_message():
    async def run():
        guest = Guest()
        line = Line(guest)
        one, two = line.join(), line.join()
        await asyncio.gather(one.write(b"aaaa"), two.write(b"bbbb"))
        await line.close()
        return b"".join(guest.written)

    assert asyncio.run(run()) in (b"aaaabbbb", b"bbbbaaaa")


def test_it_is_opened_once_and_closed_with_the_last_seat():
    async def run():
        lines, opened = Lines(), []

        async def opening():
            opened.append(Guest())
            await asyncio.sleep(0.01)
            return opened[-1]

        async def stay(seconds):
            async with lines.seat("id", opening=opening):
                await asyncio.sleep(seconds)

        await asyncio.gather(stay(0.05), stay(0.1))
        during = len(opened), opened[0].is_closed
        await stay(0)
        return during, len(opened), lines.held

    assert asyncio.run(run()) == ((1, True), 2, {})


def test_a_line_that_could_not_be_opened_is_tried_again():
    async def run():
        lines, guest = Lines(), Guest()

        async def failing():
            raise OSError

        async def opening():
            return guest

        with pytest.raises(OSError):  # noqa: PT011 - ours
            async with lines.seat("id", opening=failing):
                pass
        async with lines.seat("id", opening=opening) as seat:
            return seat.line.stream is guest

    assert asyncio.run(run())
