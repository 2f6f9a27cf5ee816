# title: a failed task nobody awaits
# expect: task-exception-lost
# exit: 0
import asyncio


async def send_mail(to):
    await asyncio.sleep(0.05)
    raise ConnectionError("no route to " + to)


async def main():
    asyncio.create_task(send_mail("ada@example.org"))
    await asyncio.sleep(0.3)
    print("sent?")


asyncio.run(main())
