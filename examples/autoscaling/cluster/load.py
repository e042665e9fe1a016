"""How does an exact number of requests stay in flight, whatever the replicas do?

Each client sends its next request once the last is answered, to the Pod that has fewest of them.
"""

import asyncio
import threading

GIVES_UP = 30  # seconds; no answer takes longer than the request's hold


class Load(threading.Thread):
    def __init__(self, node):
        super().__init__(name="load", daemon=True)
        self.node, self.wanted, self.path = node, 0, "/work?hold=1"
        self.answered, self.lost, self.reasons, self.ending = 0, 0, {}, False

    def run(self):
        asyncio.run(self.keep())

    async def keep(self):
        clients = []
        while not self.ending:
            clients += [asyncio.create_task(self.client(number)) for number in range(len(clients), self.wanted)]
            await asyncio.sleep(0.05)
        for one in clients:
            one.cancel()
        await asyncio.gather(*clients, return_exceptions=True)

    async def client(self, number):
        while not self.ending:
            reachable = self.node.reachable() if number < self.wanted else []
            if not reachable:
                await asyncio.sleep(0.05)
                continue
            await self.request(min(reachable, key=lambda pod: pod.in_flight))

    async def request(self, pod):
        pod.in_flight += 1
        try:
            head = await asyncio.wait_for(self.answer(pod.address), GIVES_UP)
            self.count(None if head.startswith(b"HTTP/1.1 200") else f"answer {head[:30]!r}")
        except (OSError, asyncio.TimeoutError, asyncio.IncompleteReadError) as error:
            self.count(type(error).__name__)
            await asyncio.sleep(0.05)
        finally:
            pod.in_flight -= 1

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
        if reason is None:
            self.answered += 1
        else:
            self.lost += 1
            self.reasons[reason] = self.reasons.get(reason, 0) + 1
