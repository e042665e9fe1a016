"""How does an exact number of requests stay in flight, or come every second, whatever the replicas do?

A client sends its next request once the last is answered or given up, to the Pod that has fewest of them. A pace is kept by
the clock instead: a request that is late is sent at once.
"""

import asyncio
import random
import threading
import time

# Long, so that the moment between an answer and the next request is a small part even where a machine is busy with more.
USUAL = "/work?hold=4"
TOO_LONG = 60  # seconds; no answer takes longer than the request's hold


class Load:
    """What one workload gets; whoever has it may change what is asked for at any time."""

    def __init__(self, container):
        self.container = container
        self.in_flight, self.per_second, self.path = 0, 0, USUAL
        self.gives_up = None  # seconds after which a client hangs up, and sends the next
        self.pods = list  # who can be reached
        self.answered, self.lost, self.given_up, self.reasons = 0, 0, 0, {}

    def why_lost(self):
        return "".join(f", {reason} {count} times" for reason, count in self.reasons.items())

    async def client(self, number, ending):
        while not ending.is_set():
            # Not all of them at one moment, as no crowd does.
            patience = self.gives_up * random.uniform(0.7, 1.3) if self.gives_up else TOO_LONG
            if number >= self.in_flight or not await self.request(patience):
                await asyncio.sleep(0.05)

    async def pace(self, ending):
        due, under_way = time.monotonic(), set()
        while not ending.is_set():
            if not self.per_second:
                due = time.monotonic()
            while self.per_second and due <= time.monotonic():
                one = asyncio.create_task(self.request(TOO_LONG))
                under_way.add(one)
                one.add_done_callback(under_way.discard)
                due += 1 / self.per_second
            await asyncio.sleep(0.005 if self.per_second else 0.05)

    async def request(self, patience):
        """Whether there was somebody to ask."""
        reachable = self.pods()
        if not reachable:
            return False
        pod = min(reachable, key=lambda pod: pod.in_flight)
        pod.in_flight += 1
        try:
            head = await asyncio.wait_for(self.answer(pod.addresses[self.container]), patience)
            self.count(None if head.startswith(b"HTTP/1.1 200") else f"answer {head[:30]!r}")
        except asyncio.TimeoutError:
            self.given_up += self.gives_up is not None
            if self.gives_up is None:
                self.count(f"no answer in {patience} s")
        except (OSError, asyncio.IncompleteReadError) as error:
            self.count(type(error).__name__)
            await asyncio.sleep(0.05)
        finally:
            pod.in_flight -= 1
        return True

    async def answer(self, address):
        host, port = address.split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        try:
            writer.write(f"GET {self.path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n".encode())
            await writer.drain()
            return await reader.read(-1)
        finally:
            writer.close()

    def count(self, reason):
        # An answer that was asked for with another status is what was wanted.
        if reason is None or "status=" in self.path:
            self.answered += 1
        else:
            self.lost += 1
            self.reasons[reason] = self.reasons.get(reason, 0) + 1


class Loads(threading.Thread):
    """Drives all of them, in one thread."""

    def __init__(self, loads):
        super().__init__(name="loads", daemon=True)
        self.loads, self.ending = loads, threading.Event()

    def run(self):
        asyncio.run(self.keep())

    async def keep(self):
        tasks = [asyncio.create_task(load.pace(self.ending)) for load in self.loads]
        clients = {load: 0 for load in self.loads}
        while not self.ending.is_set():
            for load in self.loads:
                for number in range(clients[load], load.in_flight):
                    tasks.append(asyncio.create_task(load.client(number, self.ending)))
                clients[load] = max(clients[load], load.in_flight)
            await asyncio.sleep(0.05)
        for one in tasks:
            one.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
