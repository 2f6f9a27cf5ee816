# title: Actors: state behind a mailbox
# seeds: S29
# shows: one task lane per actor, woken by its mail. No lock anywhere, since only the actor itself touches its balance; the depth of a mailbox shows who cannot keep up.
# expect: nothing
# not: warning
# timeout: 15
# exit: 0
"""Each actor owns its state and a queue; the others can only send it messages."""

import asyncio
from typing import NamedTuple, Optional


class Deposit(NamedTuple):
    amount: int


class Transfer(NamedTuple):
    amount: int
    to: "Account"


class Ask(NamedTuple):
    reply: asyncio.Future


class Account:
    def __init__(self, name: str, balance: int) -> None:
        self.name = name
        self._balance = balance
        self._mailbox: asyncio.Queue = asyncio.Queue(maxsize=200)
        self.deepest = 0
        self.task: Optional[asyncio.Task] = None

    def start(self) -> "Account":
        self.task = asyncio.create_task(self._run(), name=f"actor-{self.name}")
        return self

    async def send(self, message) -> None:
        await self._mailbox.put(message)
        self.deepest = max(self.deepest, self._mailbox.qsize())

    async def balance(self) -> int:
        reply = asyncio.get_running_loop().create_future()
        await self.send(Ask(reply))
        return await reply

    async def stop(self) -> None:
        await self.send(None)
        await self.task

    async def _run(self) -> None:
        while True:
            message = await self._mailbox.get()
            if message is None:
                return
            await asyncio.sleep(0.004)  # writes its journal
            if isinstance(message, Deposit):
                self._balance += message.amount
            elif isinstance(message, Transfer):
                if self._balance >= message.amount:
                    self._balance -= message.amount
                    await message.to.send(Deposit(message.amount))
            elif isinstance(message, Ask):
                message.reply.set_result(self._balance)


async def main_async() -> None:
    alice, bob = Account("alice", 500).start(), Account("bob", 500).start()
    for number in range(80):
        await alice.send(Transfer(3, bob))
        await bob.send(Transfer(5, alice))
        await asyncio.sleep(0.002 if number % 2 else 0.02)
    await asyncio.sleep(0.6)  # the last deposits are in the mail
    print(f"alice {await alice.balance()}, bob {await bob.balance()}")
    await alice.stop()
    await bob.stop()
    print(f"deepest mailbox: {max(alice.deepest, bob.deepest)} messages")


def main() -> None:
    asyncio.run(main_async())


if __name__ == "__main__":
    main()
